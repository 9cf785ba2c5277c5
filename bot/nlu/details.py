"""What a message tells about the customer: points, VAT, way to pay, dates. Plain functions over folded text."""

import datetime
import re
from typing import Any

from bot.nlu.clauses import CLAUSE, DENIES, IF, MONTH, NOT_THIS
from bot.nlu.dates import APPLIED, date_of_applying, other_day, weekdays_in
from bot.nlu.points import points_in
from bot.text import ASKING, fold

Details = dict[str, str]
QUESTIONED = re.compile(r"\b(?:vai|jabut|vajag|janorada|must|should|need|does|do i|do we|is it|are they)\b")
GUESSED = re.compile(
    rf"{QUESTIONED.pattern}|\b(?:vajadzej\w*|varbut|laikam|liekas|neesmu dros[sa]|maybe|perhaps|not sure|i think)\b"
)
ASKS = re.compile(rf"(?:un |bet |and |but )?{ASKING}")
OF_US = re.compile(r"\b(?:esam|esmu|mums|man|mes|es|we|i|our|my)\b")
VAT = re.compile(r"\b(?:pvn|vat)\b")
# A clause may mention VAT without telling whether the customer pays it: the VAT number on a document.
ON_PAPER = re.compile(r"\b(?:uz|tur|taja|uzdruk\w*|rakstit\w*|redzam\w*|print\w*|on (?:it|that|the)|written|visible)\b")
PAYS_VAT = re.compile(
    r"\b(?:pvn|vat)\W+(?:maksataj(?!am\b|iem\b)\w*|payer\w*|regist\w*|firm\w*|uznemum\w*|compan\w*)|\b(?:esam|esmu|ir|mums|man|have|has|are|am|we're|i'm)\b.*\b(?:pvn|vat)\b|"
    r"\b(?:maksajam|maksaju|pay|pays)\W+(?:pvn|vat)\b|\b(?:pvn|vat)\W+(?:maksajam|maksaju)\b"
)
NOT_YET = re.compile(
    r"\b(?:(?:pagaidam|vel) ne\w+|neesam|neesmu|(?:we|i) (?:are|am) not|we aren'?t|i'?m not|not yet)\b"
)
MAIL = r"(?:e-?past\w*|epast\w*|mei[lj]\w*|e-?mail\w*|mail\w*|adres\w*|address\w*)"
OLD_MAIL_GIVEN = re.compile(
    rf"(?:\b(?:ne)?(?:norad|ierakst|uzrakst|iedev|pieliku|ieliku)\w*|\b(?:gave|given|give|entered|enter|put|wrote|filled|typed)\b).*"
    rf"\b{MAIL}|\b{MAIL}.*(?:\b(?:ne)?(?:norad|ierakst|uzrakst|iedev|pieliku|ieliku)\w*|\b(?:gave|given|entered|put|wrote|filled)\b)"
)
OLD = re.compile(r"\b(?:vec\w*|ieprieksej\w*|bijus\w*|agrak\w*|old|previous|former)\b")
HAD_CPS = re.compile(
    r"\b(?:(?:bij(?:a|is|usi|usas|u)|nebija)\b.*\b(?:cps|kont\w*|akaunt\w*)|(?:cps|kont\w*|akaunt\w*)\b.*\b(?:bij(?:a|is|usi)|nebija)|"
    r"(?:had|have had|been|was|were)\b.*\b(?:cps|account)|(?:never|nekad)\b.*\bcps)\b"
)
# Not any "not": "why is it not there if I had an account" tells of one.
NEVER_HAD = re.compile(
    r"\bnebij\w*|\bnekad\b|\bnav bij\w*|\bnever\b|\b(?:did|have|had|was|were)(?:n'?t| not)\b|"
    r"\bno (?:old |previous |earlier )?(?:cps|account)\b|\bbez\b|\bwithout\b|\bnone\b"
)
BUTTON = re.compile(r"\b(?:pog\w*|taust\w*|button)\b")
FORGOT = re.compile(r"\b(?:aizmirs\w*|forgot\w*)\b")
SEES = re.compile(r"\b(?:(?:ne)?redz\w*|ir|nav|parad\w*|see|there|shows?|visible|have)\b")
PASSWORD_MAIL = re.compile(
    r"\b(?:e-?past\w*|meil\w*|vestul\w*|e-?mail|mail|letter)\b.*\b(?:ne)?(?:atnac|pienac|sanem|came|arriv|got|receiv)|"
    r"\b(?:ne)?(?:atnac|pienac|sanem|came|got|receiv)\w*\b.*\b(?:e-?past\w*|meil\w*|vestul\w*|e-?mail|mail|letter)\b"
)
NOT_YET_SO = re.compile(
    r"\b(?:ja|if|kad|when|once|tiklidz|pirms|before|until|till|lidz|will|vai)\b|^(?:has|is|have (?:i|you|we))\b"
)
# What else arrives, by the detail that tells whether it has come.
ARRIVALS = {
    "invitation_came": r"(?:uz)?aicinajum\w*|invit(?:e|ation)s?\b",
    "invoice_came": r"rekin(?!at)\w*|invoices?\b",
}
CAME = re.compile(
    r"\b(?:ne)?(?:atna(?:c|kus)|piena(?:c|kus)|atsutij|iekrit|dabuj|sanem(?!s|t\b))\w*|"
    r"\b(?:came|come|arrived?|got|received?|landed|here|reached)\b|"
    r"\b(?:ir|is)\b(?: \w+){0,2} (?:klat|rokas|e-?past\w*|mei[lj]\w*|inbox|(?:e-?)?mail)\b"
)
NOT_INVITED = re.compile(
    r"\b(?:neaicin\w*|(?:neviens|nav) (?:\w+ )?(?:uz)?aicinaj\w*|(?:nobody|no one|not|haven't|hasn't|wasn't|never)"
    r" (?:\w+ ){0,2}invited)\b"
)
# The papers that a company may have, and then that it has no VAT number to show: "no licence, but an invoice".
PAPERS = {
    "licence": re.compile(r"\blicen\w*"),
    "invoice": re.compile(r"\b(?:rekin(?!at)\w*|faktur\w*|invoices?|bills?)\b"),
    "extract": re.compile(r"\b(?:izraks\w*|lursoft\w*|izzin\w*|extracts?)\b"),
}
# The invoice of the membership.
OF_MEMBERSHIP = re.compile(r"\b(?:maks\w*|pay\w*|c[ao]me|atna\w+|piena\w+|cps|abon\w*|membership)\b")
NO_PAPER = re.compile(
    r"\b(?:nav|neesam|neesmu|ne|bez|not|without|neither|nor)\b|n't\b|\bno (?=licen|invoic|bill|extract)"
)
SPAM = re.compile(r"\b(?:spam\w*|mestul\w*|surogat\w*|junk|nevelam\w*)\b")
IN_SPAM = re.compile(
    r"\b(?:(?:it|that) (?:was|is) in (?:the |my )?(?:spam|junk)|found it|atradu|"
    r"(?:bija|ir) (?:gan )?(?:spam|mestul)\w*)\b"
)
OTHERS = re.compile(
    r"\b(?:draug\w*|drauden\w*|kolegi|kolege\w*|kolegim|priekssnie\w*|prieksnie\w*|sef(?:s|am|a|u)|viram|sievai|klient(?:am|s|a)|vins|vinam|vina|"
    r"vinai|friend\w*|mate|colleague\w*|boss|husband|wife|client|his|her|him|he|she)\b"
)
NOT_BY = re.compile(r"\b(?:ne|nevis|not|bez|without) +(?:(?:ar|by|with|a|any|the)\W+){0,2}$")
UNWANTED = re.compile(r"\b(?:nemaksa\w*|negrib\w*|nevel\w*|nevajag)\b|(?:\bnot|n'?t|\bnever) (?:be )?(?:pay|want|us)")
# "Today is the 27th already" and "so that's today" give no day of applying.
TODAY_IS = re.compile(
    r"\b(?:that'?s|that is|thats|tas (?:jau )?(?:ir )?(?:jau )?)(?: already)? ?(?:today|tomorrow|sodien|rit)\b|"
    r"\b(?:(?:sodien|today)(?:'?s| is)?(?: (?:jau|ir|already|the)){0,3}|it'?s(?: already)?(?: the)?) "
    rf"\d{{1,2}}(?:(?:\.(?!\d)|st\b|nd\b|rd\b|th\b)(?: (?:of )?{MONTH})?| {MONTH})|"
    r"\b(?:(?:it'?s|it is|ir|tagad|sodien)(?: (?:already|now|jau))+|today(?:'?s| is)|sodien ir) "
    r"(?:\w+diena|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
)


def details_in(
    text: str, entities: list[dict[str, Any]], today: datetime.date, known: Details | None = None
) -> Details:
    """Return the details that a message gives about the customer, by name.

    vat_payer, had_cps, gave_old_email, sees_button, mail_came, invitation_came, invoice_came, spam_checked,
    for_another: yes or no. paper: licence, invoice or extract, where others are denied. payment: card or transfer.
    tier: silver, gold, platinum or corporate. points: a figure.
    date: of applying, by ISO 8601.
    """
    said = fold(text)
    found: Details = {}
    for clause in (one.strip() for one in CLAUSE.split(said)):
        if not clause:
            continue
        denied = bool(DENIES.search(clause))
        if VAT.search(clause) and "vat_payer" not in found:
            if denied and not ON_PAPER.search(clause) and not QUESTIONED.search(clause):
                found["vat_payer"] = "no"
            elif (
                not denied and PAYS_VAT.search(clause) and not QUESTIONED.match(clause) and not _asks_in_general(clause)
            ):
                found["vat_payer"] = "yes"
        if OLD_MAIL_GIVEN.search(clause) and OLD.search(said) and not GUESSED.search(clause):
            found["gave_old_email"] = "no" if denied or FORGOT.search(clause) else "yes"
        if HAD_CPS.search(clause) and not QUESTIONED.search(clause):
            found["had_cps"] = "no" if NEVER_HAD.search(clause) else "yes"
        told = not QUESTIONED.search(clause) and not IF.search(clause) and "?" not in said
        if told and BUTTON.search(clause) and SEES.search(clause) and (denied or not ASKS.match(clause)):
            found["sees_button"] = "no" if denied else "yes"
        if PASSWORD_MAIL.search(clause) and not QUESTIONED.search(clause) and "?" not in text:
            found["mail_came"] = "no" if denied else "yes"
        if not (ASKS.match(clause) or NOT_YET_SO.search(clause) or f"{clause}?" in said):
            found |= _arrived(clause, denied)
        if SPAM.search(clause):
            found["spam_checked"] = "yes"
            if IN_SPAM.search(said) and not denied:
                found["mail_came"] = "yes"
    has, has_not = _papers(said)
    if len(has) == 1 and (has_not or found.get("vat_payer") == "no"):
        found["paper"] = has[0]
    if VAT.search(said) and NOT_YET.search(said):
        found["vat_payer"] = "no"
    if OTHERS.search(said):
        found["for_another"] = "yes"
    found |= _named(said, entities)
    today_is = TODAY_IS.search(said)
    if today_is:
        begin, end = today_is.span()
        said = said[:begin] + " " * (end - begin) + said[end:]
        entities = [one for one in entities if not begin <= one.get("start", -1) < end]
    points = points_in(said, int((known or {}).get("points", 0)))
    if points is not None:
        found["points"] = str(points)
    told_before = (known or {}).get("date")
    date = date_of_applying(said, entities, today, is_known=bool(told_before)) or other_day(said, told_before)
    # "Is Monday the fourth day since Wednesday?" gives no other day than Wednesday, which was told before.
    is_beside = told_before in {day.isoformat() for day in weekdays_in(said, today)} and not APPLIED.search(said)
    if date and not is_beside:
        found["date"] = date.isoformat()
    return found


def _arrived(clause: str, denied: bool) -> Details:
    """Return whether what a clause names has come, if it tells that."""
    found: Details = {"invitation_came": "no"} if NOT_INVITED.search(clause) else {}
    came = CAME.search(clause)
    for name, thing in ARRIVALS.items():
        named = re.search(rf"\b(?:{thing})", clause)
        if named and (came or re.search(rf"\bnav\b|\b(?:no|any) (?:\w+ )?(?:{thing})", clause)):
            found[name] = "no" if denied or (came and came.group().startswith("ne")) else "yes"
    return found


def _papers(said: str) -> tuple[list[str], list[str]]:
    """Return the papers that a folded text says the customer has, and those that it denies."""
    has: list[str] = []
    has_not: list[str] = []
    for clause in filter(None, CLAUSE.split(said)):
        if QUESTIONED.search(clause) or ASKS.match(clause):
            continue
        for name, pattern in PAPERS.items():
            if name == "invoice" and OF_MEMBERSHIP.search(clause):
                continue
            if pattern.search(clause):
                (has_not if NO_PAPER.search(clause) else has).append(name)
    return list(dict.fromkeys(name for name in has if name not in has_not)), has_not


def _asks_in_general(clause: str) -> bool:
    """Tell whether a clause asks a question that is not about the customer."""
    return bool(ASKS.match(clause)) and not OF_US.search(clause)


def _named(said: str, entities: list[dict[str, Any]]) -> Details:
    """Return the way to pay and the tier, each if the message names exactly one and does not deny it."""
    found: Details = {}
    for entity, name in (("payment_method", "payment"), ("tier", "tier")):
        kept = []
        for one in entities:
            if one["entity"] == entity:
                before, after = said[: one.get("start", 0)], said[one.get("end", 0) :]
                clause = CLAUSE.split(before)[-1] + CLAUSE.split(after)[0]
                if not NOT_THIS.search(before) and not NOT_BY.search(before) and not UNWANTED.search(clause):
                    kept.append(one["value"])
        values = set(kept)
        if len(values) == 1:
            found[name] = kept[0]
    return found

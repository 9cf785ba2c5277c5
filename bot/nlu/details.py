"""What a message tells about the customer: points, VAT, way to pay, dates. Plain functions over folded text."""

import datetime
import re
from typing import Any

from bot.text import ASKING, fold

Details = dict[str, str]

CLAUSE = re.compile(r"[.,;:!?\n]+|\b(?:un|bet|and|but|tacu|tomer|though|although|jo|because)\b")
DENIES = re.compile(
    r"\b(?:nav|neviens|nekad|nekada\w*|bez|ne(?:esam|esmu|maksa\w*|bija|bus|norad\w*|ierakst\w*|iedev\w*|redz\w*|ir|sanem\w*|"
    r"atnac\w*|piedal\w*|skait\w*|tika)|ne|nevis|not?|non|never|none|without|cannot|isn'?t|aren'?t|wasn'?t|weren'?t|don'?t|"
    r"doesn'?t|didn'?t|haven'?t|hasn'?t|hadn'?t|can'?t|won'?t)\b"
)
QUESTIONED = re.compile(r"\b(?:vai|jabut|vajag|janorada|must|should|need|does|do i|do we|is it|are they)\b")
ASKS = re.compile(rf"(?:un |bet |and |but )?{ASKING}")
OF_US = re.compile(r"\b(?:esam|esmu|mums|man|mes|es|we|i|our|my)\b")
IF = re.compile(r"\b(?:ja|if)\b")


VAT = re.compile(r"\b(?:pvn|vat)\b")
# A clause may mention VAT without telling whether the customer pays it: the VAT number on a document.
ON_PAPER = re.compile(r"\b(?:uz|tur|taja|uzdruk\w*|rakstit\w*|redzam\w*|print\w*|on (?:it|that|the)|written|visible)\b")
PAYS_VAT = re.compile(
    r"\b(?:pvn|vat)\W+(?:maksataj\w*|payer\w*|regist\w*)|\b(?:esam|esmu|ir|mums|man|have|has|are|am|we're|i'm)\b.*\b(?:pvn|vat)\b|"
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
BUTTON = re.compile(r"\b(?:pog\w*|taust\w*|button)\b")
FORGOT = re.compile(r"\b(?:aizmirs\w*|forgot\w*)\b")
SEES = re.compile(r"\b(?:(?:ne)?redz\w*|ir|nav|parad\w*|see|there|shows?|visible|have)\b")
PASSWORD_MAIL = re.compile(
    r"\b(?:e-?past\w*|meil\w*|vestul\w*|e-?mail|mail|letter)\b.*\b(?:ne)?(?:atnac|pienac|sanem|came|arriv|got|receiv)|"
    r"\b(?:ne)?(?:atnac|pienac|sanem|came|got|receiv)\w*\b.*\b(?:e-?past\w*|meil\w*|vestul\w*|e-?mail|mail|letter)\b"
)
SPAM = re.compile(r"\b(?:spam\w*|mestul\w*|surogat\w*|junk|nevelam\w*)\b")
OTHERS = re.compile(
    r"\b(?:draug\w*|drauden\w*|kolegi|kolege\w*|kolegim|priekssnie\w*|prieksnie\w*|sef(?:s|am|a|u)|viram|sievai|klient(?:am|s|a)|vins|vinam|vina|"
    r"vinai|friend\w*|mate|colleague\w*|boss|husband|wife|client|his|her|him|he|she)\b"
)

NUMBER = re.compile(
    r"(?<![\d.,/:-])(\d{1,3}[ .,]\d{3}|\d{2,5})(?![\d/:]|[.,]\d|-\d|\s*(?:eur\w*|eiro|€|%|mm|d\b|"
    r"dien\w*|day\w*|gad\w*|min\w*|stund\w*|h\b|hour\w*|week\w*|nedel\w*|produkt\w*|product\w*|kamer\w*|lens\w*|objektiv\w*))"
)
MONEY = re.compile(r"\b(?:eiro|eur|euros?|naud\w*|money)\b|€")
MISSING = re.compile(r"(?:pietruk\w*|truk\w*|nepietiek|short|missing|lack\w*|vel|more) +(?:\w+ +)?$")
NOT_THIS = re.compile(
    r"(?:\b(?:those|these|tos|sos|tie|sie|parsnie\w*|exceed\w*)|\bne|\bnevis|\bnot|\binstead of|\brather than|>|<)\W*$"
)
NOT_BY = re.compile(r"\b(?:ne|nevis|not|bez|without) +(?:(?:ar|by|with|a|any|the)\W+){0,2}$")
UNWANTED = re.compile(r"\b(?:nemaksa\w*|negrib\w*|nevel\w*|nevajag)\b|(?:\bnot|n'?t|\bnever) (?:be )?(?:pay|want|us)")
OF_POINTS = re.compile(r"^\W*(?:p\b|pts?\b|punkt\w*|points?\b|poin\w*|bonus\w*)")
# A total to come, and points that are added to the present ones.
IN_ALL = re.compile(
    r"\b(?:kopa|kopuma|bus|butu|total|in all|together|altogether|would have|will have|makes|vai ar)\b\W*$"
)
ON_TOP = re.compile(r"(?:\b(?:vel|klat|plus|another|extra)|\+) *$")
SUM = re.compile(r"(?<![\d.,/:-])(\d{2,5}) ?(?:p\w* )?(?:\+|plus\b) ?(?:\w+ )?(\d{2,5})\b")
FEW = 100  # points
NEEDED = re.compile(r"\b(?:vajag|vajadz\w*|truk\w*|need\w*)\b(?: \w+)?\W*$")
ON_TOP_AFTER = re.compile(r"^ (?:more\b|klat\b)(?! than)")
# Points that are missing, and an earlier figure: "20 points short", "from 2700 to 2350".
SHORT = re.compile(r"(?:pietruk\w*|truk\w*|short|missing|lack\w*)\W+(?:\w+\W+)?$")
OF_SHORT = re.compile(r"^ ?(?:p|pts?|points?|punkt\w*)? ?(?:short|missing|pietruk|truk)")
FROM, TO = re.compile(r"\b(?:no|from)\W*$"), re.compile(r"^\W*(?:p\w*\W+)?(?:palika|atlika|lidz|uz|to|down to)\W+\d")
MONTH = r"(?:jan|feb|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dec)\w*"
OF_DAY = re.compile(rf"^(?:st|nd|rd|th)\b|^\.(?!\d)|^\W*{MONTH}")
IN_YEAR = re.compile(r"\b(?:in|since|kops)\W*$")
YEARS = range(1990, 2100)

RELATIVE = (  # how many days before today
    (re.compile(r"\b(?:aizvakar|day before yesterday)\b"), 2),
    (re.compile(r"\b(?:vakar|yesterday)\b"), 1),
    (re.compile(r"\b(?:parit|day after tomorrow)\b"), -2),
    (re.compile(r"\b(?:rit|ritdien|tomorrow)\b"), -1),
    (re.compile(r"\b(?:sodien|today|this morning|sorit)\b"), 0),
    # "Just came" gives no day of applying.
    (
        re.compile(
            r"\b(?:nupat|tikko)\W+(?:\w+\W+)?(?:iesnie|nosut|aizsut|pieteic|aizpild)|\bjust (?:sent|submitted|applied)"
        ),
        0,
    ),
)
AGO = re.compile(
    r"\bpirms\W+(?P<lv>\w+)\W+(?P<lvu>dien\w*|nedel\w*|menes\w*)|"
    r"\b(?P<en>\w+)\W+(?P<enu>days?|weeks?|months?)\W+(?:ago|since|already|now)|"
    r"\b(?:its|it's|it has|it is|been|already|jau|gaidu|waiting)\W+(?:been\W+)?(?:jau\W+|for\W+)?"
    r"(?P<been>\w+)\W+(?P<beenu>dien\w*|nedel\w*|days?|weeks?)"
)
A_WEEK_AGO = re.compile(r"\bpirms\W+(?P<u>nedelas|menesa)\b|\b(?:a|last|one)\W+(?P<e>week|month)\b(?:\W+ago)?")
COUNT = {
    word: number
    for number, words in enumerate(
        (
            "a an one viena vienas vienu",
            "two divas divam otro otra",
            "three tris trim treso tresa",
            "four cetras cetram",
            "five piecas piecam",
            "six sesas sesam",
            "seven septinas septinam",
            "eight astonas astonam",
            "nine devinas devinam",
            "ten desmit",
        ),
        start=1,
    )
    for word in words.split()
}
UNIT = {"d": 1, "n": 7, "w": 7, "m": 30}
WEEKDAYS = re.compile(
    r"\b(?:(?P<last>pagajus\w*|ieprieks\w*|last|previous)\W+)?(?:(?P<next>nakam\w*|next|coming)\W+|nakam)?"
    r"(?P<day>(?:pirm|otr|tres|ceturt|piekt|sest|svet)dien\w{0,2}|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b"
)
A_DAY = r"(?:\w+dien\w*|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
DAY_COUNTS = re.compile(
    rf"\b{A_DAY}\W+(?:\w+\W+){{0,3}}(?:ne|ie)?(?:skait|count)|\b(?:ie)?(?:skait\w*|counts?)\W+(?:\w+\W+){{0,2}}{A_DAY}"
)
# A day is the day of applying if its clause speaks of applying or waiting, or consists of nothing but the day.
SENTENCE = re.compile(r"[,;?!\n]+|(?<!\d)\.+(?=\s|$)|\b(?:and|but|un|bet) (?=(?:we|they|i|mes|mums|es|man)\b)")
APPLYING = r"(?:ie|no)?sniedz|iesnie|pieteic|aizpild|(?:no|aiz)sut|appl|submit|sent\b"
APPLIED = re.compile(rf"\b(?:{APPLYING})")
OF_APPLYING = re.compile(
    rf"\b(?:{APPLYING}|pieteik|anket|veidlap|sut|send|form|hand|aizg|gaid|wait|ago\b|pirms\b|kops|since|been\b|already|"
    r"jau\b|nekas\b|klusum|nothing|silence|gatav|ready|sanak|lidz|until|till|by when|latest|skait|count|"
    r"darba dien|working day|business day)"
)
SILENCE = re.compile(r"\b(?:nekas|nav|nebus|neatnak\w*|klusum\w*|nothing|no (?:mail|e-?mail|answer|reply)|silence)\b")
CAME = re.compile(r"\b(?:(?:at|pie)nac(?:a|is|usi)|sanem(?:u|ts|am)|came|arrived|got|received)\b")
NOT_APPLIED = re.compile(
    r"\b(?:haven'?t|have not|not yet|didn'?t|hasn'?t)\b.{0,12}\b(?:submit|appl|sen[dt])|"
    r"\b(?:neesmu|neesam|vel ne)\w* ?\w*(?:iesnie|pieteic|nosut)"
)
# "Today is the 27th already" gives no day of applying.
TODAY_IS = re.compile(
    r"\b(?:(?:sodien|today)(?:'?s| is)?(?: (?:jau|ir|already|the)){0,3}|it'?s(?: already)?(?: the)?) "
    rf"\d{{1,2}}(?:(?:\.(?!\d)|st\b|nd\b|rd\b|th\b)(?: (?:of )?{MONTH})?| {MONTH})"
)
COMING = re.compile(r"\b(?:nakam\w*|next|tomorrow|rit|ritdien|parit)\b")
# Words that give a day's clause another subject: somebody who does something else, or the weather.
OTHER_DOING = re.compile(
    r"\b(?:(?:we|they|you|mes|mums|jus|vini|i|es|man) (?!mean|think|domaju|laikam)\w+|laiks|weather)\b"
)
SHORT_DATE = re.compile(r"(?<![\w./])(\d{1,2})[./](\d{1,2})\b(?!\.\d|\d|\s*(?:%|mm|eur|€|mb|gb))")
CORRECTS = re.compile(r"[.?!,] ?(?:no|ne|actually|sorry|nevis|pareizi)\b")
DAY_ALONE = re.compile(
    r"(?:^|\W)([12]?\d|3[01])(?:\.(?!\d)|st\b|nd\b|rd\b|th\b)"
    r"(?!\W+(?:(?:ne|ie)?(?:skait|count)|produkt|sol[ia]|pas|darbib))"
)
MAX_OF_A_DAY = 6  # words of a clause that consists of nothing but the day
TO_COME = re.compile(
    r"\b(?:(?:ja|if) (?:\w+ )?(?:iesnie\w+|piesak\w+|nosut\w+|apply|submit|send)|iesniegs\w*|pieteiks\w*|"
    r"(?:no|aiz)?sutis\w*|i'll|we'll|i will|we will|going to)\b"
)
DAYS = ("pirm mon", "otr tue", "tres wed", "cet thu", "piek fri", "ses sat", "sve sun")


def details_in(
    text: str, entities: list[dict[str, Any]], today: datetime.date, known: Details | None = None
) -> Details:
    """Return the details that a message gives about the customer, by name.

    vat_payer, had_cps, gave_old_email, sees_button, mail_came, spam_checked, for_another: yes or no. payment: card or
    transfer. tier: silver, gold, platinum or corporate. points: a figure. date: of applying, by ISO 8601.
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
        if OLD_MAIL_GIVEN.search(clause) and (OLD.search(said)) and not QUESTIONED.search(clause):
            found["gave_old_email"] = "no" if denied or FORGOT.search(clause) else "yes"
        if HAD_CPS.search(clause) and not QUESTIONED.search(clause):
            found["had_cps"] = "no" if denied else "yes"
        told = not QUESTIONED.search(clause) and not IF.search(clause) and "?" not in said
        if told and BUTTON.search(clause) and SEES.search(clause) and (denied or not ASKS.match(clause)):
            found["sees_button"] = "no" if denied else "yes"
        if PASSWORD_MAIL.search(clause) and not QUESTIONED.search(clause) and "?" not in text:
            found["mail_came"] = "no" if denied else "yes"
        if SPAM.search(clause):
            found["spam_checked"] = "yes"
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
    date = _date_of_applying(said, entities, today) or _other_day(said, (known or {}).get("date"))
    if date:
        found["date"] = date.isoformat()
    return found


def _date_of_applying(said: str, entities: list[dict[str, Any]], today: datetime.date) -> datetime.date | None:
    """Return the day of applying that a text gives, and no other day."""
    if NOT_APPLIED.search(said) and not COMING.search(said):
        return None
    found: list[tuple[bool, datetime.date]] = []  # whether the day was given by its number, and the day
    for clause in filter(None, (one.strip() for one in SENTENCE.split(said))):
        named = [one for one in entities if said[one.get("start", 0) : one.get("end", 0)] in clause]
        date = date_in(clause, named, today)
        only_a_day = len(clause.split()) <= MAX_OF_A_DAY and not OTHER_DOING.search(clause)
        is_silence = IF.search(clause) and SILENCE.search(clause)  # "and if nothing has come by Monday?"
        came = CAME.search(clause) and not APPLIED.search(clause) and not DENIES.search(clause)
        if date and (OF_APPLYING.search(clause) or only_a_day) and not came and not is_silence:
            by_number = SHORT_DATE.search(clause) or any(one["entity"] == "date" for one in named)
            found.append((bool(by_number), date))
    if CORRECTS.search(said):
        found.reverse()
    return next((date for by_number, date in found if by_number), found[0][1] if found else None)


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


NEIGHBOURHOOD = 100  # characters before a figure that may say what it counts


def points_in(said: str, known: int = 0) -> int | None:
    """Return the number of points that a folded text gives, with or without the word; not the points that are missing.

    `known` is the number told before: additional points are added to it.
    """
    added = SUM.search(said)
    if added:
        return sum(int(re.sub(r"\D", "", figure)) for figure in added.groups())
    candidates = []
    of_money = bool(MONEY.search(said))
    for one in NUMBER.finditer(said):
        value = int(re.sub(r"\D", "", one[1]))
        before, after = said[max(0, one.start() - NEIGHBOURHOOD) : one.start()], said[one.end() :]
        of_points = bool(OF_POINTS.match(after))
        if of_money and not of_points:  # "100 euros? or 500?"
            continue
        if IN_ALL.search(before):
            return value
        if known and not NEEDED.search(before) and (ON_TOP.search(before) or ON_TOP_AFTER.match(after)):
            return known + value
        if NOT_THIS.search(before) or (MISSING.search(before) and not of_points):
            continue
        if not of_points and value < FEW <= known:  # hardly all of the points: "14 more is not much"
            continue
        if SHORT.search(before) or OF_SHORT.match(after) or (FROM.search(before) and TO.match(after)):
            continue
        if not of_points and value <= 31 and (OF_DAY.match(after) or re.search(rf"\b{MONTH}\W*$", before)):
            continue
        in_year = IN_YEAR.search(before) or re.search(rf"\b{MONTH}\W*$", before)
        if value in YEARS and (re.match(r"^\W*g(?:ad|\b)", after) or (in_year and not of_points)):
            continue
        candidates.append((not of_points, value))
    return min(candidates, key=lambda one: one[0])[1] if candidates else None


def date_in(said: str, entities: list[dict[str, Any]], today: datetime.date) -> datetime.date | None:
    """Return the day that a folded text gives by date, weekday or distance; without a year, the nearest one."""
    for one in entities:
        if one["entity"] == "date":
            found = _nearest(str(one["value"]), today)
            if found:
                return found
    short = SHORT_DATE.search(said)
    if short and 1 <= int(short[2]) <= 12 and 1 <= int(short[1]) <= 31:
        found = _nearest(f"--{int(short[2]):02}-{int(short[1]):02}", today)
        if found:
            return found
    for pattern, days in RELATIVE:
        if pattern.search(said):
            return today - datetime.timedelta(days)
    ago = AGO.search(said)
    if ago:
        count, unit = next((ago[a], ago[b]) for a, b in (("lv", "lvu"), ("en", "enu"), ("been", "beenu")) if ago[a])
        number = int(count) if count.isdecimal() else COUNT.get(count)
        if number and number < 400:
            return today - datetime.timedelta(number * UNIT[unit[0]])
    week = A_WEEK_AGO.search(said)
    if week:
        return today - datetime.timedelta(7 if (week["u"] or week["e"]).startswith(("n", "w")) else 30)
    weekday = WEEKDAYS.search(said)
    if weekday and not DAY_COUNTS.search(said):
        number = next(
            n for n, names in enumerate(DAYS) if any(weekday["day"].startswith(name) for name in names.split())
        )
        back = (today.weekday() - number) % 7
        if weekday["next"] or weekday[0].startswith("nakam") or TO_COME.search(said):
            return today + datetime.timedelta((number - today.weekday()) % 7 or 7)
        return today - datetime.timedelta(back + (7 if weekday["last"] and back == 0 else 0))
    return None


def _other_day(said: str, known: str | None) -> datetime.date | None:
    """Return the date for a bare day of the month, in the month of the date told before."""
    day = DAY_ALONE.search(said)
    if not known or not day:
        return None
    try:
        return datetime.date.fromisoformat(known).replace(day=int(day[1]))
    except ValueError:
        return None


def _nearest(value: str, today: datetime.date) -> datetime.date | None:
    """Return a date by ISO 8601; one without a year is the nearest to today."""
    if not value.startswith("--"):
        return datetime.date.fromisoformat(value)
    month, day = map(int, value[2:].split("-"))
    found = []
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            found.append(datetime.date(year, month, day))
        except ValueError:
            continue
    return min(found, key=lambda one: abs((one - today).days), default=None)

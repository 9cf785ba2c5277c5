"""Take personal data out of what customers type; masking.yml and the settings say which kinds, and what is kept."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import phonenumbers
import yaml
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban, luhn
from stdnum.lv import pvn

from bot.settings import Settings
from bot.text import fold

DOTS = "\u2022" * 6
HOME = "LV"  # where a telephone number without a country code belongs
GAP = "[ \u00a0\u2009\u202f]?"
DASH = "\\-\u2010\u2011\u2012\u2013\u2212"
JOINED = f"[ \u00a0\u2009\u202f{DASH}]?"  # between the groups of a number
ENDINGS = "lv|com|eu|net|org|info|ee|lt|de|uk|me|io|pl|fi|se"

LOCAL = r"(?<![\w.+%'-])[\w.+%'-]{1,64}"
AT = r"(?:[@\uff20]|[(\[{<](?:at|et|a|@)[)\]}>])"
LABEL = r"[^\W_][\w-]{0,62}"
EMAILS = (
    re.compile(
        rf"(?P<local>{LOCAL}){GAP}{AT}{GAP}(?P<domain>"
        rf"{LABEL}(?:\s?[(\[{{](?:dot|punkts)[)\]}}]\s?{LABEL}| \. (?:{ENDINGS})\b|,(?:{ENDINGS})\b|\.{LABEL})+)",
        re.I,
    ),
    re.compile(rf"(?P<local>{LOCAL})@(?P<domain>[^\W\d_]{{3,63}})(?![\w@.])"),  # a domain without its ending
    re.compile(
        rf"(?P<local>{LOCAL})\s(?:at|et)\s(?P<domain>{LABEL}(?:\s(?:dot|punkts)\s(?:{LABEL}\s(?:dot|punkts)\s)?(?:{ENDINGS})))\b",
        re.I,
    ),
)
IBAN = re.compile(rf"(?<![^\W_])[A-Z]{{2}}\d\d(?:{JOINED}[A-Z0-9]){{11,30}}", re.I | re.A)
IBAN_OF_LATVIA = re.compile(rf"LV\d\d{GAP}[A-Z]{{4}}(?:{GAP}[A-Z0-9]){{13}}(?![^\W_])", re.I | re.A)
CARDS = (
    re.compile(r"(?<![\d+])[2-6]\d{3}(?:([ \u00a0-])\d{4}){3}(?!\d)", re.A),
    re.compile(r"(?<![\d+])3[47]\d\d([ \u00a0-])\d{6}\1\d{5}(?!\d)", re.A),
)
PLAIN_CARD = re.compile(
    r"(?<![\w+])(?:3[47]\d{13}|3[0689]\d{12}|4\d{15}(?:\d{3})?|5\d{15}|2[2-7]\d{14}|6\d{15,18}|35\d{14})(?!\w)", re.A
)
CARD_CHECK = re.compile(r"\b(?:CVC|CVV)2?\b(?:\s(?:kods|code|ir|is)\b)*\W{0,3}(?P<figures>\d{3,4})(?!\d)", re.I | re.A)
PERSONAL_CODE = re.compile(rf"(?<!\w)\d{{6}}(?P<gap>{GAP}[{DASH}/]{GAP}|[ \u00a0])?\d{{5}}(?!\w)", re.A)
COUNTRY = re.compile(r"^\(?(?:371|00371)\)?\D?")
# How people group the eight figures of a Latvian number. Not 2-2-4 or 4-2-2, which are dates.
GROUPS = {(8,), (2, 3, 3), (4, 4), (2, 2, 2, 2), (3, 2, 3), (3, 3, 2), (2, 6), (3, 5)}
DATE = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d"
)
YEAR = re.compile(r"(?:19|20)\d\d")
CODE = re.compile(r"(?<![\w-])[0-9]{3}[ \u00a0-]?[0-9]{3}(?![\w-])")

TABLE = yaml.safe_load((Path(__file__).parent / "masking.yml").read_text(encoding="utf-8"))
Span = tuple[int, int]


def _pattern(words: list[str]) -> str:
    return "|".join(re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"[\W_]{1,2}") for word in words)


BETWEEN = r"[\s.:#№=–-]"
FILLERS = rf"(?:{BETWEEN}+(?:{_pattern(TABLE['fillers'])})(?!\w))*{BETWEEN}*"
NAMED = {
    kind: re.compile(rf"(?<!\w)(?:{_pattern(words)}){FILLERS}$") for kind, words in TABLE["kinds"].items() if words
}
OTHER = re.compile(rf"(?<!\w)(?:{_pattern(TABLE['other_numbers'])}){FILLERS}$")
# Words that belong to the number before them, and not to another one behind them.
FOLLOWS = re.compile(
    rf"\s*[(=–-]?\s*(?:(?:{_pattern(TABLE['fillers_behind'])})\s+)*"
    rf"(?:{_pattern(TABLE['other_numbers'])})(?!\w)(?!{FILLERS}\d)"
)
UNIT = re.compile(rf"(?:€|(?:{_pattern(TABLE['units'])})\b)")
NEAR = 60  # characters before a number that may say what it is


SPECIAL_USE_DOMAIN_NAMES.clear()  # a company's .local is valid: the mail server decides


def is_email(typed: str) -> bool:
    """Tell whether something is an e-mail address, and nothing else."""
    try:
        domain = validate_email(typed, check_deliverability=False, globally_deliverable=False).domain
    except EmailNotValidError:
        return False
    name, dot, ending = domain.rpartition(".")
    return bool(name and dot and len(ending) > 1 and not ending.isdigit())


class Masking:
    """Replaces personal data by dots, as the settings ask for."""

    def __init__(self, settings: Settings) -> None:
        """Take from the settings the kinds to mask, and the addresses and numbers to keep."""
        self._finders = [find for kind, find in FINDERS.items() if kind in settings.masked_kinds]
        self._stays = {_compact(one) for one in settings.never_masked}

    def hide(self, text: str) -> str:
        """Return a text with its personal data replaced by dots."""
        for find in self._finders:
            text = _put_dots(text, [span for span in find(text) if not self._is_kept(text[slice(*span)])])
        return text

    def _is_kept(self, found: str) -> bool:
        one = _compact(found)
        home = one.removeprefix("+").removeprefix("00").removeprefix("371")
        return bool(self._stays & {one, home, f"+371{home}", f"@{one.partition('@')[2]}"})


def hide_code(text: str) -> str:
    """Return a text with confirmation codes replaced by dots, where the text calls them codes."""
    return _put_dots(text, list(_codes(text)))


def _compact(typed: str) -> str:
    return re.sub(rf"[\s(){DASH}]" if "@" not in typed else r"\s", "", typed).casefold()


def _put_dots(text: str, spans: list[Span]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + DOTS + text[end:]
    return text


def _is_named(kind: str, text: str, start: int) -> bool:
    """Tell whether the words before a number name this kind of data."""
    return bool(NAMED[kind].search(_before(text, start)))


def _is_other(text: str, span: Span) -> bool:
    """Tell whether the words beside a number say that it is another number, such as that of an invoice."""
    return bool(
        OTHER.search(_before(text, span[0]))
        or FOLLOWS.match(fold(text[span[1] : span[1] + NEAR]))
        or _has_unit(text, span[1])
    )


def _has_unit(text: str, end: int) -> bool:
    return bool(UNIT.match(fold(text[end : end + 12])))


def _before(text: str, start: int) -> str:
    return fold(text[max(0, start - NEAR) : start])


# ---- One finder for each kind: spans in order, without overlap


def _emails(text: str) -> Iterator[Span]:
    found = [one.span() for pattern in EMAILS for one in pattern.finditer(text) if _is_domain(one["domain"], one)]
    return _apart(found)


def _is_domain(domain: str, found: re.Match[str]) -> bool:
    # "85mm@f1.4" is an aperture, "ISO100@24" a setting.
    labels = re.split(r"[.,\s]+", domain)
    has_ending = any(len(label) > 1 and label.isalpha() for label in labels[1:])
    return has_ending or (len(labels) == 1 and any(sign.isalpha() for sign in found["local"]))


def _ibans(text: str) -> Iterator[Span]:
    found = [one.span() for one in IBAN_OF_LATVIA.finditer(text)]
    for one in IBAN.finditer(text):
        ends = [one.start() + place + 1 for place, sign in enumerate(one[0]) if sign.isalnum()]
        for end in reversed(ends[14:]):  # words may follow the number
            follows = text[end : end + 1]
            if not follows.isalnum() and iban.is_valid(re.sub(r"[\W_]", "", text[one.start() : end])):
                found.append((one.start(), end))
                break
    return _apart(found)


def _cards(text: str) -> Iterator[Span]:
    found = [one.span() for pattern in CARDS for one in pattern.finditer(text)]
    for one in PLAIN_CARD.finditer(text):
        if _is_named("card", text, one.start()) or (luhn.is_valid(one[0]) and not _is_other(text, one.span())):
            found.append(one.span())
    found += [one.span("figures") for one in CARD_CHECK.finditer(text)]
    return _apart(found)


def _personal_codes(text: str) -> Iterator[Span]:
    for one in PERSONAL_CODE.finditer(text):
        figures = re.sub(r"\D", "", one[0])
        has_dash = (one["gap"] or "").strip() not in ("", "/")
        is_valid = figures[0] in "0123" and pvn.is_valid(figures) and not _is_other(text, one.span())
        if has_dash or is_valid or _is_named("personal_code", text, one.start()):
            yield one.span()


def _phones(text: str) -> Iterator[Span]:
    for one in PhoneNumberMatcher(text, HOME, leniency=Leniency.POSSIBLE, max_tries=200):
        if _is_phone(text, one):
            yield one.start, one.end


def _is_phone(text: str, found: phonenumbers.PhoneNumberMatch) -> bool:
    typed, before = found.raw_string, text[found.start - 1 : found.start]
    if before.isalnum() or text[found.end : found.end + 1].isalnum():
        return False
    if "+" in typed or before == "+":
        return not _has_unit(text, found.end)
    figures = re.sub(r"\D", "", typed)
    if not phonenumbers.is_valid_number(found.number) or (len(figures) == 12 and typed.isdigit()):  # a serial number
        return False
    if _is_named("phone", text, found.start):
        return True
    if _is_other(text, (found.start, found.end)):
        return False
    return figures.startswith("00") or _is_grouped(text, found)


def _is_grouped(text: str, found: phonenumbers.PhoneNumberMatch) -> bool:
    """Tell whether figures without a leading plus are grouped like a telephone number."""
    typed = COUNTRY.sub("", found.raw_string) if len(re.sub(r"\D", "", found.raw_string)) > 8 else found.raw_string
    groups, marks = re.findall(r"\d+", typed), set(re.findall(r"\D+", typed.strip("() ")))
    if tuple(map(len, groups)) not in GROUPS or len(marks) > 1:
        return False
    if len(groups) == 1:
        return not DATE.fullmatch(typed)
    if any(re.search(r"\d$", side) for side in (text[: found.start].rstrip(), text[found.end :].lstrip()[::-1])):
        return False  # one of several numbers in a row
    is_range = len(groups) == 2 and not "".join(marks).isspace()
    return not is_range and not YEAR.fullmatch(groups[0])


def _codes(text: str) -> Iterator[Span]:
    for one in CODE.finditer(text):
        if _is_named("code", text, one.start()) and not _is_other(text, one.span()):
            yield one.span()


def _apart(spans: list[Span]) -> Iterator[Span]:
    end = 0
    for span in sorted(spans, key=lambda one: (one[0], -one[1])):
        if span[0] >= end:
            yield span
            end = span[1]


FINDERS: dict[str, Callable[[str], Iterator[Span]]] = {
    "email": _emails,
    "iban": _ibans,
    "card": _cards,
    "personal_code": _personal_codes,
    "phone": _phones,
}

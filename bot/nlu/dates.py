"""The day of applying that a message gives, and other days in it. Plain functions over folded text."""

import datetime
import re
from typing import Any

from bot.nlu.clauses import DENIES, IF, SENTENCE

RELATIVE = (  # how many days before today
    (re.compile(r"\b(?:aizvakar|day before yesterday)\b"), 2),
    (re.compile(r"\b(?:vakar|yesterday)\b"), 1),
    (re.compile(r"\b(?:parit|day after tomorrow)\b"), -2),
    (re.compile(r"\b(?:rit|ritdien|tomorrow)\b"), -1),
    (re.compile(r"\b(?:sodien|today|this morning|sorit)\b"), 0),
    (re.compile(r"\bpirms (?:\w+ )?(?:min|stund)\w*\b|\b(?:min|mins|minutes?|hours?) ago\b"), 0),
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
    r"(?P<day>(?:pirm|otr|tres|ceturt|piekt|sest|svet)dien(?!am)\w{0,2}|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b"
)
A_DAY = r"(?:\w+dien\w*|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
DAY_COUNTS = re.compile(
    rf"\b{A_DAY}\W+(?:\w+\W+){{0,3}}(?:ne|ie)?(?:skait|count)|\b(?:ie)?(?:skait\w*|counts?)\W+(?:\w+\W+){{0,2}}{A_DAY}"
)
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
    r"\b(?:haven'?t|have not|not yet|didn'?t|hasn'?t)\b[^,.;]{0,12}\b(?:submit|appl|sen[dt])|"
    r"\b(?:neesmu|neesam|vel ne)\w* ?\w*(?:iesnie|pieteic|nosut)"
)
COMING = re.compile(r"\b(?:nakam\w*|next|tomorrow|rit|ritdien|parit)\b")
# Words that give a day's clause another subject: somebody who does something else, or the weather.
OTHER_DOING = re.compile(
    r"\b(?:(?:we|they|you|mes|mums|jus|vini|i|es|man) (?!mean|think|domaju|laikam)\w+|laiks|weather|"
    rf"(?:i|we)'?ll (?!{APPLYING})\w+|(?!{APPLYING}|pieteik)\w+(?:[aei]sos|[aei]su|simies|[aei]sim))\b"
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


def date_of_applying(
    said: str, entities: list[dict[str, Any]], today: datetime.date, is_known: bool = False
) -> datetime.date | None:
    """Return the day of applying that a text gives, and no other; once it is known, a bare day needs a bare text."""
    if NOT_APPLIED.search(said) and not COMING.search(said):
        return None
    # Whether the clause tells of applying, whether the day was given by its number, and the day.
    found: list[tuple[bool, bool, datetime.date]] = []
    for clause in filter(None, (one.strip() for one in SENTENCE.split(said))):
        named = [one for one in entities if said[one.get("start", 0) : one.get("end", 0)] in clause]
        date = date_in(clause, named, today)
        only_a_day = len((said if is_known else clause).split()) <= MAX_OF_A_DAY and not OTHER_DOING.search(clause)
        is_silence = IF.search(clause) and SILENCE.search(clause)  # "and if nothing has come by Monday?"
        came = CAME.search(clause) and not APPLIED.search(clause) and not DENIES.search(clause)
        if date and (OF_APPLYING.search(clause) or only_a_day) and not came and not is_silence:
            by_number = SHORT_DATE.search(clause) or any(one["entity"] == "date" for one in named)
            found.append((bool(APPLIED.search(clause)), bool(by_number), date))
    if CORRECTS.search(said):
        found.reverse()
    return max(found, key=lambda one: one[:2])[2] if found else None


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
        number = _number(weekday["day"])
        back = (today.weekday() - number) % 7
        if weekday["next"] or weekday[0].startswith("nakam") or TO_COME.search(said):
            return today + datetime.timedelta((number - today.weekday()) % 7 or 7)
        return today - datetime.timedelta(back + (7 if weekday["last"] and back == 0 else 0))
    return None


def weekdays_in(said: str, today: datetime.date) -> list[datetime.date]:
    """Return the last days before today, or today, with the names of weekdays that a folded text has."""
    numbers = [_number(one["day"]) for one in WEEKDAYS.finditer(said)]
    return [today - datetime.timedelta((today.weekday() - number) % 7) for number in numbers]


def _number(weekday: str) -> int:
    """Return the number of a weekday, 0 for Monday."""
    return next(n for n, names in enumerate(DAYS) if any(weekday.startswith(name) for name in names.split()))


def other_day(said: str, known: str | None) -> datetime.date | None:
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

"""Split a message into what may be questions of their own."""

import re

from bot.text import ASKING, BEFORE, fold, is_asking

AND = r"(?:un|and|bet|but|ka ari|plus|a)\b(?: vel| ari| also)?"
# A new question begins after the end of a sentence, after a plain yes or no, after the number of an item in a list, or
# after a comma or "and" with a word that asks.
PLAIN = "|".join(rf"(?<=^{word})" for word in ("ja", "ne", "no", "yes", "nope"))
ITEM_NUMBER = r"(?:^|(?<=[ ,;:.?]))\(?(?:\d|[a-f])\) *"
ITEM = re.compile(ITEM_NUMBER)
BORDER = re.compile(
    rf"{ITEM_NUMBER}|[.?!;\n]+|: |(?:{PLAIN}), *|,? *\b{AND},? *(?={BEFORE}{ASKING})|, *(?={BEFORE}{ASKING})|"
    rf", *(?={AND} )|, *(?=for |par )"
)
MAX_LENGTH, MAX_PARTS = 1000, 6  # characters, parts; every part costs as much as a message
# "Ka" as "that", not "how": "tas nozīmē, ka ..."; without diacritics, only after a verb of saying or thinking.
KA = re.compile(r",(?= *ka\b)", re.IGNORECASE)
THAT = re.compile(
    "|".join(rf"(?<={verb}),(?= *ka\b)" for verb in ("nozime", "saka", "teica", "domaju", "skiet", "raksta"))
)
# "When" after a comma tells when something is so, unless the words are in the order of a question. In Latvian the order
# is the same, but two questions are much rarer.
WHEN = re.compile(
    r"(?:kad|kamer|lidz(?! (?:kur|cik|kad))|tiklidz|once|as soon as|until|"
    r"when(?! (?:do|does|did|is|are|was|will|would|can|could|should|must|exactly)\b))\b"
)
# An item of a list that begins with its preposition.
ELIDED = re.compile(rf"(?:(?:and|un) )?(?P<word>for|par) (?!{ASKING})")
YES_OR_NO = ("ja", "ne", "no")  # other words as short mean nothing by themselves


def questions_in(text: str) -> list[tuple[str, bool]]:
    """Return the parts of a text, folded, and whether each asks by its form; an empty list if there is only one part.

    A part asks if it ends in a question mark, is an item of a list, or has a word that asks. What only introduces a
    list is left out: "three things: …".
    """
    text = text[:MAX_LENGTH]
    said = THAT.sub("", fold(text if text.isascii() else KA.sub("", text)))
    ends = [*BORDER.finditer(said), None]
    parts: list[tuple[str, bool]] = []
    begin, is_item, is_list = 0, False, False
    for end in ends:
        part = said[begin : end.start() if end else None].strip(" ,-")
        mark = end[0] if end else ""
        introduces = mark == ": " and not is_asking(part)
        if not introduces and (len(part) > 2 or part in YES_OR_NO):
            elided = ELIDED.match(part) if said[:begin].rstrip().endswith(",") and parts and parts[-1][1] else None
            if elided and f" {elided['word']} " in parts[-1][0]:  # "points for gold, for silver"
                head = parts[-1][0].partition(f" {elided['word']} ")[0]
                part = f"{head} {part[elided.start('word') :]}"
            asks = is_item or is_list or "?" in mark or is_asking(part)
            parts.append((part, asks and not (said[:begin].endswith(", ") and _is_when(part, parts))))
        begin, is_item = (end.end() if end else 0), bool(ITEM.fullmatch(mark))
        is_list = introduces or (is_list and not re.search("[.?!;\n]", mark))
    return parts[:MAX_PARTS] if len(parts) > 1 else []


def _is_when(part: str, earlier: list[tuple[str, bool]]) -> bool:
    """Tell whether a part after a comma only tells when the question before it arises."""
    asked = [text for text, asks in earlier if asks]
    return bool(asked and " " in part and WHEN.match(part) and not WHEN.match(asked[-1]))

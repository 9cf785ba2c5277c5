"""Split a message into what may be questions of their own."""

import re

from bot.text import ASKING, fold

AND = r"(?:un|and|bet|but|ka ari|plus|a)\b(?: vel| ari| also)?"
BEFORE = r"(?:(?:no|lidz|ar|par|pie|uz|ja ne,?|if not,?|from|by|for|at|in|on|to)\W+)?"  # "līdz kuram", "from which"
# A new question begins after the end of a sentence, after a plain yes or no, or after a comma or "and" with a word
# that asks.
PLAIN = "|".join(rf"(?<=^{word})" for word in ("ja", "ne", "no", "yes", "nope"))
BORDER = re.compile(
    rf"[.?!;\n]+|: |(?:{PLAIN}), *|,? *\b{AND},? *(?={BEFORE}{ASKING})|, *(?={BEFORE}{ASKING})|"
    rf", *(?={AND} )|, *(?=for |par )"
)
MAX_LENGTH, MAX_PARTS = 1000, 6  # characters, parts; every part costs as much as a message
# "Ka" as "that", not "how": "tas nozīmē, ka ..."; without diacritics, only after a verb of saying or thinking.
KA = re.compile(r",(?= *ka\b)", re.IGNORECASE)
THAT = re.compile(
    "|".join(rf"(?<={verb}),(?= *ka\b)" for verb in ("nozime", "saka", "teica", "domaju", "skiet", "raksta"))
)
YES_OR_NO = ("ja", "ne", "no")  # other words as short mean nothing by themselves


def questions_in(text: str) -> list[str]:
    """Return the parts of a text that may ask something, folded, in order; an empty list if there is only one."""
    text = text[:MAX_LENGTH]
    said = fold(text if text.isascii() else KA.sub("", text))
    parts = [part.strip(" ,-") for part in BORDER.split(THAT.sub("", said))]
    parts = [part for part in parts if len(part) > 2 or part in YES_OR_NO][:MAX_PARTS]
    return parts if len(parts) > 1 else []

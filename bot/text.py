"""Prepare text for the models."""

import re
import unicodedata

# The folded words with which questions begin in either language.
ASKING = (
    r"(?:ka|kur|kad|kas|kads|kada|kadi|kadas|kadus|kadu|kadam|kapec|cik|vai|ko|kurs|kura|kuru|kuram|kurai|kam|"
    r"how|what|where|when|why|which|who|do|does|did|will|is|are|can|could|should)\b"
)

BEFORE = (
    r"(?:(?:no|lidz|ar|par|pie|uz|ja ne,?|if not,?|from|by|for|at|in|on|to|with)\W+)?"  # "līdz kuram", "from which"
)

# A text asks if one of these words stands anywhere in it, or if it begins with another word that asks: "kad" and
# "is" stand in the middle of statements, too.
ASKS = re.compile(
    r"\b(?:cik|kapec|vai|kur|kurs|kura|kuru|kuram|kurai|kuras|kuri|kurus|kuros|how|where|why|which|who|what)(?:'?s)?\b|"
    r"^(?:(?:un|bet|nu|tad|tatad|jo|labi|ok|okay|so|and|but|then|also|or|well)\b\W*){0,3}"
    rf"{BEFORE}(?:{ASKING}|(?:whens?|am|may|would|must|was|were|has|have|isnt|isn't|doesn't|don't|can't|won't)\b)"
)


# What phones and word processors put for an apostrophe.
APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'"))


def fold(text: str) -> str:
    """Lower-case a text, strip its diacritics, collapse its white space and straighten its apostrophes."""
    if text.isascii():
        return " ".join(text.lower().replace("`", "'").split())
    letters = unicodedata.normalize("NFD", text.lower().translate(APOSTROPHES))
    return " ".join("".join(letter for letter in letters if unicodedata.category(letter) != "Mn").split())


# Only the beginning and the end of a longer message are read, as the question is there, and only the beginning of a
# longer word. Reading takes time by the length of a message, and some steps by the square of a word's length.
BEGINNING, END = 600, 200
MAX_WORD_LENGTH = 100
LONG_WORD = re.compile(rf"(\S{{{MAX_WORD_LENGTH}}})\S+")


def looked_at(text: str) -> str:
    """Return the part of a message that is read: most messages whole, but none so long that it costs much time."""
    text = LONG_WORD.sub(r"\1", text)
    return text if len(text) <= BEGINNING + END else f"{text[:BEGINNING]} {text[-END:]}"


def is_asking(text: str) -> bool:
    """Tell whether a text, folded, asks something by its form."""
    return "?" in text or bool(ASKS.search(text))


def is_without_words(text: str) -> bool:
    """Tell whether a text has no letters, such as "?" or a smiley."""
    return not re.search(r"[^\W\d_]", text)

"""Text, as the models see it."""

import re
import unicodedata

# The words, folded, that a question begins with in either language.
ASKING = (
    r"(?:ka|kur|kad|kas|kads|kada|kadi|kadas|kadus|kadu|kadam|kapec|cik|vai|ko|kurs|kura|kuru|kuram|kurai|kam|"
    r"how|what|where|when|why|which|who|do|does|did|will|is|are|can|could|should)\b"
)


def fold(text: str) -> str:
    """Lower-case a text, strip its diacritics and collapse its white space."""
    letters = unicodedata.normalize("NFD", text.lower())
    return " ".join("".join(letter for letter in letters if unicodedata.category(letter) != "Mn").split())


# Of a longer message its beginning and its end are looked at, as what is asked stands there; of a longer word the
# beginning. All that looks at a message takes time with its letters, and some with the square of a word's.
BEGINNING, END = 600, 200
MAX_WORD_LENGTH = 100
LONG_WORD = re.compile(rf"(\S{{{MAX_WORD_LENGTH}}})\S+")


def looked_at(text: str) -> str:
    """Return what of a message is looked at: all of most, so that none costs much time."""
    text = LONG_WORD.sub(r"\1", text)
    return text if len(text) <= BEGINNING + END else f"{text[:BEGINNING]} {text[-END:]}"


def is_without_words(text: str) -> bool:
    """Tell whether a text holds no letter at all, such as "?" or a smiley."""
    return not re.search(r"[^\W\d_]", text)

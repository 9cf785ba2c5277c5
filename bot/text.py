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


def is_without_words(text: str) -> bool:
    """Tell whether a text holds no letter at all, such as "?" or a smiley."""
    return not re.search(r"[^\W\d_]", text)

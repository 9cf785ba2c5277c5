"""Text, as the models see it."""

import unicodedata


def fold(text: str) -> str:
    """Lower-case a text, strip its diacritics and collapse its white space."""
    letters = unicodedata.normalize("NFD", text.lower())
    return " ".join("".join(letter for letter in letters if unicodedata.category(letter) != "Mn").split())

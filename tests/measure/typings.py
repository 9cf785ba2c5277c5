"""The ways in which customers type one question: without diacritics, with a typo, half in each language."""

import random
import unicodedata
from collections.abc import Callable

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def without_diacritics(text: str) -> str:
    """Strip the diacritics and leave everything else."""
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if unicodedata.category(letter) != "Mn")


def with_typo(text: str) -> str:
    """Make one typo: a wrong key, a key left out, a key too many, or two keys swapped."""
    # Seeded by the text alone, so that a new question changes no other question's typo.
    chance = random.Random(text)
    places = [at for at, letter in enumerate(text) if _beside(letter)]
    if not places:
        return text
    at = chance.choice(places)
    slip, key = chance.choice(["wrong", "left out", "too many", "swapped"]), chance.choice(_beside(text[at]))
    if slip == "swapped" and text[at + 1 : at + 2].strip() and text[at] != text[at + 1]:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    typed = {"left out": "", "too many": text[at] + key}.get(slip, key)
    return text[:at] + typed + text[at + 1 :]


def mixed(text: str, other: str) -> str:
    """Join the first half of a text and the second half of its translation."""
    begin, end = text.split(), other.split()
    return " ".join(begin[: (len(begin) + 1) // 2] + end[len(end) // 2 :])


def _beside(letter: str) -> str:
    # The keys beside this letter's key; a Latvian letter is on the key of its base letter.
    bare = without_diacritics(letter.lower())
    for number, row in enumerate(ROWS):
        at = row.find(bare) if bare else -1
        if at >= 0:
            above = ROWS[number - 1][at : at + 2] if number else ""
            below = ROWS[number + 1][max(0, at - 1) : at + 1] if number + 1 < len(ROWS) else ""
            return row[max(0, at - 1) : at] + row[at + 1 : at + 2] + above + below
    return ""


# Measured everywhere; `mixed` needs a translation, which only the held-out questions have.
TYPINGS: dict[str, Callable[[str], str]] = {"clean": str, "plain": without_diacritics, "typo": with_typo}

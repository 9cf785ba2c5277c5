"""Put right what looks mistyped: a word that no example has, and that is one slip away from one that some have."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.nlu.text import fold

WORD = re.compile(r"[^\W\d_]+")
SHORTEST = 4  # letters; shorter words are one slip away from too many others
LONGEST = 30  # letters; what is longer is no word, and costs time to compare


def count_words(texts: Iterable[str]) -> dict[str, int]:
    """Return how often each word stands in folded texts."""
    return dict(sorted(Counter(word for text in texts for word in WORD.findall(text)).items()))


def put_right(known: Mapping[str, int], text: str) -> str:
    """Replace each word that looks mistyped by the commonest word that may have been meant, without its diacritics.

    A slip is a letter too many, too few or wrong, or two that changed places. Words of a text past its first hundred
    are left as they are.
    """
    left = 100

    def right(found: re.Match[str]) -> str:
        nonlocal left
        typed, left = fold(found.group()), left - 1
        if typed in known or left < 0 or not SHORTEST <= len(typed) <= LONGEST:
            return found.group()
        near = process.extract(typed, known.keys(), scorer=OSA.distance, score_cutoff=1, limit=None)
        return max((word for word, *_ in near), key=lambda word: (known[word], word), default=found.group())

    return WORD.sub(right, text)

"""Put right what looks mistyped: a word that no example has, and that is one slip away from one that some have.

So is Latvian that was typed without its letters: doubled vowels for long ones, and two letters for a soft one.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.text import fold

WORD = re.compile(r"[^\W\d_]+")
# How Latvian letters are typed on a keyboard that lacks them, over folded text.
SPELLED_OUT = re.compile(r"([aeiu])\1|([nlkgr])j|([scz])h")
MIN_LENGTH = 4  # letters; shorter words are one slip away from too many others
MAX_LENGTH = 30  # letters; what is longer is no word, and costs time to compare
MAX_COMPARED = 30  # words of a text that no example has: to compare one with all takes a millisecond


def count_words(texts: Iterable[str]) -> dict[str, int]:
    """Return how often each word stands in folded texts."""
    return dict(sorted(Counter(word for text in texts for word in WORD.findall(text)).items()))


def put_right(known: Mapping[str, int], text: str, near: Callable[[str], str | None] | None = None) -> str:
    """Replace each word that looks mistyped by the commonest word that may have been meant, without its diacritics.

    A slip is a letter too many, too few or wrong, or two that changed places. Of a text with very many words that
    nobody knows, the last ones are left as they are. `near` is nearest() with what it has found before.
    """
    left, near = MAX_COMPARED, near or partial(nearest, known)

    def right(found: re.Match[str]) -> str:
        nonlocal left
        typed = fold(found.group())
        if typed in known or len(typed) > MAX_LENGTH:
            return found.group()
        plain = SPELLED_OUT.sub(lambda two: two[1] or two[2] or two[3], typed)
        if plain in known or len(typed) < MIN_LENGTH:
            return plain if plain in known else found.group()
        left -= 1
        return (near(plain) if left >= 0 else None) or found.group()

    return WORD.sub(right, text)


def nearest(known: Mapping[str, int], typed: str) -> str | None:
    """Return the commonest of the words that are one slip away."""
    near = process.extract(typed, known.keys(), scorer=OSA.distance, score_cutoff=1, limit=None)
    return max((word for word, *_ in near), key=lambda word: (known[word], word), default=None)


def is_gibberish(known: Mapping[str, int], text: str) -> bool:
    """Tell whether a text whose slips are put right has words, and none of them is in any example."""
    words = WORD.findall(fold(text))
    return bool(words) and not any(word in known for word in words)

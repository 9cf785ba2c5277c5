"""Correct typos: replace a word that is in no example by a known word that is one edit away.

Also correct Latvian typed without its letters: doubled vowels for long ones, and digraphs such as "sh" for "š".
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.text import fold

WORD = re.compile(r"[^\W\d_]+")
CONTRACTED = re.compile(r"[^\W\d_]+'[^\W\d_]+")
# How Latvian letters are typed on a keyboard that lacks them; patterns over folded text.
SPELLED_OUT = re.compile(r"([aeiu])\1|([nlkgr])j|([scz])h")
MIN_LENGTH = 4  # letters; shorter words are one edit away from too many others
MAX_LENGTH = 30  # letters; anything longer is not a word, and takes time to compare
MAX_COMPARED = 30  # unknown words of a text: comparing one with all known words takes a millisecond


def count_words(texts: Iterable[str]) -> dict[str, int]:
    """Return how often each word occurs in folded texts; "can't" counts as "can", "t" and "cant"."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update([*WORD.findall(text), *(word.replace("'", "") for word in CONTRACTED.findall(text))])
    return dict(sorted(counts.items()))


def put_right(known: Mapping[str, int], text: str, near: Callable[[str], str | None] | None = None) -> str:
    """Replace each word that looks mistyped by the commonest word that may have been meant, without diacritics.

    An edit is a letter added, dropped or replaced, or two neighbours swapped. Where a text has very many unknown words,
    the last of them are left alone. `near` is nearest() with a cache.
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
    """Return the commonest of the words that are one edit away."""
    near = process.extract(typed, known.keys(), scorer=OSA.distance, score_cutoff=1, limit=None)
    return max((word for word, *_ in near), key=lambda word: (known[word], word), default=None)


def is_gibberish(known: Mapping[str, int], text: str) -> bool:
    """Tell whether a corrected text has words, none of which occurs in any example."""
    words = WORD.findall(fold(text))
    return bool(words) and not any(word in known for word in words)

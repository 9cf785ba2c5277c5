"""Find the questions that a customer may be typing, among those that the assistant can answer."""

import math
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.dialogue.answers import read_answers
from bot.dialogue.search import MAX_WORD_LENGTH, MAX_WORDS, MIN_LIKENESS, WORD
from bot.text import fold

IN_QUESTION, IN_EXAMPLES = 3.0, 1.0  # weight of a word by where it occurs
MIN_PREFIX = 3  # letters of a word that is still being typed, from which it stands for a longer one
BEGUN = 0.8  # how well such a word fits
LONG = 0.15  # share by which each word of a question lowers its score: a short one says what it is about
RANDOM = 0.55  # share of the best score below which a question only has a word in common


@dataclass(frozen=True)
class Question:
    """A question as it stands on a button, and the words by which it is found."""

    text: str
    weights: dict[str, float] = field(repr=False)
    length: int


def suggest(query: str, language: str, most: int = 5) -> list[str]:
    """Return the questions that fit what is being typed, the best first."""
    asked = [word[:MAX_WORD_LENGTH] for word in WORD.findall(fold(query)) if len(word) > 1][:MAX_WORDS]
    if not asked:
        return []
    fits = [_fitting(word, language, word == asked[-1] and len(word) >= MIN_PREFIX) for word in asked]
    scored = [(_score(one, fits, language), one.text) for one in _questions(language)]
    best = max(score for score, _ in scored)
    fitting = [(score, text) for score, text in scored if best and score >= RANDOM * best]
    return list(dict.fromkeys(text for _, text in sorted(fitting, key=lambda one: -one[0])))[:most]


def _score(question: Question, fits: list[dict[str, float]], language: str) -> float:
    points, met = 0.0, 0
    for fitting in fits:
        found = [
            fit * question.weights[known] * _rarity(language)[known]
            for known, fit in fitting.items()
            if known in question.weights
        ]
        points += max(found, default=0)
        met += bool(found)
    return points * met / len(fits) / (1 + LONG * question.length)


@lru_cache(maxsize=1000)
def _fitting(word: str, language: str, is_begun: bool) -> dict[str, float]:
    """Return the known words that a typed word may mean, and how well each fits."""
    known = _rarity(language)
    similar = process.extract(
        word, known.keys(), scorer=OSA.normalized_similarity, score_cutoff=MIN_LIKENESS, limit=None
    )
    found = {one: likeness**2 for one, likeness, _ in similar}
    if is_begun:
        found |= {one: max(BEGUN, found.get(one, 0)) for one in known if one.startswith(word)}
    return found


@cache
def _questions(language: str) -> list[Question]:
    found = []
    for answer in read_answers().values():
        if answer.is_known:
            text = answer.question[language]
            words, heard = WORD.findall(fold(text)), answer.heard[language]
            counts = Counter(word for line in heard for word in set(WORD.findall(fold(line))))
            weights = {word: IN_EXAMPLES * math.sqrt(count / len(heard)) for word, count in counts.items()}
            found.append(Question(text, weights | dict.fromkeys(words, IN_QUESTION), len(words)))
    return found


@cache
def _rarity(language: str) -> dict[str, float]:
    """Return the weight of each word by its rarity: the fewer questions have it, the higher."""
    questions = _questions(language)
    counts = Counter(word for one in questions for word in one.weights)
    return {word: math.log(1 + len(questions) / count) for word, count in counts.items()}

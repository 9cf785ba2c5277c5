"""Search all that the assistant can answer, by what it says and by how customers ask for it."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.dialogue.answers import AGAIN, LANGUAGES, STATED, read_answers, read_responses
from bot.text import fold

DATA = Path(__file__).resolve().parents[2] / "data"
ABOUT_ITSELF = "ask_bot_identity"  # an agent would not say what the assistant is
MAX_WORDS, MAX_WORD_LENGTH = 8, 40  # of a query
FIRST_WORDS = 8  # of a text, as its title
IN_TITLE, IN_TEXT, IN_EXAMPLES = 3.0, 1.5, 1.0  # weight of a word by where it occurs
MIN_LIKENESS = 0.75  # of a known word to a typed one, from 0 to 1
FEW_WORDS, PAGE = 2, 2.0  # up to so many words name a topic: its page is worth so much more

WORD = re.compile(r"\be-[^\W_]+|[^\W_]+")  # "e-pasts" is one word, "eos-r5" two
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Entry:
    """An answer of the assistant, by language, and the words by which it is found."""

    name: str
    title: dict[str, str]
    text: dict[str, str]
    weights: dict[str, float] = field(repr=False)
    is_page: bool = False  # a page on a whole topic, or else a short answer


def find(query: str, most: int = 6) -> list[Entry]:
    """Return the answers that fit a query in either language, the best first."""
    asked = [word for word in WORD.findall(fold(query)) if len(word) > 1][:MAX_WORDS]  # "1" matches any list
    scored = [(_score(entry, asked), entry) for entry in entries()]
    return [entry for score, entry in sorted(scored, key=lambda one: -one[0])[:most] if score > 0]


def named(name: str) -> Entry | None:
    """Return an answer by the name of its response, or None if it cannot be copied."""
    return next((entry for entry in entries() if entry.name == name), None)


def plain(markdown: str) -> str:
    """Turn what the chat shows into plain text, to be copied or read aloud."""
    text = LINK.sub(r"\1: \2", markdown)
    return re.sub(r"\*\*|`", "", text)


@cache
def entries() -> list[Entry]:
    """Return all answers except those with figures of an account filled in, which nobody can copy."""
    return [one for one in (*_pages(), *_short_answers()) if not PLACEHOLDER.search("".join(one.text.values()))]


def _pages() -> Iterator[Entry]:
    """Yield the pages on whole topics, and the answers about an account."""
    titles: dict[str, dict[str, str]] = _load(DATA / "topics.yml")
    asked = {f"utter_{intent.removeprefix('ask_')}": intent for intent in _examples() if intent.startswith("ask_")}
    short = {one.response for answer in read_answers().values() for one in answer.variants}
    for name in read_responses():
        intent = asked.get(name, "")
        of_account = name.startswith("utter_my_") and name.removesuffix(AGAIN).removesuffix(STATED) not in short
        if of_account or (intent and intent != ABOUT_ITSELF):
            text, title, heard = _text(name), titles.get(intent), _examples().get(intent, [])
            heading = title.values() if title else ()
            weights = _weights((heading, IN_TITLE), (text.values(), IN_TEXT), (heard, IN_EXAMPLES))
            title = title or {language: _first_words(text[language]) for language in LANGUAGES}
            yield Entry(name, title, text, weights, is_page=bool(intent))


def _short_answers() -> Iterator[Entry]:
    """Yield the short answers to one question that fit every customer."""
    for one in read_answers().values():
        if one.topic != ABOUT_ITSELF:
            name = one.variants[-1].response
            text, heard = _text(name), [line for lines in one.heard.values() for line in lines]
            title = {language: next(iter(one.heard[language]), _first_words(text[language])) for language in LANGUAGES}
            yield Entry(name, title, text, _shares(heard) | _weights((text.values(), IN_TEXT)))


def _text(name: str) -> dict[str, str]:
    """Return the text of a response, by language."""
    return {variant["condition"][0]["value"]: plain(variant["text"]) for variant in read_responses()[name]}


def _score(entry: Entry, asked: list[str]) -> float:
    rarity, points, met = _rarity(), 0.0, 0
    for word in asked:
        fits = [fit * entry.weights[known] * rarity[known] for known, fit in _alike(word) if known in entry.weights]
        points += max(fits, default=0)
        met += bool(fits)
    if entry.is_page and len(asked) <= FEW_WORDS:
        points *= PAGE
    return points * met / len(asked) if asked else 0


@cache
def _rarity() -> dict[str, float]:
    """Return the weight of each word by its rarity: the fewer answers have it, the higher."""
    counts = Counter(word for entry in entries() for word in entry.weights)
    return {word: math.log(1 + len(entries()) / count) for word, count in counts.items()}


@lru_cache(maxsize=1000)
def _alike(word: str) -> list[tuple[str, float]]:
    """Return the known words that a typed word may mean, and how well each fits; its ending or a letter may differ."""
    word, similarity = word[:MAX_WORD_LENGTH], OSA.normalized_similarity
    found = process.extract(word, _rarity().keys(), scorer=similarity, score_cutoff=MIN_LIKENESS, limit=None)
    return [(known, likeness**2) for known, likeness, _ in found]


def _weights(*groups: tuple[Iterable[str], float]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for texts, weight in groups:
        for word in WORD.findall(fold(" ".join(texts))):
            weights[word] = max(weight, weights.get(word, 0))
    return weights


def _shares(lines: list[str]) -> dict[str, float]:
    """Return the weight of each word in examples: the more of them have it, the higher."""
    counts = Counter(word for line in lines for word in set(WORD.findall(fold(line))))
    return {word: IN_EXAMPLES * math.sqrt(count / len(lines)) for word, count in counts.items()}


@cache
def _examples() -> dict[str, list[str]]:
    """Return the examples of what customers type, by intent."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in DATA.glob("*/nlu.*.yml"):
        for block in _load(file)["nlu"]:
            found[block["intent"]].append(block["examples"])
    return found


def _first_words(text: str) -> str:
    words = text.split()
    return " ".join(words[:FIRST_WORDS]).rstrip(".,:;") + ("\u2026" if len(words) > FIRST_WORDS else "")


def _load(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))

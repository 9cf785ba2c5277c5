"""Search all that the assistant can answer, by what it says and by how customers ask for it."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.nlu.text import fold

DATA = Path(__file__).resolve().parents[2] / "data"
LANGUAGES = ("lv", "en")
# What is said about the conversation with the assistant itself is nothing that an agent would say.
LEFT_OUT = {"common", "guide", "log_out", "out_of_scope", "small_talk"}
ABOUT_ITSELF = {"utter_bot_identity", "utter_confirm_identity"}
MOST_WORDS, LONGEST_WORD = 8, 40  # of a query
FIRST_WORDS = 8  # that make a title
IN_TITLE, IN_TEXT, IN_EXAMPLES = 3.0, 1.5, 1.0  # what a word counts by where it stands
SAME, STEM, SLIP = 1.0, 0.8, 0.6  # and by how well it fits
LEAST_STEM, LEAST_LIKENESS = 4, 0.75

WORD = re.compile(r"[^\W_]+")
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Answer:
    """An answer of the assistant, by language, and the words by which it is found."""

    name: str
    title: dict[str, str]
    text: dict[str, str]
    weights: dict[str, float] = field(repr=False)


def find(query: str, most: int = 6) -> list[Answer]:
    """Return the answers that fit a query in either language, the best first."""
    asked = WORD.findall(fold(query))[:MOST_WORDS]
    scored = [(_score(answer, asked), answer) for answer in answers()]
    return [answer for score, answer in sorted(scored, key=lambda one: -one[0])[:most] if score > 0]


def named(name: str) -> Answer | None:
    """Return an answer by the name of its response, where it can be copied."""
    return next((answer for answer in answers() if answer.name == name), None)


def plain(markdown: str) -> str:
    """Turn what the chat shows into plain text, to be copied or read aloud."""
    text = LINK.sub(r"\1: \2", markdown)
    return re.sub(r"\*\*|`", "", text)


@cache
def answers() -> list[Answer]:
    """Read all answers but those that have figures of an account filled in, which nobody can copy."""
    titles: dict[str, dict[str, str]] = _load(DATA / "topics.yml")
    asked = _asked_for()
    found = []
    for file in sorted(DATA.glob("*/responses.yml")):
        if file.parent.name in LEFT_OUT:
            continue
        for name, variants in _load(file)["responses"].items():
            text = {_language(variant): plain(variant["text"]) for variant in variants}
            if name in ABOUT_ITSELF or any(PLACEHOLDER.search(said) for said in text.values()):
                continue
            intents = asked.get(name, set())
            title = next((titles[intent] for intent in sorted(intents) if intent in titles), None)
            heading = title.values() if title else ()
            weights = _weights((heading, IN_TITLE), (text.values(), IN_TEXT), (_examples(intents), IN_EXAMPLES))
            title = title or {language: _first_words(said) for language, said in text.items()}
            found.append(Answer(name, title, text, weights))
    return found


def _score(answer: Answer, asked: list[str]) -> float:
    rarity, points, met = _rarity(), 0.0, 0
    for word in asked:
        fits = [fit * answer.weights[known] * rarity[known] for known, fit in _alike(word) if known in answer.weights]
        points += max(fits, default=0)
        met += bool(fits)
    return points * met / len(asked) if asked else 0


@cache
def _rarity() -> dict[str, float]:
    """Return what each word tells: the fewer answers have it, the more."""
    counts = Counter(word for answer in answers() for word in answer.weights)
    return {word: math.log(1 + len(answers()) / count) for word, count in counts.items()}


@lru_cache(maxsize=1000)
def _alike(word: str) -> list[tuple[str, float]]:
    """Return the known words that somebody may have meant, and how well each fits."""
    word = word[:LONGEST_WORD]
    found = [(known, _fit(word, known)) for known in _rarity()]
    return [(known, fit) for known, fit in found if fit]


def _fit(word: str, known: str) -> float:
    if word == known:
        return SAME
    if min(len(word), len(known)) < LEAST_STEM:
        return 0
    same = next((n for n, (a, b) in enumerate(zip(word, known, strict=False)) if a != b), min(len(word), len(known)))
    if same >= LEAST_STEM and same >= 0.6 * max(len(word), len(known)):  # endings differ by case and number
        return STEM
    if abs(len(word) - len(known)) > 2:
        return 0
    matcher = SequenceMatcher(None, word, known)
    alike = matcher.quick_ratio() >= LEAST_LIKENESS and matcher.ratio() >= LEAST_LIKENESS
    return SLIP if alike else 0


def _weights(*groups: tuple[Iterable[str], float]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for texts, weight in groups:
        for word in WORD.findall(fold(" ".join(texts))):
            weights[word] = max(weight, weights.get(word, 0))
    return weights


def _asked_for() -> dict[str, set[str]]:
    """Return by response the intents that it answers, as the rules have it."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in DATA.glob("*/rules.yml"):
        for rule in _load(file)["rules"]:
            intents = {step["intent"] for step in rule["steps"] if "intent" in step}
            for step in rule["steps"]:
                if "action" in step:
                    found[step["action"]] |= intents
    return found


def _examples(intents: set[str]) -> list[str]:
    """Return what customers type who mean one of these."""
    return [text for intent in intents for text in _examples_by_intent()[intent]]


@cache
def _examples_by_intent() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for file in DATA.glob("*/nlu.*.yml"):
        for block in _load(file)["nlu"]:
            found[block["intent"]].append(block["examples"])
    return found


def _language(variant: dict[str, Any]) -> str:
    language: str = variant["condition"][0]["value"]
    return language


def _first_words(text: str) -> str:
    words = text.split()
    return " ".join(words[:FIRST_WORDS]).rstrip(".,:;") + ("\u2026" if len(words) > FIRST_WORDS else "")


def _load(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))

"""Read the assistant's answers from data/*/responses.yml and data/*/answers*.yml, for Rasa, the desk and the tests.

Both keep the languages side by side, and are expanded into the variants that Rasa conditions on the slot `language`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parents[2] / "data"
LANGUAGES = ("lv", "en")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the parser in C, where there is one: ten times as fast
# What may be asked of a thing: the columns of the table that `python -m bot.dialogue.answers` prints.
ASPECTS = [
    "what",
    "where",
    "when",
    "by_when",
    "how_long",
    "how",
    "how_much",
    "which",
    "who",
    "why",
    "counts",
    "must",
    "may",
    "if_not",
    "next",
    "rest",
    "problem",
]
OF_THING = ("not_asked", "only")  # keys that describe the thing itself, beside its aspects
LOOK_UP = {"lv": "Apskatīt manu kontu", "en": "Look up my account"}
MORE = {"lv": "Pastāstīt vairāk", "en": "Tell me more"}
PERSON = {"lv": "Runāt ar cilvēku", "en": "Talk to a person"}
TO_PERSON = re.compile(r"CPS prior|\bnezinu\b|\bI do not know\b")  # an answer that matches gets a button to a person
# What the answer to a yes-or-no question begins with, unless a condition follows that says nothing without it.
YES_OR_NO = re.compile(r"^(?:Jā|Nē|Yes|No)\b[,.:;]*\s+(?!(?i:ja|lai|bet|kad|if|but|when|after|to|not until)\b)")
# What the answer to a problem begins with: a sentence that only acknowledges it.
SORRY = re.compile(r"^(?:Žēl|I am sorry)\b[^.!?:*]*\.\s+")
# The suffix of the wording without either, for a question with a "not" of its own, or a problem that is supposed.
STATED = "_stated"
AGAIN = "_again"  # the suffix of the shorter wording, for a customer who asks the same again

Variants = list[dict[str, Any]]


@dataclass(frozen=True)
class Variant:
    """What is said under a condition on the customer's details; an empty condition always holds."""

    when: dict[str, str]
    response: str


@dataclass(frozen=True)
class Answer:
    """A short answer: its thing and aspect, its wordings, and the examples of how customers ask for it."""

    address: str  # "invoice/when", "documents/counts-licence"
    topic: str  # the intent whose page tells the rest
    variants: tuple[Variant, ...]  # the first that holds is said; the last one always holds
    question: dict[str, str]  # by language: the question that it answers, in a customer's words, as on a button
    is_known: bool = True  # false: it says that the assistant does not know
    own: str | None = None  # the intent that looks it up in the customer's account
    offer: str | None = None  # what "yes" to it leads to: "person", or an intent
    only: dict[str, str] = field(default_factory=dict)  # details of the customers whom it concerns
    leads: str | None = None  # the address that the talk is about afterwards, if another
    computed: str | None = None  # what is computed once the customer told a figure or a date
    heard: dict[str, list[str]] = field(default_factory=dict, repr=False)  # by language
    then: dict[str, list[str]] = field(default_factory=dict, repr=False)  # meant so only while the topic is open

    @property
    def thing(self) -> str:
        """Return the thing that the answer is about."""
        return self.address.partition("/")[0]

    @property
    def aspect(self) -> str:
        """Return the aspect of the thing that is asked for, one of ASPECTS."""
        return self.address.partition("/")[2].partition("-")[0]

    def response(self, details: Mapping[str, str]) -> str:
        """Return the name of the response for a customer with these details."""
        holds = (one for one in self.variants if all(details.get(k) == v for k, v in one.when.items()))
        return next(holds).response


@cache
def read_answers() -> dict[str, Answer]:
    """Return all short answers by address; a duplicate address raises ValueError."""
    found: dict[str, Answer] = {}
    for topic, thing, cells in _things():
        for key, cell in _cells(cells):
            address = f"{thing}/{key}"
            if address in found:
                raise ValueError(f"{address} is answered twice")
            found[address] = Answer(
                address=address,
                topic=topic,
                variants=tuple(Variant(when, name) for when, name, _ in _wordings(address, cell)),
                question=cell["question"],
                is_known=not cell.get("unknown", False),
                own=cell.get("own"),
                offer=cell.get("offer") or ("person" if cell.get("unknown") else None),
                only=cells.get("only", {}) | cell.get("only", {}),
                leads=cell.get("leads"),
                computed=cell.get("computed"),
                heard={language: _lines(cell.get("heard"), language) for language in LANGUAGES},
                then={language: _lines(cell.get("then"), language) for language in LANGUAGES},
            )
    return found


@cache
def read_responses(data: Path = DATA) -> dict[str, Variants]:
    """Return all responses by name, as in Rasa's domain, one variant per language; a duplicate raises ValueError."""
    found: dict[str, Variants] = {}
    for file in sorted(data.glob("*/responses.yml")):
        _add(found, {name: expanded(said) for name, said in (_load(file).get("responses") or {}).items()})
    for topic, thing, cells in _things(data):
        for key, cell in _cells(cells):
            _add(found, _responses_of(f"{thing}/{key}", cell, topic))
    return found


def expanded(said: dict[str, Any]) -> Variants:
    """Return Rasa's variants of a response in both languages, each with its condition on the language."""
    shared = {key: said[key] for key in ("image", "custom") if key in said}
    found = []
    for language in LANGUAGES:
        if language not in said:
            continue
        variant = {"condition": [{"type": "slot", "name": "language", "value": language}], "text": said[language]}
        buttons = [{"title": one[language], "payload": one["payload"]} for one in said.get("buttons", [])]
        found.append(variant | ({"buttons": buttons} if buttons else {}) | shared)
    return found


def holes() -> list[str]:
    """Return the addresses that have no answer and are not marked as not asked."""
    found = []
    for _, thing, cells in _things():
        settled = {key.partition("-")[0] for key in cells} | set(cells.get("not_asked", []))
        found += [f"{thing}/{aspect}" for aspect in ASPECTS if aspect not in settled]
    return found


def table() -> str:
    """Return things by aspects: how many answers there are, `?` if unknown, a dot if nobody asks."""
    rows = ["".ljust(22) + " ".join(aspect[:7].ljust(7) for aspect in ASPECTS)]
    for _, thing, cells in _things():
        row = thing.ljust(22)
        for aspect in ASPECTS:
            here = [cell for key, cell in _cells(cells) if key.partition("-")[0] == aspect]
            known = sum(not cell.get("unknown") for cell in here)
            asked = f"{known or ''}{'?' * (known < len(here))}"
            row += (asked or ("." if aspect in cells.get("not_asked", []) else "HOLE")).ljust(8)
        rows.append(row.rstrip())
    return "\n".join(rows)


def _things(data: Path = DATA) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for file in sorted(data.glob("*/answers*.yml")):
        content = _load(file)
        for thing, cells in content["answers"].items():
            yield content["intent"], thing, cells


def _cells(thing: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the answers about a thing, without the keys that describe the thing itself."""
    return [(key, cell) for key, cell in thing.items() if key not in OF_THING]


def _wordings(address: str, cell: dict[str, Any]) -> Iterator[tuple[dict[str, str], str, dict[str, Any]]]:
    """Yield the condition, name and words of each wording of an answer; the one without a condition comes last."""
    name = "utter_" + re.sub(r"\W", "_", address)
    for number, one in enumerate(cell.get("if", []), start=1):
        yield one["when"], f"{name}_if_{number}", one
    yield {}, name, cell


def _responses_of(address: str, cell: dict[str, Any], topic: str) -> dict[str, Variants]:
    found: dict[str, Variants] = {}
    person = [{**PERSON, "payload": "/person"}]
    for _, name, words in _wordings(address, cell):
        buttons = [*cell.get("buttons", []), {**MORE, "payload": f"/{topic}"}]
        if "own" in cell:
            buttons.insert(0, {**LOOK_UP, "payload": f"/{cell['own']}"})
        if cell.get("unknown") or cell.get("offer") == "person" or _leads_to_person(words):
            buttons = person + buttons
        unique = list({one["payload"]: one for one in buttons}.values())[:3]
        shared = {"buttons": unique} | ({"image": cell["image"]} if "image" in cell else {})
        texts = {language: words[language] for language in LANGUAGES}
        found[name] = expanded(texts | shared)
        for begins in (YES_OR_NO, SORRY):
            if all(begins.match(text) for text in texts.values()):
                plain = {language: _without(begins, text) for language, text in texts.items()}
                found[name + STATED] = expanded(plain | shared)
        found[name + AGAIN] = expanded({**words["again"], "buttons": person + buttons[-1:] if unique else []})
    return found


def _without(begins: re.Pattern[str], text: str) -> str:
    """Return an answer without its opening."""
    return re.sub(r"\w", lambda first: first[0].upper(), begins.sub("", text), count=1)


def _leads_to_person(words: dict[str, Any]) -> bool:
    return any(TO_PERSON.search(words[language]) for language in LANGUAGES)


def _lines(texts: dict[str, str] | None, language: str) -> list[str]:
    return [line.strip().removeprefix("- ") for line in (texts or {}).get(language, "").splitlines() if line.strip()]


def _add(found: dict[str, Variants], more: dict[str, Variants]) -> None:
    twice = found.keys() & more.keys()
    if twice:
        raise ValueError(f"{sorted(twice)[0]} is said twice")
    found |= more


def _load(file: Path) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506


if __name__ == "__main__":
    print(table())

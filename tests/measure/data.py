"""What is learned from, what is asked, and how the assistant is configured."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.measure.typings import TYPINGS, mixed

ROOT = Path(__file__).parents[2]
LANGUAGES = ("lv", "en")


@dataclass(frozen=True)
class Question:
    """One held-out question, in one typing."""

    text: str
    intent: str
    language: str
    typing: str


def read(path: str) -> Any:
    """Read one of the project's YAML files."""
    return yaml.safe_load((ROOT / path).read_text("utf-8"))


def examples() -> list[tuple[str, str, str, str]]:
    """Return each training example as text, intent, language and step, which is mostly empty."""
    found = []
    for file in sorted((ROOT / "data").glob("*/nlu.*.yml")):
        for block in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                marks = block["metadata"]
                found.append((line.removeprefix("- "), block["intent"], marks["language"], marks.get("step", "")))
    return found


def held_out() -> dict[str, Any]:
    """Return the questions that the models never learn from."""
    return dict(read("tests/nlu/held_out.yml"))


def questions(asked: dict[str, Any]) -> list[Question]:
    """Return every held-out question in every typing; mixed ones begin in the language that they are counted under."""
    found = []
    for intent, by in asked["intents"].items():
        for language, other in (LANGUAGES, LANGUAGES[::-1]):
            for at, text in enumerate(by[language]):
                typed = {name: type_(text) for name, type_ in TYPINGS.items()}
                typed["mixed"] = mixed(text, by[other][at % len(by[other])])
                found += [Question(said, intent, language, typing) for typing, said in typed.items()]
    return found


def component(name: str) -> dict[str, Any]:
    """Return a component's options in config.yml."""
    return next(step for step in read("config.yml")["pipeline"] if step["name"].endswith(name))


def embeddings() -> bool:
    """Tell whether config.yml asks for embeddings."""
    return bool(component("IntentClassifier").get("embeddings"))

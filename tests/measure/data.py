"""The examples, the held-out questions, and the assistant's configuration."""

import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.dialogue.answers import read_answers
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
    """Return all examples as text, intent, language and step, which is mostly empty."""
    found = []
    for file in sorted((ROOT / "data").glob("*/nlu.*.yml")):
        for block in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                marks = block["metadata"]
                found.append((line.removeprefix("- "), block["intent"], marks["language"], marks.get("step", "")))
    return found + heard()


def heard() -> list[tuple[str, str, str, str]]:
    """Return the examples of the short answers; those from `then` have the intent follow_up."""
    found = []
    for answer in read_answers().values():
        for intent, by_language in ((answer.topic, answer.heard), ("follow_up", answer.then)):
            found += [(text, intent, code, "") for code, texts in by_language.items() for text in texts]
    return found


def held_out() -> dict[str, Any]:
    """Return the questions that the models never learn from."""
    return dict(read("exam/held_out.yml"))


def questions(asked: dict[str, Any]) -> list[Question]:
    """Return every held-out question in every typing; `mixed` counts under the language of its beginning."""
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


def uses_embeddings() -> bool:
    """Tell whether config.yml asks for embeddings."""
    return bool(component("IntentClassifier").get("embeddings"))


def trained_model() -> Path | None:
    """Return the model for the present data, or None if it is not trained yet."""
    # Only the application's environment can read the settings.
    where = "from bot import model, settings; print(model.model_path(settings.get_settings()))"
    python = [str(ROOT / ".venv/app/bin/python"), "-c", where]
    path = Path(subprocess.run(python, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip())
    return path if path.exists() else None


def unpack_classifier(model: Path, folder: Path) -> Path:
    """Unpack the intent classifier of a model into a folder, and return its path."""
    name = "train_bot.nlu.classifier.IntentClassifier0"
    with tarfile.open(model) as archive:
        archive.extractall(folder, [one for one in archive.getmembers() if name in one.name])
    return next(folder.rglob(name))

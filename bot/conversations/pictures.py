"""The drawings that an answer may show: SVG templates in bot/widget/pictures/, with their words in both languages."""

from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "widget" / "pictures"
WORDS: dict[str, dict[str, dict[str, str]]] = yaml.safe_load((FOLDER / "words.yml").read_text(encoding="utf-8"))
LANGUAGES = ("lv", "en")


def find(name: Any, language: str) -> str | None:
    """Return the file of a picture in a language, such as "green_tick.lv", or None if there is none."""
    return f"{name}.{language}" if isinstance(name, str) and name in WORDS and language in LANGUAGES else None


def known(file: str | None) -> str | None:
    """Return the file that an old message names, if that picture still exists."""
    return find(*file.split(".")) if file else None


def alt(file: str) -> str:
    """Return a file's alternative text."""
    name, _, language = file.rpartition(".")
    return WORDS[name]["alt"][language]

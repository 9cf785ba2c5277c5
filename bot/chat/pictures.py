"""The drawings that an answer may show: SVG templates in bot/widget/pictures/, with their words in both languages."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.chat.files import Asset, pack

FOLDER = Path(__file__).resolve().parent.parent / "widget" / "pictures"
WORDS: dict[str, dict[str, dict[str, str]]] = yaml.safe_load((FOLDER / "words.yml").read_text(encoding="utf-8"))
LANGUAGES = ("lv", "en")
templates = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)


def find(name: Any, language: str) -> str | None:
    """Return the file of a picture in a language, such as "green_tick.lv", or None where there is no such picture."""
    return f"{name}.{language}" if isinstance(name, str) and name in WORDS and language in LANGUAGES else None


def known(file: str | None) -> str | None:
    """Return the file that an old message names, if there still is such a picture."""
    return find(*file.split(".")) if file else None


@cache
def drawing(file: str) -> Asset:
    """Draw one of the files that find() names; KeyError for any other."""
    name, _, language = file.rpartition(".")
    labels = {label: said[language] for label, said in WORDS[name].items()}
    return pack(templates.get_template(f"{name}.svg").render(labels).encode(), "image/svg+xml")


def address(file: str) -> str:
    """Return the address of a file, which changes with its content."""
    return f"/pictures/{file}.svg?v={drawing(file).version}"


def alt(file: str) -> str:
    """Return what a file shows, in words."""
    name, _, language = file.rpartition(".")
    return WORDS[name]["alt"][language]

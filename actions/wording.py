"""Put figures into words: the number as the language writes it, with its noun in the right plural."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.numbers import format_decimal

DATA = Path(__file__).resolve().parent.parent / "data"


def counted(noun: str, number: int, language: str) -> str:
    """Return a number with its noun, e.g. "501 punkts"; the nouns stand in data/plurals.yml."""
    forms = read_data("plurals.yml")[noun][language]
    form = Locale(language).plural_form(number)
    text: str = forms.get(form, forms["other"])
    return text.format(n=format_decimal(number, locale=language))


@cache
def read_data(name: str) -> dict[str, Any]:
    """Read one of the word lists in data/ that are not Rasa's."""
    content: dict[str, Any] = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
    return content

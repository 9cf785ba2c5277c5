"""Format numbers, dates and lists as each language writes them."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from bot.calendar import today

DATA = Path(__file__).resolve().parent.parent / "data"
MARKS = re.compile(r"([\\`*_\[\]<>()|~]|:(?=//))")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
TURNS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # change the direction of what follows
LOCALES = {"lv": "lv", "en": "en_GB"}


def counted(noun: str, number: int, language: str) -> str:
    """Return a number with its noun, such as "501 punkts"; the nouns are in data/plurals.yml."""
    forms = read_data("plurals.yml")[noun][language]
    form = Locale(language).plural_form(number)
    text: str = forms.get(form, forms["other"])
    return text.format(n=format_decimal(number, locale=language))


def dated(moment: date | None, language: str) -> str:
    """Return the day in Latvia, such as "2026. gada 22. novembris", or a dash if there is none."""
    if isinstance(moment, datetime):
        moment = today(moment)
    return format_date(moment, "long", locale=LOCALES[language]) if moment else "\u2013"


def listed(items: Sequence[str], language: str) -> str:
    """Return items as a list in a sentence, such as "a, b un c"."""
    return format_list(list(items), locale=LOCALES[language])


def bullets(lines: Sequence[str]) -> str:
    """Return lines as a Markdown list."""
    return "\n".join(f"- {line}" for line in lines)


def tidy(text: str, longest: int = 80) -> str:
    """Return untrusted text as one line of limited length, without control characters or marks of direction."""
    text = " ".join(TURNS.sub("", CONTROLS.sub(" ", text)).split())
    return text if len(text) <= longest else text[: longest - 1] + "\u2026"


def plain(text: str, longest: int = 80) -> str:
    """Return untrusted text escaped for Markdown, so that it cannot become formatting, a link or HTML."""
    return MARKS.sub(r"\\\1", tidy(text, longest))


@cache
def read_data(name: str) -> dict[str, Any]:
    """Read one of the word lists in data/ that Rasa does not read."""
    content: dict[str, Any] = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
    return content

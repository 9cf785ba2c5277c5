"""The website side's own texts in a conversation, in the customer's language."""

from pathlib import Path
from typing import Any

import yaml

WORDS = yaml.safe_load((Path(__file__).parent / "words.yml").read_text(encoding="utf-8"))


def notice(name: str, language: str, **values: Any) -> str:
    """Return the words of a notice in the chat."""
    text: str = WORDS["notices"][name][language]
    return text.format(**values)


def choice(name: str, language: str) -> str:
    """Return the title of a button under a notice."""
    text: str = WORDS["choices"][name][language]
    return text

"""Tell customers what is wrong with a request, in their language."""

from pathlib import Path
from typing import Any

import yaml

WORDS = yaml.safe_load((Path(__file__).parent / "words.yml").read_text(encoding="utf-8"))


def detail(name: str, language: str, **values: Any) -> str:
    """Return the words that tell a customer what is wrong with a request."""
    text: str = WORDS["problems"][name][language]
    return text.format(**values)

"""Read and validate form data, which is never trusted."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from fastapi import Depends, Request

from bot.backend.schemas import EMAIL

MAX_FIELDS = 40
EARLIEST = date(1950, 1, 1)


@dataclass
class Form:
    """Form data and its errors: by field, the name of the message."""

    typed: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """Return the value of a field."""
        return (self.typed.get(name) or [""])[0]

    def text(self, name: str, longest: int, required: bool = True) -> str:
        """Return a text; record an error if it is missing or too long."""
        text = self.value(name)
        if required and not text:
            self.errors[name] = "required"
        elif len(text) > longest:
            self.errors[name] = "too_long"
        return text

    def email(self, name: str, required: bool = True) -> str:
        """Return an e-mail address in lower case; record an error if it is invalid."""
        self.typed[name] = [self.value(name)]
        email = self.text(name, 254, required).lower()
        if name not in self.errors and email and (len(email) > 254 or not re.fullmatch(EMAIL, email)):
            self.errors[name] = "email"
        return email

    def choice(self, name: str, of: Collection[str], required: bool = True) -> str:
        """Return the chosen value; record an error if it is not allowed."""
        chosen = self.value(name)
        if (chosen or required) and chosen not in of:
            self.errors[name] = "choose"
        return chosen

    def choices(self, name: str, of: Collection[str]) -> list[str]:
        """Return the chosen values that are allowed."""
        return [one for one in of if one in self.typed.get(name, [])]

    def day(self, name: str, latest: date) -> date | None:
        """Return a date, or None if the field is empty; record an error if it is invalid or in the future."""
        typed = self.value(name)
        if not typed:
            return None
        try:
            day = date.fromisoformat(typed) if len(typed) == len("2026-11-16") else None
        except ValueError:
            day = None
        if not day or not EARLIEST <= day <= latest:
            self.errors[name] = "day"
        return day


async def _read(request: Request) -> Form:
    typed: dict[str, list[str]] = {}
    async with request.form(max_files=0, max_fields=MAX_FIELDS) as form:
        for name, value in form.multi_items():
            typed.setdefault(name, []).append(_clean(str(value)))
    return Form(typed)


def _clean(text: str) -> str:
    # Databases reject zero bytes, and names need no other control characters.
    return " ".join("".join(" " if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in text).split())


Typed = Annotated[Form, Depends(_read)]

"""Send the letters: by SMTP where configured, else into a mailbox that a page shows."""

from collections import deque
from pathlib import Path
from typing import Protocol

import yaml

from bot import mail
from bot.database import now
from bot.mail import Letter
from bot.settings import Settings

LETTERS = yaml.safe_load((Path(__file__).parent / "letters.yml").read_text(encoding="utf-8"))


class Post(Protocol):
    """What sends letters."""

    def send(self, letter: Letter) -> None:
        """Send one letter."""


class Mailbox:
    """Keep the newest letters in memory; nothing of them is written to a disk."""

    def __init__(self) -> None:
        """Start empty."""
        self.letters: deque[Letter] = deque(maxlen=20)

    def send(self, letter: Letter) -> None:
        """Put a letter on top."""
        self.letters.appendleft(letter)


class Smtp:
    """Send letters through a mail server."""

    def __init__(self, settings: Settings) -> None:
        """Remember where the server is."""
        self.settings = settings

    def send(self, letter: Letter) -> None:
        """Send a letter; nobody may learn from a failure whether an address is known."""
        mail.send(self.settings, letter)


def make_post(settings: Settings) -> Mailbox | Smtp:
    """Choose how letters leave, by the settings."""
    return Smtp(settings) if settings.smtp_host else Mailbox()


def code_letter(to: str, name: str, code: str, language: str, minutes: int) -> Letter:
    """Write the letter with a code, in the customer's language."""
    words = LETTERS["code"][language]
    return Letter(
        to=to,
        subject=words["subject"].format(code=code),
        text=words["text"].format(name=name, code=code, minutes=minutes),
        sent_at=now(),
    )


def password_letter(to: str, name: str, company: str, language: str) -> Letter:
    """Write the letter that asks to set a password, in the customer's language."""
    words = LETTERS["password"][language]
    text = words["text"].format(name=name, company=company)
    return Letter(to=to, subject=words["subject"], text=text, sent_at=now())

"""Send e-mails: through a mail server if one is configured, else into a mailbox that a page shows."""

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
    """Anything that sends e-mails."""

    def send(self, letter: Letter) -> None:
        """Send one e-mail."""


class Mailbox:
    """Keep the newest e-mails in memory, and never write them to disk."""

    def __init__(self) -> None:
        """Start empty."""
        self.letters: deque[Letter] = deque(maxlen=20)

    def send(self, letter: Letter) -> None:
        """Add an e-mail on top."""
        self.letters.appendleft(letter)


class Smtp:
    """Send e-mails through a mail server."""

    def __init__(self, settings: Settings) -> None:
        """Remember the server's address."""
        self.settings = settings

    def send(self, letter: Letter) -> None:
        """Send an e-mail; ignore failures, which would reveal whether an address is known."""
        mail.send(self.settings, letter)


def make_post(settings: Settings) -> Mailbox | Smtp:
    """Choose by the settings how e-mails are sent."""
    return Smtp(settings) if settings.smtp_host else Mailbox()


def code_letter(to: str, name: str, code: str, language: str, minutes: int) -> Letter:
    """Write the e-mail with a code, in the customer's language."""
    words = LETTERS["code"][language]
    return Letter(
        to=to,
        subject=words["subject"].format(code=code),
        text=words["text"].format(name=name, code=code, minutes=minutes),
        sent_at=now(),
    )


def password_letter(to: str, name: str, company: str, language: str) -> Letter:
    """Write the e-mail that asks the customer to set a password, in their language."""
    words = LETTERS["password"][language]
    text = words["text"].format(name=name, company=company)
    return Letter(to=to, subject=words["subject"], text=text, sent_at=now())

"""Send the letters: by SMTP where configured, else into a mailbox that a page shows."""

import smtplib
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

import structlog
import yaml

from bot.database import now
from bot.settings import Settings

log = structlog.get_logger()
LETTERS = yaml.safe_load((Path(__file__).parent / "letters.yml").read_text(encoding="utf-8"))
TIMEOUT = 15  # seconds


@dataclass
class Letter:
    """One letter to one customer."""

    to: str
    subject: str
    text: str
    sent_at: datetime


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
        """Send a letter; a failure is logged, as nobody may learn from it whether an address is known."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.settings.smtp_from, letter.to, letter.subject
        message.set_content(letter.text)
        try:
            with smtplib.SMTP(self.settings.smtp_host, self.settings.smtp_port, timeout=TIMEOUT) as server:
                if self.settings.smtp_tls:
                    server.starttls()
                if self.settings.smtp_user:
                    server.login(self.settings.smtp_user, self.settings.smtp_password.get_secret_value())
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            log.error("letter_not_sent", reason=type(error).__name__)


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

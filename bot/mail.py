"""Send e-mails through the mail server in the settings."""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

import structlog

from bot.settings import Settings

log = structlog.get_logger()
TIMEOUT = 15  # seconds


@dataclass
class Letter:
    """One e-mail to one person."""

    to: str
    subject: str
    text: str
    sent_at: datetime


def send(settings: Settings, letter: Letter) -> bool:
    """Send an e-mail; tell whether the server accepted it. A failure is logged without the address."""
    if not settings.smtp_host:
        return False
    try:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = settings.smtp_from, letter.to, letter.subject
        message.set_content(letter.text)
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT) as server:
            if settings.smtp_tls:
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            server.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError, AttributeError) as error:  # AttributeError: a malformed address
        log.error("letter_not_sent", reason=type(error).__name__)
        return False
    return True

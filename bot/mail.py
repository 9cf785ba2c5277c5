"""Write every e-mail in one form, and send it through the mail server in the settings."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape

import structlog

from bot.keys import new_key
from bot.settings import Settings

log = structlog.get_logger()
TIMEOUT = 15  # seconds for each answer of the server
POLICY = SMTP.clone(cte_type="7bit")  # not every server takes eight bits
WIDE = POLICY.clone(max_line_length=998)  # the most that RFC 5322 allows: a folded address would be an encoded word
ADDRESS = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:!?)])")
FAILURES = (OSError, smtplib.SMTPException, ValueError, AttributeError)  # the last two: a malformed address


@dataclass
class Letter:
    """One e-mail to one person."""

    to: str
    subject: str
    text: str
    language: str
    sent_at: datetime
    reply_to: str = ""
    unsubscribe: str = ""  # the address to which a mail program posts that no more such letters are wanted
    id: str = field(default_factory=new_key)  # the same whenever the letter is sent again


def compose(settings: Settings, letter: Letter) -> EmailMessage:
    """Write a letter with all that mail servers and other people's programs look for."""
    message = EmailMessage(POLICY)
    message["From"], message["To"], message["Subject"] = settings.smtp_from, letter.to, letter.subject
    message["Date"] = format_datetime(letter.sent_at)
    message["Message-ID"] = f"<{letter.id}@{parseaddr(settings.smtp_from)[1].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # so that no absence note answers it
    if letter.reply_to.isascii() and letter.reply_to:  # other addresses stand in the text alone
        message["Reply-To"] = letter.reply_to
    message.set_content(letter.text)
    message.add_alternative(_as_html(letter), subtype="html")
    message["Content-Language"] = letter.language  # last: a new content removes it
    if letter.unsubscribe:  # RFC 8058
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.policy = WIDE
    return message


def send(settings: Settings, letter: Letter) -> bool:
    """Send an e-mail; tell whether the server accepted it. A failure is logged without the address."""
    if not settings.smtp_host:
        return False
    try:
        deliver(settings, letter)
    except FAILURES as error:
        log_failure(error)
        return False
    return True


def deliver(settings: Settings, letter: Letter) -> None:
    """Send an e-mail; raise one of FAILURES."""
    message = compose(settings, letter)
    with _session(settings, TIMEOUT) as server:
        server.send_message(message)


def log_failure(error: Exception) -> None:
    """Log why an e-mail was not sent, without the address."""
    log.error("letter_not_sent", reason=_reason(error))


def try_server(settings: Settings, timeout: float = TIMEOUT) -> str:
    """Connect to the mail server, sign in and name the sender; return what fails, or an empty string."""
    try:
        with _session(settings, timeout) as server:
            server.ehlo_or_helo_if_needed()
            code, _ = server.mail(parseaddr(settings.smtp_from)[1])
    except FAILURES as error:
        return _reason(error)
    return "" if code == 250 else f"SMTPSenderRefused {code}"


@contextmanager
def _session(settings: Settings, timeout: float) -> Iterator[smtplib.SMTP]:
    """Yield a session at the mail server, encrypted and signed in as the settings say."""
    mode, where = settings.smtp_tls_mode, (settings.smtp_host, settings.smtp_port)
    if mode == "implicit":
        server: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=timeout, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(*where, timeout=timeout)
    try:
        if mode == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        yield server
        with suppress(*FAILURES):  # the server has the letter, however it says good-bye
            server.quit()
    finally:
        server.close()


def _reason(error: Exception) -> str:
    # The server's own words may repeat the address.
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def _linked(text: str) -> str:
    # Not every mail program turns an address into a link.
    parts = map(escape, ADDRESS.split(text))
    return "".join(f'<a href="{part}">{part}</a>' if number % 2 else part for number, part in enumerate(parts))


def _as_html(letter: Letter) -> str:
    paragraphs = [_linked(part).replace("\n", "<br>\n") for part in letter.text.strip().split("\n\n")]
    body = "\n".join(f"<p>{part}</p>" for part in paragraphs)
    return (
        f'<!doctype html>\n<html lang="{letter.language}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(letter.subject)}</title>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )

"""Send e-mails: through a mail server if one is configured, else into a mailbox that a page shows."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from smtplib import SMTPDataError
from threading import BoundedSemaphore, Timer

import structlog
import yaml

from bot import mail
from bot.database import now
from bot.mail import Letter
from bot.settings import Settings

LETTERS = yaml.safe_load((Path(__file__).parent / "letters.yml").read_text(encoding="utf-8"))


PAUSES = (5, 15, 30, 60, 120, 240)  # seconds after each failed attempt at a letter
MAX_WAITING = 100  # letters that wait for another attempt
PROBE_TIMEOUT = 4.0  # seconds: the asker's own request ends after five
PROBES_AT_ONCE = 8

log = structlog.get_logger()


class Mailbox:
    """Keep the newest e-mails in memory, and never write them to disk."""

    def __init__(self) -> None:
        """Start empty."""
        self.letters: deque[Letter] = deque(maxlen=20)

    def works(self) -> bool:
        """Tell that letters arrive."""
        return True

    def send(self, letter: Letter, good_until: datetime | None = None) -> None:
        """Add an e-mail on top."""
        self.letters.appendleft(letter)


class Smtp:
    """Send e-mails through a mail server, each again for some minutes until the server accepts it."""

    def __init__(self, settings: Settings) -> None:
        """Remember the server's address."""
        self._settings = settings
        self._refuses_letters = False
        self._waiting = BoundedSemaphore(MAX_WAITING)
        self._probes = ThreadPoolExecutor(PROBES_AT_ONCE)

    def works(self) -> bool:
        """Tell whether the mail server takes letters now, whoever they are for."""
        probe = self._probes.submit(mail.try_server, self._settings, PROBE_TIMEOUT)
        try:
            return not probe.result(PROBE_TIMEOUT) and not self._refuses_letters
        except TimeoutError:
            return False

    def send(self, letter: Letter, good_until: datetime, attempt: int = 0) -> None:
        """Send an e-mail, and after a failure again for as long as it is good for something."""
        try:
            mail.deliver(self._settings, letter)
        except mail.FAILURES as error:
            mail.log_failure(error)
            self._refuses_letters = isinstance(error, SMTPDataError)  # a probe sees all other failures
            self._send_later(letter, good_until, attempt)
        else:
            self._refuses_letters = False

    def _send_later(self, letter: Letter, good_until: datetime, attempt: int) -> None:
        def send_again() -> None:
            self._waiting.release()
            self.send(letter, good_until, attempt + 1)

        is_due = attempt < len(PAUSES) and now() + timedelta(seconds=PAUSES[attempt]) < good_until
        if not is_due or not self._waiting.acquire(blocking=False):
            log.error("letter_given_up")
            return
        timer = Timer(PAUSES[attempt], send_again)
        timer.daemon = True
        timer.start()


def make_post(settings: Settings) -> Mailbox | Smtp:
    """Choose by the settings how e-mails are sent."""
    return Smtp(settings) if settings.smtp_host else Mailbox()


def code_letter(to: str, name: str, code: str, language: str, minutes: int) -> Letter:
    """Write the e-mail with a code, in the customer's language."""
    words = LETTERS["code"][language]
    return Letter(
        to=to,
        subject=words["subject"],
        text=words["text"].format(name=_printable(name), code=code, minutes=minutes),
        language=language,
        sent_at=now(),
    )


def password_letter(to: str, name: str, company: str, language: str) -> Letter:
    """Write the e-mail that asks the customer to set a password, in their language."""
    words = LETTERS["password"][language]
    text = words["text"].format(name=_printable(name), company=_printable(company))
    return Letter(to=to, subject=words["subject"], text=text, language=language, sent_at=now())


def _printable(name: str) -> str:
    # Without marks that change the direction of what follows.
    return "".join(filter(str.isprintable, name))

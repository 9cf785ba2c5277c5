"""Which parts of the assistant answer, for those who watch it. Nothing else is told, as anybody may ask."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from bot import mail
from bot.conversations.models import Conversation
from bot.database import Database
from bot.http import Service, ServiceError
from bot.settings import Settings

FRESH, FRESH_MAIL = 5.0, 60.0  # seconds that an answer is passed on, so that anybody may ask often
TIMEOUT = (1, 2)  # seconds to connect, and for the answer
MAIL_TIMEOUT = 3.0  # seconds for each answer of the mail server
OK, DOWN, OFF, UNKNOWN = "ok", "down", "off", "unknown"


class Part:
    """A part that is asked at most once in some seconds, by one caller at a time; others get what it said last."""

    def __init__(self, ask: Callable[[], str], fresh: float = FRESH) -> None:
        """Take the function that asks for the state; it is not called yet."""
        self._ask, self._fresh = ask, fresh
        self._lock = Lock()
        self._state, self._due = UNKNOWN, 0.0

    def state(self) -> str:
        """Return the state: ok, down, off, or unknown while it is asked for the first time."""
        # Only the first callers wait: many who ask about a slow part must not hold up all threads.
        if time.monotonic() > self._due and self._lock.acquire(timeout=sum(TIMEOUT) if self._state == UNKNOWN else 0):
            try:
                if time.monotonic() > self._due:
                    self._state = self._ask()
                    self._due = time.monotonic() + self._fresh
            finally:
                self._lock.release()
        return self._state


class Readiness:
    """The parts that the assistant needs for everything that it can do."""

    def __init__(self, settings: Settings, chat: Database, trackers: Database) -> None:
        """Take the addresses from the settings; nothing is asked yet."""
        rasa_key = {"x-rasa-key": settings.rasa_key.get_secret_value()}
        rasas = [_answers(one, "/webhooks/rest/", rasa_key) for one in settings.rasa_addresses]  # 503 without a model
        self.rasa = Part(lambda: OK if any(ask() == OK for ask in rasas) else DOWN)
        self._parts = {
            "database": Part(lambda: _reads(chat, select(Conversation.id).limit(1))),
            "trackers": Part(lambda: _reads(trackers, text("SELECT 1"))),
            "rasa": self.rasa,
            "actions": Part(_answers(settings.actions_address, "/health")),
            "backend": Part(_answers(settings.backend_address, "/health")),
            "mail": Part(lambda: _mail(settings), FRESH_MAIL),
        }
        self._threads = ThreadPoolExecutor(len(self._parts), "readiness")

    def states(self) -> dict[str, str]:
        """Return the state of each part."""
        return dict(zip(self._parts, self._threads.map(Part.state, self._parts.values()), strict=True))

    def close(self) -> None:
        """Stop asking."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _answers(address: str, path: str, headers: dict[str, str] | None = None) -> Callable[[], str]:
    service = Service(address, headers, TIMEOUT)

    def ask() -> str:
        try:
            service.call("GET", path)
        except ServiceError as error:
            # Your own account system may have no such page: it answers, too.
            return OK if error.status and error.status < 500 else DOWN
        return OK

    return ask


def _reads(database: Database, question: object) -> str:
    try:
        with database.read() as session:
            session.execute(question)  # type: ignore[call-overload]
    except SQLAlchemyError:
        return DOWN
    return OK


def _mail(settings: Settings) -> str:
    if not settings.smtp_host:
        return OFF
    return DOWN if mail.try_server(settings, MAIL_TIMEOUT) else OK

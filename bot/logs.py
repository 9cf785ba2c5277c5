"""Write logs as JSON lines, with a hash of the conversation's id and never a name, e-mail address, code or text."""

import hashlib
import logging
import re
import sys
import uuid
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

CONVERSATION = re.compile(r"\b[0-9a-f]{32}\b")
REQUEST_HEADER = "x-request-id"
REQUEST = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # a UUID, which can hold nothing personal


def name_request(given: object = None) -> str:
    """Put an id on all that this task logs from now on, and return it: the one that came along, or a new one."""
    name = given if isinstance(given, str) and REQUEST.fullmatch(given) else str(uuid.uuid4())
    structlog.contextvars.bind_contextvars(request=name)
    return name


def request_id() -> str:
    """Return the id of the request that this task works on, or an empty string."""
    return str(structlog.contextvars.get_contextvars().get("request", ""))


def hashed(conversation_id: str) -> str:
    """Return what stands for a conversation in all logs, as its id is a key to Rasa and to the account."""
    return hashlib.sha256(conversation_id.encode()).hexdigest()[:12]


def without_ids(text: str) -> str:
    """Replace the ids of conversations in a text by their hashes."""
    return CONVERSATION.sub(lambda found: hashed(found[0]), text)


class HashedRecord(logging.LogRecord):
    """A line that a library logs."""

    def getMessage(self) -> str:
        """Return the line without ids of conversations, and with the id of the request."""
        request = request_id()
        return without_ids(super().getMessage()) + (f" (request {request})" if request else "")


def hash_ids_of_libraries() -> None:
    """Keep the ids of conversations out of what Rasa and other libraries log."""
    logging.setLogRecordFactory(HashedRecord)


def _hash_ids(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = without_ids(value)
    return event


class Forgiving:
    """A stream that forgets what cannot be written: a full disk must not stop what is logged."""

    def __init__(self, stream: TextIO) -> None:
        """Take the stream."""
        self._stream = stream

    def write(self, text: str) -> None:
        """Write a text if that is possible."""
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        """Write what waits if that is possible."""
        with suppress(OSError):
            self._stream.flush()


def configure(level: str) -> None:
    """Log to standard error, from this level upwards."""
    hash_ids_of_libraries()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _hash_ids,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(file=cast(TextIO, Forgiving(sys.stderr))),
    )

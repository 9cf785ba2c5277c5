"""Stop asking Rasa while it fails every conversation, so that customers are told at once instead of after time-outs."""

import time
from threading import Lock

FAILED = 3  # failed conversations in a row: in a single one, the message may be at fault
PAUSE = 2.0  # seconds between two attempts while the breaker is open


class Breaker:
    """A circuit breaker, safe to use from many threads."""

    def __init__(self) -> None:
        """Start closed: Rasa answers."""
        self._failed: set[str] = set()
        self._next_try = 0.0
        self._trying = False
        self._lock = Lock()

    @property
    def has_just_failed(self) -> bool:
        """Whether Rasa has failed a moment ago, and has not answered since."""
        return bool(self._failed) and time.monotonic() < self._next_try

    def allows(self) -> bool:
        """Tell whether Rasa may be asked; while the breaker is open, only one attempt is allowed at a time."""
        with self._lock:
            if len(self._failed) < FAILED:
                return True
            if self._trying or time.monotonic() < self._next_try:
                return False
            self._trying = True
            return True

    def failed(self, conversation_id: str) -> None:
        """Count a conversation in which Rasa failed."""
        with self._lock:
            self._failed.add(conversation_id)
            self._trying, self._next_try = False, time.monotonic() + PAUSE

    def worked(self) -> None:
        """Forget all failures, because Rasa answered."""
        with self._lock:
            self._failed.clear()
            self._trying = False

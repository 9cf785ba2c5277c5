"""Leave Rasa alone while it fails everybody, so that customers are told at once and nobody waits for time-outs."""

import time
from threading import Lock

FAILED = 3  # conversations that Rasa fails in a row: of one alone, the message may be at fault
PAUSE = 2.0  # seconds between two tries while it is left alone


class Breaker:
    """A circuit breaker. Called from many threads."""

    def __init__(self) -> None:
        """Start with a Rasa that answers."""
        self._failed: set[str] = set()
        self._next_try = 0.0
        self._trying = False
        self._lock = Lock()

    def allows(self) -> bool:
        """Tell whether Rasa may be asked; while it is left alone, one at a time may try."""
        with self._lock:
            if len(self._failed) < FAILED:
                return True
            if self._trying or time.monotonic() < self._next_try:
                return False
            self._trying = True
            return True

    def failed(self, conversation_id: str) -> None:
        """Count a conversation that Rasa failed."""
        with self._lock:
            self._failed.add(conversation_id)
            self._trying, self._next_try = False, time.monotonic() + PAUSE

    def worked(self) -> None:
        """Forget all failures: Rasa answers."""
        with self._lock:
            self._failed.clear()
            self._trying = False

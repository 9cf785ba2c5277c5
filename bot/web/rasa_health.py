"""Whether Rasa answers, for those who watch the assistant."""

import time
from threading import Lock

from bot.http import Service, ServiceError

FRESH = 5.0  # seconds that an answer is passed on, so that anybody may ask often
TIMEOUT = (1, 2)  # seconds to connect, and for the answer


class RasaHealth:
    """Asks Rasa at most once in some seconds, and one at a time."""

    def __init__(self, address: str, headers: dict[str, str]) -> None:
        """Take Rasa's address, and the headers with its key."""
        self._rasa = Service(address, headers, TIMEOUT)
        self._lock = Lock()
        self._answers, self._asked_at = False, 0.0

    def answers(self) -> bool:
        """Tell whether Rasa answers."""
        with self._lock:
            if time.monotonic() - self._asked_at > FRESH:
                self._answers = self._ask()
                self._asked_at = time.monotonic()
            return self._answers

    def _ask(self) -> bool:
        try:
            self._rasa.call("GET", "/webhooks/rest/")
        except ServiceError:
            return False
        return True

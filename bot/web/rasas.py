"""Rasa's processes: each turn goes to the one that has least to do, and not to one that fails."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from bot.http import Service, ServiceError
from bot.metrics import RASA_FAILURES, RASA_SECONDS
from bot.web.breaker import Breaker


@dataclass
class Rasa:
    """One of Rasa's processes, and how many turns it has under way for this process."""

    service: Service
    breaker: Breaker = field(default_factory=Breaker)
    turns: int = 0


class Rasas:
    """All of Rasa's processes; safe to use from many threads. They keep the turns of a conversation in order."""

    def __init__(self, services: Sequence[Service]) -> None:
        """Take their addresses; nothing is called yet."""
        self.all = [Rasa(one) for one in services]
        self._lock = Lock()

    def take_turn(self, body: dict[str, Any]) -> Any:
        """Return what is said in a turn; raise ServiceError."""
        left, error = list(self.all), ServiceError(None, "left-alone")
        while rasa := self._choose(left):
            try:
                with RASA_SECONDS.time():
                    said = rasa.service.call("POST", "/webhooks/rest/webhook", body)
            except ServiceError as failed:
                error = failed
                RASA_FAILURES.inc()
                rasa.breaker.failed(body["sender"])
                if not is_down(error):
                    raise  # it may be at work on this turn: another one would wait for it
            else:
                rasa.breaker.worked()
                return said
            finally:
                with self._lock:
                    rasa.turns -= 1
        raise error

    def _choose(self, left: list[Rasa]) -> Rasa | None:
        """Remove from those that are left one that may be asked, and return it."""
        with self._lock:
            left.sort(key=lambda rasa: (rasa.breaker.has_just_failed, rasa.turns))
            while left:
                rasa = left.pop(0)
                if rasa.breaker.allows():
                    rasa.turns += 1
                    return rasa
        return None


def is_down(error: ServiceError) -> bool:
    """Tell whether nobody has answered, and nobody will."""
    return error.status is None and error.kind != "ReadTimeout"

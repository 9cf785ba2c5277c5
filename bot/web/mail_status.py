"""Remember whether e-mail arrives at the mail server, to show it at the desk."""

from datetime import datetime

from bot.database import now
from bot.web.events import ALL_CONVERSATIONS, EventBus

TOPIC = "mail"


class MailStatus:
    """Since when e-mail has been failing, as far as this process has seen or heard."""

    def __init__(self, bus: EventBus | None = None) -> None:
        """Start without a failure; the other processes hear of one over the bus."""
        self.failing_since: datetime | None = None
        self._bus = bus
        if bus:
            bus.on(TOPIC, lambda _, fails: self._keep(works=not fails))

    def note(self, works: bool) -> None:
        """Note how the last attempt to send an e-mail went."""
        self._keep(works)
        if self._bus:
            self._bus.tell(TOPIC, ALL_CONVERSATIONS, "" if works else "fails")

    def _keep(self, works: bool) -> None:
        self.failing_since = None if works else self.failing_since or now()

"""When CPS priority support answers."""

from datetime import datetime

from opening_hours import OpeningHours

from bot.calendar import RIGA
from bot.database import now
from bot.settings import Settings


class SupportHours:
    """The opening hours of CPS priority support."""

    def __init__(self, settings: Settings) -> None:
        """Take the hours from the settings."""
        self._hours = OpeningHours(settings.opening_hours, timezone=RIGA, country="LV")  # LV: with its holidays

    def is_open(self) -> bool:
        """Tell whether people answer now."""
        return self._hours.is_open(now().astimezone(RIGA))

    def opens_at(self) -> datetime | None:
        """Return when CPS priority support opens next, in Riga's time, or None if that is not known."""
        moment = now().astimezone(RIGA)
        return None if self._hours.is_open(moment) else self._hours.next_change(moment)

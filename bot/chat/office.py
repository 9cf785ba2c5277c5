"""When CPS priority support is there: its opening hours, and whether somebody is signed in."""

from collections.abc import Callable
from datetime import datetime

from opening_hours import OpeningHours
from sqlalchemy.orm import Session

from bot.database import now
from bot.settings import Settings
from bot.wording import RIGA


class Office:
    """CPS priority support, as the customers meet it."""

    def __init__(self, settings: Settings, is_staffed: Callable[[Session], bool]) -> None:
        """Take the hours from the settings, and from the desk who is there."""
        self._hours = OpeningHours(settings.opening_hours, timezone=RIGA, country="LV")  # knows the public holidays
        self.is_staffed = is_staffed

    def is_open(self) -> bool:
        """Tell whether people answer at this time of the week."""
        return self._hours.is_open(now().astimezone(RIGA))

    def opens_at(self) -> datetime | None:
        """Return when it opens next, in Riga's time, or None where that is not known."""
        moment = now().astimezone(RIGA)
        return None if self._hours.is_open(moment) else self._hours.next_change(moment)

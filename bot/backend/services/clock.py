"""Provide business dates by a clock that the demo can move."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy.orm import Session

from bot import database
from bot.backend.models import Clock

RIGA = ZoneInfo("Europe/Riga")
HOLIDAYS = holidays.country_holidays("LV")
FARTHEST = timedelta(days=3660)  # that the clock may be moved forward in total


class TooFar(Exception):
    """The clock cannot be moved that far."""


def now(session: Session) -> datetime:
    """Return the current moment in UTC by the demo's clock; for business dates only."""
    return database.now() + timedelta(seconds=session.get_one(Clock, 1).offset_seconds)


def today(moment: datetime) -> date:
    """Return the day in Latvia at a moment."""
    return moment.astimezone(RIGA).date()


def is_working_day(day: date) -> bool:
    """Tell whether a day is neither a weekend nor a Latvian public holiday."""
    return day.weekday() < 5 and day not in HOLIDAYS


def next_working_day(day: date) -> date:
    """Return the first working day after a day."""
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def move_clock(session: Session, hours: int) -> datetime:
    """Move the clock of all business dates forward; return its new time, or raise TooFar."""
    clock = session.get_one(Clock, 1, with_for_update=True)
    if clock.offset_seconds + hours * 3600 > FARTHEST.total_seconds():
        raise TooFar
    clock.offset_seconds += hours * 3600
    return now(session)

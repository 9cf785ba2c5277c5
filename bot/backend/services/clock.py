"""Provide business dates by a clock that the demo can move."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import database
from bot.backend.models import Clock

FARTHEST = timedelta(days=3660)  # that the clock may be moved forward in total


class TooFar(Exception):
    """The clock cannot be moved that far."""


def now(session: Session) -> datetime:
    """Return the current moment in UTC by the demo's clock; for business dates only."""
    return database.now() + timedelta(seconds=session.get_one(Clock, 1).offset_seconds)


def move_clock(session: Session, hours: int) -> datetime:
    """Move the clock of all business dates forward; return its new time, or raise TooFar."""
    clock = session.get_one(Clock, 1, with_for_update=True)
    if clock.offset_seconds + hours * 3600 > FARTHEST.total_seconds():
        raise TooFar
    clock.offset_seconds += hours * 3600
    return now(session)

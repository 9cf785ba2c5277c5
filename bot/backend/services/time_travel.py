"""Do what becomes due as time passes."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.backend.models import Account
from bot.backend.services.applications import verify_due
from bot.backend.services.clock import move_clock, now
from bot.backend.services.memberships import charge_cards
from bot.calendar import next_working_day, today


def pass_time(session: Session, hours: int) -> tuple[datetime, list[Account]]:
    """Move the clock and do what is due by then; return the new time and the accounts that were verified."""
    moment = move_clock(session, hours)
    charge_cards(session, moment)
    return moment, verify_due(session, moment)


def hours_to_next_working_day(session: Session) -> int:
    """Return the number of hours to the next working day."""
    day = today(now(session))
    return (next_working_day(day) - day) // timedelta(hours=1)

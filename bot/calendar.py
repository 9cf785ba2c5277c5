"""The calendar of Latvia: the day, working days, and how long the check of an application may take."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import holidays

RIGA = ZoneInfo("Europe/Riga")
HOLIDAYS = holidays.country_holidays("LV")
WORKING_DAYS = 2  # that Canon may check an application; the day of applying does not count


def today(moment: datetime | None = None) -> date:
    """Return the day in Latvia at a moment, or now."""
    return (moment or datetime.now(timezone.utc)).astimezone(RIGA).date()


def is_working_day(day: date) -> bool:
    """Tell whether a day is neither a weekend nor a Latvian public holiday."""
    return HOLIDAYS.is_working_day(day)


def next_working_day(day: date) -> date:
    """Return the first working day after a day."""
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def last_day_of_check(applied: date) -> date:
    """Return the day by which Canon has checked an application."""
    for _ in range(WORKING_DAYS):
        applied = next_working_day(applied)
    return applied

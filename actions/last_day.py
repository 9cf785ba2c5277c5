"""Tell until which day Canon checks an application, by the working calendar of Latvia."""

from datetime import date, datetime, timedelta

import holidays
from babel.dates import format_date

from actions.computed import Computed
from bot.wording import LOCALES, RIGA

HOLIDAYS = holidays.country_holidays("LV")
WORKING_DAYS = 2  # of the check at most; the day of applying does not count


class LastDay(Computed):
    """Count the working days from the day of applying that the customer told."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_last_day"

    def compute(self, goal: str, details: dict[str, str], language: str) -> tuple[str, dict[str, str]]:
        """Choose the response for the last day of the check, or for a day that is past."""
        last = last_working_day(date.fromisoformat(details["date"]))
        is_over = last < datetime.now(RIGA).date()
        pattern = "EEEE, y. 'gada' d. MMMM" if language == "lv" else "EEEE, d MMMM y"
        words = {"last": format_date(last, pattern, locale=LOCALES[language])}
        return ("utter_last_day_over" if is_over else "utter_last_day"), words


def last_working_day(applied: date) -> date:
    """Return the last of the working days of the check after a day of applying."""
    day, left = applied, WORKING_DAYS
    while left:
        day += timedelta(1)
        left -= HOLIDAYS.is_working_day(day)
    return day

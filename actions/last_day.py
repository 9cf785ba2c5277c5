"""Tell until which day Canon checks an application, by the working calendar of Latvia."""

from datetime import date

from babel.dates import format_date

from actions.computed import Computed
from bot.calendar import last_day_of_check, today
from bot.wording import LOCALES


class LastDay(Computed):
    """Count the working days from the day of applying that the customer told."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_last_day"

    def compute(self, goal: str, details: dict[str, str], language: str) -> tuple[str, dict[str, str]]:
        """Choose the response for the last day of the check, or for a day that is past."""
        last = last_day_of_check(date.fromisoformat(details["date"]))
        is_over = last < today()
        pattern = "EEEE, y. 'gada' d. MMMM" if language == "lv" else "EEEE, d MMMM y"
        words = {"last": format_date(last, pattern, locale=LOCALES[language])}
        return ("utter_last_day_over" if is_over else "utter_last_day"), words

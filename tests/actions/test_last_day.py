"""Until which day Canon checks an application: the day of applying does not count, nor do weekends and holidays."""

from datetime import date, timedelta

import pytest

from actions.last_day import LastDay
from bot.calendar import last_day_of_check, today
from bot.dialogue.answers import read_responses

LAST_DAYS = [
    ("a Monday", "2026-11-09", "2026-11-11"),
    ("a Thursday", "2026-11-12", "2026-11-16"),
    ("a Friday", "2026-11-27", "2026-12-01"),
    ("a Saturday", "2026-12-12", "2026-12-15"),
    ("a Sunday", "2026-11-29", "2026-12-01"),
    ("two days before 18 November", "2026-11-16", "2026-11-19"),
    ("the day before 18 November", "2026-11-17", "2026-11-20"),
    ("18 November itself", "2026-11-18", "2026-11-20"),
    ("18 November on a Saturday, with a day off on Monday", "2028-11-17", "2028-11-22"),
    ("before Christmas", "2026-12-22", "2026-12-28"),
    ("the last day before Christmas", "2026-12-23", "2026-12-29"),
    ("Christmas Eve", "2026-12-24", "2026-12-29"),
    ("between the holidays", "2026-12-28", "2026-12-30"),
    ("before New Year", "2026-12-29", "2027-01-04"),
    ("New Year's Eve", "2026-12-31", "2027-01-05"),
    ("New Year's Day", "2027-01-01", "2027-01-05"),
    ("before Good Friday", "2027-03-25", "2027-03-31"),
    ("before Midsummer", "2027-06-22", "2027-06-28"),
    ("a day off that was moved: 2 January", "2025-12-30", "2026-01-06"),
    ("a day off that was moved: 22 June", "2026-06-19", "2026-06-26"),
    ("the Saturday that is worked instead, as the second day", "2026-01-15", "2026-01-17"),
    ("the Saturday that is worked instead, as the first day", "2026-01-16", "2026-01-19"),
    ("the working Saturday itself", "2026-06-27", "2026-06-30"),
]


@pytest.mark.parametrize(("applied", "last"), [row[1:] for row in LAST_DAYS], ids=[row[0] for row in LAST_DAYS])
def test_two_working_days_follow_the_day_of_applying(applied, last):
    assert last_day_of_check(date.fromisoformat(applied)) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("language", "words"),
    [("lv", "trešdiena, 2050. gada 12. janvāris"), ("en", "Wednesday, 12 January 2050")],
)
def test_the_day_is_said_as_each_language_writes_it(language, words):
    name, filled = LastDay().compute("last_day", {"date": "2050-01-10"}, language)
    assert (name, filled) == ("utter_last_day", {"last": words})


def test_a_day_that_is_over_is_said_to_be_over():
    names = [
        LastDay().compute("last_day", {"date": (today() - timedelta(back)).isoformat()}, "lv")[0] for back in (0, 1, 20)
    ]
    assert names == ["utter_last_day", "utter_last_day", "utter_last_day_over"]


def test_everything_that_may_be_said_is_written_also_for_who_asks_again():
    names = {f"utter_last_day{over}{again}" for over in ("", "_over") for again in ("", "_again")}
    assert names <= read_responses().keys()

"""A supervisor sees the measures of a span, and has them as CSV."""

import csv
import io
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.calendar import RIGA, today
from bot.conversations.measures import HOW
from bot.dialogue.answers import LANGUAGES
from tests.conversations.test_measures import Begun

HERE = "/desk/measures"
DATE = today() - timedelta(days=20)  # on which no other test writes, and which is kept
DAY = f"?since={DATE}&until={DATE}"


def at(hour: float, minutes: float = 0) -> datetime:
    """Return a time of that day in Latvia."""
    return datetime.combine(DATE, time.min, RIGA) + timedelta(hours=hour, minutes=minutes)


@pytest.fixture(scope="module")
def filled(desk):
    """Two conversations of that day: one that the assistant solved, and one that a person closed."""
    Begun(desk.database, "alone", at(10)).asks(at(10), place="apply").asks(at(10, 1), "miss").asks(at(10, 2))
    helped = Begun(desk.database, "helped", at(11)).asks(at(11)).goes(at(11, 1), "assistant", "waiting", "anger")
    helped.goes(at(11, 3), "waiting", "agent", "taken").agent_writes(at(11, 3.5))
    helped.goes(at(11, 13), "agent", "closed", "done", outcome="solved", score=4, comment="=2+2 <b>labi</b>")
    return desk


def rows(browser, query: str) -> dict[tuple[str, str, str], str]:
    answer = browser.get(f"{HERE}/csv{query}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    header, *lines = csv.reader(io.StringIO(answer.content.decode()))
    assert header == ["table", "row", "column", "value"]
    return {(table, row, column): value for table, row, column, value in lines}


def test_the_csv_has_the_figures_of_the_span(filled):
    boss = filled.signed_in("supervisor")
    found = rows(boss, DAY)
    assert [found["conversations", how, "count"] for how in HOW] == ["1", "1", "0", "0"]
    assert found["conversations", "solved", "share"] == "50.0"
    assert (found["answers", "miss", "count"], found["hand_offs", "anger", "count"]) == ("1", "1")
    assert [found["times", name, "median"] for name in ("waits", "first_replies", "handling")] == [
        "120.0",
        "150.0",
        "600.0",
    ]
    assert (found["steps", "1", "came"], found["steps", "1", "stopped"], found["steps", "2", "came"]) == ("1", "1", "0")
    assert (found["topics", "ask_payment", "count"], found["misses", "?", "count"]) == ("2", "1")
    assert (found["hours", "10", "count"], found["hours", "11", "count"]) == ("3", "1")
    closed_at = at(11, 13).astimezone(UTC).isoformat(timespec="seconds")
    assert found["comments", closed_at, "4"] == "'=2+2 <b>labi</b>", "no spreadsheet computes it"
    assert {value for (table, _, _), value in rows(boss, f"{DAY}&customer=en").items() if table == "answers"} == {"0"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_them_with_their_definitions(filled, language):
    page = filled.signed_in("supervisor", language=language).get(f"{HERE}{DAY}").text
    words = {
        "lv": ("Asistents viens pats", "no nonākšanas rindā", "klients ir sadusmots", "Vidēji: 4,0"),
        "en": ("The assistant alone", "from entering the queue", "the customer is angry", "Mean: 4.0"),
    }
    assert [one for one in words[language] if one not in page] == []
    assert "50\u00a0%" in page
    assert "2:30" in page
    assert "=2+2 &lt;b&gt;labi&lt;/b&gt;" in page
    assert f'value="{DATE}"' in page


@pytest.mark.parametrize(
    "query",
    ["", "?since=x&until=y&customer=z", "?since=2020-01-01", "?since=9999-12-31", "?since=0001-01-01&until=0001-01-01"],
)
def test_a_span_that_makes_no_sense_is_the_last_30_days(filled, query):
    page = filled.signed_in("supervisor").get(f"{HERE}{query}")
    assert page.status_code == 200
    assert f'name="since" value="{today() - timedelta(days=29)}"' in page.text
    assert f'name="until" value="{today()}"' in page.text

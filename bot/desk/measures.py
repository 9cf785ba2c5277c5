"""The page Measures, for supervisors: how the assistant and the agents do in a span of days, also as CSV."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from babel.numbers import format_decimal
from fastapi import APIRouter, Request, Response

from bot.calendar import RIGA, today
from bot.conversations import learning, measures
from bot.conversations.learning import Case
from bot.conversations.measures import Measures, Span
from bot.conversations.models import Agent
from bot.desk import layout, script, watch
from bot.desk.presentation import topic
from bot.desk.session import PATH, Supervisor
from bot.dialogue import search
from bot.dialogue.answers import LANGUAGES, read_responses
from bot.dialogue.guide import read_guide
from bot.web.dependencies import AppState, AppStateDep
from bot.wording import LOCALES, tidy

HERE = f"{PATH}/measures"
USUAL, MOST = timedelta(days=29), timedelta(days=365)  # from the first day of a span to the last one
MISSES, LABEL = 10, 80  # groups of misses; characters of a label
BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute
router = APIRouter(prefix=HERE)
Value = int | float | None


@dataclass(frozen=True)
class Row:
    """A line of a table: its name in the CSV, its label, and a value for each column."""

    name: str
    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Table:
    """A table of the page; the values of its first column are drawn as bars."""

    name: str
    columns: tuple[str, ...]
    rows: list[Row]

    @property
    def has_bars(self) -> bool:
        """Whether the first column is what the table is about."""
        return self.name != "times"

    def share(self, row: Row) -> int:
        """Return the length of a row's bar, of 100."""
        longest = max(float(one.values[0] or 0) for one in self.rows)
        return round(100 * float(row.values[0] or 0) / longest) if longest else 0


@router.get("")
def show(
    request: Request, app: AppStateDep, agent: Supervisor, since: str = "", until: str = "", customer: str = ""
) -> Response:
    """Show the measures of a span, by default of the last 30 days."""
    first, last = _days(since, until)
    customer = customer if customer in LANGUAGES else ""
    found, misses = _measured(app, first, last, customer)
    with app.database.read() as session:
        live = watch.live(session, app.settings)
    return layout.page(
        request,
        agent,
        "measures.html",
        here=HERE,
        first=first,
        last=last,
        customer=customer,
        today=today(),
        found=found,
        live=live,
        mean_score=_decimal(found.mean_score, agent.language),
        tables=_tables(found, misses, agent),
        shown=shown,
    )


@router.get("/csv")
def send(app: AppStateDep, agent: Supervisor, since: str = "", until: str = "", customer: str = "") -> Response:
    """Send the same measures as CSV: table, row, column, value; lengths of time in seconds."""
    first, last = _days(since, until)
    found, misses = _measured(app, first, last, customer if customer in LANGUAGES else "")
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(("table", "row", "column", "value"))
    for table in _tables(found, misses, agent):
        for row in table.rows:
            for column, value in zip(table.columns, row.values, strict=True):
                lines.writerow((table.name, _cell(row.name), column, "" if value is None else round(value, 2)))
    for comment in found.comments:
        lines.writerow(("comments", comment.at.isoformat(timespec="seconds"), comment.score, _cell(comment.text)))
    name = f"measures-{first}-{last}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(written.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def shown(column: str, value: Value) -> str:
    """Return a value as the page shows it: lengths of time as minutes and seconds."""
    if value is None:
        return "\u2013"
    if column in ("median", "p95"):
        minutes, seconds = divmod(round(value), 60)
        return f"{minutes}:{seconds:02}"
    return f"{round(value)}\u00a0%" if column == "share" else str(value)


def _days(since: str, until: str) -> tuple[date, date]:
    """Return the first and the last day of a span; what makes no sense is the usual."""
    last = min(_day(until) or today(), today())
    first = _day(since) or last - USUAL
    return (first, last) if last - MOST <= first <= last else (last - USUAL, last)


def _day(typed: str) -> date | None:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if found.year >= today().year - 100 else None


def _measured(app: AppState, first: date, last: date, language: str) -> tuple[Measures, list[list[Case]]]:
    begins, ends = (datetime.combine(day, time.min, RIGA) for day in (first, last + timedelta(days=1)))
    span = Span(begins, ends, language)
    steps = {name: node.step for name, node in read_guide().nodes.items()}
    with app.database.read() as session:
        found = measures.measure(session, span, steps)
        return found, learning.frequent_misses(session, begins, ends, language, MISSES)


def _tables(found: Measures, misses: list[list[Case]], agent: Agent) -> list[Table]:
    """Put the measures into tables, in the supervisor's language."""
    language = agent.language

    def labelled(group: str, counts: Mapping[str, int]) -> list[Row]:
        return [Row(name, layout.say(language, f"{group}.{name}"), (count,)) for name, count in counts.items()]

    def times(name: str, seconds: list[float]) -> Row:
        values = (len(seconds), measures.median(seconds), measures.p95(seconds))
        return Row(name, layout.say(language, f"measures.{name}"), values)

    total, guide = found.conversations, read_guide()
    went = [
        Row(name, layout.say(language, f"measures.{name}"), (count, 100 * count / total if total else None))
        for name, count in found.how.items()
    ]
    steps = [
        Row(str(step), f"{step}. {script.title(guide, step, language)}", found.steps.get(step, (0, 0)))
        for step in range(1, len(guide.opens) + 1)
    ]
    kinds = found.turns | {"contradicted": found.contradicted, "unhelpful": found.unhelpful}
    waited = [times("waits", found.waits), times("first_replies", found.first_replies)]
    return [
        Table("conversations", ("count", "share"), went),
        Table("answers", ("count",), labelled("measures", kinds)),
        Table("marks", ("count", "share"), _marks(found, language)),
        Table("hand_offs", ("count",), labelled("cause", found.causes)),
        Table("left_queue", ("count",), labelled("measures", found.left)),
        Table("times", ("count", "median", "p95"), [*waited, times("handling", found.handling)]),
        Table("outcomes", ("count",), labelled("outcome", found.outcomes)),
        Table("ratings", ("count",), [Row(str(s), str(s), (found.scores.get(s, 0),)) for s in range(5, 0, -1)]),
        Table("steps", ("came", "stopped"), steps),
        Table("topics", ("count",), [Row(name, topic(name, language), (n,)) for name, n in found.topics.items()]),
        Table("misses", ("count",), [_miss(group) for group in misses]),
        Table("repeated", ("count",), [Row(name, _said(name, language), (n,)) for name, n in found.repeated.items()]),
        Table("hours", ("count",), [Row(f"{hour:02}", f"{hour:02}:00", (n,)) for hour, n in found.hours.items()]),
    ]


def _marks(found: Measures, language: str) -> list[Row]:
    """Return the marks of supervisors, and of those who judged the same how many are alike."""
    total, (pairs, alike) = sum(found.marks.values()), found.pairs
    rows = [
        Row(name, layout.say(language, f"verdict.{name}"), (count, 100 * count / total if total else None))
        for name, count in found.marks.items()
    ]
    both = (pairs, 100 * alike / pairs if pairs else None)
    return [*rows, Row("pairs", layout.say(language, "judging.pairs"), both)]


def _miss(group: list[Case]) -> Row:
    said = tidy(group[0].text, LABEL)
    return Row(said, said, (len(group),))


def _said(name: str, language: str) -> str:
    """Return the beginning of what a response says."""
    variants: list[dict[str, Any]] = read_responses().get(name, [])
    texts = [search.plain(one["text"]) for one in variants if one["condition"][0]["value"] == language]
    return tidy(texts[0] if texts else name, LABEL)


def _decimal(value: float | None, language: str) -> str:
    return "" if value is None else format_decimal(value, "0.0", locale=LOCALES[language])


def _cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(BEGINS_FORMULA) else text

"""The lists of the queue take the same few statements, and read no file, however many customers wait."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import yaml
from sqlalchemy import event

from bot.conversations import handoff, lifecycle, queue
from bot.conversations.support_hours import SupportHours
from bot.database import Database
from bot.desk.board import Board, Boards
from bot.desk.queue import lists
from bot.settings import Settings
from bot.web.events import EventBus
from tests.desk.conftest import Desk

HOURS = SupportHours(Settings())


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Yield the statements that reach the database until the block ends."""
    statements: list[str] = []

    def note(connection, cursor, statement, *_) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


def wait_for_a_person(database: Database, customers: int) -> None:
    for number in range(customers):
        with database.write() as session:
            _, conversation = lifecycle.open_conversation(session, "lv")
            queue.ask(session, conversation, "asked", HOURS)
            handoff.customer_says(session, conversation, f"client-{number}", f"question {number}", None)


def test_the_lists_take_as_many_statements_for_many_customers_as_for_one(desk: Desk):
    agent = desk.add()
    taken = []
    for more in (1, 9):
        wait_for_a_person(desk.database, more)
        with counted(desk.database) as statements:
            found = lists(Board(desk.database, idle=3600), agent)
            assert not found.tickets
        assert {row.summary.last_message for row in found.waiting} >= {f"question {number}" for number in range(more)}
        taken.append([statement for statement in statements if statement.startswith("SELECT")])
    # Conversations, what was said and answered last, the number of messages left, and a page of these.
    assert [len(statements) for statements in taken] == [5, 5]


def test_the_lists_read_no_file_for_each_customer(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    agent, read = desk.add(), []
    wait_for_a_person(desk.database, 2)

    def draw() -> None:
        lists(Board(desk.database, idle=3600), agent)

    draw()
    parse = yaml.safe_load
    monkeypatch.setattr(yaml, "safe_load", lambda text: read.append(text) or parse(text))
    draw()
    assert read == []


def test_all_who_look_after_a_change_share_one_reading_and_one_drawing(desk: Desk):
    bus = EventBus()
    boards = Boards(desk.database, bus, idle=3600)
    wait_for_a_person(desk.database, 1)
    with counted(desk.database) as statements:
        first = boards.latest()
        assert boards.latest() is first
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 4
    row = first.waiting[-1]
    for csrf in ("one", "two"):
        drawn = first.draw("queue_row.html", row, "lv", csrf, group="waiting", full=False)
        assert f'name="csrf" value="{csrf}"' in drawn
    bus.publish(row.id)
    wait_for_a_person(desk.database, 1)
    assert len(boards.latest().waiting) == len(first.waiting) + 1

"""The lists of the queue take the same few statements, and read no file, however many customers wait."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import yaml
from sqlalchemy import event

from bot.conversations import handoff, lifecycle, queue
from bot.conversations.support_hours import SupportHours
from bot.database import Database
from bot.desk.queue import lists
from bot.settings import Settings
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
        with counted(desk.database) as statements, desk.database.read() as session:
            found = lists(session, agent, idle=3600)
        assert {row.summary.last_message for row in found.waiting} >= {f"question {number}" for number in range(more)}
        taken.append([statement for statement in statements if statement.startswith("SELECT")])
    # Conversations, their messages, the number of messages left, and a page of these.
    assert [len(statements) for statements in taken] == [4, 4]


def test_the_lists_read_no_file_for_each_customer(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    agent, read = desk.add(), []
    wait_for_a_person(desk.database, 2)

    def draw() -> None:
        with desk.database.read() as session:
            lists(session, agent, idle=3600)

    draw()
    parse = yaml.safe_load
    monkeypatch.setattr(yaml, "safe_load", lambda text: read.append(text) or parse(text))
    draw()
    assert read == []

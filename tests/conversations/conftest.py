"""The conversations' database on SQLite and on a real PostgreSQL."""

from pathlib import Path

import pytest

from bot import conversations
from bot.conversations import lifecycle
from bot.conversations.models import Agent
from bot.database import Database, now
from tests.conversations.talk import Talk
from tests.databases import make_chat, remove_rows

MIGRATIONS = Path(conversations.__path__[0]) / "migrations"


def new_database(url: str) -> Database:
    """Open a database without rows, migrated or without tables, and add two agents, the first one at the desk."""
    make_chat(url)
    database = Database(url)
    with database.write() as session:
        session.add(Agent(email="liga@example.com", name="Līga", created_at=now(), presence="available", seen_at=now()))
        session.flush()
        session.add(Agent(email="janis@example.com", name="Jānis", created_at=now()))
    return database


@pytest.fixture(scope="session")
def on_postgresql(new_postgresql) -> str:
    """The URL of one database on PostgreSQL: to make one for each test, and to remove them all, takes minutes."""
    url = new_postgresql()
    make_chat(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path) -> Database:
    """A database without conversations, on each kind of database."""
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("on_postgresql")
        remove_rows(url)
    made = new_database(url)
    yield made
    made.engine.dispose()


@pytest.fixture
def conversation(database) -> str:
    with database.write() as session:
        return lifecycle.open_conversation(session, "lv")[1].id


@pytest.fixture
def talk(database, conversation) -> Talk:
    return Talk(database, conversation)

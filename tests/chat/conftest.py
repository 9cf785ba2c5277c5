"""The conversations' database, as a test needs it: on SQLite, or on a real PostgreSQL."""

from pathlib import Path

import pytest

from bot import chat
from bot.database import Database, migrate

MIGRATIONS = Path(chat.__path__[0]) / "migrations"


def new_database(url: str) -> Database:
    """Bring an empty database to its newest shape."""
    migrate(url, MIGRATIONS)
    return Database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path, new_postgresql) -> Database:
    """An empty database of conversations, on each kind of server."""
    url = f"sqlite:///{tmp_path / 'chat.db'}" if request.param == "sqlite" else new_postgresql()
    made = new_database(url)
    yield made
    made.engine.dispose()

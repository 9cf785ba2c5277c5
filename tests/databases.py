"""Databases for tests. SQLite's are copies of one that was migrated once; tests of migrations run them themselves."""

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text

from bot.backend.api import MIGRATIONS
from bot.database import Database, migrate
from bot.desk.database import update


def make_chat(url: str) -> None:
    """Make the tables of the conversations and the desk in an empty database."""
    _make(url, update)


def make_accounts(url: str) -> None:
    """Make the tables of the account system in an empty database."""
    _make(url, _migrate_accounts)


def remove_rows(url: str) -> None:
    """Remove all rows from a database on PostgreSQL, and let the ids start at 1 again."""
    engine = Database(url).engine
    with engine.begin() as connection:
        tables = [name for name in inspect(connection).get_table_names() if not name.startswith("alembic_")]
        connection.execute(text(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE"))
    engine.dispose()


def _migrate_accounts(url: str) -> None:
    migrate(url, MIGRATIONS)


def _make(url: str, migrations: Callable[[str], None]) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:///") and not path.exists():
        path.write_bytes(_template(migrations))
    else:
        migrations(url)


@cache
def _template(migrations: Callable[[str], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        migrations(f"sqlite:///{path}")
        with closing(sqlite3.connect(path)) as database:
            return database.serialize()

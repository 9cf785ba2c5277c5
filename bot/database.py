"""Connect to SQLite or PostgreSQL in the same way, and migrate databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command, context
from alembic.config import Config
from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

HIGHEST_ID = 2**31 - 1  # that PostgreSQL can store in our columns
# Of SQLite; secure_delete overwrites with zeros what is deleted.
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON", "secure_delete=ON")


class Database:
    """One database, with short transactions for reading or for writing."""

    def __init__(self, url: str) -> None:
        """Open the database at a SQLAlchemy URL."""
        self.engine = _engine(url)
        self._writer = self.engine.execution_options(writes=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that only reads."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session that commits when the block ends, and rolls back when it raises."""
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session


def _engine(url: str) -> Engine:
    # Error messages must not contain stored data.
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"), hide_parameters=True)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def on_connect(connection: Any, _record: Any) -> None:
            connection.isolation_level = None  # we issue BEGIN ourselves
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def on_begin(connection: Any) -> None:
            # A transaction that starts as a reader and then writes would fail with "database is locked".
            writes = connection.get_execution_options().get("writes")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def migrate(url: str, folder: Path) -> None:
    """Apply the migrations in a folder to the database at a URL."""
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["url"] = url
    command.upgrade(config, "head")


def run_migrations(tables: MetaData, name: str) -> None:
    """Run a folder's migrations, with a version table of its own; its env.py calls this, and Alembic calls env.py."""
    with Database(context.config.attributes["url"]).engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=tables, render_as_batch=True, version_table=f"alembic_{name}"
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite does not store the time zone, so it is added again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert the moment to UTC; a moment without a time zone counts as UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment with its time zone."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def now() -> datetime:
    """Return the current moment in UTC."""
    return datetime.now(UTC)

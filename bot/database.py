"""Connect to SQLite or PostgreSQL the same way, and bring a database to its newest shape."""

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

HIGHEST_ID = 2**31 - 1  # that PostgreSQL keeps in our columns


class Database:
    """One database: short transactions for reading, others for writing."""

    def __init__(self, url: str) -> None:
        """Open the database at a SQLAlchemy URL."""
        self.engine = _engine(url)
        self._writer = self.engine.execution_options(writes=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that only reads."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session whose changes are kept when the block ends, and dropped when it raises."""
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session


def _engine(url: str) -> Engine:
    # What is stored must not show in the text of an error.
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"), hide_parameters=True)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def on_connect(connection: Any, _record: Any) -> None:
            connection.isolation_level = None  # we say BEGIN ourselves
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def on_begin(connection: Any) -> None:
            # A reader that turns into a writer half-way would fail with "database is locked".
            writes = connection.get_execution_options().get("writes")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def migrate(url: str, folder: Path) -> None:
    """Bring the database at a URL to the newest of the migrations in a folder."""
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["url"] = url
    command.upgrade(config, "head")


def run_migrations(tables: MetaData, name: str) -> None:
    """Run a folder's migrations, counted under a name of its own; called by its env.py, which Alembic calls."""
    with Database(context.config.attributes["url"]).engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=tables, render_as_batch=True, version_table=f"alembic_{name}"
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn the moment into UTC; one without a zone is taken for it."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment with its zone."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)

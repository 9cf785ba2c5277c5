"""The databases and the folder that hold personal data."""

from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import inspect

from bot.conversations.files import Files
from bot.database import Database
from bot.settings import Settings


@dataclass(frozen=True)
class Stores:
    """The databases of the conversations, of Rasa's trackers, of our accounts if we keep them, and the sent files."""

    chat: Database
    trackers: Database
    accounts: Database | None
    files: Files

    def compact(self) -> None:
        """Have SQLite write its files anew: copies of what is deleted may remain in them, and in the journal."""
        for database in filter(None, (self.chat, self.trackers, self.accounts)):
            if database.engine.dialect.name == "sqlite":
                # Below SQLAlchemy's sessions, which would begin a transaction.
                with closing(database.engine.raw_connection()) as connection:
                    for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                        connection.cursor().execute(statement).fetchall()

    def close(self) -> None:
        """Close the databases."""
        for database in filter(None, (self.chat, self.trackers, self.accounts)):
            database.engine.dispose()

    @property
    def has_trackers(self) -> bool:
        """Whether Rasa has created its table."""
        return inspect(self.trackers.engine).has_table("events")

    @property
    def has_accounts(self) -> bool:
        """Whether the reference backend has created its tables."""
        return self.accounts is not None and inspect(self.accounts.engine).has_table("audit")


def open_stores(settings: Settings, chat: Database | None = None) -> Stores:
    """Open the databases of the settings; `chat` is the one of the conversations, if it is open already."""
    return Stores(
        chat or Database(settings.chat_database_url),
        Database(settings.tracker_database_url.replace("postgresql://", "postgresql+psycopg://")),
        None if settings.backend_url else Database(settings.backend_database_url),
        Files(settings.sent_files),
    )

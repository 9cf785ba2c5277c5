"""Migrate the databases: python -m bot.prepare. A process of its own, so that the supervisor stays small."""

import sys
from pathlib import Path
from typing import NoReturn

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot import backend, chat, desk
from bot.backend.sample import seed
from bot.database import Database, migrate
from bot.desk import sample
from bot.settings import Settings, get_settings


def check_trackers(settings: Settings) -> None:
    """Check that Rasa can reach its database, because Rasa itself would retry forever."""
    url = settings.tracker_database_url.replace("postgresql://", "postgresql+psycopg://")
    try:
        with Database(url).read() as session:
            session.execute(text("SELECT 1"))
    except (SQLAlchemyError, ValueError, ModuleNotFoundError) as error:
        stop("CPS_TRACKER_DATABASE", error)


def stop(setting: str, error: Exception) -> NoReturn:
    """End with one line that names the setting."""
    sys.exit(f"the database of {setting} cannot be used: {str(getattr(error, 'orig', None) or error).splitlines()[0]}")


def main() -> None:
    """Migrate both databases and add the sample accounts and agents; end with one line if that fails."""
    settings = get_settings()
    check_trackers(settings)
    for name, url, package in (
        ("CPS_CHAT_DATABASE", settings.chat_database_url, chat),
        ("CPS_CHAT_DATABASE", settings.chat_database_url, desk),
        ("CPS_BACKEND_DATABASE", settings.backend_database_url, backend),
    ):
        if package is backend and settings.backend_url:
            continue
        try:
            migrate(url, Path(package.__path__[0]) / "migrations")
            if package is desk:
                with Database(url).write() as session:
                    sample.seed(session, settings)
            if package is backend:
                with Database(url).write() as session:
                    added = seed(session, with_accounts=settings.demo)
                if added:
                    print(f"[run] put {added} sample tiers and accounts into the reference backend", flush=True)
        except (SQLAlchemyError, ValueError, ModuleNotFoundError) as error:
            stop(name, error)


if __name__ == "__main__":
    main()

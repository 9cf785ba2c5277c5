"""Bring the databases up to date: python -m bot.prepare. A process of its own, so that the supervisor stays small."""

import sys
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot import backend, chat
from bot.backend.sample import seed
from bot.database import Database, migrate
from bot.settings import get_settings


def main() -> None:
    """Migrate both databases and add the sample accounts; end with one line when that fails."""
    settings = get_settings()
    for name, url, package in (
        ("CPS_CHAT_DATABASE", settings.chat_database_url, chat),
        ("CPS_BACKEND_DATABASE", settings.backend_database_url, backend),
    ):
        if package is backend and settings.backend_url:
            continue
        try:
            migrate(url, Path(package.__path__[0]) / "migrations")
            if package is backend:
                with Database(url).write() as session:
                    added = seed(session)
                if added:
                    print(f"[run] put {added} sample tiers and accounts into the reference backend", flush=True)
        except (SQLAlchemyError, ValueError, ModuleNotFoundError) as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            sys.exit(f"the database of {name} cannot be used: {reason}")


if __name__ == "__main__":
    main()

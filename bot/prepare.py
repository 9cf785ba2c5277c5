"""Migrate the databases: python -m bot.prepare. A process of its own, so that the supervisor stays small."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.backend.api import MIGRATIONS
from bot.backend.sample import seed
from bot.database import Database, migrate
from bot.desk import sample
from bot.desk.database import update
from bot.settings import Settings, get_settings

FAILURES = (SQLAlchemyError, ValueError, ModuleNotFoundError)


def check_files(settings: Settings) -> None:
    """End with one line if a file of SQLite is damaged: parts of it would fail in mid-conversation."""
    for name in ("chat", "backend", "tracker"):
        url = getattr(settings, f"{name}_database_url")
        if not url.startswith("sqlite:///") or not Path(url.removeprefix("sqlite:///")).exists():
            continue
        try:
            with Database(url).read() as session:
                found = str(session.scalar(text("PRAGMA quick_check(1)"))).splitlines()[-1]
        except SQLAlchemyError as error:
            found = str(getattr(error, "orig", None) or error).splitlines()[0]
        if found != "ok":
            setting = f"CPS_{name.upper()}_DATABASE"
            what_to_do = "restore a backup (make restore FROM=…), or move it away to begin with an empty one"
            sys.exit(f"the database of {setting} is damaged, {url.removeprefix('sqlite:///')}: {found}; {what_to_do}")


def check_trackers(settings: Settings) -> None:
    """Check that Rasa can reach its database, because Rasa itself would retry forever."""
    url = settings.tracker_database_url.replace("postgresql://", "postgresql+psycopg://")
    try:
        with Database(url).read() as session:
            session.execute(text("SELECT 1"))
    except FAILURES as error:
        stop("CPS_TRACKER_DATABASE", error)


def stop(setting: str, error: Exception) -> NoReturn:
    """End with one line that names the setting."""
    sys.exit(f"the database of {setting} cannot be used: {str(getattr(error, 'orig', None) or error).splitlines()[0]}")


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Let another machine that starts at the same moment wait for this one."""
    if not url.startswith("postgresql"):
        yield
        return
    with Database(url).engine.connect() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("prepare"))))  # until it is closed
        yield


def main() -> None:
    """Prepare the databases; end with one line if that fails."""
    settings = get_settings()
    check_files(settings)
    check_trackers(settings)
    try:
        with alone(settings.chat_database_url):
            prepare(settings)
    except FAILURES as error:
        stop("CPS_CHAT_DATABASE", error)


def prepare(settings: Settings) -> None:
    """Migrate both databases and add the sample accounts and agents; end with one line if that fails."""
    try:
        update(settings.chat_database_url)
        with Database(settings.chat_database_url).write() as session:
            sample.seed(session, settings)
    except FAILURES as error:
        stop("CPS_CHAT_DATABASE", error)
    if settings.backend_url:
        return
    try:
        migrate(settings.backend_database_url, MIGRATIONS)
        with Database(settings.backend_database_url).write() as session:
            added = seed(session, with_accounts=settings.demo)
    except FAILURES as error:
        stop("CPS_BACKEND_DATABASE", error)
    if added:
        print(f"[run] put {added} sample tiers and accounts into the reference backend", flush=True)


if __name__ == "__main__":
    main()

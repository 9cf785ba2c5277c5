"""Say what a new release changes, and then do it, a backup first: python -m bot.upgrade (make upgrade)."""

import argparse
import sqlite3
import sys
from pathlib import Path
from typing import NoReturn

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot import conversations, desk, postgresql
from bot.backend.api import MIGRATIONS
from bot.backup import BACKUPS, back_up
from bot.database import Database, migrate
from bot.desk.database import update
from bot.model import TrainingError, model_path, train
from bot.prepare import alone
from bot.private import write_privately
from bot.processes import answers
from bot.settings import Settings, get_settings

WITH_CHAT = ((conversations, "chat"), (desk, "desk"))  # whose tables are in the conversations' database


def stop(text: str) -> NoReturn:
    """End with one line that says what is wrong."""
    sys.exit(f"[upgrade] stopped: {text}")


def say(text: str) -> None:
    """Print one line."""
    print(f"[upgrade] {text}", flush=True)


def pending(settings: Settings) -> list[str]:
    """Return the migrations that each database lacks, in their order; none of one that does not exist yet."""
    chat, accounts = settings.chat_database_url, settings.backend_database_url
    folders = [("chat", chat, Path(one.__path__[0]) / "migrations", name) for one, name in WITH_CHAT]
    folders += [] if settings.backend_url else [("backend", accounts, MIGRATIONS, "backend")]
    found = []
    for database, url, folder, name in folders:
        if exists(url):
            found += [f"{database}: {one}" for one in _lacking(url, folder, name)]
    return found


def exists(url: str) -> bool:
    """Tell whether a database is there; asking SQLite itself would create it."""
    parsed = make_url(url)
    return parsed.get_backend_name() != "sqlite" or Path(parsed.database or "").exists()


def _lacking(url: str, folder: Path, name: str) -> list[str]:
    database, scripts = Database(url), ScriptDirectory(str(folder))
    with database.engine.connect() as connection:
        present = MigrationContext.configure(connection, opts={"version_table": f"alembic_{name}"}).get_current_heads()
    database.engine.dispose()
    if not present:  # PostgreSQL's is empty
        return []
    try:
        missing = list(scripts.iterate_revisions("head", present))
    except ResolutionError:
        stop(f"the database of {name} has migration {present[0]}, which this release does not know; update the files")
    return [f"{one.revision} {one.doc}" for one in reversed(missing)]


def main(arguments: list[str] | None = None) -> None:
    """Say what will be done, ask, and do it; end with one line if that fails."""
    parser = argparse.ArgumentParser(prog="make upgrade", description="Bring databases and model to this release.")
    parser.add_argument("folder", type=Path, nargs="?", default=BACKUPS, help="where the backup goes")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    given = parser.parse_args(arguments)
    settings = get_settings()
    write_privately()
    try:
        _upgrade(settings, given.folder, given.yes)
    except (OSError, sqlite3.Error, SQLAlchemyError, postgresql.ToolError) as error:
        stop(" ".join(str(getattr(error, "orig", None) or error).split()))
    except TrainingError as error:
        print(error, file=sys.stderr)
        stop("Rasa could not train; its last words stand above. Nothing has been migrated")


def _upgrade(settings: Settings, folder: Path, is_agreed: bool) -> None:
    migrations, model = pending(settings), model_path(settings)
    if not migrations and model.exists():
        say("databases and model are of this release already; nothing to do")
        return
    runs = answers(f"{settings.web_address}/health")
    say("this will be done, in this order:")
    say(f"- a backup below {folder}")
    say(f"- the model {model.stem.removesuffix('.tar')}: " + ("is there already" if model.exists() else "is trained"))
    for one in migrations:
        say(f"- migration of {one}")
    if runs and migrations:
        say("The assistant runs: it goes on, and its next start does the migrations.")
    if not is_agreed:
        print("Type yes:", flush=True)
        if sys.stdin.readline().strip() != "yes":
            stop("nothing has been changed")
    say(f"the backup is {back_up(settings, folder)}")
    if not model.exists():
        say("training the model; this may take some minutes")
        say(f"trained in {train(settings):.0f} s")
    if runs:
        say("now restart the assistant")
        return
    if migrations:
        with alone(settings.chat_database_url):
            _migrate(settings)
        say("the databases are migrated")
    say("now start the assistant; to go back, restore the backup with the former release (docs/operations.md)")


def _migrate(settings: Settings) -> None:
    if exists(settings.chat_database_url):
        update(settings.chat_database_url)
    if not settings.backend_url and exists(settings.backend_database_url):
        migrate(settings.backend_database_url, MIGRATIONS)


if __name__ == "__main__":
    main()

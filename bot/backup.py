"""Copy the databases while the assistant runs, and bring a copy back: python -m bot.backup (make backup, restore)."""

import argparse
import hashlib
import json
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import NoReturn

from sqlalchemy.engine import make_url

from bot import postgresql
from bot.database import now
from bot.private import write_privately
from bot.processes import answers
from bot.setting_types import with_driver
from bot.settings import LAST_BACKUP, ROOT, Settings, get_settings

BACKUPS = ROOT / "backups"
MANIFEST = "manifest.json"  # written last: a folder without it is no backup
FILES = "files"  # the folder with what customers have sent
KEY = "email.key"  # by which a person's data is found; kept in the data folder
# Ids go on so much higher after a restore: browsers and helpdesks have seen those that were given since the backup.
SKIPPED_IDS = 100_000
WAIT = 30.0  # seconds for a lock of a database


def stop(text: str) -> NoReturn:
    """End with one line that says what is wrong."""
    sys.exit(f"stopped: {text}")


def databases(settings: Settings) -> dict[str, str]:
    """Return the databases by the name of their copy, each once; Rasa's first, as docs/operations.md explains."""
    urls = {"rasa": settings.tracker_database_url, "chat": settings.chat_database_url}
    if not settings.backend_url:
        urls["backend"] = settings.backend_database_url
    once: dict[str, str] = {}
    for name, url in urls.items():
        once.setdefault(with_driver(url), name)
    return {name: url for url, name in once.items()}


def _path(url: str) -> Path | None:
    """Return the file of a SQLite database; None for PostgreSQL."""
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def back_up(settings: Settings, parent: Path) -> Path:
    """Copy all databases into a new folder, and return it."""
    folder = parent / f"{now():%Y%m%d-%H%M%S}"
    unfinished = parent / f"{folder.name}.unfinished"
    unfinished.mkdir(parents=True)
    try:
        _copy_sqlite({name: path for name, url in databases(settings).items() if (path := _path(url))}, unfinished)
        for name, url in databases(settings).items():
            if not _path(url):
                postgresql.dump(url, unfinished / f"{name}.dump")
        if (settings.data_dir / KEY).exists():
            shutil.copyfile(settings.data_dir / KEY, unfinished / KEY)
        files = {path.name: _digest(path) for path in sorted(unfinished.iterdir())}
        manifest = {"made_at": now().isoformat(), "files": files, "sent": _copy_sent(settings, unfinished / FILES)}
        (unfinished / MANIFEST).write_text(json.dumps(manifest, indent=2))
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished)
        raise
    with suppress(OSError):  # the backup is whole, even if the desk does not learn of it
        (settings.data_dir / LAST_BACKUP).write_text(
            json.dumps({"made_at": manifest["made_at"], "folder": folder.name})
        )
    return folder


def _copy_sqlite(paths: dict[str, Path], folder: Path) -> None:
    """Copy SQLite files at one moment: their writers are held for the instant in which all snapshots begin."""
    with ExitStack() as open_databases:

        def connect(path: Path) -> sqlite3.Connection:
            place = f"{path.absolute().as_uri()}?mode=rw"
            connection = sqlite3.connect(place, uri=True, isolation_level=None, timeout=WAIT)
            return open_databases.enter_context(closing(connection))

        there = {name: path for name, path in paths.items() if path.exists()}
        writers, readers = ([connect(path) for path in there.values()] for _ in range(2))
        for writer in writers:
            writer.execute("BEGIN IMMEDIATE")
        for reader in readers:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        for writer in writers:
            writer.execute("ROLLBACK")
        for name, reader in zip(there, readers, strict=True):
            with closing(sqlite3.connect(folder / f"{name}.db")) as copy:
                reader.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a journal beside it
                if (found := copy.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                    raise sqlite3.DatabaseError(f"{there[name]} is damaged: {found}")


def _copy_sent(settings: Settings, folder: Path) -> dict[str, str]:
    """Copy the files that customers have sent, except for those that are deleted meanwhile; return their digests."""
    folder.mkdir()
    for path in filter(Path.is_file, settings.sent_files.glob("*")):
        with suppress(FileNotFoundError):
            shutil.copyfile(path, folder / path.name)
    return {path.name: _digest(path) for path in sorted(folder.iterdir())}


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def check_backup(settings: Settings, folder: Path) -> str:
    """Return when a backup was made; end with one line if it is not whole, or is of other databases."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        files, made_at = dict(manifest["files"]), str(manifest["made_at"])
        sent = dict(manifest.get("sent", {}))  # which earlier releases did not list
    except (OSError, ValueError, KeyError, TypeError):
        stop(f"{folder} is no backup: it has no readable {MANIFEST}")
    listed = [(folder, files), (folder / FILES, sent)]
    for path, digest in ((parent / Path(name).name, digest) for parent, one in listed for name, digest in one.items()):
        if not path.is_file() or _digest(path) != digest:
            stop(f"{path} is missing or damaged; take another backup")
    wanted = {f"{name}.db" if _path(url) else f"{name}.dump" for name, url in databases(settings).items()}
    if not wanted & files.keys() or {name for name in files if name != KEY} - wanted:
        stop(f"{folder} has {', '.join(files)}, but the settings name other databases; set CPS_…_DATABASE as it was")
    return made_at


def restore(settings: Settings, folder: Path) -> None:
    """Put the databases of a backup in the place of the present ones."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    for name, url in databases(settings).items():
        path = _path(url)
        if not path:
            postgresql.load(url, folder / f"{name}.dump", SKIPPED_IDS)
        elif (copy := folder / f"{name}.db").exists():
            _replace(path, copy)
        else:  # Rasa had stored nothing yet
            for old in _files_of(path):
                old.unlink()
    if (folder / KEY).exists():
        shutil.copyfile(folder / KEY, settings.data_dir / KEY)
    for old in filter(Path.is_file, settings.sent_files.glob("*")):
        old.unlink()
    if (folder / FILES).exists():
        shutil.copytree(folder / FILES, settings.sent_files, dirs_exist_ok=True)


def _replace(path: Path, copy: Path) -> None:
    new = path.with_name(f"{path.name}.new")
    shutil.copyfile(copy, new)
    with closing(sqlite3.connect(new)) as database:
        if database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").fetchone():
            database.execute("UPDATE sqlite_sequence SET seq = seq + ?", (SKIPPED_IDS,))
        database.commit()
    for old in _files_of(path):
        old.unlink()
    new.rename(path)


def _files_of(path: Path) -> Iterator[Path]:
    """Yield the files of a SQLite database: its journal would change another file with its name."""
    return (one for end in ("", "-wal", "-shm", "-journal") if (one := path.with_name(path.name + end)).exists())


def check_stopped(settings: Settings) -> None:
    """End with one line while the assistant runs."""
    rasas = (("rasa", f"{one}/") for one in settings.rasa_addresses)
    for name, address in (("web", f"{settings.web_address}/health"), *rasas):
        if answers(address):
            stop(f"{name} runs; stop the assistant first")


def main(arguments: list[str] | None = None) -> None:
    """Run the command; end with a one-line message if it is not possible."""
    given = _parser().parse_args(arguments)
    settings = get_settings()
    write_privately()
    try:
        if given.do == "make":
            print(f"the databases are copied to {back_up(settings, given.folder)}")
            return
        made_at = check_backup(settings, given.folder)
        check_stopped(settings)
        print(f"This replaces what is in the databases by the backup of {made_at}. Type yes:", flush=True)
        if sys.stdin.readline().strip() != "yes":
            stop("nothing has been changed")
        restore(settings, given.folder)
        print("restored; repeat the erasures since then (docs/privacy.md), and start the assistant")
    except (OSError, sqlite3.Error, postgresql.ToolError) as error:
        stop(" ".join(str(error).split()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "make backup, make restore", description="Copy the databases, or bring a copy back."
    )
    doing = parser.add_subparsers(dest="do", required=True)
    doing.add_parser("make", help="copy").add_argument("folder", type=Path, nargs="?", default=BACKUPS)
    doing.add_parser("restore", help="bring a copy back").add_argument("folder", type=Path)
    return parser


if __name__ == "__main__":
    main()

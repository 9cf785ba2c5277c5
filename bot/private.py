"""Keep what the assistant writes from the other accounts of the machine."""

import os
import stat
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from bot.settings import Settings

ACCESS_KEY = "access.key"  # in the data folder
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def write_privately() -> None:
    """Let only this account read and write what this process and its children create."""
    os.umask(OTHERS)


def close_files(settings: Settings) -> int:
    """Close to other accounts what an earlier release left open to them; return how many files and folders."""
    return sum(map(_close, set(_written(settings))))


def _written(settings: Settings) -> Iterator[Path]:
    yield from (settings.data_dir, settings.data_dir / ACCESS_KEY, settings.models_dir)
    logs = settings.data_dir / "logs"
    yield from chain([logs], logs.rglob("*"), settings.models_dir.rglob("*"))
    for url in (settings.chat_database_url, settings.backend_database_url, settings.tracker_database_url):
        kind, _, file = url.partition(":///")
        if kind.startswith("sqlite") and file:
            path = Path(file.partition("?")[0])
            yield from path.parent.glob(f"{path.name}*")  # with its -wal and -shm


def _close(path: Path) -> bool:
    if path.is_symlink() or not path.exists():
        return False
    found = path.stat()
    # A folder with a sticky bit, such as /tmp, belongs to everybody, and so do its other files.
    if found.st_uid != os.geteuid() or found.st_mode & stat.S_ISVTX or not found.st_mode & OTHERS:
        return False
    path.chmod(found.st_mode & ~OTHERS)
    return True

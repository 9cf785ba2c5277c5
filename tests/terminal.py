"""Commands of the terminal, run within the tests: a process of its own first imports for seconds."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from bot import settings


def run_command(
    main: Callable[[list[str]], None], folder: Path, *words: str, typed: str = ""
) -> subprocess.CompletedProcess:
    """Run a command with its data in a folder; return what a process would have returned."""
    out, errors, code = StringIO(), StringIO(), 0
    before, mask = (settings._settings, sys.stdin), os.umask(0o077)
    settings._settings, sys.stdin = settings.Settings(data_dir=folder), StringIO(typed)
    try:
        with redirect_stdout(out), redirect_stderr(errors):
            main(list(words))
    except SystemExit as end:
        code = 1
        errors.write(f"{end.code}\n")
    finally:
        settings._settings, sys.stdin = before
        os.umask(mask)
    return subprocess.CompletedProcess(words, code, out.getvalue(), errors.getvalue())

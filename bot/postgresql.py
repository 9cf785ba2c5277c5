"""Copy a PostgreSQL database with its own tools, pg_dump, pg_restore and psql."""

import subprocess
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.environments import environment_of_tool

# Tables of a newer release are not in an older copy, and would stand in the way of its migrations.
EMPTY = """DO $$ DECLARE one record; BEGIN
FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
  EXECUTE format('DROP TABLE %I CASCADE', one.tablename);
END LOOP;
FOR one IN SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema() LOOP
  EXECUTE format('DROP SEQUENCE %I CASCADE', one.sequencename);
END LOOP; END $$;
"""
SKIP_IDS = """DO $$ DECLARE one record; BEGIN
FOR one IN SELECT schemaname, sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL LOOP
  PERFORM setval(format('%I.%I', one.schemaname, one.sequencename), one.last_value + {});
END LOOP; END $$;
"""


class ToolError(Exception):
    """A tool of PostgreSQL failed; the text is its last line."""


def dump(url: str, file: Path) -> None:
    """Copy a database as it is at one moment into a file."""
    _run(url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}")


def load(url: str, file: Path, skipped_ids: int) -> None:
    """Put a copy in the place of all that a database holds, in one transaction."""
    script = file.with_suffix(".sql")
    try:
        _tool("", "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(file))
        words = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
        skip = SKIP_IDS.format(skipped_ids)
        # What a dump does to search_path holds for the session, and the last statement names schemas itself.
        _run(url, "psql", *words, f"--command={EMPTY}", f"--file={script}", f"--command={skip}")
    finally:
        script.unlink(missing_ok=True)


def _run(url: str, tool: str, *words: str) -> None:
    place = make_url(url)
    address = place.set(drivername="postgresql", password=None).render_as_string()
    _tool(str(place.password or ""), tool, *words, f"--dbname={address}")  # other accounts see a command's words


def _tool(password: str, tool: str, *words: str) -> None:
    try:
        done = subprocess.run(
            [tool, *words], env=environment_of_tool(password), capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise ToolError(f"{tool} is missing; install PostgreSQL's client (on Debian: postgresql-client)") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise ToolError("; ".join(lines) if lines else f"{tool} ended with code {done.returncode}")

"""Migrate the database that the conversations and the desk share."""

from pathlib import Path

from bot import conversations, desk
from bot.database import migrate


def update(url: str) -> None:
    """Run the migrations of the conversations, and then the desk's."""
    for package in (conversations, desk):
        migrate(url, Path(package.__path__[0]) / "migrations")

"""The website side with a clock that a test moves: the file in MOVED_CLOCK says by how many seconds it is off."""

import datetime
import os
import time
from pathlib import Path

from bot import app, calendar, database

OFF, REAL = Path(os.environ["MOVED_CLOCK"]), time.time


class MovedDatetime(datetime.datetime):
    """The moments of the moved clock."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        """Return the present moment by the moved clock."""
        return datetime.datetime.fromtimestamp(time.time(), tz)


def create_app() -> object:
    """Make the website side; everything that it asks for the time is here."""
    time.time = lambda: REAL() + float(OFF.read_text())
    database.datetime = calendar.datetime = MovedDatetime
    return app.create_app()

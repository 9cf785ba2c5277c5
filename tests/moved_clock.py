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
    made = app.create_app()
    jobs = made.state.periodic_jobs  # what deletes at the end of its term runs within the test
    jobs._jobs = [(name, work, 0.5 if name == "retention" else pause) for name, work, pause in jobs._jobs]
    return made

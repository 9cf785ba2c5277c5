"""Which of the web processes that share a database does what: each claims its work, and others wait for it.

A claim ends some seconds after its process has died or hangs. A process that wakes up later may then still be at work
that another one has claimed, so work is done in a way that bears repeating.
"""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, func, or_, update
from sqlalchemy.dialects.postgresql import insert

from bot.conversations.models import Claim
from bot.database import Database

LEADER = "jobs"  # what the process claims that runs the periodic jobs
LEASE = timedelta(seconds=5)  # by the clock of the database


class Claims:
    """The claims of this process; on SQLite, where it is the only one, everything is its own."""

    def __init__(self, database: Database) -> None:
        """Take the database of the conversations."""
        self._database, self._process = database, secrets.token_hex(8)
        self.is_shared = database.engine.dialect.name == "postgresql"

    def take(self, name: str) -> bool:
        """Claim some work, or claim it for longer; return whether it is ours."""
        if not self.is_shared:
            return True
        mine = {"process": self._process, "until": func.now() + LEASE}
        free = or_(Claim.process == self._process, Claim.until < func.now())
        claim = (
            insert(Claim)
            .values(name=name, **mine)
            .on_conflict_do_update(index_elements=[Claim.name], set_=mine, where=free)
        )
        with self._database.write() as session:
            return session.scalar(claim.returning(Claim.name)) is not None

    def keep(self, names: Iterable[str]) -> None:
        """Claim for longer what is claimed already; what this process is no longer at work on, ends by itself."""
        mine = update(Claim).where(Claim.process == self._process, Claim.name.in_(names))
        with self._database.write() as session:
            session.execute(mine.values(until=func.now() + LEASE))

    def release(self, name: str) -> None:
        """Leave some work to others."""
        if self.is_shared:
            with self._database.write() as session:
                session.execute(delete(Claim).where(Claim.name == name, Claim.process == self._process))

    def release_all(self) -> None:
        """Leave everything to others."""
        if self.is_shared:
            with self._database.write() as session:
                session.execute(delete(Claim).where(Claim.process == self._process))

    def drop_expired(self) -> list[str]:
        """Delete what dead processes left; return the changed conversations, as a job does: none."""
        if self.is_shared:
            with self._database.write() as session:
                session.execute(delete(Claim).where(Claim.until < func.now() - LEASE))
        return []

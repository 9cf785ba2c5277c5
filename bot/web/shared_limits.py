"""Rate limits that are counted in the database, so that all processes share them and a restart forgets nothing."""

import hashlib
import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.conversations.models import RateLimitHit
from bot.database import Database, now


class Limit(NamedTuple):
    """How often one somebody may do something within a time."""

    kind: str
    who: str
    amount: int
    seconds: int

    @property
    def key(self) -> str:
        """The name of this limit in the database, which shows neither addresses nor e-mail addresses."""
        return hashlib.sha256(f"{self.kind} {self.who}".encode()).hexdigest()


class SharedLimits:
    """A moving-window rate limiter over the database."""

    def __init__(self, database: Database) -> None:
        """Take the database of the conversations."""
        self._database = database

    def hit(self, *limits: Limit) -> int:
        """Count one hit against every limit; if one is exhausted, count nothing and return the seconds to wait."""
        if seconds := self.wait(*limits):  # a flood is refused without writing
            return seconds
        with self._database.write() as session:
            if session.get_bind().dialect.name == "postgresql":  # SQLite has only one writer at a time anyway
                for key in sorted(limit.key for limit in limits):
                    session.execute(select(func.pg_advisory_xact_lock(int(key[:15], 16))))
            moment = now()
            seconds = _seconds(session, limits, moment)
            if not seconds:
                session.add_all(
                    RateLimitHit(key=limit.key, expires_at=moment + timedelta(seconds=limit.seconds))
                    for limit in limits
                )
        return seconds

    def wait(self, *limits: Limit) -> int:
        """Return the seconds until every limit has room again, which is 0 if it has room now."""
        with self._database.read() as session:
            return _seconds(session, limits, now())

    def release(self, *limits: Limit) -> None:
        """Take one hit back from every limit."""
        with self._database.write() as session:
            for limit in limits:
                newest = select(func.max(RateLimitHit.id)).where(RateLimitHit.key == limit.key)
                session.execute(delete(RateLimitHit).where(RateLimitHit.id == newest.scalar_subquery()))

    def clear(self, *limits: Limit) -> None:
        """Forget all hits of some limits."""
        with self._database.write() as session:
            session.execute(delete(RateLimitHit).where(RateLimitHit.key.in_([limit.key for limit in limits])))

    def drop_expired(self) -> list[str]:
        """Delete the hits that no longer count; return the changed conversations, as a job does: none."""
        with self._database.write() as session:
            session.execute(delete(RateLimitHit).where(RateLimitHit.expires_at < now()))
        return []


def _seconds(session: Session, limits: Sequence[Limit], moment: datetime) -> int:
    return max(_seconds_of(session, limit, moment) for limit in limits)


def _seconds_of(session: Session, limit: Limit, moment: datetime) -> int:
    counted = select(RateLimitHit.expires_at).where(RateLimitHit.key == limit.key, RateLimitHit.expires_at > moment)
    # There is room again once the oldest of the last `amount` hits has expired.
    oldest = session.scalar(counted.order_by(RateLimitHit.expires_at.desc()).offset(limit.amount - 1).limit(1))
    # The hit of another process may be newer than this moment.
    return min(math.ceil((oldest - moment).total_seconds()), limit.seconds) if oldest else 0

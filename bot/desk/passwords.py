"""Passwords of agents: kept as argon2 hashes, checked a few at a time, and locked after too many wrong ones."""

from datetime import timedelta
from functools import cache

import structlog
from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from bot.conversations.models import Agent
from bot.database import Database, now
from bot.keys import new_key
from bot.settings import MIN_PASSWORD_LENGTH

MIN_LENGTH, MAX_LENGTH = MIN_PASSWORD_LENGTH, 200  # characters
MAX_FAILURES, PAUSE = 5, timedelta(minutes=15)  # after so many wrong ones in a row, so long a lock
AT_A_TIME = CapacityLimiter(2)  # a check takes 64 MiB and a moment of a whole core

hasher = PasswordHasher()
log = structlog.get_logger()


async def check(database: Database, email: str, password: str) -> Agent | None:
    """Return the agent with this e-mail address and password, or None; neither answer nor time tells what was wrong."""
    if len(password) > MAX_LENGTH:
        return None
    return await to_thread.run_sync(_check, database, email, password, limiter=AT_A_TIME)


async def hashed(password: str) -> str:
    """Return the hash of a password, which is kept in its place."""
    return await to_thread.run_sync(hasher.hash, password, limiter=AT_A_TIME)


def wrong_with(password: str) -> str:
    """Return the name of the words that say why a password is not accepted, or an empty string."""
    return "too_short" if len(password) < MIN_LENGTH else "too_long" if len(password) > MAX_LENGTH else ""


def fits(kept: str, password: str) -> bool:
    """Tell whether a password matches a hash."""
    try:
        return hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def _check(database: Database, email: str, password: str) -> Agent | None:
    nobodys, attempt = _nobodys(), _count_attempt(database, email)
    kept = attempt.password_hash if attempt else None
    if not fits(kept or nobodys, password) or not attempt or not kept:
        if attempt and attempt.locked_until:
            log.warning("agent_locked", agent=attempt.id)
        return None
    renewed = hasher.hash(password) if hasher.check_needs_rehash(kept) else kept
    with database.write() as session:
        agent = session.get_one(Agent, attempt.id)
        if agent.password_hash != kept or agent.disabled_at:  # changed in the meantime
            return None
        agent.password_hash, agent.failures, agent.locked_until = renewed, 0, None
        return agent


def _count_attempt(database: Database, email: str) -> Agent | None:
    # Counted before the check, so that parallel attempts cannot exceed the limit.
    moment = now()
    with database.write() as session:
        agent = session.scalars(select(Agent).where(Agent.email == email).with_for_update()).first()
        if not agent or agent.disabled_at or (agent.locked_until and agent.locked_until > moment):
            return None
        agent.failures = 1 if agent.locked_until else agent.failures + 1
        agent.locked_until = None
        if agent.failures >= MAX_FAILURES:
            agent.locked_until = moment + PAUSE
        return agent


@cache
def _nobodys() -> str:
    # Checked where there is no agent, so that this takes as long as a wrong password.
    return hasher.hash(new_key())

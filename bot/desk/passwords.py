"""Passwords of agents: kept as argon2 hashes, and checked a few at a time."""

from functools import cache

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from bot.conversations.models import Agent
from bot.database import Database
from bot.keys import new_key
from bot.problems import problem
from bot.setting_types import MIN_PASSWORD_LENGTH

MIN_LENGTH, MAX_LENGTH = MIN_PASSWORD_LENGTH, 200  # characters
# A check takes 64 MiB and a moment of a whole core. Known devices do not queue behind strangers.
STRANGERS, KNOWN = CapacityLimiter(2), CapacityLimiter(1)
MAX_QUEUE = 10  # checks that wait for their turn

hasher = PasswordHasher()


async def check(database: Database, email: str, password: str, known: bool = False) -> Agent | None:
    """Return the agent with this e-mail address and password, or None; neither answer nor time tells what was wrong.

    `known` says that the attempt comes from a device that has signed in before.
    """
    if len(password) > MAX_LENGTH:
        return None
    limiter = KNOWN if known else STRANGERS
    if limiter.statistics().tasks_waiting >= MAX_QUEUE:
        raise problem(503, "busy", "Too many sign-ins at the same time", {"retry-after": "5"})
    return await to_thread.run_sync(_check, database, email, password, limiter=limiter)


async def hashed(password: str) -> str:
    """Return the hash of a password, which is kept in its place."""
    return await to_thread.run_sync(hasher.hash, password, limiter=KNOWN)


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
    with database.read() as session:
        found = session.scalars(select(Agent).where(Agent.email == email, Agent.disabled_at.is_(None))).first()
    kept = found.password_hash if found else None
    if not fits(kept or _nobodys(), password) or not found or not kept:
        return None
    renewed = hasher.hash(password) if hasher.check_needs_rehash(kept) else kept
    with database.write() as session:
        agent = session.get_one(Agent, found.id, with_for_update=True)
        if agent.password_hash != kept or agent.disabled_at:  # changed in the meantime
            return None
        agent.password_hash = renewed
        return agent


@cache
def _nobodys() -> str:
    # Checked where there is no agent, so that this takes as long as a wrong password.
    return hasher.hash(new_key())

"""The account service's rules, as plain functions over a database session."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.backend.models import Access, Account, Tier, Verification
from bot.database import now

MOST_TRIES = 5
KEEP_VERIFICATIONS = timedelta(hours=1)  # as long as they count against the limit of codes an hour


class TooManyCodes(Exception):
    """Too many codes were asked for this e-mail address."""


@dataclass
class Opened:
    """A verification just opened; the code and the account are for the letter alone."""

    id: str
    code: str
    expires_at: datetime
    account: Account | None


@dataclass
class Points:
    """An account's points: those that count, and those that wait for a green tick."""

    total: int
    waiting: int
    waiting_products: int


def open_verification(session: Session, email: str, code_lifetime: int, codes_an_hour: int) -> Opened:
    """Open a verification for an e-mail address, known or not, with the same work for both."""
    email = email.strip().lower()
    email_hash = _hash(email)
    moment = now()
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        session.execute(select(func.pg_advisory_xact_lock(int(email_hash[:15], 16))))
    session.execute(delete(Verification).where(Verification.created_at < moment - KEEP_VERIFICATIONS))
    recent = select(func.count()).select_from(Verification).where(Verification.email_hash == email_hash)
    if session.scalar(recent) >= codes_an_hour:  # type: ignore[operator]
        raise TooManyCodes
    account = session.scalar(select(Account).where(Account.email == email))
    opened = Opened(
        id=secrets.token_urlsafe(32),
        code=f"{secrets.randbelow(1_000_000):06}",
        expires_at=moment + timedelta(seconds=code_lifetime),
        account=account,
    )
    # A new code makes the earlier ones worthless.
    earlier = update(Verification).where(Verification.email_hash == email_hash)
    session.execute(earlier.values(expires_at=moment))
    session.add(
        Verification(
            id=opened.id,
            email_hash=email_hash,
            account_id=account.id if account else None,
            code_hash=_slow_hash(opened.code, opened.id),
            created_at=moment,
            expires_at=opened.expires_at,
        )
    )
    return opened


def count_try(session: Session, verification_id: str) -> Verification | None:
    """Count one try at a code; return its verification, or nothing when it is spent, too old or unknown."""
    # One statement, so that tries made side by side are all counted.
    counted = session.execute(
        update(Verification)
        .where(
            Verification.id == verification_id,
            Verification.tries < MOST_TRIES,
            Verification.confirmed_at.is_(None),
            Verification.expires_at > now(),
        )
        .values(tries=Verification.tries + 1)
    )
    return session.get(Verification, verification_id) if counted.rowcount else None  # type: ignore[attr-defined]


def is_code_right(verification: Verification, code: str) -> bool:
    """Tell whether this is the code that was sent."""
    same = hmac.compare_digest(_slow_hash(code, verification.id), verification.code_hash)
    return same and verification.account_id is not None


def grant_access(session: Session, verification: Verification, lifetime: int) -> tuple[str, Access, Account] | None:
    """Turn a verification into a token for its account, once; return nothing the second time."""
    moment = now()
    first = session.execute(
        update(Verification)
        .where(Verification.id == verification.id, Verification.confirmed_at.is_(None))
        .values(confirmed_at=moment)
    )
    if not first.rowcount:  # type: ignore[attr-defined]
        return None
    session.execute(delete(Access).where(Access.expires_at < moment))
    account = session.get_one(Account, verification.account_id)
    token = secrets.token_urlsafe(32)
    access = Access(token_hash=_hash(token), account_id=account.id, expires_at=moment + timedelta(seconds=lifetime))
    session.add(access)
    return token, access, account


def find_account(session: Session, token: str) -> Account | None:
    """Return the account that a token opens, or nothing when it is unknown or too old."""
    access = session.get(Access, _hash(token))
    return session.get(Account, access.account_id) if access and access.expires_at > now() else None


def end_access(session: Session, token: str) -> None:
    """Make a token worthless."""
    session.execute(delete(Access).where(Access.token_hash == _hash(token)))


def points_of(account: Account) -> Points:
    """Add up an account's points."""
    waiting = [product for product in account.products if not product.has_tick]
    return Points(
        total=sum(product.points for product in account.products if product.has_tick),
        waiting=sum(product.points for product in waiting),
        waiting_products=len(waiting),
    )


def tiers(session: Session) -> list[Tier]:
    """Return all tiers, the lowest first."""
    return list(session.scalars(select(Tier).order_by(Tier.from_points, Tier.id)))


def available_tiers(all_tiers: list[Tier], total: int) -> list[Tier]:
    """Return the tiers that so many points open."""
    return [tier for tier in all_tiers if total >= tier.from_points]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _slow_hash(code: str, salt: str) -> bytes:
    # Six digits are few: a stolen database must not give them up at once.
    return hashlib.scrypt(code.encode(), salt=salt.encode(), n=2**14, r=8, p=1)

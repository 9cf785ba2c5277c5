"""Issue codes that confirm who a customer is, and tokens that open their account; both use the real time."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.backend.models import Access, Account, Verification
from bot.database import now

MAX_TRIES = 5
KEEP_VERIFICATIONS = timedelta(hours=1)  # as long as they count against the limit of codes an hour


class TooManyCodes(Exception):
    """Too many codes were requested for this e-mail address."""


@dataclass
class Opened:
    """A new verification; its code and account are only for the e-mail."""

    id: str
    code: str
    expires_at: datetime
    account: Account | None


def open_verification(session: Session, email: str, code_lifetime: int, codes_an_hour: int) -> Opened:
    """Start a verification for an e-mail address, with the same work whether or not the address is known."""
    email = email.strip().lower()
    email_hash = _hash(email)
    moment = now()
    if session.get_bind().dialect.name == "postgresql":  # SQLite has only one writer at a time anyway
        session.execute(select(func.pg_advisory_xact_lock(int(email_hash[:15], 16))))
    session.execute(delete(Verification).where(Verification.created_at < moment - KEEP_VERIFICATIONS))
    recent = select(func.count()).select_from(Verification).where(Verification.email_hash == email_hash)
    if session.scalar(recent) >= codes_an_hour:  # type: ignore[operator]
        raise TooManyCodes
    account = find_by_email(session, email)
    opened = Opened(
        id=secrets.token_urlsafe(32),
        code=f"{secrets.randbelow(1_000_000):06}",
        expires_at=moment + timedelta(seconds=code_lifetime),
        account=account,
    )
    # A new code invalidates the earlier ones.
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
    """Count one try at a code; return its verification, or None if it is used up, expired or unknown."""
    # One statement, so that concurrent tries are all counted.
    counted = session.execute(
        update(Verification)
        .where(
            Verification.id == verification_id,
            Verification.tries < MAX_TRIES,
            Verification.confirmed_at.is_(None),
            Verification.expires_at > now(),
        )
        .values(tries=Verification.tries + 1)
    )
    return session.get(Verification, verification_id) if counted.rowcount else None  # type: ignore[attr-defined]


def is_code_right(verification: Verification, code: str) -> bool:
    """Tell whether a code is the one that was sent."""
    same = hmac.compare_digest(_slow_hash(code, verification.id), verification.code_hash)
    return same and verification.account_id is not None


def grant_access(session: Session, verification: Verification, lifetime: int) -> tuple[str, Access, Account] | None:
    """Exchange a verification for a token, once; return None the second time."""
    moment = now()
    first = session.execute(
        update(Verification)
        .where(Verification.id == verification.id, Verification.confirmed_at.is_(None))
        .values(confirmed_at=moment)
    )
    if not first.rowcount:  # type: ignore[attr-defined]
        return None
    account = session.get_one(Account, verification.account_id)
    return *new_access(session, account, lifetime), account


def new_access(session: Session, account: Account, lifetime: int) -> tuple[str, Access]:
    """Create a token that opens an account for a number of seconds."""
    moment = now()
    session.execute(delete(Access).where(Access.expires_at < moment))
    token = secrets.token_urlsafe(32)
    access = Access(token_hash=_hash(token), account_id=account.id, expires_at=moment + timedelta(seconds=lifetime))
    session.add(access)
    return token, access


def find_by_email(session: Session, email: str) -> Account | None:
    """Return the account with an e-mail address, in upper or lower case."""
    return session.scalar(select(Account).where(Account.email == email.strip().lower()))


def verifications_of(session: Session, email: str) -> list[Verification]:
    """Return the verifications of an e-mail address, the oldest first."""
    mine = select(Verification).where(Verification.email_hash == _hash(email.strip().lower()))
    return list(session.scalars(mine.order_by(Verification.created_at)))


def forget_person(session: Session, email: str) -> None:
    """Delete the verifications of an e-mail address, and the tokens that open its account."""
    for one in verifications_of(session, email):
        session.delete(one)
    account = find_by_email(session, email)
    if account:
        session.execute(delete(Access).where(Access.account_id == account.id))


def find_account(session: Session, token: str) -> Account | None:
    """Return the account that a token opens, or None if the token is unknown or expired."""
    access = session.get(Access, _hash(token))
    return session.get(Account, access.account_id) if access and access.expires_at > now() else None


def end_access(session: Session, token: str) -> int | None:
    """Revoke a token; return the id of the account that it opened."""
    access = session.get(Access, _hash(token))
    if access:
        session.execute(delete(Access).where(Access.token_hash == access.token_hash))
    return access.account_id if access else None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _slow_hash(code: str, salt: str) -> bytes:
    # Six digits are quickly guessed: a slow hash protects them if the database is stolen.
    return hashlib.scrypt(code.encode(), salt=salt.encode(), n=2**14, r=8, p=1)

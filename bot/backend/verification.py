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
MAX_FRESH = 5  # codes that are good at the same time: each one more makes guessing easier
KEEP_VERIFICATIONS = timedelta(hours=1)  # as long as they count against the limit of codes an hour


class TooManyCodes(Exception):
    """Too many codes were requested for this e-mail address."""


@dataclass
class Opened:
    """A new verification; its code and account are only for the e-mail. Without a code, no e-mail is sent."""

    id: str
    code: str | None
    expires_at: datetime
    account: Account | None


def open_verification(session: Session, email: str, code_lifetime: int, codes_an_hour: int) -> Opened:
    """Start a verification for an e-mail address, with the same work whether or not the address is known.

    Nobody keeps customers out by asking for codes in their name: older codes stay good, and once the address has got
    as many letters as it may, the newest unused code is good for longer instead.
    """
    email = email.strip().lower()
    email_hash = _hash(email)
    moment = now()
    if session.get_bind().dialect.name == "postgresql":  # SQLite has only one writer at a time anyway
        session.execute(select(func.pg_advisory_xact_lock(int(email_hash[:15], 16))))
    an_hour_ago, expires_at = moment - KEEP_VERIFICATIONS, moment + timedelta(seconds=code_lifetime)
    session.execute(delete(Verification).where(Verification.created_at < an_hour_ago, Verification.expires_at < moment))
    letters = (
        select(Verification)
        .where(
            Verification.email_hash == email_hash,
            Verification.code_hash.is_not(None),
            Verification.created_at > an_hour_ago,
        )
        .order_by(Verification.created_at.desc())
    )
    recent = session.scalars(letters).all()
    code: str | None = f"{secrets.randbelow(1_000_000):06}"
    if len(recent) >= codes_an_hour:
        code, newest = None, next((letter for letter in recent if not letter.confirmed_at), None)
        if not newest:
            raise TooManyCodes
        newest.expires_at = expires_at
    account = find_by_email(session, email)
    opened = Opened(id=secrets.token_urlsafe(32), code=code, expires_at=expires_at, account=account)
    session.add(
        Verification(
            id=opened.id,
            email_hash=email_hash,
            account_id=account.id if account else None,
            code_hash=_slow_hash(code, opened.id) if code else None,
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


def fresh_codes(session: Session, verification: Verification) -> list[Verification]:
    """Return the verifications whose codes are good for this one: its own, and older ones for the same address."""
    good = (
        select(Verification)
        .where(
            Verification.email_hash == verification.email_hash,
            Verification.code_hash.is_not(None),
            Verification.confirmed_at.is_(None),
            Verification.expires_at > now(),
            Verification.created_at <= verification.created_at,
        )
        .order_by(Verification.created_at.desc())
    )
    return list(session.scalars(good.limit(MAX_FRESH)))


def with_code(fresh: list[Verification], code: str) -> Verification | None:
    """Return the verification whose code this is, or None if the code is wrong."""
    right = [one for one in fresh if hmac.compare_digest(_slow_hash(code, one.id), one.code_hash or b"")]
    return right[0] if right and right[0].account_id is not None else None


def grant_access(
    session: Session, verification: Verification, letter: Verification, lifetime: int
) -> tuple[str, Access, Account] | None:
    """Exchange a verification and the code of a letter for a token, once; return None the second time."""
    ids = {verification.id, letter.id}
    unused = select(Verification.id).where(Verification.id.in_(ids), Verification.confirmed_at.is_(None))
    if len(session.scalars(unused.order_by(Verification.id).with_for_update()).all()) < len(ids):
        return None
    session.execute(update(Verification).where(Verification.id.in_(ids)).values(confirmed_at=now()))
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

"""Who a customer is confirmed to be: kept with the conversation on the website side, and never told to Rasa."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from bot.conversations.masking import is_email
from bot.conversations.models import MAX_NAME_LENGTH, Conversation, WebsiteToken
from bot.database import now
from bot.website import IdentityAssertion
from bot.wording import tidy

log = structlog.get_logger()

NO_CONVERSATION = ""  # to which a token belongs that was spent unused
# A message that consists of an address or a code, with the words that people put before one.
MINE = r"\s*(?:(?:mans|mana|my|the)\s+)?"
ONLY_EMAIL = re.compile(
    rf"(?:{MINE}(?:e-?pasts|e-?pasta adrese|e-?mail(?: address)?|adrese|address)(?:\s+(?:ir|is))?\s*[:=-]?)?"
    r"\s*<?(?P<given>[^\s<>]+@[^\s<>]+?)>?[.!]?\s*",
    re.I,
)
ONLY_CODE = re.compile(
    rf"(?:{MINE}(?:kods|code)(?:\s+(?:ir|is))?\s*[:=-]?)?\s*(?P<given>[0-9]{{3}}[ \u00a0-]?[0-9]{{3}})[.!]?\s*", re.I
)


def ask_identity(conversation: Conversation, then: str) -> None:
    """Begin a confirmation, or continue the present one; `then` is the payload that Rasa gets when it is done."""
    if conversation.identity != "code":  # a code that was sent stays valid
        forget_identity(conversation)
        conversation.identity = "email"
    conversation.identity_then = then


def code_sent(conversation: Conversation, verification_id: str, email: str) -> None:
    """Note that a code was sent, and to which address."""
    conversation.identity, conversation.verification_id = "code", verification_id
    conversation.customer_email, conversation.identity_seen_at = email, now()


def confirmed(
    conversation: Conversation, token: str, expires_at: datetime, name: str, email: str, subject: str | None = None
) -> str | None:
    """Store the access of a confirmed customer; return the payload that Rasa should get now."""
    then = conversation.identity_then
    if is_somebody_elses(conversation, email):
        forget_told(conversation)
    conversation.told_by = _hash(conversation, email)  # including what they told before the confirmation
    forget_identity(conversation)
    conversation.customer_email = conversation.reply_email = email
    conversation.identity_seen_at, conversation.identity_subject = now(), subject
    conversation.identity, conversation.access_token = "confirmed", token
    conversation.access_expires_at, conversation.customer_name = expires_at, tidy(name, MAX_NAME_LENGTH)
    return then


def forget_identity(conversation: Conversation) -> None:
    """End a confirmation, or an attempt at one."""
    conversation.identity = "none"
    conversation.identity_then = conversation.verification_id = conversation.access_token = None
    conversation.access_expires_at = conversation.customer_name = None
    conversation.identity_seen_at = conversation.identity_subject = conversation.customer_email = None


def forget_told(conversation: Conversation) -> None:
    """Forget what the customer told, as somebody else may continue; Rasa does the same when `person` changes."""
    conversation.details, conversation.problem, conversation.told_by = {}, None, None
    conversation.reply_email = None
    conversation.person += 1


def is_somebody_elses(conversation: Conversation, email: str) -> bool:
    """Tell whether another customer has confirmed who they are in a conversation, even if that has run out since."""
    return conversation.told_by not in (None, _hash(conversation, email))


def access_of(conversation: Conversation, idle: int) -> str | None:
    """Return the encrypted token that opens the customer's account, unless it expired or the customer was idle."""
    moment, expires_at, seen_at = now(), conversation.access_expires_at, conversation.identity_seen_at
    if not expires_at or not seen_at or expires_at <= moment or seen_at + timedelta(seconds=idle) <= moment:
        return None
    return conversation.access_token


def confirmed_email(conversation: Conversation, idle: int) -> str | None:
    """Return the e-mail address of a customer whose confirmation is still valid, or None."""
    return conversation.customer_email if access_of(conversation, idle) else None


def confirmed_name(conversation: Conversation, idle: int) -> str | None:
    """Return the name of a customer whose confirmation is still valid, or None."""
    return conversation.customer_name if access_of(conversation, idle) else None


def seen(conversation: Conversation, idle: int) -> None:
    """Note that the customer wrote; an expired confirmation is not renewed."""
    if access_of(conversation, idle):
        conversation.identity_seen_at = now()


def run_out(session: Session, idle: int) -> list[str]:
    """Return the conversations with an expired confirmation, or with a code that was not entered in time."""
    moment = now()
    ended = or_(
        Conversation.access_expires_at <= moment, Conversation.identity_seen_at <= moment - timedelta(seconds=idle)
    )
    return list(session.scalars(select(Conversation.id).where(ended)))


def is_spent(session: Session, conversation: Conversation, assertion: IdentityAssertion) -> bool:
    """Tell whether a website's token was used in another conversation, which may have ended, or spent by a log-out."""
    used = session.get(WebsiteToken, _id_hash(assertion))
    return used is not None and used.conversation_id != conversation.id


def forget_unreadable(session: Session, decrypt: Callable[[str], str | None]) -> None:
    """End the confirmations whose token was stored as it is, or encrypted with another key."""
    confirmed = session.scalars(select(Conversation).where(Conversation.access_token.is_not(None)))
    lost = [one for one in confirmed if one.access_token and not decrypt(one.access_token)]
    for conversation in lost:
        forget_identity(conversation)
    if lost:
        log.warning("confirmations_without_their_key_ended", count=len(lost))


def use_once(session: Session, conversation: Conversation, assertion: IdentityAssertion) -> bool:
    """Bind a website's token to this conversation; tell whether it may be used here."""
    _bind(session, assertion, conversation.id)
    return not is_spent(session, conversation, assertion)


def spend(session: Session, assertion: IdentityAssertion) -> None:
    """Make a website's token that no conversation has used worthless."""
    _bind(session, assertion, NO_CONVERSATION)


def _bind(session: Session, assertion: IdentityAssertion, conversation_id: str) -> None:
    session.execute(delete(WebsiteToken).where(WebsiteToken.expires_at < now() - timedelta(minutes=2)))
    id_hash = _id_hash(assertion)
    if not session.get(WebsiteToken, id_hash):
        expires_at = datetime.fromtimestamp(assertion.expires_at, UTC)
        session.add(WebsiteToken(id_hash=id_hash, conversation_id=conversation_id, expires_at=expires_at))
        session.flush()  # of two requests at once, the second fails here


def given(conversation: Conversation, text: str) -> str | None:
    """Return the code or the address that a message consists of, if the confirmation waits for one.

    An address that is written to a person or mentioned in a question is part of an ordinary message.
    """
    if conversation.identity == "code" and (code := ONLY_CODE.fullmatch(text)):
        return code["given"]
    if conversation.identity in ("email", "code") and conversation.owner not in ("waiting", "agent"):
        email = ONLY_EMAIL.fullmatch(text)
        return email["given"] if email and is_email(email["given"]) else None
    return None


def _id_hash(assertion: IdentityAssertion) -> str:
    return hashlib.sha256(assertion.id.encode()).hexdigest()


def _hash(conversation: Conversation, email: str) -> str:
    return hashlib.sha256(f"{conversation.id} {email.casefold()}".encode()).hexdigest()

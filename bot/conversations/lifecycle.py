"""Begin a conversation, find it again, lock it for writing, and end it."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.conversations.identity import forget_identity, forget_told
from bot.conversations.messages import tell_rasa
from bot.conversations.models import Conversation, Message
from bot.conversations.transitions import transition
from bot.database import now

AT_ONCE = 100  # forgotten conversations that are ended at a time


class Closed(Exception):
    """The conversation has ended, or was removed, in the meantime."""


def open_conversation(session: Session, language: str, network: str | None = None) -> tuple[str, Conversation]:
    """Begin a conversation from a network, and have the assistant greet; return it and its session token."""
    token = secrets.token_urlsafe(32)
    conversation = Conversation(
        id=secrets.token_hex(16),
        token_hash=_hash(token),
        language=language,
        created_at=now(),
        identity="none",
        network_hash=_hash(network) if network else None,
    )
    session.add(conversation)
    session.flush()
    tell_rasa(session, conversation, f'/start{{"language": "{language}"}}')
    return token, conversation


def find_conversation(session: Session, token: str) -> Conversation | None:
    """Return the open conversation that a session token belongs to."""
    found = or_(Conversation.token_hash == _hash(token), Conversation.other_token_hash == _hash(token))
    return session.scalar(select(Conversation).where(found, Conversation.closed_at.is_(None)))


def go_on_in(session: Session, conversation: Conversation, former: Conversation) -> str:
    """End a conversation, and go on in the one that its customer has begun on another device.

    Return a second session token for that one; a former second one, of a third device, is valid no longer.
    """
    token = secrets.token_urlsafe(32)
    former.other_token_hash, former.identity_then = _hash(token), conversation.identity_then
    close_conversation(session, conversation)
    return token


def lock(session: Session, conversation_id: str) -> Conversation:
    """Lock an open conversation for one writer, so that ids give the order of messages; raise Closed."""
    conversation = session.get(Conversation, conversation_id, with_for_update=True)
    if not conversation or conversation.closed_at:
        raise Closed
    return conversation


def close_conversation(session: Session, conversation: Conversation) -> None:
    """End a conversation for good, whoever holds it: its session token is no longer valid."""
    transition(session, conversation, "closed", "ended")
    conversation.closed_at, conversation.network_hash = now(), None
    forget_identity(conversation)
    forget_told(conversation)


def silent_since(session: Session, moment: datetime) -> list[str]:
    """Return some of the open conversations in which nobody has said anything since a moment."""
    said = select(Message.id).where(Message.conversation_id == Conversation.id, Message.created_at >= moment)
    silent = select(Conversation.id).where(
        Conversation.closed_at.is_(None), Conversation.created_at < moment, ~said.exists()
    )
    return list(session.scalars(silent.order_by(Conversation.created_at).limit(AT_ONCE)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

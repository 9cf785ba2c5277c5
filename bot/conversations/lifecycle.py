"""Begin a conversation, find it again, lock it for writing, and end it."""

import hashlib
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.identity import forget_identity, forget_told
from bot.conversations.messages import tell_rasa
from bot.conversations.models import Conversation
from bot.database import now


class Closed(Exception):
    """The conversation has ended, or was removed, in the meantime."""


def open_conversation(session: Session, language: str) -> tuple[str, Conversation]:
    """Begin a conversation, and have the assistant greet; return the conversation and its session token."""
    token = secrets.token_urlsafe(32)
    conversation = Conversation(
        id=secrets.token_hex(16), token_hash=_hash(token), language=language, created_at=now(), identity="none"
    )
    session.add(conversation)
    session.flush()
    tell_rasa(session, conversation, f'/start{{"language": "{language}"}}')
    return token, conversation


def find_conversation(session: Session, token: str) -> Conversation | None:
    """Return the open conversation that a session token belongs to."""
    return session.scalar(
        select(Conversation).where(Conversation.token_hash == _hash(token), Conversation.closed_at.is_(None))
    )


def lock(session: Session, conversation_id: str) -> Conversation:
    """Lock an open conversation for one writer, so that ids give the order of messages; raise Closed."""
    conversation = session.get(Conversation, conversation_id, with_for_update=True)
    if not conversation or conversation.closed_at:
        raise Closed
    return conversation


def close_conversation(session: Session, conversation: Conversation) -> None:
    """End a conversation for good: its session token is no longer valid."""
    conversation.closed_at = now()
    forget_identity(conversation)
    forget_told(conversation)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

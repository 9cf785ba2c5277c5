"""Who is blocked calls no person and leaves no message for some time; the assistant goes on answering.

A block holds for the conversation, and for others that begin in the same network: whoever is blocked would begin anew.
"""

import math
from datetime import timedelta
from typing import Literal, get_args

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from bot.conversations.models import Block, Conversation
from bot.database import now

Span = Literal["hour", "day", "week"]
SPANS = get_args(Span)
LENGTHS: dict[Span, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


def block(session: Session, conversation: Conversation, span: Span, agent_name: str) -> None:
    """Block the customer of a conversation for a span from now on."""
    session.merge(
        Block(
            conversation_id=conversation.id,
            network_hash=conversation.network_hash,
            until=now() + LENGTHS[span],
            agent_name=agent_name,
        )
    )


def unblock(session: Session, conversation: Conversation) -> None:
    """Take back what blocks the customer of a conversation."""
    session.execute(delete(Block).where(_blocks(conversation)))


def drop_ended(session: Session) -> None:
    """Delete the blocks that have ended, and with them the hashes of networks."""
    session.execute(delete(Block).where(Block.until <= now()))


def block_of(session: Session, conversation: Conversation) -> Block | None:
    """Return the block that holds longest for the customer of a conversation."""
    holds = select(Block).where(_blocks(conversation), Block.until > now())
    return session.scalars(holds.order_by(Block.until.desc()).limit(1)).first()


def seconds_blocked(session: Session, conversation: Conversation) -> int:
    """Return for how many seconds a customer calls no person."""
    found = block_of(session, conversation)
    return math.ceil((found.until - now()).total_seconds()) if found else 0


def _blocks(conversation: Conversation) -> ColumnElement[bool]:
    here = Block.conversation_id == conversation.id
    return or_(here, Block.network_hash == conversation.network_hash) if conversation.network_hash else here

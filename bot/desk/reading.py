"""Who may read a conversation: whoever holds it, for some days after, and else with a reason that is recorded."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.models import Agent, Conversation, Transition
from bot.database import now
from bot.desk.models import Reading

GOOD_FOR = timedelta(hours=8)  # for which an agent gives a reason once
MIN_REASON_LENGTH, MAX_REASON_LENGTH = 5, 200  # characters
SHOWN = 50  # of the newest readings


def may_read(session: Session, conversation: Conversation, agent: Agent, after: int) -> bool:
    """Tell whether an agent may read a conversation; `after` is for how many seconds after the agent held it."""
    # Every agent may take a waiting conversation, and has to see what it is about.
    if conversation.owner == "waiting" or (conversation.owner == "agent" and conversation.agent_id == agent.id):
        return True
    held = select(Transition.id).where(
        Transition.conversation_id == conversation.id,
        Transition.agent_id == agent.id,
        Transition.at > now() - timedelta(seconds=after),
    )
    reasoned = select(Reading.id).where(
        Reading.conversation_id == conversation.id, Reading.agent_id == agent.id, Reading.at > now() - GOOD_FOR
    )
    return any(session.scalar(found.limit(1)) is not None for found in (held, reasoned))


def record(session: Session, conversation: Conversation, agent: Agent, reason: str) -> None:
    """Record why an agent reads a conversation."""
    session.add(
        Reading(at=now(), agent_id=agent.id, agent_name=agent.name, conversation_id=conversation.id, reason=reason)
    )


def newest(session: Session) -> Sequence[Reading]:
    """Return the newest readings with a reason, the newest first."""
    return session.scalars(select(Reading).order_by(Reading.id.desc()).limit(SHOWN)).all()

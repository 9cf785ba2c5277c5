"""Who is there: the agents who take conversations, and the customers who wait for them."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.conversations.models import Agent, Conversation
from bot.conversations.transitions import WITH_PEOPLE
from bot.database import now

HERE = timedelta(minutes=5)  # since the last request, streams included
SIGN = timedelta(seconds=15)  # how often a customer's presence is noted
GONE = timedelta(seconds=50)  # without a sign: a browser gives one every twenty seconds

CustomerPresence = Literal["here", "away", "left"]


def is_here(agent: Agent) -> bool:
    """Tell whether an agent has the desk open in any browser."""
    return agent.seen_at is not None and agent.seen_at > now() - HERE


def takes(agent: Agent) -> bool:
    """Tell whether a conversation may be given to an agent."""
    return not agent.disabled_at and is_here(agent) and agent.presence != "away"


def is_staffed(session: Session) -> bool:
    """Tell whether any agent is at the desk and not away."""
    return count_staff(session) > 0


def count_staff(session: Session) -> int:
    """Return how many agents are at the desk and not away."""
    here = (Agent.disabled_at.is_(None), Agent.presence != "away", Agent.seen_at > now() - HERE)
    return session.scalar(select(func.count()).where(*here)) or 0


def of_customer(conversation: Conversation) -> CustomerPresence:
    """Tell whether a customer looks at the chat, has it open somewhere, or has left."""
    if _is_recent(conversation.looked_at, GONE):
        return "here"
    return "away" if _is_recent(conversation.online_at, GONE) else "left"


def is_sign_due(conversation: Conversation) -> bool:
    """Tell whether it has to be noted that a customer's chat is open."""
    return conversation.owner in WITH_PEOPLE and not _is_recent(conversation.online_at, SIGN)


def note_online(session: Session, conversation_id: str) -> None:
    """Note that a customer's chat is open."""
    session.execute(update(Conversation).where(Conversation.id == conversation_id).values(online_at=now()))


def _is_recent(moment: datetime | None, span: timedelta) -> bool:
    return moment is not None and moment > now() - span

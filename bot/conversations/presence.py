"""Which agents are at the desk and take conversations."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversations.models import Agent
from bot.database import now

HERE = timedelta(minutes=5)  # since the last request, streams included


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

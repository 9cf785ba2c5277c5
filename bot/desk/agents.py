"""The agents of the desk: adding them, letting them in and keeping them out. Sessions of theirs end with it."""

import re
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.chat.identity import EMAIL
from bot.database import now
from bot.desk import session as sessions
from bot.desk.models import Agent

ROLES = ("agent", "supervisor")
PRESENCES = ("available", "busy", "away")
MOST_AT_ONCE = 10  # conversations at the same time
LONGEST_NAME = 100  # characters

Role = Literal["agent", "supervisor"]


class EmailTaken(Exception):
    """Another agent has this e-mail address."""


def add(session: Session, email: str, name: str, role: str, password_hash: str | None = None) -> Agent:
    """Add an agent; raise EmailTaken."""
    if by_email(session, email):
        raise EmailTaken
    agent = Agent(email=email, name=name, role=role, password_hash=password_hash, created_at=now())
    session.add(agent)
    session.flush()
    return agent


def by_email(session: Session, email: str) -> Agent | None:
    """Return the agent with an e-mail address, which is written in lower case."""
    return session.scalars(select(Agent).where(Agent.email == email)).first()


def everybody(session: Session) -> list[Agent]:
    """Return all agents, those who are disabled last."""
    return list(session.scalars(select(Agent).order_by(Agent.disabled_at.is_not(None), Agent.name, Agent.id)))


def set_password(session: Session, agent: Agent, password_hash: str) -> None:
    """Give an agent a new password."""
    agent.password_hash, agent.failures, agent.locked_until = password_hash, 0, None
    sessions.end_all(session, agent.id)


def disable(session: Session, agent: Agent) -> None:
    """Keep an agent out, at once."""
    agent.disabled_at, agent.presence = agent.disabled_at or now(), "away"
    sessions.end_all(session, agent.id)


def enable(agent: Agent) -> None:
    """Let an agent in again."""
    agent.disabled_at, agent.failures, agent.locked_until = None, 0, None


def is_email(typed: str) -> bool:
    """Tell whether something is an e-mail address."""
    return bool(re.fullmatch(EMAIL, typed)) and len(typed) <= 254

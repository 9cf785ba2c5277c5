"""The agents of the desk: add, disable and enable them. Disabling an agent ends the agent's sessions."""

import re
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.conversations import handoff
from bot.conversations.masking import is_email
from bot.conversations.models import Agent, Conversation
from bot.database import now
from bot.desk import session as sessions
from bot.desk.oidc import NoAccess, Person

ROLES = ("agent", "supervisor")
MAX_AT_ONCE = 10  # conversations at the same time
LINKED_NEXT = "next {}"  # in place of the issuer's id of a person
MAX_NAME_LENGTH = 80  # characters, as customers may see all of them

Role = Literal["agent", "supervisor"]
Presence = Literal["available", "busy", "away"]


class EmailTaken(Exception):
    """Another agent has this e-mail address."""


def add(session: Session, email: str, name: str, role: str, password_hash: str | None = None) -> Agent:
    """Add an agent; raise EmailTaken if the address is in use."""
    if by_email(session, email):
        raise EmailTaken
    agent = Agent(email=email, name=name, role=role, password_hash=password_hash, created_at=now())
    session.add(agent)
    session.flush()
    return agent


def by_email(session: Session, email: str) -> Agent | None:
    """Return the agent with an e-mail address, given in lower case."""
    return session.scalars(select(Agent).where(Agent.email == email)).first()


def everybody(session: Session) -> list[Agent]:
    """Return all agents, disabled ones last."""
    return list(session.scalars(select(Agent).order_by(Agent.disabled_at.is_not(None), Agent.name, Agent.id)))


def arrive(session: Session, agent_id: int) -> None:
    """Note that an agent came to the desk, and takes conversations until the agent says otherwise."""
    session.execute(update(Agent).where(Agent.id == agent_id).values(presence="available", seen_at=now()))


def set_password(session: Session, agent: Agent, password_hash: str) -> None:
    """Give an agent a new password, and end the agent's sessions."""
    agent.password_hash = password_hash
    sessions.end_all(session, agent.id)


def forget_app(session: Session, agent: Agent) -> None:
    """Let an agent who has lost their authenticator app set another up, and end the agent's sessions."""
    agent.totp_secret, agent.totp_used = None, 0
    sessions.end_all(session, agent.id)


def disable(session: Session, agent: Agent) -> None:
    """Disable an agent with immediate effect."""
    agent.disabled_at, agent.presence = agent.disabled_at or now(), "away"
    sessions.end_all(session, agent.id)


def rename(session: Session, agent: Agent, name: str) -> None:
    """Give an agent another name, also in the conversations that the agent holds."""
    agent.name = name
    held = update(Conversation).where(Conversation.agent_id == agent.id)
    session.execute(held.values(agent_name=agent.first_name))


def link(agent: Agent) -> None:
    """Let the next person of the issuer with the agent's address be this agent, whoever was before."""
    agent.subject = LINKED_NEXT.format(agent.id)


def delete(session: Session, agent: Agent) -> None:
    """Delete an agent with their sessions and calls; their conversations go back to the queue."""
    handoff.mark_offline(session, agent.id)
    session.delete(agent)


def sign_out(session: Session, agent_id: int, token: str) -> None:
    """End one session of an agent; with the last session the agent is away."""
    sessions.end(session, token)
    if not sessions.is_anywhere(session, agent_id):
        session.execute(update(Agent).where(Agent.id == agent_id).values(presence="away"))


def sign_out_everywhere(session: Session, agent_id: int) -> None:
    """End all sessions of an agent."""
    sessions.end_all(session, agent_id)
    session.execute(update(Agent).where(Agent.id == agent_id).values(presence="away"))


def enable(session: Session, agent: Agent) -> None:
    """Let a disabled agent sign in again."""
    agent.disabled_at = None
    sessions.end_all(session, agent.id)


def from_issuer(session: Session, person: Person) -> Agent:
    """Return the agent for the issuer's person, added or updated; raise NoAccess if the person may not be an agent."""
    agent = session.scalars(select(Agent).where(Agent.subject == person.subject)).first()
    if not agent:
        known = by_email(session, person.email)
        if known and known.subject != LINKED_NEXT.format(known.id):
            if known.subject:
                raise NoAccess("the address belongs to another person of the issuer", agent=known.id)
            if not person.email_verified:
                raise NoAccess("the issuer has not verified the address of an agent", agent=known.id)
        if not known and not is_email(person.email):
            raise NoAccess("no e-mail address")
        agent = known or add(session, person.email, _name_in(person.email), person.role)
        agent.subject, agent.password_hash = person.subject, None
    agent.role = person.role
    agent.name = clean_name(person.name) or agent.name
    if agent.disabled_at:
        raise NoAccess("disabled", agent=agent.id)
    return agent


def clean_name(typed: str) -> str:
    """Return a name without characters that no name needs, cut to the longest length."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())[:MAX_NAME_LENGTH].strip()


def _name_in(email: str) -> str:
    # Customers see the name, so an e-mail address must not stand in for it.
    return re.sub(r"[\W\d_]+", " ", email.partition("@")[0]).strip().title() or "CPS"

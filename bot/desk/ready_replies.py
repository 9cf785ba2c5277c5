"""Ready replies: what agents put into the composer, shared by all or of one agent's own."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from bot.conversations.models import Agent
from bot.desk.models import ReadyReply

LANGUAGES = ("lv", "en")
MAX_TITLE_LENGTH = 80  # characters
MAX_OWN, MAX_SHARED = 200, 500  # replies, the retired ones included
NAMELESS = re.compile(r"[ ,]*\{customer\}")


def seen_by(session: Session, agent: Agent, retired: bool = False) -> Sequence[ReadyReply]:
    """Return the shared replies and the agent's own ones, the most used first."""
    found = select(ReadyReply).where(or_(ReadyReply.agent_id.is_(None), ReadyReply.agent_id == agent.id))
    found = found.where(ReadyReply.retired_at.is_not(None) if retired else ReadyReply.retired_at.is_(None))
    return session.scalars(found.order_by(ReadyReply.uses.desc(), ReadyReply.id)).all()


def may_change(reply: ReadyReply, agent: Agent) -> bool:
    """Tell whether an agent may change a reply: their own one, or as a supervisor a shared one."""
    return agent.is_supervisor if reply.agent_id is None else reply.agent_id == agent.id


def has_room(session: Session, agent_id: int | None) -> bool:
    """Tell whether one more reply may be added, shared or of an agent's own."""
    owner = ReadyReply.agent_id == agent_id if agent_id else ReadyReply.agent_id.is_(None)
    count = session.scalar(select(func.count()).select_from(ReadyReply).where(owner)) or 0
    return count < (MAX_OWN if agent_id else MAX_SHARED)


def count_use(session: Session, agent: Agent, reply_id: int) -> None:
    """Count that an agent put a reply into the composer."""
    theirs = or_(ReadyReply.agent_id.is_(None), ReadyReply.agent_id == agent.id)
    session.execute(update(ReadyReply).where(ReadyReply.id == reply_id, theirs).values(uses=ReadyReply.uses + 1))


def filled(text: str, agent: Agent, customer: str | None) -> str:
    """Fill the names in; without the customer's name, the comma before it goes as well."""
    text = text.replace("{customer}", customer) if customer else NAMELESS.sub("", text)
    return text.replace("{agent}", agent.first_name)


def for_composer(session: Session, agent: Agent, customer: str | None) -> list[dict[str, Any]]:
    """Return the replies of each language with the names filled in, for the page of a conversation."""
    return [
        {
            "id": reply.id,
            "language": language,
            "title": reply.title(agent.language),
            "search": reply.title(language),
            "text": filled(reply.text(language), agent, customer),
        }
        for reply in seen_by(session, agent)
        for language in LANGUAGES
        if reply.text(language)
    ]

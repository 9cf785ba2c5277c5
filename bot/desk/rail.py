"""The rail: the conversations to which an agent may go on, beside the one that is open."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversations import identity
from bot.conversations.models import Agent, Conversation, Transition
from bot.conversations.summary import Summary, summaries_of
from bot.database import now
from bot.desk.presentation import name_of
from bot.settings import Settings

SHOWN = 30  # conversations of each list; the page of the queue has them all


class Entry(NamedTuple):
    """A conversation in the rail; whoever may not read it gets no summary and no name of the customer."""

    conversation: Conversation
    name: str
    summary: Summary | None = None
    since: datetime | None = None  # when the customer began to wait for somebody
    closing: Transition | None = None

    @property
    def minutes(self) -> int | None:
        """For how many minutes the customer has waited."""
        return int((now() - self.since).total_seconds() // 60) if self.since else None


class Rail(NamedTuple):
    """The lists of the rail."""

    mine: list[Entry]
    waiting: list[Entry]
    others: list[Entry]
    closed: list[Entry]
    waiting_count: int  # of which `waiting` shows the first

    @property
    def groups(self) -> dict[str, list[Entry]]:
        """The lists by name, in the order in which they stand."""
        return {"mine": self.mine, "waiting": self.waiting, "others": self.others, "closed": self.closed}


def rail_of(session: Session, agent: Agent, settings: Settings) -> Rail:
    """Return what the rail shows an agent."""
    held = select(Conversation).where(Conversation.closed_at.is_(None)).order_by(Conversation.asked_at)
    by_agents = held.where(Conversation.owner == "agent")
    mine = session.scalars(by_agents.where(Conversation.agent_id == agent.id)).all()
    queue = held.where(Conversation.owner == "waiting")
    waiting = session.scalars(queue.limit(SHOWN)).all()
    others = session.scalars(by_agents.where(Conversation.agent_id != agent.id).limit(SHOWN)).all()
    summaries = summaries_of(session, [*mine, *waiting], lambda _: True)

    def entry(one: Conversation, since: datetime | None) -> Entry:
        confirmed = identity.confirmed_name(one, settings.access_idle)
        return Entry(one, name_of(one, confirmed, agent.language), summaries[one.id], since)

    return Rail(
        mine=[entry(one, summaries[one.id].open_since) for one in mine],
        waiting=[entry(one, one.asked_at) for one in waiting],
        others=[Entry(one, name_of(one, None, agent.language)) for one in others],
        closed=_closed(session, agent, settings.desk_read_after),
        waiting_count=session.scalar(select(func.count()).select_from(queue.order_by(None).subquery())) or 0,
    )


def _closed(session: Session, agent: Agent, read_after: int) -> list[Entry]:
    """Return the conversations that the agent closed lately, the newest first; for supervisors those of all agents."""
    found = (
        select(Transition, Conversation)
        .join(Conversation, Conversation.id == Transition.conversation_id)
        .where(Transition.cause == "done", Transition.at > now() - timedelta(seconds=read_after))
        .where(Conversation.owner.in_(("closed", "assistant")))  # the others stand in another list
        .order_by(Transition.id.desc())
        .limit(SHOWN)
    )
    if not agent.is_supervisor:
        found = found.where(Transition.agent_id == agent.id)
    entries = {
        one.id: Entry(one, name_of(one, None, agent.language), closing=closing)
        for closing, one in reversed(session.execute(found).all())
    }
    return list(reversed(entries.values()))

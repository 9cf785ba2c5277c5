"""The rail: the conversations to which an agent may go on, beside the one that is open."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.models import Agent, Conversation, Transition
from bot.database import now
from bot.desk.board import Board, Row

SHOWN = 30  # conversations of each list; the page of the queue has them all


class Rail(NamedTuple):
    """The lists of the rail."""

    board: Board
    mine: list[Row]
    waiting: list[Row]
    others: list[Row]
    closed: list[Row]

    @property
    def groups(self) -> dict[str, list[Row]]:
        """The lists by name, in the order in which they stand."""
        return {"mine": self.mine, "waiting": self.waiting, "others": self.others, "closed": self.closed}


def rail_of(session: Session, board: Board, agent: Agent, read_after: int) -> Rail:
    """Return what the rail shows an agent; `read_after` is for how many seconds an agent may read what they closed."""
    return Rail(
        board,
        mine=board.mine(agent),
        waiting=board.waiting[:SHOWN],
        others=board.others(agent)[:SHOWN],
        closed=_closed(session, agent, read_after),
    )


def _closed(session: Session, agent: Agent, read_after: int) -> list[Row]:
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
    rows = {one.id: Row(one, closing=closing) for closing, one in reversed(session.execute(found).all())}
    return list(reversed(rows.values()))

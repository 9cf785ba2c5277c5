"""Conversations with an agent in which one of the two has been silent for too long."""

from datetime import datetime

from sqlalchemy import ScalarSelect, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from bot.conversations import handoff, presence
from bot.conversations.models import Agent, Conversation, Message, Transition
from bot.conversations.notices import add_notice
from bot.conversations.transitions import transition

HELD = and_(Conversation.owner == "agent", Conversation.closed_at.is_(None), Conversation.ending_at.is_(None))


def unanswered(session: Session, moment: datetime) -> Select[str]:
    """Select the conversations whose agent has owed an answer since before a moment, where a colleague is there."""
    mine, theirs, taken = Message.conversation_id == Conversation.id, aliased(Message), _taken_at()
    answer = select(theirs.id).where(
        theirs.conversation_id == Message.conversation_id, theirs.author == "agent", theirs.id > Message.id
    )
    asked = select(Message.id).where(mine, Message.author == "customer", Message.created_at < moment, ~answer.exists())
    said = select(Message.id).where(mine, Message.author == "agent", Message.created_at >= taken)
    open_since = or_(asked.correlate(Conversation).exists(), ~said.correlate(Conversation).exists())
    here = [one.id for one in session.scalars(select(Agent)) if presence.takes(one)]
    colleague = or_(false(), *(Conversation.agent_id.is_distinct_from(agent) for agent in here))
    return select(Conversation.id).where(HELD, taken < moment, open_since, colleague)


def abandoned(moment: datetime) -> Select[str]:
    """Select the conversations whose customer has not reacted to the agent since before a moment."""
    later = aliased(Message)
    reaction = select(later.id).where(
        later.conversation_id == Message.conversation_id, later.author == "customer", later.id > Message.id
    )
    by_agent = select(Message.id).where(
        Message.conversation_id == Conversation.id, Message.author == "agent", ~reaction.exists()
    )
    recent = by_agent.where(Message.created_at >= moment)
    is_silent = (by_agent.correlate(Conversation).exists(), ~recent.correlate(Conversation).exists())
    return select(Conversation.id).where(HELD, _taken_at() < moment, *is_silent)


def offer_to_others(session: Session, conversation: Conversation) -> None:
    """Return a conversation to the queue whose agent does not answer; it keeps its place."""
    handoff.requeue(session, conversation, "unanswered")


def close(session: Session, conversation: Conversation) -> None:
    """Close a conversation whose customer does not react, and say so."""
    name = conversation.agent_name
    made = transition(session, conversation, "closed", "done")
    made.outcome = "no_answer"
    add_notice(session, conversation, "closed_idle", agent=name)


def _taken_at() -> ScalarSelect[datetime]:
    last = select(func.max(Transition.at)).where(
        Transition.conversation_id == Conversation.id, Transition.after == "agent"
    )
    return last.correlate(Conversation).scalar_subquery()

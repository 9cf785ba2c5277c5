"""Find conversations again, also those that have ended: by when, what about, who, how they ended, and words in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from bot.conversations.models import Contact, Conversation, Message, Transition
from bot.text import fold

PAGE = 50  # conversations
MAX_WORDS = 6  # of a search
MAX_EARLIER = 10  # conversations of a customer
ALONE = "alone"  # in place of an outcome: the assistant had it alone


@dataclass(frozen=True)
class Wanted:
    """Which conversations are looked for; what is empty does not matter."""

    since: datetime | None = None
    until: datetime | None = None  # before this moment
    language: str = ""
    topic: str = ""
    outcome: str = ""
    agent_id: int = 0
    score: int = 0
    email_hash: str = ""
    words: str = ""


def find(session: Session, wanted: Wanted, number: int, sees_all: bool) -> tuple[list[Conversation], bool]:
    """Return a page of conversations, the newest first, and whether there are more.

    Who does not see all sees those to which a person was called.
    """
    found = select(Conversation).where(*_conditions(wanted))
    if not sees_all:
        found = found.where(_with_person())
    newest_first = found.order_by(Conversation.created_at.desc(), Conversation.id)
    rows = session.scalars(newest_first.offset((number - 1) * PAGE).limit(PAGE + 1)).all()
    return list(rows[:PAGE]), len(rows) > PAGE


def earlier(session: Session, conversation: Conversation, sees_all: bool) -> Sequence[Conversation]:
    """Return the other conversations of a customer whose address is known, the newest first."""
    addresses = select(Contact.email_hash).where(Contact.conversation_id == conversation.id)
    theirs = select(Contact.conversation_id).where(Contact.email_hash.in_(addresses))
    found = select(Conversation).where(Conversation.id.in_(theirs), Conversation.id != conversation.id)
    if not sees_all:
        found = found.where(_with_person())
    return session.scalars(found.order_by(Conversation.created_at.desc()).limit(MAX_EARLIER)).all()


def closings(session: Session, conversations: Sequence[Conversation]) -> dict[str, Transition]:
    """Return the last closing by an agent of each conversation that has one."""
    ids = [one.id for one in conversations]
    made = select(Transition).where(Transition.conversation_id.in_(ids), Transition.cause == "done")
    return {one.conversation_id: one for one in session.scalars(made.order_by(Transition.id))}


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = []
    if wanted.since:
        conditions.append(Conversation.created_at >= wanted.since)
    if wanted.until:
        conditions.append(Conversation.created_at < wanted.until)
    if wanted.language:
        conditions.append(Conversation.language == wanted.language)
    if wanted.topic:
        conditions.append(_said(Message.intent == wanted.topic, Message.understood.is_(True)))
    if wanted.outcome == ALONE:
        conditions.append(~_with_person())
    elif wanted.outcome:
        conditions.append(_changed(Transition.outcome == wanted.outcome))
    if wanted.agent_id:
        conditions.append(_changed(Transition.agent_id == wanted.agent_id))
    if wanted.score:
        conditions.append(_changed(Transition.score == wanted.score))
    if wanted.email_hash:
        theirs = select(Contact.conversation_id).where(Contact.email_hash == wanted.email_hash)
        conditions.append(Conversation.id.in_(theirs))
    # A part of a word is found, too, as words of both languages change at their ends.
    for word in fold(wanted.words).split()[:MAX_WORDS]:
        conditions.append(_said(Message.folded.contains(word, autoescape=True)))
    return conditions


def _said(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(Message.id).where(Message.conversation_id == Conversation.id, and_(*conditions)).exists()


def _changed(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(Transition.id).where(Transition.conversation_id == Conversation.id, condition).exists()


def _with_person() -> ColumnElement[bool]:
    return _changed(Transition.after == "waiting")

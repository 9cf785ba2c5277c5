"""Sum a conversation up for an agent, from what is stored, without guessing."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation, Message

# What is read of each message: whole objects of so many take most of the time.
READ = (
    Message.id,
    Message.author,
    Message.created_at,
    Message.intent,
    Message.understood,
    Message.response,
    Message.text,
    Message.masked,
)
LOOKED_UP = ("utter_my_", "utter_backend_failed")  # prefixes of the names of answers from the account


class LookUp(BaseModel):
    """An answer that the assistant gave from the account, by its name."""

    response: str
    text: str
    at: datetime


class Summary(BaseModel):
    """A conversation in short."""

    language: str
    topics: list[str]  # intents, in the order in which the customer first asked
    place: str | None  # in the walkthrough
    details: dict[str, str]  # what the customer told, by name
    problem: str | None  # the last reported problem, as the address of its answer
    look_ups: list[LookUp]
    last_message: str | None  # the customer's
    unanswered: bool  # whether nobody has said anything since
    # How many messages the customer has written since, and since when; for the desk alone.
    open_messages: int = Field(0, exclude=True)
    open_since: datetime | None = Field(None, exclude=True)


def text_for(message: Message | Row[Any], reads_all: bool) -> str:
    """Return the text of a message, masked for a reader who may not read all."""
    text: str = message.text if reads_all or message.masked is None else message.masked
    return text


def summary_of(session: Session, conversation: Conversation, reads_all: bool = False) -> Summary:
    """Sum a conversation up; `reads_all` says whether the reader may see personal data."""
    return summaries_of(session, [conversation], lambda _: reads_all)[conversation.id]


def summaries_of(
    session: Session, conversations: Sequence[Conversation], reads_all: Callable[[Conversation], bool]
) -> dict[str, Summary]:
    """Sum conversations up by two queries, by id; `reads_all` says in which the reader may see personal data."""
    ids = [one.id for one in conversations]
    messages: dict[str, list[Any]] = {one: [] for one in ids}
    look_up = or_(*(Message.response.startswith(prefix, autoescape=True) for prefix in LOOKED_UP))
    found = select(Message.conversation_id, *READ).where(
        Message.conversation_id.in_(ids), or_(Message.author == "customer", look_up)
    )
    for message in session.execute(found.order_by(Message.id)):
        messages[message.conversation_id].append(message)
    answers = select(Message.conversation_id, func.max(Message.id)).where(
        Message.conversation_id.in_(ids), Message.author.in_(("assistant", "agent"))
    )
    answered: dict[str, int] = {}
    for conversation_id, last in session.execute(answers.group_by(Message.conversation_id)):
        answered[conversation_id] = last
    return {one.id: _summary(one, messages[one.id], answered.get(one.id, 0), reads_all(one)) for one in conversations}


def _summary(conversation: Conversation, messages: list[Any], answered: int, reads_all: bool) -> Summary:
    """Sum a conversation up from the customer's messages and the look-ups; `answered` is the id of the last answer."""
    written = [message for message in messages if message.author == "customer"]
    asked = [message.intent for message in written if message.understood and (message.intent or "").startswith("ask_")]
    said = [message for message in messages if message.author != "customer"]
    unanswered = [message for message in written if message.id > answered]
    return Summary(
        language=conversation.language,
        topics=list(dict.fromkeys(asked)),
        place=conversation.place,
        details=conversation.details,
        problem=conversation.problem,
        look_ups=[LookUp(response=m.response, text=m.text, at=m.created_at) for m in said],
        last_message=text_for(written[-1], reads_all) if written else None,
        unanswered=bool(unanswered),
        open_messages=len(unanswered),
        open_since=unanswered[0].created_at if unanswered else None,
    )

"""Sum a conversation up for an agent, from what is stored, without guessing."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import takewhile

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation, Message

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


def text_for(message: Message, reads_all: bool) -> str:
    """Return the text of a message, masked for a reader who may not read all."""
    return message.text if reads_all or message.masked is None else message.masked


def summary_of(session: Session, conversation: Conversation, reads_all: bool = False) -> Summary:
    """Sum a conversation up; `reads_all` says whether the reader may see personal data."""
    return summaries_of(session, [conversation], lambda _: reads_all)[conversation.id]


def summaries_of(
    session: Session, conversations: Sequence[Conversation], reads_all: Callable[[Conversation], bool]
) -> dict[str, Summary]:
    """Sum conversations up by one query, by id; `reads_all` says in which the reader may see personal data."""
    messages: dict[str, list[Message]] = {one.id: [] for one in conversations}
    found = select(Message).where(
        Message.conversation_id.in_(messages), Message.author.in_(("customer", "assistant", "agent"))
    )
    for message in session.scalars(found.order_by(Message.id)):
        messages[message.conversation_id].append(message)
    return {one.id: _summary(one, messages[one.id], reads_all(one)) for one in conversations}


def _summary(conversation: Conversation, messages: list[Message], reads_all: bool) -> Summary:
    asked = [message.intent for message in messages if message.understood and (message.intent or "").startswith("ask_")]
    said = [message for message in messages if (message.response or "").startswith(LOOKED_UP)]
    written = [text_for(message, reads_all) for message in messages if message.author == "customer"]
    unanswered = list(takewhile(lambda message: message.author == "customer", reversed(messages)))
    return Summary(
        language=conversation.language,
        topics=[intent for intent in dict.fromkeys(asked) if intent],
        place=conversation.place,
        details=conversation.details,
        problem=conversation.problem,
        look_ups=[LookUp(response=m.response or "", text=m.text, at=m.created_at) for m in said],
        last_message=written[-1] if written else None,
        unanswered=bool(unanswered),
        open_messages=len(unanswered),
        open_since=unanswered[-1].created_at if unanswered else None,
    )

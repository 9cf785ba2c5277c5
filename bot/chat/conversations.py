"""Conversations and their messages, as plain functions over a database session."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import structlog
from pydantic import BaseModel, Field
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.chat import pictures
from bot.chat.identity import ask_identity, forget_identity, forget_told
from bot.chat.models import Choice, Conversation, Message
from bot.chat.words import choice, notice
from bot.database import HIGHEST_ID, now

log = structlog.get_logger()


class Closed(Exception):
    """The conversation has ended in the meantime."""


class Button(BaseModel):
    """A button as Rasa sends it."""

    title: str = Field(max_length=200)
    payload: str = Field(max_length=500)


class ConfirmIdentity(BaseModel):
    """An action's wish that the customer shows who they are; the payload is heard once that is done."""

    then: str = Field(max_length=200)


class HandOff(BaseModel):
    """The assistant's wish that a person takes over, and why."""

    cause: Literal["asked", "misses", "lookup_failed", "anger"]


class Custom(BaseModel):
    """What an action says to the website side."""

    confirm_identity: ConfirmIdentity | None = None
    hand_off: HandOff | None = None
    end_identity: bool = False  # the customer says that they are somebody else


DetailName = Annotated[str, Field(max_length=40)]
DetailValue = Annotated[str, Field(max_length=100)]


class Understood(BaseModel):
    """What a message was taken for, how sure that was, whether it was answered, and what the dialogue holds then."""

    intent: str = Field(max_length=80)
    confidence: float
    sure: bool
    place: str | None = Field(max_length=40)  # in the walkthrough
    details: dict[DetailName, DetailValue] = Field({}, max_length=20)
    problem: str | None = Field(None, max_length=80)
    person: int = 0  # who told it, by the conversation's count


class Answer(BaseModel):
    """One answer as Rasa sends it; the first one tells what was understood."""

    text: str = ""
    response: str | None = Field(None, max_length=80)  # its name
    understood: Understood | None = None
    image: Any = None  # the name of a picture
    language: Literal["lv", "en"] | None = None
    buttons: list[Button] = []
    custom: Custom = Custom()


MOST_OPEN = 10  # messages of one conversation that wait for Rasa
SHOWN = ("customer", "assistant", "agent", "notice")


def open_conversation(session: Session, language: str) -> tuple[str, Conversation]:
    """Begin a conversation, which the assistant opens; return its session token with it."""
    token = secrets.token_urlsafe(32)
    conversation = Conversation(
        id=secrets.token_hex(16), token_hash=_hash(token), language=language, created_at=now(), identity="none"
    )
    session.add(conversation)
    session.flush()
    tell_rasa(session, conversation, f'/start{{"language": "{language}"}}')
    return token, conversation


def find_conversation(session: Session, token: str) -> Conversation | None:
    """Return the open conversation that a session token belongs to."""
    return session.scalar(
        select(Conversation).where(Conversation.token_hash == _hash(token), Conversation.closed_at.is_(None))
    )


def lock(session: Session, conversation_id: str) -> Conversation:
    """Take an open conversation for writing, one writer at a time, so that ids give the order; raise Closed."""
    conversation = session.get_one(Conversation, conversation_id, with_for_update=True)
    if conversation.closed_at:
        raise Closed
    return conversation


def close_conversation(session: Session, conversation: Conversation) -> None:
    """End a conversation for good: its token opens nothing any more."""
    conversation.closed_at = now()
    forget_identity(conversation)
    forget_told(conversation)


def add_message(
    session: Session,
    conversation: Conversation,
    author: str,
    text: str,
    client_id: str | None = None,
    for_rasa: str | None = None,
    buttons: Sequence[Button] = (),
    picture: str | None = None,
) -> Message:
    """Store a message, with the buttons under it and the picture that goes with it."""
    message = Message(
        conversation_id=conversation.id,
        author=author,
        text=text,
        client_id=client_id,
        for_rasa=for_rasa,
        created_at=now(),
        picture=picture,
    )
    session.add(message)
    session.flush()
    for place, button in enumerate(buttons):
        session.add(
            Choice(
                id=secrets.token_urlsafe(16),
                message_id=message.id,
                place=place,
                title=button.title,
                payload=button.payload,
            )
        )
    return message


def find_sent(session: Session, conversation: Conversation, client_id: str) -> Message | None:
    """Return the message that a browser sent under this id before."""
    return session.scalar(
        select(Message).where(Message.conversation_id == conversation.id, Message.client_id == client_id)
    )


def add_notice(session: Session, conversation: Conversation, name: str, *commands: str, **values: object) -> None:
    """Tell the customer something from the website side, with buttons that it understands by itself."""
    buttons = [Button(title=choice(one, conversation.language), payload=f"!{one}") for one in commands]
    add_message(session, conversation, "notice", notice(name, conversation.language, **values), buttons=buttons)


def add_notice_once(session: Session, conversation: Conversation, name: str, *commands: str) -> None:
    """Tell the customer something, unless it is the last thing that they were told."""
    told = select(Message.text).where(
        Message.conversation_id == conversation.id, Message.author.in_(("assistant", "notice"))
    )
    if session.scalar(told.order_by(Message.id.desc()).limit(1)) != notice(name, conversation.language):
        add_notice(session, conversation, name, *commands)


def tell_rasa(session: Session, conversation: Conversation, payload: str) -> Message:
    """Let Rasa hear something that the customer did not type, such as a language switch."""
    return add_message(session, conversation, "website", "", for_rasa=payload)


def as_text(typed: str) -> str:
    """Turn what a person typed into what Rasa takes for text: a leading slash would be taken for an intent."""
    return re.sub(r"^(\s*)/", "\\1\u2215", typed)


def find_choice(session: Session, conversation: Conversation, choice_id: str) -> Choice | None:
    """Return a choice that stands in this conversation."""
    return session.scalar(
        select(Choice)
        .join(Message, Message.id == Choice.message_id)
        .where(Choice.id == choice_id, Message.conversation_id == conversation.id)
    )


def command_of(choice: Choice) -> str | None:
    """Return what a button under a notice stands for, which the website side does by itself."""
    return choice.payload.removeprefix("!") if choice.payload.startswith("!") else None


def shown_after(session: Session, conversation_id: str, last_id: int) -> list[tuple[Message, list[Choice]]]:
    """Return the messages that people see, after one of them, in order, each with its choices."""
    messages = session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > last_id, Message.author.in_(SHOWN))
        .order_by(Message.id)
    ).all()
    choices: dict[int, list[Choice]] = {}
    ids = [message.id for message in messages]
    for one in session.scalars(select(Choice).where(Choice.message_id.in_(ids)).order_by(Choice.place)):
        choices.setdefault(one.message_id, []).append(one)
    return [(message, choices.get(message.id, [])) for message in messages]


def last_seen(told: str) -> int:
    """Return the id of the last message that a browser says it has; what is no id counts as none."""
    return min(int(told), HIGHEST_ID) if re.fullmatch("[0-9]{1,18}", told) else 0


def last_of_agent(session: Session, conversation: Conversation) -> int:
    """Return the id of the last message of an agent, or 0."""
    last = select(func.max(Message.id)).where(Message.conversation_id == conversation.id, Message.author == "agent")
    return session.scalar(last) or 0


def next_for_rasa(session: Session, conversation_id: str) -> Message | None:
    """Return the oldest message that Rasa has not answered yet."""
    return session.scalar(
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.conversation_id == conversation_id,
            Message.for_rasa.is_not(None),
            Message.answered_at.is_(None),
            Conversation.closed_at.is_(None),
        )
        .order_by(Message.id)
        .limit(1)
    )


def is_full(session: Session, conversation: Conversation) -> bool:
    """Tell whether as many messages of a conversation wait for Rasa as may."""
    open_ones = select(func.count()).where(
        Message.conversation_id == conversation.id, Message.for_rasa.is_not(None), Message.answered_at.is_(None)
    )
    return (session.scalar(open_ones) or 0) >= MOST_OPEN


def waiting_for_rasa(session: Session) -> list[str]:
    """Return the open conversations that Rasa owes an answer."""
    return list(
        session.scalars(
            select(Message.conversation_id)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Message.for_rasa.is_not(None), Message.answered_at.is_(None), Conversation.closed_at.is_(None))
            .distinct()
        )
    )


def store_answers(
    session: Session, message_id: int, answers: list[Answer], moment: datetime
) -> tuple[str | None, HandOff | None]:
    """Store what Rasa answers to a message, once; silence is put into words. Raise Closed.

    Return the token of a confirmation that this ends, and the wish for a person. While a person holds the conversation,
    nothing that Rasa says is heard.
    """
    message = session.get_one(Message, message_id)
    conversation = lock(session, message.conversation_id)
    ended = None
    if any(answer.custom.end_identity for answer in answers):
        ended = conversation.access_token
        forget_identity(conversation)
        forget_told(conversation)
    for understood in (answer.understood for answer in answers if answer.understood):
        message.intent, message.confidence = understood.intent, understood.confidence
        message.understood, conversation.place = understood.sure, understood.place
        if understood.person == conversation.person:  # or it is what an earlier customer told
            conversation.details, conversation.problem = understood.details, understood.problem
    first = session.execute(
        update(Message).where(Message.id == message_id, Message.answered_at.is_(None)).values(answered_at=moment)
    )
    if not first.rowcount or conversation.owner != "assistant":  # type: ignore[attr-defined]
        message.for_rasa = None  # Rasa has heard it: what it is about is not to be heard twice
        return ended, None
    wish = None
    for answer in answers:
        conversation.language = answer.language or conversation.language
        picture = pictures.find(answer.image, conversation.language)
        if answer.image and not picture:
            log.error("picture_not_known", conversation=conversation.id, picture=str(answer.image)[:60])
        if answer.text or picture:
            said = add_message(session, conversation, "assistant", answer.text, buttons=answer.buttons, picture=picture)
            said.response = answer.response
        if answer.custom.confirm_identity:
            ask_identity(conversation, answer.custom.confirm_identity.then)
        wish = answer.custom.hand_off or wish
    if not answers:
        add_notice(session, conversation, "no_answer", "ask_person")
    return ended, wish


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

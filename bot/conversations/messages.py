"""Store messages, with their buttons, and read them: for people, and for Rasa."""

import re
import secrets
from collections.abc import Sequence

from pydantic import BaseModel, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversations.models import Choice, Claim, Conversation, Message
from bot.database import HIGHEST_ID, now


class Button(BaseModel):
    """A button as Rasa sends it."""

    title: str = Field(max_length=200)
    payload: str = Field(max_length=500)


MAX_OPEN = 10  # messages of one conversation that may wait for Rasa
MAX_UNREAD = 99  # that are counted
MAX_SHOWN = 1000  # messages that are read at a time
SHOWN = ("customer", "assistant", "agent", "notice")


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
        rasa_state="pending" if for_rasa is not None else None,
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
    """Return the message that a browser sent under this id earlier, or None."""
    return session.scalar(
        select(Message).where(Message.conversation_id == conversation.id, Message.client_id == client_id)
    )


def tell_rasa(session: Session, conversation: Conversation, payload: str) -> Message:
    """Store a payload for Rasa that the customer did not type, such as a language switch."""
    return add_message(session, conversation, "website", "", for_rasa=payload)


def withdraw(message: Message) -> None:
    """Leave a message to a person; the assistant answers it only if the customer goes on without one."""
    message.answered_at = now()
    if message.rasa_state == "pending":
        message.rasa_state = "withdrawn"


def as_text(typed: str) -> str:
    """Replace a leading slash in what a customer typed, which Rasa would take for an intent."""
    return re.sub(r"^(\s*)/", "\\1\u2215", typed)


def find_choice(session: Session, conversation: Conversation, choice_id: str) -> Choice | None:
    """Return a choice of this conversation, or None."""
    return session.scalar(
        select(Choice)
        .join(Message, Message.id == Choice.message_id)
        .where(Choice.id == choice_id, Message.conversation_id == conversation.id)
    )


def command_of(choice: Choice) -> str | None:
    """Return the command of a button under a notice, which the website side carries out itself."""
    return choice.payload.removeprefix("!") if choice.payload.startswith("!") else None


def shown_after(session: Session, conversation_id: str, last_id: int) -> list[tuple[Message, list[Choice]]]:
    """Return the visible messages after an id, in order, each with its choices; of very many, the newest."""
    messages = session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > last_id, Message.author.in_(SHOWN))
        .order_by(Message.id.desc())
        .limit(MAX_SHOWN)
    ).all()[::-1]
    choices: dict[int, list[Choice]] = {}
    ids = [message.id for message in messages]
    for one in session.scalars(select(Choice).where(Choice.message_id.in_(ids)).order_by(Choice.place)):
        choices.setdefault(one.message_id, []).append(one)
    return [(message, choices.get(message.id, [])) for message in messages]


def newest(session: Session, conversation_id: str) -> int:
    """Return the id of the last message of a conversation, or 0."""
    return session.scalar(select(func.max(Message.id)).where(Message.conversation_id == conversation_id)) or 0


def last_seen(told: str) -> int:
    """Return the id of the last message that a browser says it has, or 0 for anything but an id."""
    return min(int(told), HIGHEST_ID) if re.fullmatch("[0-9]{1,18}", told) else 0


def count_unread(session: Session, conversation: Conversation) -> int:
    """Return how many messages the customer has not seen, up to MAX_UNREAD; none before they have seen the first."""
    if not conversation.seen_id:
        return 0
    unread = select(Message.id).where(
        Message.conversation_id == conversation.id,
        Message.id > conversation.seen_id,
        Message.author.in_(("assistant", "agent", "notice")),
    )
    return session.scalar(select(func.count()).select_from(unread.limit(MAX_UNREAD).subquery())) or 0


def next_for_rasa(session: Session, conversation_id: str) -> Message | None:
    """Return the oldest message that Rasa has not answered yet."""
    return session.scalar(
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.conversation_id == conversation_id,
            Message.rasa_state == "pending",
            Conversation.closed_at.is_(None),
        )
        .order_by(Message.id)
        .limit(1)
    )


def is_full(session: Session, conversation: Conversation) -> bool:
    """Tell whether no more messages of a conversation may wait for Rasa."""
    open_ones = select(func.count()).where(Message.conversation_id == conversation.id, Message.rasa_state == "pending")
    return (session.scalar(open_ones) or 0) >= MAX_OPEN


def waiting_for_rasa(session: Session) -> list[str]:
    """Return the ids of open conversations in which Rasa owes an answer, and which no process has claimed."""
    claimed = select(Claim.name).where(Claim.name == Message.conversation_id, Claim.until > func.now())
    return list(
        session.scalars(
            select(Message.conversation_id)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Message.rasa_state == "pending", Conversation.closed_at.is_(None), ~claimed.exists())
            .distinct()
        )
    )

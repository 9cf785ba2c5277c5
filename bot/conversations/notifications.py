"""What happened to customers' accounts: kept once for each event, and told in the chat or by e-mail."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

import yaml
from pydantic import BaseModel, Field, model_validator
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot.calendar import RIGA, today
from bot.conversations.contacts import Contacts
from bot.conversations.messages import Button, add_message
from bot.conversations.models import Contact, Conversation, Message
from bot.conversations.notification_models import Notification, Subscription
from bot.conversations.transitions import WITH_PEOPLE
from bot.database import now
from bot.wording import dated, plain, tidy

WORDS = yaml.safe_load((Path(__file__).parent / "notifications.yml").read_text(encoding="utf-8"))
OLDEST = timedelta(days=7)  # what could not be told until then is not told any more
SHOWN = 10  # to agents, and on the customer's page
LONGEST = 200  # characters of a product's name

Kind = Literal[
    "application.approved",
    "application.documents_missing",
    "points.reached",
    "product.incomplete",
    "invoice.issued",
    "invoice.due_soon",
    "invoice.overdue",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


class AccountEvent(BaseModel):
    """Something that happened to an account, as the account system posts it (docs/backend.md)."""

    type: Kind
    email: str = Field(max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")
    product: str | None = Field(None, min_length=1, max_length=LONGEST)
    due_on: date | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "AccountEvent":
        if (self.type == "product.incomplete" and not self.product) or (
            self.type.startswith("invoice.") and not self.due_on
        ):
            raise ValueError("lacks what it is about")
        return self


def record(session: Session, contacts: Contacts, event_id: str, event: AccountEvent) -> None:
    """Keep an event until it is told, if the owner of the address agreed, and unless it has arrived before."""
    email_hash = contacts.hash(event.email)
    subscription = session.get(Subscription, email_hash)
    event_hash = hashlib.sha256(event_id.encode()).hexdigest()
    known = session.scalar(select(Notification.id).where(Notification.event_hash == event_hash))
    if known or not (subscription and subscription.confirmed_at):
        return
    facts = {"product": tidy(event.product, LONGEST)} if event.product else {}
    facts |= {"due_on": event.due_on.isoformat()} if event.due_on else {}
    session.add(
        Notification(
            event_hash=event_hash,
            email_hash=email_hash,
            kind=event.type,
            facts=facts,
            created_at=now(),
            due_at=now(),
            attempts=0,
        )
    )


def is_quiet(moment: datetime, first: int, last: int) -> bool:
    """Tell whether it is outside the hours in Riga in which customers are told."""
    return not first <= moment.astimezone(RIGA).hour < last


def name_of(kind: str, language: str) -> str:
    """Return what happened, in a few words."""
    words: str = WORDS["kinds"][kind]["name"][language]
    return words


def text_of(notification: Notification, language: str, markdown: bool = False) -> str:
    """Return what happened and the next step; escaped, where it is shown as Markdown."""
    facts, escape = notification.facts, plain if markdown else tidy
    due = date.fromisoformat(facts["due_on"]) if "due_on" in facts else None
    text: str = WORDS["kinds"][notification.kind]["text"][language]
    return text.format(product=escape(facts.get("product", "")), due=dated(due, language))


def of_address(session: Session, email_hash: str) -> Sequence[Notification]:
    """Return the newest things that happened to an account, the newest first."""
    mine = select(Notification).where(Notification.email_hash == email_hash)
    return session.scalars(mine.order_by(Notification.id.desc()).limit(SHOWN)).all()


def for_visitors(session: Session, idle: int, most: int) -> list[int]:
    """Return what was not told yet to customers who are confirmed in a conversation right now."""
    mine = select(Contact.email_hash).join(Conversation, Conversation.id == Contact.conversation_id)
    here = mine.where(Contact.email_hash == Notification.email_hash, *_is_confirmed(idle))
    untold = select(Notification.id).where(Notification.told_at.is_(None), Notification.created_at > now() - OLDEST)
    return list(session.scalars(untold.where(here.exists()).order_by(Notification.id).limit(most)))


def tell_in_chat(session: Session, contacts: Contacts, notification_id: int, idle: int) -> tuple[str, int] | None:
    """Tell something, once, in the customer's conversation; return which, and the message, or None without one."""
    notification = session.get(Notification, notification_id, with_for_update=True)
    if not notification or notification.told_at or is_over(notification):
        return None
    of_person = select(Contact.conversation_id).where(Contact.email_hash == notification.email_hash)
    open_ones = select(Conversation).where(Conversation.id.in_(of_person), *_is_confirmed(idle))
    for conversation in session.scalars(open_ones.order_by(Conversation.created_at.desc()).with_for_update()):
        # Others may have left a message there with this address, without confirming it.
        if contacts.hash(conversation.customer_email or "") == notification.email_hash:
            message = _add(session, conversation, notification)
            notification.message_id, notification.told_at, notification.told_by = message.id, now(), "chat"
            return conversation.id, message.id
    return None


def is_over(notification: Notification) -> bool:
    """Tell whether something is too old to be told, or is no longer ahead."""
    is_late = notification.kind == "invoice.due_soon" and notification.facts["due_on"] < today(now()).isoformat()
    return is_late or notification.created_at < now() - OLDEST


def is_seen(session: Session, notification: Notification) -> bool:
    """Tell whether the customer has seen in the chat what they were told there."""
    message = session.get(Message, notification.message_id)
    conversation = session.get(Conversation, message.conversation_id) if message else None
    return bool(message and conversation and conversation.seen_id >= message.id)


def _is_confirmed(idle: int) -> tuple[ColumnElement[bool], ...]:
    moment = now()
    return (
        Conversation.identity == "confirmed",
        Conversation.closed_at.is_(None),
        Conversation.owner.not_in(WITH_PEOPLE),
        Conversation.access_expires_at > moment,
        Conversation.identity_seen_at > moment - timedelta(seconds=idle),
    )


def _add(session: Session, conversation: Conversation, notification: Notification) -> Message:
    language = conversation.language
    button = WORDS["kinds"][notification.kind]["next"]
    step = Button(title=button[language], payload=button["payload"])
    return add_message(
        session, conversation, "assistant", text_of(notification, language, markdown=True), buttons=[step]
    )

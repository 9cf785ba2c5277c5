"""Find what is kept of a person, by e-mail address, in every database."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, func, or_, select, union
from sqlalchemy.orm import Session

from bot.backend.verification import Verification, verifications_of
from bot.conversations.contacts import Contacts
from bot.conversations.learning_models import Filing, Judgement
from bot.conversations.models import Contact, Conversation, Message, Ticket, Transition
from bot.conversations.notification_models import Notification, Subscription
from bot.desk.models import Call
from bot.privacy import trackers
from bot.privacy.stores import Stores

# Where an address may stand in what others wrote.
WORDS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (Message, ("text", "masked", "for_rasa")),
    (Ticket, ("text",)),
    (Transition, ("line", "comment")),
    (Call, ("note",)),
    (Judgement, ("facts",)),
    (Filing, ("text", "draft_lv", "draft_en")),
)
MENTIONS = 1000  # the most that are looked at


@dataclass(frozen=True)
class Person:
    """An e-mail address, in lower case, with the conversations and calls that belong to it."""

    email: str
    conversations: list[str]
    calls: list[int]

    @property
    def address(self) -> re.Pattern[str]:
        """The address in a text, unless it is a part of another one."""
        return re.compile(rf"(?<![\w.+-]){re.escape(self.email)}(?![\w-]|\.\w)", re.I)


def find(session: Session, contacts: Contacts, email: str) -> Person:
    """Return the conversations and calls of an e-mail address, the oldest first."""
    email = email.strip().lower()
    email_hash = contacts.hash(email)
    mine = union(
        select(Contact.conversation_id).where(Contact.email_hash == email_hash),
        # From before there were hashes, or confirmed right now.
        select(Ticket.conversation_id).where(func.lower(Ticket.email) == email),
        select(Conversation.id).where(
            func.lower(Conversation.customer_email) == email, Conversation.identity == "confirmed"
        ),
    )
    conversations = select(Conversation.id).where(Conversation.id.in_(mine.subquery().select()))
    calls = select(Call.id).where(or_(Call.email_hash == email_hash, func.lower(Call.email) == email))
    return Person(
        email,
        list(session.scalars(conversations.order_by(Conversation.created_at))),
        list(session.scalars(calls.order_by(Call.id))),
    )


def mentions(session: Session, person: Person) -> Iterator[tuple[Any, str]]:
    """Yield each row of others that names the address, with the column."""
    for kind, names in WORDS:
        of_others = ~_belongs_to(kind, person)
        for name in names:
            column: Column[str] = getattr(kind, name)
            found = select(kind).where(column.icontains(person.email, autoescape=True), of_others)
            rows = session.scalars(found.limit(MENTIONS)).all()
            yield from ((row, name) for row in rows if person.address.search(getattr(row, name)))


def counts(stores: Stores, contacts: Contacts, email: str) -> dict[str, int]:
    """Return how much of each kind is kept of a person."""
    with stores.chat.read() as session:
        person = find(session, contacts, email)
        of_kind = {
            name: session.scalar(select(func.count()).where(_belongs_to(kind, person))) or 0
            for name, kind in (("messages", Message), ("tickets", Ticket))
        }
        named = sum(1 for _ in mentions(session, person))
        told = sum(
            session.scalar(select(func.count()).where(kind.email_hash == contacts.hash(email))) or 0
            for kind in (Subscription, Notification)
        )
    return {
        "conversations": len(person.conversations),
        **of_kind,
        "calls": len(person.calls),
        "notifications": told,
        "rasa": len(events_of(stores, person.conversations)),
        "codes": len(codes_of(stores, email)),
        "mentions": named,
    }


def events_of(stores: Stores, conversation_ids: list[str]) -> list[dict[str, Any]]:
    """Return what Rasa keeps of conversations, in order."""
    if not stores.has_trackers:
        return []
    with stores.trackers.read() as session:
        return trackers.events_of(session, conversation_ids)


def codes_of(stores: Stores, email: str) -> list[Verification]:
    """Return what the reference backend keeps of the codes that were sent to an address."""
    if not stores.accounts or not stores.has_accounts:
        return []
    with stores.accounts.read() as session:
        return verifications_of(session, email)


def _belongs_to(kind: Any, person: Person) -> ColumnElement[bool]:
    if kind is Call:
        return Call.id.in_(person.calls)
    belongs: ColumnElement[bool] = kind.conversation_id.in_(person.conversations)
    return belongs

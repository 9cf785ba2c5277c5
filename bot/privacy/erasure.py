"""Erase a person from every database."""

import sqlite3

import structlog
from sqlalchemy import delete, func, select

from bot.backend.verification import forget_person
from bot.conversations.contacts import Contacts
from bot.conversations.files import names_of
from bot.conversations.identity import forget_identity
from bot.conversations.masking import DOTS
from bot.conversations.models import Conversation, Message
from bot.conversations.notification_models import Notification, Subscription
from bot.database import now
from bot.desk.models import AuditEntry, Call
from bot.privacy import person, trackers
from bot.privacy.retention import remove_conversations
from bot.privacy.stores import Stores
from bot.text import fold

log = structlog.get_logger()


def erase(stores: Stores, contacts: Contacts, email: str, who: str) -> tuple[list[str], list[str]]:
    """Erase the person with an e-mail address, and note who did it.

    Return the ids of the conversations that are gone, and the tokens that opened the account from them.
    """
    counted = person.counts(stores, contacts, email)
    if stores.accounts and stores.has_accounts:
        with stores.accounts.write() as session:
            forget_person(session, email)
    with stores.chat.write() as session:
        found = person.find(session, contacts, email)
        for row, name in list(person.mentions(session, found)):
            setattr(row, name, found.address.sub(DOTS, getattr(row, name)))
            if isinstance(row, Message) and row.folded:
                row.folded = fold(row.text if row.masked is None else row.masked)
        mine = select(Conversation.access_token).where(Conversation.id.in_(found.conversations))
        tokens = [token for token in session.scalars(mine) if token]
        sent = names_of(session, found.conversations)
        remove_conversations(session, found.conversations)
        session.execute(delete(Call).where(Call.id.in_(found.calls)))
        for kind in (Subscription, Notification):
            session.execute(delete(kind).where(kind.email_hash == contacts.hash(email)))
        # Whoever asked for a code at this address has not confirmed it.
        for asking in session.scalars(
            select(Conversation).where(func.lower(Conversation.customer_email) == found.email)
        ):
            forget_identity(asking)
        session.add(AuditEntry(at=now(), who=who, what="erased", counts=counted))
    stores.files.remove(sent)
    if stores.has_trackers:
        with stores.trackers.write() as session:
            trackers.forget(session, found.conversations)
    try:
        stores.compact()
    except sqlite3.Error as error:  # such as a full disk; SQLite uses the freed space again in any case
        log.error("not_compacted", reason=type(error).__name__)
    return found.conversations, tokens

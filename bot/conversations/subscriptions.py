"""Who wants to be notified of what happens to their account: asked in the chat, and confirmed by e-mail."""

import hashlib
import secrets
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.conversations.contacts import Contacts
from bot.conversations.identity import ask_identity, confirmed_email
from bot.conversations.models import Conversation, Message
from bot.conversations.notices import add_notice
from bot.conversations.notification_models import Notification, Subscription
from bot.conversations.words import notice
from bot.database import now
from bot.keys import Cipher, new_key
from bot.settings import Settings

COMMAND = "notify"  # of the button in the chat
OFFERED_AFTER = "utter_my_"  # the beginning of the names of answers from the account
CONFIRMED_WITHIN = timedelta(hours=48)  # after which the link of the e-mail is good for nothing
AGAIN_AFTER = timedelta(minutes=10)  # until which no other e-mail with a link is sent to the same address


class Subscriptions:
    """The addresses whose owners want to be notified; without the key of the events, nobody is asked."""

    def __init__(self, settings: Settings, contacts: Contacts) -> None:
        """Take the keys from the settings."""
        self.is_on, self._idle, self._contacts = bool(settings.events_key), settings.access_idle, contacts
        self._cipher = Cipher(settings.access_key.get_secret_value() or new_key())

    def offer_after(self, session: Session, conversation: Conversation, response: str) -> None:
        """Offer notifications once a conversation, after an answer from the account."""
        email = confirmed_email(conversation, self._idle)
        if not (self.is_on and email and response.startswith(OFFERED_AFTER)):
            return
        words = [notice("notify_offer", language) for language in ("lv", "en")]
        offered = select(Message.id).where(Message.conversation_id == conversation.id, Message.text.in_(words))
        if not session.scalar(offered.limit(1)) and not session.get(Subscription, self._contacts.hash(email)):
            add_notice(session, conversation, "notify_offer", COMMAND)

    def ask(self, session: Session, conversation: Conversation, email: str | None) -> None:
        """Send a confirmed customer the e-mail with which to agree; have others confirm who they are first."""
        if not self.is_on:
            return
        if email is None:
            ask_identity(conversation, f"!{COMMAND}")
            add_notice(session, conversation, "notify_confirm")
            return
        moment, email_hash = now(), self._contacts.hash(email)
        found = session.get(Subscription, email_hash, with_for_update=True)
        if found and found.confirmed_at:
            add_notice(session, conversation, "notify_known")
            return
        opened = self.opened(found) if found and found.asked_at > moment - CONFIRMED_WITHIN else None
        if not found or found.asked_at < moment - AGAIN_AFTER:
            token = opened[1] if opened else secrets.token_urlsafe(32)  # the link of the first e-mail stays good
            asked = Subscription(
                email_hash=email_hash,
                email=self._cipher.encrypt(email),
                token=self._cipher.encrypt(token),
                token_hash=_hash(token),
                language=conversation.language,
                page_address=conversation.page_address,
                asked_at=moment,
                due_at=moment,
                attempts=0,
            )
            with suppress(IntegrityError), session.begin_nested():  # asked on another device at the same moment
                session.merge(asked)
        add_notice(session, conversation, "notify_asked")

    def opened(self, subscription: Subscription) -> tuple[str, str] | None:
        """Return the address and the token of the links, or None if they were encrypted with another key."""
        email, token = self._cipher.decrypt(subscription.email), self._cipher.decrypt(subscription.token)
        return (email, token) if email and token else None


def find(session: Session, token: str) -> Subscription | None:
    """Return what the token of a link belongs to, unless it was not confirmed in time."""
    found = session.scalar(select(Subscription).where(Subscription.token_hash == _hash(token)))
    return found if found and (found.confirmed_at or found.asked_at > now() - CONFIRMED_WITHIN) else None


def confirm(subscription: Subscription) -> None:
    """Note that the owner of an address agreed."""
    subscription.confirmed_at, subscription.due_at = subscription.confirmed_at or now(), None


def end(session: Session, subscription: Subscription) -> None:
    """Forget an address, and what its owner was not told yet."""
    mine = Notification.email_hash == subscription.email_hash
    session.execute(delete(Notification).where(mine, Notification.told_at.is_(None)))
    session.execute(delete(Subscription).where(Subscription.email_hash == subscription.email_hash))


def drop_unconfirmed(session: Session) -> None:
    """Forget the addresses that nobody confirmed in time."""
    late = Subscription.asked_at < now() - CONFIRMED_WITHIN
    session.execute(delete(Subscription).where(Subscription.confirmed_at.is_(None), late))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

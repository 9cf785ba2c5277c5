"""Find a person's conversations and calls again by e-mail address, of which only a keyed hash is kept."""

import hmac
from functools import cached_property

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from bot.conversations.models import Contact, Conversation, Message
from bot.keys import kept_key
from bot.settings import Settings


class Contacts:
    """Hashes addresses with the key of the settings, or with one that is made in the data folder."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; the key is read or made when it is first used."""
        self._settings = settings

    @cached_property
    def _key(self) -> bytes:
        given = self._settings.email_key.get_secret_value()
        return (given or kept_key(self._settings.data_dir / "email.key")).encode()

    def hash(self, email: str) -> str:
        """Return the keyed hash of an address, in upper or lower case."""
        return hmac.new(self._key, email.strip().lower().encode(), "sha256").hexdigest()

    def note(self, session: Session, conversation: Conversation, email: str) -> None:
        """Remember whose conversation it is: of somebody who confirmed this address, or left a message with it."""
        session.merge(Contact(conversation_id=conversation.id, email_hash=self.hash(email)))

    def find_open(self, session: Session, email: str, besides: Conversation) -> Conversation | None:
        """Return another conversation of an address, locked: with a person, or with an answer that was not seen."""
        mine = select(Contact.conversation_id).where(Contact.email_hash == self.hash(email))
        unseen = select(Message.id).where(
            Message.conversation_id == Conversation.id, Message.author == "agent", Message.id > Conversation.seen_id
        )
        with_person = Conversation.owner.in_(("waiting", "agent"))
        found = select(Conversation).where(
            Conversation.id.in_(mine),
            Conversation.id != besides.id,
            Conversation.closed_at.is_(None),
            or_(with_person, and_(Conversation.owner == "closed", unseen.exists())),
        )
        return session.scalar(found.order_by(Conversation.created_at.desc()).limit(1).with_for_update())

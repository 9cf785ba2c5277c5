"""Find a person's conversations and calls again by e-mail address, of which only a keyed hash is kept."""

import hmac
from functools import cached_property

from sqlalchemy.orm import Session

from bot.conversations.models import Contact, Conversation
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

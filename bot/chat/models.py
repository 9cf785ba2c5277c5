"""The conversations' tables."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.database import UtcDateTime

LONGEST_NAME = 200  # characters of a customer's name that are kept


class Base(DeclarativeBase):
    """Tables of the conversations."""

    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012


class Conversation(Base):
    """One conversation: its id is Rasa's sender, its session token is another secret, kept as a hash."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    # Who the customer has shown to be; see identity.py.
    identity: Mapped[str] = mapped_column(String(10), default="none")  # none, email, code, confirmed
    identity_then: Mapped[str | None] = mapped_column(String(200))  # payload to go on with once confirmed
    verification_id: Mapped[str | None] = mapped_column(String(100))
    access_token: Mapped[str | None] = mapped_column(String(2000))
    access_expires_at: Mapped[datetime | None]
    customer_name: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    identity_seen_at: Mapped[datetime | None]  # when the confirmed customer last wrote
    identity_subject: Mapped[str | None] = mapped_column(String(64))  # hash of whom a website vouched for


class WebsiteToken(Base):
    """A token of a website that was used: it is good for one conversation only."""

    __tablename__ = "website_tokens"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(32))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Message(Base):
    """One message, stored once; its id gives the order."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id"),
        Index("ix_messages_conversation", "conversation_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    author: Mapped[str] = mapped_column(String(10))  # customer, assistant, notice; website: heard by Rasa, not shown
    text: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    for_rasa: Mapped[str | None] = mapped_column(Text)  # none: nothing for Rasa to answer
    answered_at: Mapped[datetime | None]
    picture: Mapped[str | None] = mapped_column(String(60))  # its name and language, as pictures.py has it


class Choice(Base):
    """A button under a message; the browser only ever sees its id and title."""

    __tablename__ = "choices"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    place: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    payload: Mapped[str] = mapped_column(String(500))

"""The tables of notifications, and of who subscribed to them; see notifications.py."""

from datetime import datetime

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.conversations.models import Base


class Subscription(Base):
    """An e-mail address whose owner wants to be told, from the question on; it counts once it is confirmed."""

    __tablename__ = "subscriptions"

    email_hash: Mapped[str] = mapped_column(String(64), primary_key=True)  # keyed; see contacts.py
    email: Mapped[str] = mapped_column(Text)  # encrypted
    token: Mapped[str] = mapped_column(String(200))  # of the links in e-mails, encrypted
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[str] = mapped_column(String(2))
    page_address: Mapped[str | None] = mapped_column(String(300))  # of the website, where the chat was open
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None] = mapped_column(index=True)  # when to e-mail the link; null: sent, or given up
    attempts: Mapped[int] = mapped_column(default=0)


class Notification(Base):
    """Something that happened to a customer's account, and how the customer was told."""

    __tablename__ = "notifications"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    event_hash: Mapped[str] = mapped_column(String(64), unique=True)  # of the event's id, so that it counts once
    email_hash: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(40))  # the event's type
    facts: Mapped[dict[str, str]] = mapped_column(JSON)  # a product's name, a day
    created_at: Mapped[datetime] = mapped_column(index=True)
    due_at: Mapped[datetime | None] = mapped_column(index=True)  # when to tell it; null: told
    attempts: Mapped[int] = mapped_column(default=0)  # at the e-mail
    message_id: Mapped[int | None]  # in the chat, where it was told first
    told_at: Mapped[datetime | None]
    told_by: Mapped[str | None] = mapped_column(String(5))  # chat, email

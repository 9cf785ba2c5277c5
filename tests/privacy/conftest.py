"""The databases that hold personal data, with the table that Rasa creates in its own."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text, update

from bot.conversations import handoff, lifecycle
from bot.conversations.files import Files
from bot.conversations.models import Conversation, Message
from bot.conversations.support_hours import SupportHours
from bot.database import Database, now
from bot.privacy.stores import Stores
from bot.settings import Settings
from tests.databases import make_accounts, make_chat

OPEN = SupportHours(Settings())
EVENTS = """CREATE TABLE events (id {key} PRIMARY KEY, sender_id VARCHAR(255) NOT NULL, type_name VARCHAR(255) NOT NULL,
    timestamp FLOAT, intent_name VARCHAR(255), action_name VARCHAR(255), data TEXT)"""


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request, tmp_path, new_postgresql) -> Stores:
    """Empty databases, on each kind of database."""
    urls = [f"sqlite:///{tmp_path / name}.db" for name in ("chat", "rasa", "backend")]
    if request.param == "postgresql":
        urls = [new_postgresql()] * 3
    make_chat(urls[0])
    make_accounts(urls[2])
    made = Stores(*map(Database, urls), Files(tmp_path / "files"))
    with made.trackers.write() as session:
        session.execute(text(EVENTS.format(key="SERIAL" if request.param == "postgresql" else "INTEGER")))
    yield made
    made.close()


def talk(stores: Stores, days_ago: float = 0, text: str = "where is my button?") -> str:
    """Begin a conversation whose last word is some days old; return its id."""
    with stores.chat.write() as session:
        conversation = lifecycle.open_conversation(session, "en")[1]
        handoff.customer_says(session, conversation, "client-0001", text, text)
    age(stores, conversation.id, days_ago)
    return conversation.id


def age(stores: Stores, conversation_id: str, days: float) -> None:
    """Make a conversation and all that was said in it so many days old."""
    at = now() - timedelta(days=days)
    with stores.chat.write() as session:
        session.execute(update(Conversation).where(Conversation.id == conversation_id).values(created_at=at))
        session.execute(update(Message).where(Message.conversation_id == conversation_id).values(created_at=at))


def hear(stores: Stores, conversation_id: str, at: datetime, *events: tuple[str, str | None, str]) -> None:
    """Store events as Rasa does: type, name, and data."""
    columns = "sender_id, type_name, timestamp, action_name, data"
    row = f"INSERT INTO events ({columns}) VALUES (:sender, :type, :at, :name, :data)"
    with stores.trackers.write() as session:
        for kind, name, data in events:
            values = {"sender": conversation_id, "type": kind, "at": at.timestamp(), "name": name, "data": data}
            session.execute(text(row), values)

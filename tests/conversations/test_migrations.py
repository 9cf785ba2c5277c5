"""An older database keeps its content when it is migrated."""

from datetime import datetime, timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import column, insert, select, table

from bot.conversations import messages, queue
from bot.conversations.models import Agent, Conversation, Message, Transition
from bot.database import Database, UtcDateTime, now
from bot.desk.database import update
from tests.conversations.conftest import MIGRATIONS

NOW = now()


@pytest.fixture(params=["sqlite", "postgresql"])
def older(request, tmp_path) -> Database:
    """A database from when the desk created the agents, and two columns held the state of a message for Rasa."""
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("new_postgresql")()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, "0006")
    made = Database(url)
    Agent.__table__.create(made.engine)
    yield made
    made.engine.dispose()


def put(database: Database, name: str, **values) -> None:
    columns = [column(one, UtcDateTime if isinstance(value, datetime) else None) for one, value in values.items()]
    with database.write() as session:
        session.execute(insert(table(name, *columns)).values(values))


def moment(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def upgraded(database: Database) -> None:
    update(database.engine.url.render_as_string(hide_password=False))


def test_agents_that_the_desk_made_are_kept(older):
    with older.write() as session:
        session.add(Agent(email="anna@example.com", name="Anna", created_at=NOW))
    upgraded(older)
    with older.read() as session:
        assert session.scalars(select(Agent.email)).all() == ["anna@example.com"]


def test_how_messages_stand_to_rasa_is_told_by_name(older):
    conversation = {"language": "lv", "created_at": NOW, "identity": "none", "wants_ticket": False, "seen_id": 0}
    for name, owner in (("left", "assistant"), ("held", "agent")):
        put(older, "conversations", id=name, token_hash=name, owner=owner, delivered_id=0, **conversation)
        change = {"at": moment(0), "before": "assistant", "after": "waiting", "cause": "asked", "attempts": 0}
        put(older, "transitions", conversation_id=name, **change)
    rows = [
        ("held", "agent", "said by an agent", None, None, None),
        ("held", "customer", "answered before", "text", -1, "answered"),
        ("held", "customer", "open when the queue began", "text", 1, "withdrawn"),
        ("held", "website", "heard meanwhile", None, 1, "already_heard"),
        ("held", "website", "", "payload", None, "pending"),
        ("left", "customer", "written in the queue", "text", 1, "answered"),
        ("left", "customer", "open", "text", None, "pending"),
    ]
    for name, author, typed, for_rasa, answered, _ in rows:
        at = None if answered is None else moment(answered)
        put(
            older,
            "messages",
            conversation_id=name,
            author=author,
            text=typed,
            for_rasa=for_rasa,
            answered_at=at,
            created_at=NOW,
        )
    upgraded(older)
    with older.write() as session:
        assert [one.rasa_state for one in session.scalars(select(Message).order_by(Message.id))] == [
            state for *_, state in rows
        ]
        assert messages.next_for_rasa(session, "left").text == "open"
        held = session.get_one(Conversation, "held")
        held.owner = "waiting"
        queue.cancel(session, held)
        again = session.get_one(Message, 3)
        assert (again.text, again.rasa_state) == ("open when the queue began", "pending")


def test_what_agents_did_earlier_is_told_by_its_present_name(older):
    conversation = {"language": "lv", "created_at": NOW, "identity": "none", "wants_ticket": False, "seen_id": 0}
    put(older, "conversations", id="one", token_hash="one", owner="assistant", delivered_id=0, **conversation)
    for before, after, cause in (
        ("waiting", "agent", "taken"),
        ("agent", "waiting", "put_back"),
        ("agent", "assistant", "given_back"),
    ):
        change = {"at": NOW, "before": before, "after": after, "cause": cause, "attempts": 0}
        put(older, "transitions", conversation_id="one", **change)
    upgraded(older)
    with older.read() as session:
        causes = session.scalars(select(Transition.cause).order_by(Transition.id)).all()
    assert causes == ["taken", "requeued", "returned_to_bot"]

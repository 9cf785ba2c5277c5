"""An older database keeps its content when it is migrated."""

import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import column, insert, select, table, text

from bot.conversations import messages, queue
from bot.conversations.learning_models import Turn
from bot.conversations.masking import DOTS
from bot.conversations.models import Agent, Conversation, Message, Ticket, Transition
from bot.database import Database, UtcDateTime, now
from bot.desk.database import update
from bot.settings import ROOT
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
    with made.write() as session:  # which a later migration drops
        session.execute(text("ALTER TABLE agents ADD COLUMN failures INTEGER DEFAULT 0 NOT NULL"))
        session.execute(text("ALTER TABLE agents ADD COLUMN locked_until TIMESTAMP"))
        for name in ("totp_secret", "totp_used"):  # which a later migration adds
            session.execute(text(f"ALTER TABLE agents DROP COLUMN {name}"))
    yield made
    made.engine.dispose()


def put(database: Database, name: str, /, **values) -> None:
    columns = [column(one, UtcDateTime if isinstance(value, datetime) else None) for one, value in values.items()]
    with database.write() as session:
        session.execute(insert(table(name, *columns)).values(values))


def put_agent(database: Database, **values) -> None:
    put(database, "agents", role="agent", language="lv", presence="away", at_once=3, created_at=NOW, **values)


def moment(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def upgraded(database: Database) -> None:
    update(database.engine.url.render_as_string(hide_password=False))


def test_agents_that_the_desk_made_are_kept(older):
    put_agent(older, email="anna@example.com", name="Anna")
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


def test_what_agents_wrote_is_masked_unless_a_person_still_needs_it(older):
    conversation = {"language": "lv", "created_at": NOW, "identity": "none", "wants_ticket": False, "seen_id": 0}
    for name, owner in (("left", "closed"), ("held", "agent")):
        put(older, "conversations", id=name, token_hash=name, owner=owner, delivered_id=0, **conversation)
        for author in ("agent", "note", "assistant"):
            put(older, "messages", conversation_id=name, author=author, text="+371 29123456!", created_at=NOW)
        put(
            older,
            "tickets",
            conversation_id=name,
            client_id=name,
            email="anna@example.com",
            text="+371 29123456!",
            created_at=NOW,
            attempts=0,
            done_at=NOW if name == "left" else None,
        )
    closing = {"at": NOW, "before": "agent", "after": "closed", "cause": "done", "attempts": 0}
    put(older, "transitions", conversation_id="left", line="+371 29123456!", **closing)
    upgraded(older)
    with older.read() as session:
        kept = [(one.text, one.masked) for one in session.scalars(select(Message).order_by(Message.id))]
        assert kept == [
            *[(f"{DOTS}!", None)] * 2,
            ("+371 29123456!", None),
            *[("+371 29123456!", f"{DOTS}!")] * 2,
            ("+371 29123456!", None),
        ]
        assert session.scalars(select(Ticket.text).order_by(Ticket.id)).all() == [f"{DOTS}!", "+371 29123456!"]
        assert session.scalars(select(Transition.line)).all() == [f"{DOTS}!"]


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


def test_who_holds_a_conversation_is_a_key_of_an_agent_and_who_is_none_any_more_is_a_name(older):
    put_agent(older, email="anna@example.com", name="Anna")
    conversation = {"language": "lv", "created_at": NOW, "identity": "none", "wants_ticket": False, "seen_id": 0}
    change = {"at": NOW, "before": "waiting", "after": "agent", "cause": "taken", "attempts": 0}
    for name, agent_id in (("Anna", "1"), ("Gone", "27"), ("None", None)):
        held = {"agent_id": agent_id, "agent_name": name, "owner": "agent", "delivered_id": 0}
        put(older, "conversations", id=name, token_hash=name, **held, **conversation)
        put(older, "transitions", conversation_id=name, agent_id=agent_id, agent_name=name, **change)
        put(older, "messages", conversation_id=name, author="customer", text="?", created_at=NOW)
    upgraded(older)
    found = [("Anna", 1), ("Gone", None), ("None", None)]
    with older.read() as session:
        for kind in (Conversation, Transition):
            rows = session.execute(select(kind.agent_name, kind.agent_id).order_by(kind.agent_name))
            assert [tuple(row) for row in rows] == found
        assert len(session.scalars(select(Message)).all()) == 3
    with older.write() as session:
        session.delete(session.get_one(Agent, 1))
    with older.read() as session:
        assert session.scalars(select(Conversation.agent_id)).all() == [None] * 3


def test_how_earlier_messages_were_understood_is_a_turn(older):
    conversation = {"language": "lv", "created_at": NOW, "identity": "none", "wants_ticket": False, "seen_id": 0}
    put(older, "conversations", id="one", token_hash="one", owner="assistant", delivered_id=0, **conversation)
    for author, understood in (("customer", True), ("customer", False), ("website", True), ("customer", None)):
        message = {"conversation_id": "one", "author": author, "text": "?", "created_at": NOW, "answered_at": NOW}
        heard = {"for_rasa": "?", "intent": "ask_tiers", "confidence": 0.5, "understood": understood}
        put(older, "messages", **message, **heard)
    upgraded(older)
    with older.read() as session:
        kept = session.scalars(select(Turn).order_by(Turn.message_id)).all()
    assert [(one.kind, one.intent, one.responses, one.at) for one in kept] == [
        ("answer", "ask_tiers", [], NOW),
        ("miss", "ask_tiers", [], NOW),
    ]


def test_two_machines_that_start_at_the_same_moment_prepare_one_database(new_postgresql):
    url = new_postgresql()
    given = os.environ | {f"CPS_{name}_DATABASE": url for name in ("CHAT", "BACKEND", "TRACKER")}
    given |= {"CPS_DEMO_PASSWORD": "password-of-the-tests"}  # of the sample agents
    command = [sys.executable, "-m", "bot.prepare"]
    both = [subprocess.Popen(command, cwd=ROOT, env=given, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [(one.communicate(timeout=120)[1], one.returncode) for one in both] == [("", 0)] * 2
    with Database(url).read() as session:
        assert len(session.scalars(select(Agent)).all()) == 2


def test_what_customers_and_agents_wrote_earlier_is_found_by_words(older):
    conversation = {"language": "lv", "created_at": NOW, "identity": "none", "wants_ticket": False, "seen_id": 0}
    put(older, "conversations", id="one", token_hash="one", owner="assistant", delivered_id=0, **conversation)
    for author, words in (("customer", "Mana Žirafe 29 123 456"), ("assistant", "Žirafe?"), ("agent", "The GIRAFFE")):
        put(older, "messages", conversation_id="one", author=author, text=words, created_at=NOW)
    upgraded(older)
    with older.read() as session:
        folded = session.scalars(select(Message.folded).order_by(Message.id)).all()
    assert folded == [f"mana zirafe {DOTS}", None, "the giraffe"]

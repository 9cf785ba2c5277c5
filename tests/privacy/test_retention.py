"""What has been kept for its term is removed, in small steps, and nothing else."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from bot.backend.models import Record
from bot.backend.services import record
from bot.conversations import queue
from bot.conversations.models import Conversation, Message, Ticket, Transition
from bot.conversations.notification_models import Notification
from bot.database import now
from bot.desk import agents, calls
from bot.desk.models import Call, Reading, Removal
from bot.privacy import retention
from bot.privacy.retention import LATER, SOON, ClockMoved, Retention
from bot.settings import Settings
from tests.privacy.conftest import OPEN, age, hear, talk

TURN = (
    ("session_started", None, "session"),
    ("slot", "language", "slot"),
    ("action", "action_listen", "first"),
    ("user", None, "what was typed"),
    ("slot", "details", "what was told"),
    ("bot", None, "what was said"),
    ("action", "action_listen", "last"),
)


def run(stores, **settings) -> Retention:
    job = Retention(Settings(**settings), stores)
    job.run()
    return job


def left(stores, kind) -> set:
    with stores.chat.read() as session:
        return set(session.scalars(select(kind.id)))


def removed(stores) -> dict[str, int]:
    with stores.chat.read() as session:
        return {one.kind: one.count for one in session.scalars(select(Removal))}


def events(stores) -> list[tuple[str, str]]:
    with stores.trackers.read() as session:
        return [tuple(row) for row in session.execute(text("SELECT sender_id, data FROM events ORDER BY id"))]


def call_person(stores, conversation_id: str, then: str = "assistant") -> None:
    with stores.chat.write() as session:
        conversation = session.get_one(Conversation, conversation_id)
        agents.add(session, f"{conversation_id}@example.com", "Anna", "agent")
        queue.ask(session, conversation, "asked", OPEN)
        if then == "assistant":
            queue.cancel(session, conversation)


def test_conversations_go_after_their_last_word_later_if_a_person_was_called(stores):
    old, recent = talk(stores, 91), talk(stores, 89)
    attended, long_ago, waiting = talk(stores), talk(stores), talk(stores)
    for one, days in ((attended, 364), (long_ago, 366)):
        call_person(stores, one)
        age(stores, one, days)
    call_person(stores, waiting, then="waiting")
    age(stores, waiting, 400)
    answered = talk(stores, 400)
    with stores.chat.write() as session:
        last = select(Message.id).where(Message.conversation_id == answered).order_by(Message.id.desc()).limit(1)
        session.execute(update(Message).where(Message.id == last.scalar_subquery()).values(created_at=now()))
    run(stores)
    assert left(stores, Conversation) == {recent, attended, waiting, answered}
    assert removed(stores) == {"conversations": 1, "unattended": 1}
    with stores.chat.read() as session:
        for kind in (Message, Transition):
            assert not session.scalars(select(kind).where(kind.conversation_id.in_((old, long_ago)))).all()


def test_files_go_with_their_conversations(stores):
    kept, past = talk(stores), talk(stores)
    files = [stores.files.keep("pdf", b"%PDF-1.7") for _ in range(2)]
    for one, file, days in ((kept, files[0], 364), (past, files[1], 366)):
        call_person(stores, one)
        with stores.chat.write() as session:
            message = select(Message.id).where(Message.conversation_id == one).order_by(Message.id).limit(1)
            of_it = update(Message).where(Message.id == message.scalar_subquery())
            session.execute(of_it.values(attachment=file))
        age(stores, one, days)
    run(stores)
    assert [bool(stores.files.read(file)) for file in files] == [True, False]


def test_a_message_that_was_left_goes_with_its_conversation(stores):
    kept, past = talk(stores), talk(stores)
    for one, days in ((kept, 364), (past, 366)):
        with stores.chat.write() as session:
            conversation = session.get_one(Conversation, one)
            queue.leave_ticket(session, conversation, "client-0002", "anna@example.com", "please call")
        age(stores, one, days)
    run(stores)
    assert left(stores, Conversation) == {kept}
    assert len(left(stores, Ticket)) == 1


def test_rasa_forgets_an_idle_conversation_but_for_what_it_needs_to_go_on(stores):
    idle, busy, gone = talk(stores, 8), talk(stores, 6), "0" * 32
    attended = talk(stores, 8)
    with stores.chat.write() as session:  # a person still talks with the customer, without Rasa
        session.execute(update(Message).where(Message.conversation_id == attended).values(created_at=now()))
    for one in (idle, busy, attended):
        hear(stores, one, now() - timedelta(days=8), *TURN)
    hear(stores, gone, now() - timedelta(hours=2), *TURN)
    run(stores)
    kept = events(stores)
    assert [data for one, data in kept if one == idle] == ["session", "slot", "last"]
    assert [one for one, _ in kept].count(busy) == [one for one, _ in kept].count(attended) == len(TURN)
    assert gone not in dict(kept)
    assert removed(stores) == {"rasa": 2}
    run(stores)
    assert events(stores) == kept
    assert removed(stores) == {"rasa": 2}


def test_rasa_forgets_a_conversation_that_is_removed(stores):
    past = talk(stores, 91)
    hear(stores, past, now() - timedelta(days=91), *TURN[:3])
    run(stores)
    assert events(stores) == []


def test_calls_and_audit_trails_go_at_the_end_of_their_terms(stores):
    with stores.chat.write() as session:
        agent = agents.add(session, "anna@example.com", "Anna", "agent")
        for days in (364, 366):
            call = calls.start(session, agent.id, "lv", "register")
            calls.end(session, agent.id, "solved", "")
            call.ended_at = now() - timedelta(days=days)
        session.add(Removal(at=now() - timedelta(days=731), kind="calls", count=1))
        for days in (729, 731):
            at = now() - timedelta(days=days)
            session.add(Reading(at=at, agent_id=agent.id, agent_name="Anna", conversation_id="gone", reason="ill"))
    with stores.accounts.write() as session:
        for what in ("old", "new"):
            record(session, "customer", what, "script", 1)
        session.execute(update(Record).where(Record.what == "old").values(at=now() - timedelta(days=731)))
    with stores.chat.write() as session:
        for days in (89, 91):
            told = {"event_hash": f"{days}", "email_hash": "anna", "kind": "points.reached", "facts": {}}
            session.add(Notification(**told, created_at=now() - timedelta(days=days), attempts=0))
    run(stores)
    assert len(left(stores, Call)) == len(left(stores, Reading)) == len(left(stores, Notification)) == 1
    with stores.accounts.read() as session:
        assert session.scalars(select(Record.what)).all() == ["new"]
    assert removed(stores) == {"calls": 1, "notifications": 1, "audit": 3}


def test_the_terms_are_settings(stores):
    with_person, without = talk(stores), talk(stores, 3)
    call_person(stores, with_person)
    age(stores, with_person, 3)
    run(stores, keep_conversations_days=4, keep_unattended_days=2)
    assert left(stores, Conversation) == {with_person}
    run(stores, keep_conversations_days=2)
    assert left(stores, Conversation) == set()
    assert without


def test_a_step_is_small_and_the_next_comes_soon_while_more_is_left(stores, monkeypatch):
    monkeypatch.setattr(retention, "STEP", 2)
    for _ in range(3):
        talk(stores, 91)
    job = run(stores)
    assert len(left(stores, Conversation)) == 1
    assert now() < job.next_at <= now() + SOON
    assert job.run() == []  # it is not time yet
    assert len(left(stores, Conversation)) == 1
    job.next_at = now()
    assert len(job.run()) == 1
    assert left(stores, Conversation) == set()
    assert job.next_at > now() + LATER / 2


def test_it_works_before_the_other_processes_have_made_their_tables(tmp_path, stores):
    with stores.trackers.write() as session:
        session.execute(text("DROP TABLE events"))
    with stores.accounts.write() as session:
        session.execute(text("DROP TABLE audit"))
    talk(stores, 91)
    run(stores)
    assert removed(stores) == {"unattended": 1}


@pytest.mark.parametrize("days", ["0", "-1", "3651", "soon"])
def test_a_term_that_is_none_is_refused(days):
    with pytest.raises(ValueError, match="keep_rasa_days"):
        Settings(keep_rasa_days=days)


@pytest.mark.parametrize("days", [365, -365])
def test_nothing_is_removed_while_the_clock_is_on_another_day_than_it_was(stores, monkeypatch, days):
    conversation_id = talk(stores)
    job = Retention(Settings(), stores)
    moved = timedelta(days=days)
    monkeypatch.setattr(retention, "now", lambda: now() + moved)
    for _ in range(2):
        with pytest.raises(ClockMoved):
            job.run()
    assert left(stores, Conversation) == {conversation_id}
    moved = timedelta(hours=1)  # a usual correction
    age(stores, conversation_id, 91)
    assert job.run() == [conversation_id]

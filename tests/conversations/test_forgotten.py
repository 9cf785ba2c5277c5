"""Conversations to which nobody comes back end: their keys open nothing any more."""

from datetime import timedelta

import pytest

from bot.conversations import handoff, lifecycle, messages, queue
from bot.conversations.models import Conversation, Message
from bot.conversations.timeouts import Timeouts
from bot.database import now
from bot.settings import Settings
from tests.conversations.talk import LIGA, OPEN


def begin(database, began: timedelta, said: timedelta) -> tuple[str, str]:
    """Begin a conversation so long ago, in which the last message is so old; return its key and its id."""
    with database.write() as session:
        token, conversation = lifecycle.open_conversation(session, "lv")
        conversation.created_at = now() - began
        messages.add_message(session, conversation, "customer", "paldies")
        for message in session.query(Message).filter_by(conversation_id=conversation.id):
            message.created_at = now() - began
        message.created_at = now() - said
    return token, conversation.id


def timeouts(database) -> Timeouts:
    return Timeouts(Settings(), database)


@pytest.mark.parametrize(
    ("began", "said", "is_over"),
    [(timedelta(days=40), timedelta(days=31), True), (timedelta(days=40), timedelta(days=29), False)],
)
def test_a_key_ends_so_long_after_the_last_word(database, began, said, is_over):
    token, conversation_id = begin(database, began, said)
    assert timeouts(database).end_forgotten() == ([conversation_id] if is_over else [])
    with database.read() as session:
        assert (lifecycle.find_conversation(session, token) is None) == is_over


def test_a_new_conversation_is_not_forgotten(database):
    begin(database, timedelta(0), timedelta(0))
    assert timeouts(database).end_forgotten() == []


def test_the_term_is_a_setting(database):
    _, conversation_id = begin(database, timedelta(hours=2), timedelta(hours=2))
    assert Timeouts(Settings(conversation_idle=3600), database).end_forgotten() == [conversation_id]


@pytest.mark.parametrize("is_taken", [False, True], ids=["waiting", "agent"])
def test_whoever_holds_it_loses_a_conversation_that_ends(database, is_taken):
    _, conversation_id = begin(database, timedelta(0), timedelta(0))
    with database.write() as session:
        conversation = lifecycle.lock(session, conversation_id)
        queue.ask(session, conversation, "asked", OPEN)
        if is_taken:
            handoff.take(session, conversation, LIGA)
        secret = handoff.customer_says(session, conversation, "1", "29 123 456", "••••••", "••••••")[0]
        lifecycle.close_conversation(session, conversation)
    with database.read() as session:
        kept = session.get_one(Conversation, conversation_id)
        assert (kept.owner, kept.agent_id, kept.asked_at) == ("closed", None, None)
        assert session.get_one(Message, secret.id).text == "••••••"


def test_many_are_ended_a_part_at_a_time(database, monkeypatch):
    monkeypatch.setattr(lifecycle, "AT_ONCE", 2)
    for _ in range(3):
        begin(database, timedelta(days=40), timedelta(days=31))
    jobs = timeouts(database)
    assert [len(jobs.end_forgotten()) for _ in range(3)] == [2, 1, 0]

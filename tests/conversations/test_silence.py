"""A conversation with an agent in which one of the two is silent for too long."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.conversations import endings, handoff, queue
from bot.conversations.models import Agent, Conversation, Message, Transition
from bot.conversations.timeouts import Timeouts
from bot.database import Database, now
from bot.settings import Settings
from tests.conversations.talk import JANIS, LIGA, OPEN, Talk

WITHIN, IDLE = 600, 3600  # seconds
LANGUAGES = pytest.mark.parametrize("language", ["lv", "en"])


def pass_time(talk: Talk, seconds: int) -> None:
    """Let everything in a conversation have happened so many seconds earlier."""
    with talk.database.write() as session:
        for kind, name in ((Message, "created_at"), (Transition, "at")):
            for row in session.scalars(select(kind).where(kind.conversation_id == talk.id)):
                setattr(row, name, getattr(row, name) - timedelta(seconds=seconds))


def is_at_the_desk(database: Database, agent: Agent) -> None:
    with database.write() as session:
        found = session.get_one(Agent, agent.id)
        found.presence, found.seen_at = "available", now()


def held(talk: Talk, language: str = "lv") -> Talk:
    """Let Liga take the conversation of a customer who has asked something."""
    with talk.database.write() as session:
        session.get_one(Conversation, talk.id).language = language
    talk.writes()
    talk.do(queue.ask, "asked", OPEN)
    talk.do(handoff.take, LIGA)
    return talk


def offered(talk: Talk, **settings: int) -> bool:
    return talk.id in Timeouts(Settings(answer_within=WITHIN, **settings), talk.database).offer_unanswered()


def closed(talk: Talk, idle: int = IDLE) -> bool:
    return talk.id in Timeouts(Settings(talk_idle=idle), talk.database).close_idle()


@LANGUAGES
def test_what_an_agent_took_and_left_without_an_answer_is_offered_to_a_colleague(talk, language):
    held(talk, language)
    is_at_the_desk(talk.database, JANIS)
    assert not offered(talk)
    pass_time(talk, WITHIN + 5)
    assert offered(talk)
    assert talk.owner == "waiting"
    assert talk.changes()[-1] == ("agent", "waiting", "unanswered")
    assert {"lv": "Līga pašlaik nevar atbildēt", "en": "Līga cannot answer"}[language] in talk.said("notice")[-1]
    assert not offered(talk)
    talk.do(handoff.take, JANIS)


def test_where_no_colleague_is_there_the_agent_keeps_it(talk):
    held(talk)
    pass_time(talk, WITHIN + 5)
    assert not offered(talk)
    assert talk.owner == "agent"


def test_who_answers_in_time_keeps_it_however_long_they_talk(talk):
    held(talk)
    is_at_the_desk(talk.database, JANIS)
    for _ in range(3):
        talk.agent_writes()
        pass_time(talk, WITHIN + 5)  # the customer's turn
        assert not offered(talk)
        talk.writes()
        pass_time(talk, WITHIN - 60)
        assert not offered(talk)
    talk.writes("hello?")  # the first question counts, not the last
    pass_time(talk, 120)
    assert offered(talk)


def test_who_was_handed_it_has_the_same_time(talk):
    held(talk)
    is_at_the_desk(talk.database, LIGA)
    pass_time(talk, WITHIN + 5)
    talk.do(handoff.hand_over, JANIS)
    assert not offered(talk)


@LANGUAGES
def test_whose_customer_does_not_answer_is_closed_and_the_customer_told(talk, language):
    held(talk, language)
    talk.agent_writes()
    assert not closed(talk)
    pass_time(talk, IDLE + 5)
    assert closed(talk)
    assert talk.owner == "closed"
    assert {"lv": "no Jums nav ziņu", "en": "not heard from you"}[language] in talk.said("notice")[-1]
    with talk.database.read() as session:
        assert session.scalars(select(Transition.outcome).order_by(Transition.id.desc())).first() == "no_answer"
    assert not closed(talk)


def test_a_customer_who_waits_for_the_agent_is_never_closed(talk):
    held(talk)
    talk.agent_writes()
    talk.writes()
    pass_time(talk, IDLE + 5)
    assert not closed(talk)


def test_both_can_be_switched_off_and_wait_for_an_end_that_can_be_undone(talk):
    held(talk)
    is_at_the_desk(talk.database, JANIS)
    talk.agent_writes()
    pass_time(talk, IDLE + 5)
    assert not closed(talk, idle=0)
    talk.do(endings.return_to_bot, 60)
    assert not closed(talk)
    talk.writes()
    pass_time(talk, IDLE)
    assert Timeouts(Settings(answer_within=0), talk.database).offer_unanswered() == []

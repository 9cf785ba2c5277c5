"""The queue for a person: who enters it, what they are told, and how they leave it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.conversations import handoff, lifecycle, messages, queue, rasa_answers
from bot.conversations.models import Agent, Conversation, Message, Ticket, Transition
from bot.conversations.rasa_answers import Custom, HandOff, RasaAnswer
from bot.conversations.transitions import InvalidTransition
from bot.conversations.words import notice
from bot.database import now
from tests.conversations.talk import CLOSED, LIGA, OPEN, Talk


def test_who_asks_for_a_person_in_the_queue_is_told_their_place_again(talk):
    talk.rasa_answers("hello")
    talk.do(queue.ask, "asked", OPEN)
    asked = talk.writes("how long do I have to wait?")
    with talk.database.write() as session:
        wish = RasaAnswer(custom=Custom(hand_off=HandOff(cause="asked")))
        _, handed_off = rasa_answers.store_answers(session, asked, [wish], now(), meanwhile=True)
    assert handed_off
    assert not talk.has_open


def test_a_wish_for_a_person_is_told_in_its_own_language(talk):
    talk.rasa_answers("hello")
    asked = talk.writes("an operator, please")
    with talk.database.write() as session:
        wish = RasaAnswer(custom=Custom(hand_off=HandOff(cause="asked"), language="en"))
        rasa_answers.store_answers(session, asked, [wish], now())
    talk.do(queue.ask, "asked", OPEN)
    assert talk.said("notice") == [notice("queued", "en", place=1)]


def test_who_cancels_hears_an_answer_to_what_they_wrote_in_the_queue(talk):
    talk.rasa_answers("hello")
    talk.do(queue.ask, "asked", OPEN)
    talk.writes("first")
    talk.writes("second")
    talk.do(queue.cancel)
    with talk.database.read() as session:
        assert messages.next_for_rasa(session, talk.id).text == "second"
    talk.rasa_answers("about the second")
    assert not talk.has_open


def test_who_cancels_is_not_sent_back_to_the_queue_by_what_they_wrote_in_it(talk):
    talk.rasa_answers("hello")
    talk.do(queue.ask, "asked", OPEN)
    asked = talk.writes("an operator, please")
    talk.do(queue.cancel)
    later = talk.writes("an operator after all")
    with talk.database.read() as session:
        conversation = session.get_one(Conversation, talk.id)
        messages = [session.get_one(Message, one) for one in (asked, later)]
        past = [queue.stopped_waiting_since(session, conversation, message) for message in messages]
    assert past == [True, False]


def test_who_cancels_hears_an_answer_to_what_the_assistant_had_not_answered_before_the_queue(talk):
    talk.rasa_answers("hello")
    talk.writes("answered")
    talk.rasa_answers("so it is")
    talk.writes("asked while Rasa was away")
    talk.do(queue.ask, "asked", OPEN)
    talk.do(queue.cancel)
    with talk.database.read() as session:
        assert messages.next_for_rasa(session, talk.id).text == "asked while Rasa was away"
    talk.rasa_answers("here it is")
    assert not talk.has_open


@pytest.mark.parametrize("cause", ["misses", "lookup_failed", "wrong_codes", "anger"])
def test_a_misunderstanding_leads_to_a_person_once_and_never_in_a_circle(talk, cause):
    talk.do(queue.ask, cause, OPEN)
    assert talk.owner == "waiting"
    talk.do(handoff.take, LIGA)
    talk.do(handoff.return_to_bot)
    talk.do(queue.ask, cause, OPEN)
    assert talk.owner == "assistant"
    talk.do(queue.ask, "asked", OPEN)
    assert talk.owner == "waiting"


def test_a_failed_look_up_calls_nobody_while_nobody_is_at_the_desk(database, talk):
    with database.write() as session:
        session.execute(update(Agent).values(presence="away"))
    talk.do(queue.ask, "lookup_failed", OPEN)
    assert talk.owner == "assistant"
    talk.do(queue.ask, "asked", OPEN)
    assert talk.owner == "waiting", "who asks may wait all the same"


@pytest.mark.parametrize("cause", ["asked", "misses"])
def test_after_hours_nobody_waits_and_who_asked_may_leave_a_message(talk, cause):
    talk.do(queue.ask, cause, CLOSED)
    assert talk.owner == "assistant"
    assert bool(talk.said("notice")) == (cause == "asked")


def test_a_message_that_was_left_is_kept_once(talk):
    talk.do(queue.ask, "asked", OPEN)
    for _ in range(2):
        talk.do(queue.leave_ticket, "ticket-1", "anna@example.com", "help")
    with talk.database.read() as session:
        assert [ticket.email for ticket in session.scalars(select(Ticket))] == ["anna@example.com"]
    assert talk.changes()[-1] == ("waiting", "assistant", "ticket")


def test_an_agent_without_a_sign_of_life_loses_the_conversation_to_the_front_of_the_queue(database, talk):
    talk.do(queue.ask, "asked", OPEN)
    with database.write() as session:
        later = Talk(database, lifecycle.open_conversation(session, "en")[1].id)
    later.do(queue.ask, "asked", OPEN)
    talk.do(handoff.take, LIGA)
    with database.write() as session:
        assert queue.overdue(session, now() - timedelta(seconds=60), now() - timedelta(seconds=600)) == []
        handoff.heartbeat(session, LIGA.id)
        assert queue.overdue(session, now() + timedelta(seconds=1), now() - timedelta(seconds=600)) == [talk.id]
    talk.do(handoff.requeue, "agent_gone")
    assert talk.do(queue.place_in_queue) == 1
    assert later.do(queue.place_in_queue) == 2
    with pytest.raises(InvalidTransition):
        talk.agent_writes()


def test_the_wait_that_is_told_is_the_one_that_others_had(database, talk):
    assert talk.do(lambda session, _: queue.expected_wait(session)) is None
    for minutes in (1, 4, 30):
        with database.write() as session:
            other = Talk(database, lifecycle.open_conversation(session, "lv")[1].id)
        other.do(queue.ask, "asked", OPEN)
        other.do(earlier, minutes)
        other.do(handoff.take, LIGA)
    assert talk.do(lambda session, _: queue.expected_wait(session)) == 4


def earlier(session, conversation, minutes: float) -> None:
    """Move the customer's request back by so many minutes."""
    asked = session.scalars(select(Transition).where(Transition.conversation_id == conversation.id)).one()
    asked.at = now() - timedelta(minutes=minutes, seconds=-2)

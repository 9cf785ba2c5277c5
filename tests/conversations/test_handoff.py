"""Who holds a conversation: one owner at a time, whatever happens in whatever order, and nothing is lost or doubled."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.conversations import handoff, messages, queue, rasa_answers, transitions
from bot.conversations.models import Message, Transition
from bot.conversations.rasa_answers import RasaAnswer
from bot.conversations.transitions import InvalidTransition
from bot.conversations.words import notice
from bot.database import now
from tests.conversations.talk import JANIS, LIGA, OPEN


def test_a_conversation_goes_to_a_person_and_back(talk):
    talk.do(queue.ask, "asked", OPEN)
    talk.do(handoff.take, LIGA)
    talk.do(handoff.return_to_bot)
    assert talk.changes() == [
        ("assistant", "waiting", "asked"),
        ("waiting", "agent", "taken"),
        ("agent", "assistant", "returned_to_bot"),
    ]
    assert [text.split()[0] for text in talk.said("notice")][-1] == "L\u012bga"


@pytest.mark.parametrize(
    "changes",
    [
        [(queue.cancel,)],
        [(queue.time_out,)],
        [(queue.leave_ticket, "ticket-1", "anna@example.com", "help")],
        [(handoff.take, LIGA), (handoff.return_to_bot,)],
        [(handoff.take, LIGA), (handoff.requeue,), (handoff.take, JANIS), (handoff.close, "solved")],
    ],
)
def test_what_is_typed_for_a_person_is_masked_once_no_person_holds_the_conversation(database, talk, changes):
    def texts() -> set[str]:
        with database.read() as session:
            of_customer = (Message.conversation_id == talk.id, Message.author == "customer")
            return set(session.scalars(select(Message.text).where(*of_customer)))

    talk.do(handoff.customer_says, "customer-a", "typed", "masked", "masked")
    talk.do(queue.ask, "asked", OPEN)
    talk.do(handoff.customer_says, "customer-b", "for a person", "masked", "masked")
    for change in changes:
        assert texts() == {"masked", "for a person"}
        talk.do(*change)
    assert texts() == {"masked"}


@pytest.mark.parametrize("before", ["assistant", "waiting", "agent", "closed"])
@pytest.mark.parametrize("after", ["assistant", "waiting", "agent", "closed"])
def test_a_change_that_nobody_foresaw_is_refused_and_leaves_everything_as_it_was(talk, before, after):
    def put(session, conversation):
        conversation.owner = before

    talk.do(put)
    with pytest.raises(InvalidTransition):
        talk.do(transitions.transition, after, "made_up", LIGA)
    assert talk.owner == before
    assert talk.changes() == []


def test_of_two_agents_at_once_one_takes_the_conversation(talk):
    talk.do(queue.ask, "asked", OPEN)
    start = threading.Barrier(8)

    def take(number: int) -> bool:
        start.wait()
        try:
            talk.do(handoff.take, (LIGA, JANIS)[number % 2])
        except InvalidTransition:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(take, range(8))) == [False] * 7 + [True]
    assert talk.changes().count(("waiting", "agent", "taken")) == 1


def test_messages_at_the_moment_of_every_change_are_stored_once_and_have_one_who_answers(talk):
    """Customer, Rasa, agent and queue act at once: every message is stored, and none is answered by both."""
    stop = threading.Event()
    sent: list[int] = []

    def customer() -> None:
        while not stop.is_set():
            sent.append(talk.writes("question"))

    def rasa() -> None:
        while not stop.is_set():
            talk.rasa_answers()

    def people() -> None:
        for _ in range(6):
            for step in (
                lambda: talk.do(queue.ask, "asked", OPEN),
                lambda: talk.do(handoff.take, LIGA),
                talk.agent_writes,
                lambda: talk.do(handoff.return_to_bot),
            ):
                step()
        stop.set()

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(work) for work in (customer, rasa, people)]:
            done.result(timeout=60)
    while talk.has_open:
        talk.rasa_answers()
    with talk.database.read() as session:
        messages = list(session.scalars(select(Message).where(Message.conversation_id == talk.id).order_by(Message.id)))
        changes = list(session.scalars(select(Transition).order_by(Transition.id)))
    assert [m.id for m in messages if m.author == "customer"] == sent
    assert len({m.client_id for m in messages if m.author == "customer"}) == len(sent)
    assert all(m.answered_at for m in messages if m.author == "customer")
    held = spans_of_people(changes)
    speaks = [m.created_at for m in messages if m.author == "assistant"]
    assert not [at for at in speaks if any(begin < at < end for begin, end in held)]


def spans_of_people(changes: list[Transition]) -> list[tuple]:
    """Return the spans of time in which an agent held the conversation, so that the assistant had to be silent."""
    spans, begin = [], None
    for change in changes:
        if change.after == "agent":
            begin = begin or change.at
        elif begin:
            spans.append((begin, change.at))
            begin = None
    return spans


def test_the_assistant_is_silent_while_a_person_is_there_and_hears_what_concerns_it(talk):
    talk.rasa_answers("hello")
    talk.writes("a question that Rasa is at")
    talk.do(queue.ask, "asked", OPEN)
    talk.rasa_answers("too late")
    talk.do(handoff.take, LIGA)
    talk.writes("one more")
    talk.do(messages.tell_rasa, '/set_language{"language": "en"}')
    talk.rasa_answers("All right", language="en")
    assert talk.said("assistant") == ["hello"]
    assert not talk.has_open


def test_who_waits_is_answered_what_they_ask_and_told_once_who_answers(talk):
    talk.rasa_answers("hello")
    talk.do(queue.ask, "asked", OPEN)
    place = talk.said("notice")
    for question in ("first", "second"):
        talk.writes(question)
        talk.rasa_answers(f"about the {question}", meanwhile=True)
    assert talk.said("assistant") == ["hello", "about the first", "about the second"]
    assert talk.said("notice") == [*place, notice("assistant_meanwhile", "lv")]
    assert talk.owner == "waiting"
    talk.do(queue.cancel)
    with talk.database.read() as session:
        assert messages.next_for_rasa(session, talk.id).for_rasa == "/person_left", "nothing is answered twice"


def test_what_the_assistant_has_no_answer_to_is_left_to_the_person(talk):
    talk.rasa_answers("hello")
    talk.do(queue.ask, "asked", OPEN)
    talk.writes("the form fails since Monday")
    talk.rasa_is_silent()
    assert talk.said("assistant") == ["hello"]
    assert not talk.has_open
    talk.do(queue.cancel)
    with talk.database.read() as session:
        assert messages.next_for_rasa(session, talk.id).text == "the form fails since Monday"
    talk.rasa_is_silent()  # Rasa was reading the message when the customer left the queue
    assert talk.has_open
    talk.rasa_answers("now it answers")
    assert talk.said("assistant") == ["hello", "now it answers"]


def test_what_was_asked_in_the_queue_an_agent_answers_once_there_is_one(talk):
    talk.rasa_answers("hello")
    talk.do(queue.ask, "asked", OPEN)
    asked = talk.writes("a question that Rasa is at")
    talk.do(handoff.take, LIGA)
    assert not talk.has_open
    with talk.database.write() as session:
        rasa_answers.store_answers(session, asked, [RasaAnswer(text="too late")], now(), meanwhile=True)
    assert talk.said("assistant") == ["hello"]


def test_what_a_customer_wrote_to_an_agent_who_did_not_answer_the_assistant_answers(talk):
    talk.rasa_answers("hello")
    talk.do(queue.ask, "asked", OPEN)
    talk.writes("in the queue")
    talk.do(handoff.take, LIGA)
    talk.agent_writes()
    talk.writes("to the agent")
    talk.do(handoff.requeue, "agent_gone")
    talk.do(queue.time_out)
    with talk.database.read() as session:
        assert messages.next_for_rasa(session, talk.id).text == "to the agent"


def test_what_an_agent_answered_the_assistant_does_not_answer_after_a_later_queue(talk):
    talk.rasa_answers("hello")
    talk.do(queue.ask, "asked", OPEN)
    talk.do(handoff.take, LIGA)
    talk.writes("to the agent")
    talk.agent_writes()
    talk.do(handoff.requeue)
    talk.do(queue.cancel)
    with talk.database.read() as session:
        assert messages.next_for_rasa(session, talk.id).for_rasa == "/person_left"


def test_a_message_that_rasa_was_at_when_a_person_was_called_is_not_heard_twice(talk):
    talk.rasa_answers("hello")
    talk.writes("done")
    with talk.database.read() as session:
        at_rasa = messages.next_for_rasa(session, talk.id)
    talk.do(queue.ask, "asked", OPEN)
    with talk.database.write() as session:
        rasa_answers.store_answers(session, at_rasa.id, [RasaAnswer(text="next step")], now())
    talk.do(queue.cancel)
    with talk.database.read() as session:
        assert messages.next_for_rasa(session, talk.id).for_rasa == "/person_left"


def test_a_question_that_waited_for_a_confirmation_is_answered_when_the_assistant_is_back(talk):
    talk.rasa_answers("hello")
    talk.do(queue.ask, "asked", OPEN)
    talk.do(handoff.tell_assistant, "/ask_my_points")
    assert not talk.has_open
    talk.do(queue.cancel)
    with talk.database.read() as session:
        assert messages.next_for_rasa(session, talk.id).for_rasa == "/ask_my_points"


def test_a_question_that_waited_for_a_confirmation_is_answered_after_the_closing(talk):
    talk.rasa_answers("hello")
    talk.do(queue.ask, "asked", OPEN)
    talk.do(handoff.take, LIGA)
    talk.do(handoff.close, "solved")
    talk.do(handoff.tell_assistant, "/ask_my_points")
    assert talk.owner == "assistant"
    with talk.database.read() as session:
        assert messages.next_for_rasa(session, talk.id).for_rasa == "/ask_my_points"


def test_while_the_website_side_was_down_no_agent_disappeared(talk):
    talk.do(queue.ask, "asked", OPEN)
    talk.do(handoff.take, LIGA)
    moment = now() + timedelta(hours=1)
    with talk.database.read() as session:
        assert queue.overdue(session, None, moment) == []
        assert queue.overdue(session, moment, moment) == [talk.id]


def test_who_wrote_nothing_in_the_queue_is_taken_to_where_the_assistant_stopped(talk):
    talk.rasa_answers("hello")
    talk.do(queue.ask, "asked", OPEN)
    talk.do(queue.cancel)
    with talk.database.read() as session:
        assert messages.next_for_rasa(session, talk.id).for_rasa == "/person_left"


def test_who_writes_after_the_closing_is_answered_by_the_assistant(talk):
    talk.rasa_answers("hello")
    talk.do(queue.ask, "asked", OPEN)
    talk.do(handoff.take, LIGA)
    talk.do(handoff.close, "solved", "password")
    talk.writes("one more thing")
    assert talk.owner == "assistant"
    talk.rasa_answers("here it is")
    assert talk.said("assistant")[-1] == "here it is"

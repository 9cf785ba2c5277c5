"""Who holds a conversation: one owner at a time, whatever happens in whatever order, and nothing is lost or doubled."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from bot.conversations import handoff, lifecycle, messages, queue, rasa_answers, transitions
from bot.conversations.models import Conversation, Message, Ticket, Transition
from bot.conversations.rasa_answers import Custom, HandOff, RasaAnswer
from bot.conversations.support_hours import SupportHours
from bot.conversations.transitions import InvalidTransition
from bot.conversations.words import notice
from bot.database import Database, now
from bot.settings import Settings

LIGA, JANIS = ("liga", "L\u012bga"), ("janis", "J\u0101nis")
OPEN = SupportHours(Settings())
CLOSED = SupportHours(Settings(opening_hours="Mo-Su 03:00-03:01 open; PH off"))


@pytest.fixture
def conversation(database) -> str:
    with database.write() as session:
        return lifecycle.open_conversation(session, "lv")[1].id


class Talk:
    """One conversation in a database: `talk.do(handoff.take, LIGA)`."""

    def __init__(self, database: Database, conversation: str) -> None:
        self.database, self.id, self.numbers = database, conversation, itertools.count()

    def do(self, what, *arguments, **more):
        with self.database.write() as session:
            return what(session, lifecycle.lock(session, self.id), *arguments, **more)

    def writes(self, text: str = "?") -> int:
        return self.do(handoff.customer_says, f"customer-{next(self.numbers)}", text, text)[0].id

    def agent_writes(self, agent=LIGA) -> int:
        return self.do(handoff.agent_says, agent[0], "!", f"agent-{next(self.numbers)}")[0].id

    def rasa_answers(self, text: str = "answer", meanwhile: bool = False, **more) -> None:
        """Answer the oldest message that waits for Rasa, as the dispatcher does."""
        self._store([RasaAnswer(text=text, **more)], meanwhile)

    def rasa_is_silent(self) -> None:
        """Give no answer to the oldest message that waits for Rasa, which asks nothing during the wait."""
        self._store([], meanwhile=True)

    def _store(self, found: list[RasaAnswer], meanwhile: bool) -> None:
        with self.database.read() as session:
            message = messages.next_for_rasa(session, self.id)
        if message:
            with self.database.write() as session:
                rasa_answers.store_answers(session, message.id, found, now(), meanwhile)

    @property
    def owner(self) -> str:
        with self.database.read() as session:
            return session.get_one(Conversation, self.id).owner

    def said(self, *authors: str) -> list[str]:
        with self.database.read() as session:
            found = select(Message.text).where(Message.conversation_id == self.id, Message.author.in_(authors))
            return list(session.scalars(found.order_by(Message.id)))

    def changes(self) -> list[tuple[str, str, str]]:
        with self.database.read() as session:
            found = select(Transition).where(Transition.conversation_id == self.id).order_by(Transition.id)
            return [(one.before, one.after, one.cause) for one in session.scalars(found)]


@pytest.fixture
def talk(database, conversation) -> Talk:
    return Talk(database, conversation)


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
            talk.do(handoff.take, (f"agent{number}", f"Agent {number}"))
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
    while talk_has_open(talk):
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


def talk_has_open(talk: Talk) -> bool:
    with talk.database.read() as session:
        return messages.next_for_rasa(session, talk.id) is not None


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
    assert not talk_has_open(talk)


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
    assert not talk_has_open(talk)
    talk.do(queue.cancel)
    with talk.database.read() as session:
        assert messages.next_for_rasa(session, talk.id).text == "the form fails since Monday"
    talk.rasa_is_silent()  # Rasa was reading the message when the customer left the queue
    assert talk_has_open(talk)
    talk.rasa_answers("now it answers")
    assert talk.said("assistant") == ["hello", "now it answers"]


def test_what_was_asked_in_the_queue_an_agent_answers_once_there_is_one(talk):
    talk.rasa_answers("hello")
    talk.do(queue.ask, "asked", OPEN)
    asked = talk.writes("a question that Rasa is at")
    talk.do(handoff.take, LIGA)
    assert not talk_has_open(talk)
    with talk.database.write() as session:
        rasa_answers.store_answers(session, asked, [RasaAnswer(text="too late")], now(), meanwhile=True)
    assert talk.said("assistant") == ["hello"]


def test_who_asks_for_a_person_in_the_queue_is_told_their_place_again(talk):
    talk.rasa_answers("hello")
    talk.do(queue.ask, "asked", OPEN)
    asked = talk.writes("how long do I have to wait?")
    with talk.database.write() as session:
        wish = RasaAnswer(custom=Custom(hand_off=HandOff(cause="asked")))
        _, handed_off = rasa_answers.store_answers(session, asked, [wish], now(), meanwhile=True)
    assert handed_off
    assert not talk_has_open(talk)


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
    assert not talk_has_open(talk)


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
    assert not talk_has_open(talk)


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
    assert not talk_has_open(talk)
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
        handoff.heartbeat(session, "liga")
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


class Hands(RuleBasedStateMachine):
    """Everything that may happen to a conversation, in any order."""

    database: Database

    @initialize()
    def begin(self):
        with self.database.write() as session:
            self.talk = Talk(self.database, lifecycle.open_conversation(session, "lv")[1].id)
        self.owner, self.agent, self.sent = "assistant", None, 0

    def attempt(self, what, *arguments, allowed: bool, **more):
        """Do something; it must succeed exactly if it is allowed."""
        try:
            self.talk.do(what, *arguments, **more)
        except InvalidTransition:
            assert not allowed
            return False
        assert allowed
        return True

    @rule()
    def customer_writes(self):
        self.talk.writes()
        self.sent += 1
        if self.owner == "closed":
            self.owner = "assistant"

    @rule()
    def rasa_answers(self):
        before = self.talk.said("assistant")
        self.talk.rasa_answers()
        if self.owner in ("agent", "closed"):
            assert self.talk.said("assistant") == before

    @rule()
    def customer_asks(self):
        self.talk.do(queue.ask, "asked", OPEN)
        if self.owner in ("assistant", "closed"):
            self.owner = "waiting"

    @rule()
    def customer_cancels(self):
        if self.attempt(queue.cancel, allowed=self.owner == "waiting"):
            self.owner = "assistant"

    @rule()
    def queue_times_out(self):
        if self.attempt(queue.time_out, allowed=self.owner == "waiting"):
            self.owner = "assistant"

    @rule(agent=st.sampled_from([LIGA, JANIS]))
    def agent_takes(self, agent):
        if self.attempt(handoff.take, agent, allowed=self.owner == "waiting"):
            self.owner, self.agent = "agent", agent

    @rule(agent=st.sampled_from([LIGA, JANIS]), cause=st.sampled_from(["transferred", "taken_over"]))
    def agent_hands_over(self, agent, cause):
        allowed = self.owner == "agent" and agent != self.agent
        if self.attempt(handoff.hand_over, agent, cause, allowed=allowed):
            self.agent = agent

    @rule(agent=st.sampled_from([LIGA, JANIS]))
    def agent_writes(self, agent):
        allowed = self.owner == "agent" and agent == self.agent
        self.attempt(handoff.agent_says, agent[0], "!", f"agent-{next(self.talk.numbers)}", allowed=allowed)

    @rule(cause=st.sampled_from(["requeued", "agent_gone"]))
    def agent_loses_it(self, cause):
        if self.attempt(handoff.requeue, cause, allowed=self.owner == "agent"):
            self.owner = "waiting"

    @rule()
    def agent_gives_back(self):
        if self.attempt(handoff.return_to_bot, allowed=self.owner == "agent"):
            self.owner = "assistant"

    @rule(outcome=st.sampled_from(transitions.OUTCOMES))
    def agent_closes(self, outcome):
        if self.attempt(handoff.close, outcome, allowed=self.owner == "agent"):
            self.owner = "closed"

    @precondition(lambda self: hasattr(self, "talk"))
    @invariant()
    def one_owner_and_every_message_once(self):
        with self.database.read() as session:
            conversation = session.get_one(Conversation, self.talk.id)
            changes = self.talk.changes()
            waiting = messages.next_for_rasa(session, self.talk.id)
        assert conversation.owner == self.owner
        assert bool(conversation.agent_id) == (self.owner == "agent")
        assert bool(conversation.asked_at) == (self.owner in ("waiting", "agent"))
        assert len(self.talk.said("customer")) == self.sent
        assert all(one[1] == other[0] for one, other in itertools.pairwise(changes)), "no change is left out"
        assert not changes or changes[-1][1] == self.owner
        if self.owner in ("agent", "closed"):
            assert waiting is None or waiting.author == "website"


def test_whatever_happens_in_whatever_order_one_holds_the_conversation(tmp_path):
    from tests.conversations.conftest import new_database

    class OnSqlite(Hands):
        database = new_database(f"sqlite:///{tmp_path / 'hands.db'}")

    run_state_machine_as_test(
        OnSqlite,
        settings=settings(
            max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )

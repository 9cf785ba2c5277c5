"""What a customer told is kept with the conversation for an agent, and forgotten when somebody else continues it."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import ValidationError

from bot.conversations import identity, lifecycle, messages, queue, rasa_answers
from bot.conversations.models import Conversation
from bot.conversations.rasa_answers import Custom, RasaAnswer, Understood
from bot.conversations.summary import summary_of
from bot.database import now
from bot.web.claims import Claims
from bot.web.dispatcher import RasaDispatcher
from bot.web.events import EventBus
from bot.web.rasas import Rasas
from tests.conversations.talk import OPEN

TOLD = {"vat_payer": "no", "points": "2500"}
DEAD_LINK = "password_mail/problem-link_dead"


class Rasa:
    """A fake assistant, which keeps what a customer tells, and forgets it when the customer's number changes."""

    def __init__(self) -> None:
        self.details, self.person, self.says = {}, 0, {}

    def call(self, method: str, path: str, body: dict) -> list[dict]:
        person = body["metadata"]["person"]
        self.details = self.details if person == self.person else {}
        self.details, self.person = self.details | self.says, person
        understood = {"intent": "ask_tiers", "confidence": 0.9, "sure": True, "place": None, "person": person}
        return [{"text": "!", "understood": understood | {"details": self.details, "problem": None}}]


class Talk:
    """A conversation in a database, and the assistant that answers in it."""

    def __init__(self, database) -> None:
        self.database, self.rasa, self.claims = database, Rasa(), Claims(database)
        with database.write() as session:
            self.id = lifecycle.open_conversation(session, "lv")[1].id

    def do(self, what, *arguments, **more):
        with self.database.write() as session:
            return what(lifecycle.lock(session, self.id), *arguments, **more)

    def tells(self, **details: str) -> dict[str, str]:
        """Send a message, and return what is kept once the assistant has answered."""
        self.rasa.says = details
        with self.database.write() as session:
            messages.add_message(session, lifecycle.lock(session, self.id), "customer", "?", for_rasa="?")

        async def carry() -> None:
            given = (self.database, Rasas([self.rasa]), EventBus(), OPEN, 1800, lambda _: None)
            await RasaDispatcher(*given, claims=self.claims)._carry_one(self.id)

        asyncio.run(carry())
        return self.kept

    def shows_to_be(self, email: str) -> None:
        self.do(identity.confirmed, "token", now() + timedelta(hours=1), "Anna", email)

    @property
    def kept(self) -> dict[str, str]:
        with self.database.read() as session:
            return session.get_one(Conversation, self.id).details


@pytest.fixture
def talk(database) -> Talk:
    return Talk(database)


def answered(database, conversation_id: str, custom: Custom | None = None, **more) -> None:
    """Store Rasa's answer to the oldest message."""
    understood = Understood(intent="ask_tiers", confidence=0.9, sure=True, place=None, **more)
    with database.write() as session:
        message = messages.next_for_rasa(session, conversation_id)
        answer = RasaAnswer(text="!", understood=understood, custom=custom or Custom())
        rasa_answers.store_answers(session, message.id, [answer], now())


def test_what_a_customer_told_and_reported_is_in_the_summary(database, talk):
    answered(database, talk.id, details=TOLD, problem=DEAD_LINK)
    with database.write() as session:
        queue.ask(session, lifecycle.lock(session, talk.id), "asked", OPEN)
        summary = summary_of(session, session.get_one(Conversation, talk.id))
    assert (summary.details, summary.problem) == (TOLD, DEAD_LINK)


@pytest.mark.parametrize(
    "too_much",
    [
        {"details": {"points": "9" * 101}},
        {"details": {"x" * 41: "yes"}},
        {"details": {str(number): "yes" for number in range(21)}},
        {"details": {"points": 2500}},
        {"problem": "x" * 81},
    ],
)
def test_what_is_kept_is_bounded(too_much):
    with pytest.raises(ValidationError):
        Understood(intent="ask_tiers", confidence=0.9, sure=True, place=None, **too_much)


def test_what_was_told_before_and_after_showing_who_one_is_is_kept_together(talk):
    talk.tells(vat_payer="no")
    talk.shows_to_be("anna@example.com")
    assert talk.tells(points="2500") == TOLD


def test_who_shows_anew_who_they_are_has_told_nothing_in_vain(talk):
    talk.shows_to_be("anna@example.com")
    talk.tells(**TOLD)
    talk.do(identity.forget_identity)  # the confirmation has expired
    assert talk.kept == TOLD
    talk.shows_to_be("Anna@Example.com")
    assert talk.tells() == TOLD


def test_what_one_customer_told_is_not_the_next_one_s(talk):
    talk.shows_to_be("anna@example.com")
    talk.tells(**TOLD)
    talk.shows_to_be("janis@example.com")
    assert talk.kept == {}
    assert talk.tells(tier="gold") == {"tier": "gold"}, "Rasa does not bring the earlier back"


def test_what_was_told_is_forgotten_with_who_told_it(database, talk):
    talk.shows_to_be("anna@example.com")
    talk.tells(**TOLD)
    with database.write() as session:
        messages.tell_rasa(session, lifecycle.lock(session, talk.id), "/log_out")
    answered(database, talk.id, Custom(end_identity=True), details=TOLD, problem=DEAD_LINK)
    with database.read() as session:
        kept = session.get_one(Conversation, talk.id)
    assert (kept.details, kept.problem, kept.told_by) == ({}, None, None)
    assert kept.closed_at


def test_an_answer_that_comes_after_the_customer_has_left_brings_nothing_back(database, talk):
    talk.tells(**TOLD)
    with database.write() as session:
        messages.add_message(session, lifecycle.lock(session, talk.id), "customer", "?", for_rasa="?")
    talk.do(identity.forget_told)
    answered(database, talk.id, details=TOLD, problem=DEAD_LINK)
    assert talk.kept == {}


def test_a_conversation_that_ends_keeps_nothing_of_it(database, talk):
    talk.tells(**TOLD)
    with database.write() as session:
        lifecycle.close_conversation(session, lifecycle.lock(session, talk.id))
    assert talk.kept == {}

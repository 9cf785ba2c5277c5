"""Messages are carried to Rasa in turn, and the breaker opens while Rasa fails every conversation. Rasa is a fake."""

import asyncio
import threading
from collections import Counter

import pytest

from bot.conversations import lifecycle, messages
from bot.conversations.models import Conversation
from bot.conversations.words import notice
from bot.http import ServiceError
from bot.web import breaker, dispatcher
from bot.web.breaker import Breaker
from bot.web.dispatcher import RasaDispatcher
from bot.web.events import EventBus
from bot.web.fair_limiter import FairLimiter
from bot.web.rasas import Rasas
from tests.conversations.talk import OPEN


class Rasa:
    """A fake that keeps what it is sent, and answers or fails as a test says."""

    def __init__(self) -> None:
        self.heard, self.numbers, self.failure, self.lock = [], [], None, threading.Lock()
        self.answers = threading.Event()  # cleared: it listens, and answers nobody yet
        self.answers.set()

    def call(self, method: str, path: str, body: dict) -> list[dict]:
        with self.lock:
            self.heard.append((body["sender"], body["message"]))
            self.numbers.append(body["metadata"]["message"])
        self.answers.wait(30)
        if self.failure:
            raise self.failure
        return [{"text": f"answer to {body['message']}"}]


@pytest.fixture
def rasa() -> Rasa:
    return Rasa()


@pytest.fixture(autouse=True)
def _quickly(monkeypatch) -> None:
    monkeypatch.setattr(dispatcher, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(dispatcher, "MAX_PAUSE", 0.2)
    monkeypatch.setattr(breaker, "PAUSE", 0.05)


def begin(database, language: str, *texts: str, network: str | None = None) -> str:
    """Begin a conversation with these open messages only."""
    with database.write() as session:
        conversation = lifecycle.open_conversation(session, language, network)[1]
        messages.next_for_rasa(session, conversation.id).rasa_state = "answered"
        for text in texts:
            messages.add_message(session, conversation, "customer", text, for_rasa=text)
        return conversation.id


def add(database, conversation_id: str, text: str) -> None:
    with database.write() as session:
        conversation = lifecycle.lock(session, conversation_id)
        messages.add_message(session, conversation, "customer", text, for_rasa=text)


def said(database, conversation_id: str, author: str) -> list[str]:
    with database.read() as session:
        shown = messages.shown_after(session, conversation_id, 0)
        return [message.text for message, _ in shown if message.author == author]


def carry(database, rasa: Rasa, play) -> None:
    """Let a dispatcher work while an asynchronous function runs."""

    async def work() -> None:
        one = RasaDispatcher(database, Rasas([rasa]), EventBus(), OPEN, 1800, lambda _: None)
        one.start()
        try:
            async with asyncio.timeout(30):
                await play(one)
        finally:
            await one.stop()

    asyncio.run(work())


async def until(what) -> None:
    while not what():
        await asyncio.sleep(0.01)


def test_a_conversation_with_many_open_messages_lets_the_others_have_their_turn(database, rasa, monkeypatch):
    monkeypatch.setattr(dispatcher, "AT_ONCE", 1)
    many = begin(database, "lv", *(f"lv {number}" for number in range(8)))
    others = [begin(database, "en", "en") for _ in range(3)]

    async def play(one: RasaDispatcher) -> None:
        for conversation in (many, *others):
            one.enqueue(conversation)
        await until(lambda: len(rasa.heard) == 11)

    carry(database, rasa, play)
    assert [text for sender, text in rasa.heard if sender == many] == [f"lv {number}" for number in range(8)]
    for other in others:
        # At most one message of the long conversation comes first for each conversation that was in line before.
        before = rasa.heard[: rasa.heard.index((other, "en"))]
        assert len([sender for sender, _ in before if sender == many]) <= 3


def test_an_address_with_many_conversations_lets_the_others_have_their_turn(database, rasa, monkeypatch):
    monkeypatch.setattr(dispatcher, "AT_ONCE", 3)
    monkeypatch.setattr(dispatcher, "OF_AN_ADDRESS", 2)
    flood = [begin(database, "lv", "flood", network="203.0.113.1") for _ in range(30)]
    alone = [begin(database, "en", "alone", network=network) for network in ("203.0.113.2", None, None)]

    async def play(one: RasaDispatcher) -> None:
        rasa.answers.clear()
        for conversation in (*flood, *alone):
            one.enqueue(conversation)
        await until(lambda: len(one.typing) == 33)  # all stand in line
        rasa.answers.set()
        await until(lambda: len(rasa.heard) == 33)

    carry(database, rasa, play)
    order = [sender for sender, _ in rasa.heard]
    assert max(order.index(one) for one in alone) <= 15, "all others are asked about before half of the flood"
    assert {sender for sender, _ in rasa.heard} == {*flood, *alone}


def test_turns_go_round_the_addresses_and_an_address_never_has_more_than_its_share():
    inside, order, most = Counter(), [], 0
    turns = FairLimiter(at_once=3, of_an_address=2)

    async def ask(address: str) -> None:
        nonlocal most
        async with turns.turn(address):
            inside[address] += 1
            order.append(address)
            most = max(most, inside.total())
            assert inside[address] <= 2
            await asyncio.sleep(0)
            inside[address] -= 1

    async def play() -> None:
        async with asyncio.TaskGroup() as tasks:
            for address in "a" * 20 + "bbcd":
                tasks.create_task(ask(address))

    asyncio.run(play())
    assert most == 3
    assert max(order.index(one) for one in "bcd") < 10, "they are all inside before half of the others"
    assert Counter(order) == {"a": 20, "b": 2, "c": 1, "d": 1}


def test_who_gives_up_waiting_holds_nobody_up():
    turns, order = FairLimiter(at_once=1, of_an_address=1), []

    async def ask(name: str, done: asyncio.Event | None = None) -> None:
        async with turns.turn("a"):
            order.append(name)
            if done:
                await done.wait()

    async def play() -> None:
        done = asyncio.Event()
        first = asyncio.create_task(ask("first", done))
        given_up, last = (asyncio.create_task(ask(name)) for name in ("given up", "last"))
        await asyncio.sleep(0)
        given_up.cancel()
        done.set()
        await asyncio.gather(first, last)
        inside = asyncio.create_task(ask("cancelled inside", asyncio.Event()))
        await until(lambda: "cancelled inside" in order)
        inside.cancel()
        await ask("after it")

    asyncio.run(play())
    assert order == ["first", "last", "cancelled inside", "after it"]


def test_rasa_hears_the_same_number_when_a_message_is_asked_again(database, rasa):
    rasa.failure = ServiceError(None, "ReadTimeout")
    conversation = begin(database, "lv", "tālāk")

    async def play(one: RasaDispatcher) -> None:
        one.enqueue(conversation)
        await until(lambda: len(rasa.numbers) >= 2)
        rasa.failure = None
        await until(lambda: said(database, conversation, "assistant"))
        add(database, conversation, "paldies")
        one.enqueue(conversation)
        await until(lambda: len(said(database, conversation, "assistant")) == 2)

    carry(database, rasa, play)
    *first, last = rasa.numbers
    assert len(set(first)) == 1
    assert last != first[0]


@pytest.mark.parametrize(
    "failure", [ServiceError(None, "ReadTimeout"), ServiceError(500, "refused"), ServiceError(None, "ConnectionError")]
)
def test_who_writes_while_rasa_fails_everybody_is_told_at_once_and_answered_when_it_is_back(
    database, rasa, monkeypatch, failure
):
    monkeypatch.setattr(breaker, "PAUSE", 3600)
    rasa.failure = failure
    first = [begin(database, "lv", "?") for _ in range(breaker.FAILED)]
    late = {}

    async def play(one: RasaDispatcher) -> None:
        for conversation in first:
            one.enqueue(conversation)
        await until(lambda: len(one.waiting) == breaker.FAILED)
        late.update({language: begin(database, language, "?") for language in ("lv", "en")})
        for conversation in late.values():
            one.enqueue(conversation)
        await until(lambda: one.waiting.issuperset(late.values()))
        assert not {sender for sender, _ in rasa.heard} & set(late.values()), (
            "nobody waits for a Rasa that is not there"
        )
        for language, conversation in late.items():
            assert said(database, conversation, "notice") == [notice("waiting", language)]
        rasa.failure = None
        one.rasas.all[0].breaker._next_try = 0.0
        await until(lambda: all(said(database, conversation, "assistant") for conversation in (*first, *late.values())))
        await until(lambda: not one.waiting)

    carry(database, rasa, play)
    for conversation in (*first, *late.values()):
        assert said(database, conversation, "assistant") == ["answer to ?"]


def test_a_message_that_rasa_fails_over_is_its_own_fault_and_stops_nobody(database, rasa):
    rasa.failure = ServiceError(500, "refused")
    bad, good = begin(database, "lv", "bad"), begin(database, "en")

    async def play(one: RasaDispatcher) -> None:
        one.enqueue(bad)
        await until(lambda: said(database, bad, "notice")[-1:] == [notice("no_answer", "lv")])
        rasa.failure = None
        add(database, good, "good")
        one.enqueue(good)
        await until(lambda: said(database, good, "assistant"))

    carry(database, rasa, play)
    assert said(database, good, "notice") == []
    assert len(rasa.heard) == dispatcher.MAX_FAILURES + 1


def test_while_rasa_is_left_alone_one_at_a_time_may_try(monkeypatch):
    monkeypatch.setattr(breaker, "PAUSE", 0.0)
    one = Breaker()
    for conversation in range(breaker.FAILED):
        assert one.allows()
        one.failed(str(conversation))
    assert [one.allows() for _ in range(3)] == [True, False, False]
    one.failed("0")
    assert [one.allows() for _ in range(2)] == [True, False]
    one.worked()
    assert all(one.allows() for _ in range(3))


@pytest.mark.parametrize("failures", [breaker.FAILED - 1, 1])
def test_failures_with_an_answer_in_between_do_not_count_together(failures):
    one = Breaker()
    for _ in range(3):
        for conversation in range(failures):
            one.failed(str(conversation))
        assert one.allows()
        one.worked()
    for _ in range(2 * breaker.FAILED):
        one.failed("the same")
    assert one.allows()


def test_a_conversation_that_is_removed_while_rasa_thinks_is_let_go(database, rasa):
    conversation = begin(database, "lv", "tālāk")

    def remove_and_answer(method: str, path: str, body: dict) -> list[dict]:
        with database.write() as session:
            session.delete(session.get_one(Conversation, conversation))
        return [{"text": "late"}]

    rasa.call = remove_and_answer

    async def play(one: RasaDispatcher) -> None:
        one.enqueue(conversation)
        await until(lambda: conversation in one._tasks)
        await until(lambda: not one._tasks)

    carry(database, rasa, play)
    with database.read() as session, pytest.raises(lifecycle.Closed):
        lifecycle.lock(session, conversation)

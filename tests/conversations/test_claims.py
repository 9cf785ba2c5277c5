"""Several processes share the open messages; each is answered once and in order, even when a process hangs."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from bot.conversations.models import Claim
from bot.database import Database, now
from bot.web import claims, dispatcher
from bot.web.claims import Claims
from bot.web.dispatcher import RasaDispatcher
from bot.web.events import ALL_CONVERSATIONS, EventBus
from bot.web.rasas import Rasas
from tests.conversations.conftest import new_database
from tests.conversations.talk import OPEN
from tests.conversations.test_dispatcher import Rasa, add, begin, said, until
from tests.databases import remove_rows


@pytest.fixture
def url(on_postgresql) -> str:
    remove_rows(on_postgresql)
    new_database(on_postgresql).engine.dispose()
    return on_postgresql


@pytest.fixture
def processes(url, monkeypatch) -> list[RasaDispatcher]:
    """The dispatchers of three processes, each with a Rasa of its own that keeps what it hears."""
    monkeypatch.setattr(dispatcher, "ROUND", 0.05)
    made = []
    for _ in range(3):
        database = Database(url)
        made.append(RasaDispatcher(database, Rasas([Rasa()]), EventBus(database.engine), OPEN, 1800, lambda _: None))
    return made


def rasa_of(process: RasaDispatcher) -> Rasa:
    return process.rasas.all[0].service


def count_listeners(database: Database) -> int:
    counted = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN cps'"
    with database.engine.connect() as connection:
        return connection.exec_driver_sql(counted).scalar()


def work(processes: list[RasaDispatcher], play: Callable[[], Awaitable[None]]) -> None:
    """Let the dispatchers work while an asynchronous function runs."""

    async def run() -> None:
        while await asyncio.to_thread(count_listeners, processes[0].database):  # those of the test before
            await asyncio.sleep(0.02)
        for one in processes:
            one.bus.start()
            one.start()
        try:
            async with asyncio.timeout(60):
                while await asyncio.to_thread(count_listeners, processes[0].database) < len(processes):
                    await asyncio.sleep(0.02)
                await play()
        finally:
            for one in processes:
                await one.stop()
                await one.bus.stop()

    asyncio.run(run())
    for one in processes:
        one.database.engine.dispose()


def test_a_claim_holds_until_it_is_released_or_has_ended(url):
    database = Database(url)
    mine, other = Claims(database), Claims(database)
    assert [mine.take("a"), other.take("a"), mine.take("a")] == [True, False, True]
    mine.release("a")
    assert [other.take("a"), mine.take("a")] == [True, False]
    with database.write() as session:
        session.execute(update(Claim).values(until=now() - claims.LEASE))
    assert [mine.take("a"), other.take("a")] == [True, False]
    assert other.take("b")
    mine.release_all()
    assert [other.take("a"), mine.take("b")] == [True, False]
    database.engine.dispose()


def test_a_claim_that_could_not_be_released_ends_by_itself(url, processes, monkeypatch):
    mine, other = processes[0], Claims(processes[1].database)
    monkeypatch.setattr(claims, "LEASE", timedelta(seconds=1))
    release, tries = mine.claims.release, []

    def fail_once(name: str) -> None:
        tries.append(name)
        if len(tries) == 1:
            raise OperationalError("DELETE", {}, Exception())
        release(name)

    monkeypatch.setattr(mine.claims, "release", fail_once)

    async def play() -> None:
        conversation = await asyncio.to_thread(begin, mine.database, "lv", "first")
        mine.enqueue(conversation)
        await until(lambda: tries)
        while not await asyncio.to_thread(other.take, conversation):
            await asyncio.sleep(0.02)
        assert tries == [conversation]

    work(processes[:1], play)
    processes[1].database.engine.dispose()


def test_news_that_no_stream_shows_wakes_none():
    bus, heard = EventBus(), []
    bus.on("job", lambda *news: heard.append(news), wakes=False)
    bus.on("state", lambda *news: heard.append(news))

    async def hear() -> list[bool]:
        with bus.subscribe(ALL_CONVERSATIONS) as changed:
            bus._hear("job", "retention", "")
            woken = [changed.is_set()]
            bus._hear("state", "c", "")
            return [*woken, changed.is_set()]

    assert asyncio.run(hear()) == [False, True]
    assert (len(heard), bus.changes) == (2, 1)


def test_on_sqlite_everything_is_ones_own(tmp_path):
    alone = Claims(new_database(f"sqlite:///{tmp_path / 'chat.db'}"))
    assert not alone.is_shared
    assert alone.take("a")
    assert alone.drop_expired() == []


def test_each_message_is_answered_once_and_in_order_whoever_is_told_of_it(url, processes):
    database = processes[0].database
    texts = [f"lv {number}" for number in range(6)]
    conversations = [begin(database, "lv", *texts[:2]) for _ in range(8)]

    def answered() -> bool:
        return all(len(said(database, one, "assistant")) == len(texts) for one in conversations)

    async def play() -> None:
        for text in texts[2:]:
            for place, conversation in enumerate(conversations):
                await asyncio.to_thread(add, database, conversation, text)
                processes[place % 3].enqueue(conversation)
                processes[len(text) % 3].enqueue(conversation)
        while not await asyncio.to_thread(answered):
            await asyncio.sleep(0.02)

    work(processes, play)
    heard = [pair for one in processes for pair in rasa_of(one).heard]
    assert len(heard) == len(set(heard)) == len(conversations) * len(texts)
    for conversation in conversations:
        assert said(database, conversation, "assistant") == [f"answer to {text}" for text in texts]


def test_another_process_takes_over_from_one_that_hangs_and_nothing_is_said_twice(url, processes, monkeypatch):
    monkeypatch.setattr(dispatcher, "ROUND", 3600)  # nobody looks at what others have left, until the test says so
    hung, *others = processes
    database, languages = processes[0].database, ("lv", "en")
    conversations = []
    rasa_of(hung).answers.clear()
    tries = []
    for one in others:
        take = one.claims.take
        monkeypatch.setattr(one.claims, "take", lambda name, take=take: tries.append(name) or take(name))

    async def play() -> None:
        conversations.extend([begin(database, language, "first", "second") for language in languages])
        for conversation in conversations:
            hung.enqueue(conversation)
        await until(lambda: len(rasa_of(hung).heard) == 2)
        await until(lambda: all(one.typing == set(conversations) for one in others))
        for one in others:
            for conversation in conversations:
                one.enqueue(conversation)
        monkeypatch.setattr(dispatcher, "ROUND", 0.05)
        for one in others:
            one._watch_task.cancel()
            one.start()
        await until(lambda: sum(len(rasa_of(one).heard) for one in others) == 4)
        rasa_of(hung).answers.set()  # it wakes up in the middle of the first message
        await until(lambda: not hung._tasks)
        await until(lambda: not any(one.typing for one in processes))

    work(processes, play)
    assert len(tries) < 100, "who is refused does not try again and again"
    for conversation in conversations:
        assert said(database, conversation, "assistant") == ["answer to first", "answer to second"]

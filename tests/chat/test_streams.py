"""How many event streams there may be, what they cost, and how the browser learns that one was replaced."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import requests
import uvicorn
from sqlalchemy import event, select

from bot.app import create_app
from bot.chat import streams
from bot.conversations import lifecycle, messages
from bot.conversations.models import Message
from bot.database import Database
from bot.desk.database import update
from bot.settings import Settings
from tests.conftest import free_ports, wait_for

ADDRESSES = 12  # streams that one address may have open here
REPLAYS = 40


@dataclass
class Visitor:
    """A customer, by the conversation and the headers of the browser."""

    web: str
    conversation_id: str
    headers: dict[str, str]

    def get(self, path: str, last: int = 0, **more) -> requests.Response:
        headers = self.headers | {"last-event-id": str(last)}
        return requests.get(f"{self.web}/api/conversation{path}", headers=headers, timeout=30, **more)


class Server:
    """The website side in this process, so that a test can count what it asks of its database."""

    def __init__(self, folder) -> None:
        self.database = Database(f"sqlite:///{folder / 'chat.db'}")
        update(str(self.database.engine.url))
        (port,) = free_ports(1)
        settings = Settings(data_dir=folder, web_port=port, streams_address=ADDRESSES, replays_a_minute=REPLAYS)
        self.app, self.web = create_app(settings), settings.web_address
        self.statements: list[str] = []
        event.listen(self.app.state.shared.database.engine, "before_cursor_execute", self._note)
        config = uvicorn.Config(self.app, port=port, log_level="warning", forwarded_allow_ips="*")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()

    def _note(self, _connection, _cursor, statement: str, *_: object) -> None:
        self.statements.append(statement)

    def come(self, address: str = "203.0.113.1") -> Visitor:
        """Bring a customer from an address, whom the assistant has greeted."""
        with self.database.write() as session:
            token, conversation = lifecycle.open_conversation(session, "lv")
            for message in session.scalars(select(Message).where(Message.conversation_id == conversation.id)):
                message.rasa_state = "answered"
        return Visitor(self.web, conversation.id, {"authorization": f"Bearer {token}", "x-forwarded-for": address})

    def say(self, visitor: Visitor, *texts: str, author: str = "notice") -> None:
        """Store messages, as if another part of the assistant had said them, and wake the streams."""
        with self.database.write() as session:
            conversation = lifecycle.lock(session, visitor.conversation_id)
            for text in texts:
                messages.add_message(session, conversation, author, text)
        self.app.state.shared.bus.publish(visitor.conversation_id)

    def asked(self, words: str) -> int:
        """Return how often something was asked of the database."""
        return sum(words in statement for statement in self.statements)

    @property
    def open_streams(self) -> int:
        return sum(len(feed.streams) for feed in self.app.state.streams._feeds.values())


@pytest.fixture
def server(tmp_path) -> Iterator[Server]:
    started = Server(tmp_path)
    wait_for(lambda: requests.get(f"{started.web}/health", timeout=5).ok)
    yield started
    started.server.should_exit = started.server.force_exit = True
    started.thread.join(20)


class Browser:
    """An open event stream, read by a thread."""

    def __init__(self, visitor: Visitor, last: int = 0) -> None:
        self.events: list[tuple[str, dict]] = []
        self.over = threading.Event()
        self.answer = visitor.get("/events", last, stream=True)
        assert self.answer.status_code == 200, self.answer.text
        threading.Thread(target=self._read, daemon=True).start()
        wait_for(lambda: self.named("state"))

    def _read(self) -> None:
        name = ""
        try:
            for line in self.answer.iter_lines(decode_unicode=True):
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self.events.append((name, json.loads(line.removeprefix("data: "))))
        except (requests.RequestException, AttributeError):
            pass  # the test has closed it
        self.over.set()

    def named(self, name: str) -> list[dict]:
        return [data for event_name, data in self.events if event_name == name]

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.named("message")]


@pytest.fixture
def watch(monkeypatch, server) -> Callable[..., Browser]:
    """Return a function that opens a stream, which ends with the server; streams look at nothing unasked."""
    monkeypatch.setattr(streams, "LOOK_AT_QUEUE", 600)
    monkeypatch.setattr(streams, "LOOK_AGAIN", 600)
    return Browser


def test_of_too_many_streams_of_a_conversation_the_oldest_end_and_are_told(server, watch):
    visitor = server.come()
    browsers = [watch(visitor) for _ in range(streams.MAX_STREAMS + 3)]
    for old in browsers[:3]:
        assert old.over.wait(10)
        assert old.events[-1][0] == "replaced"
    server.say(visitor, "hello")
    for one in browsers[3:]:
        wait_for(lambda one=one: "hello" in one.texts, 10)
        assert not one.over.is_set()
    assert server.open_streams == streams.MAX_STREAMS


def test_at_a_full_address_the_conversation_with_most_streams_gives_one_up(server, watch):
    greedy = server.come()
    many = [watch(greedy) for _ in range(streams.MAX_STREAMS)]
    modest = [watch(server.come()) for _ in range(ADDRESSES - streams.MAX_STREAMS + 1)]
    elsewhere = watch(server.come("203.0.113.2"))
    assert many[0].over.wait(10)
    assert many[0].events[-1][0] == "replaced"
    assert not [one for one in (*many[1:], *modest, elsewhere) if one.over.is_set()]
    assert server.open_streams == ADDRESSES + 1


@pytest.mark.parametrize("count", [1, streams.MAX_STREAMS])
def test_a_change_is_read_once_for_all_streams_of_a_conversation(server, watch, count):
    visitor = server.come()
    browsers = [watch(visitor) for _ in range(count)]
    server.statements.clear()
    server.say(visitor, "hello")
    for one in browsers:
        wait_for(lambda one=one: "hello" in one.texts, 10)
    assert server.asked("messages.author IN") == 1


def test_a_message_of_an_agent_is_noted_as_delivered_once(server, watch):
    visitor = server.come()
    browsers = [watch(visitor) for _ in range(streams.MAX_STREAMS)]
    server.say(visitor, "from an agent", author="agent")
    for one in browsers:
        wait_for(lambda one=one: "from an agent" in one.texts, 10)
    wait_for(lambda: server.asked("UPDATE conversations SET delivered_id"))
    server.say(visitor, "something else")
    for one in browsers:
        wait_for(lambda one=one: "something else" in one.texts, 10)
    assert server.asked("UPDATE conversations SET delivered_id") == 1


def test_every_stream_gets_every_message_once_and_in_order_whenever_it_begins(server, watch):
    visitor = server.come()
    server.say(visitor, "first")
    said = [f"message {number}" for number in range(60)]
    with ThreadPoolExecutor(1) as pool:
        saying = pool.submit(lambda: [server.say(visitor, text) for text in said])
        browsers = [watch(visitor) for _ in range(streams.MAX_STREAMS)]
        saying.result()
    for one in browsers:
        wait_for(lambda one=one: one.texts[-1:] == said[-1:], 10)
        assert one.texts == ["first", *said]
    late = watch(visitor, browsers[0].named("message")[-2]["id"])
    wait_for(lambda: late.texts)
    assert late.texts == said[-1:]


def test_a_stream_that_claims_to_know_more_than_there_is_costs_the_others_nothing(server, watch):
    visitor = server.come()
    watch(visitor, 10**9)
    honest = watch(visitor)
    server.say(visitor, "hello")
    wait_for(lambda: honest.texts == ["hello"], 10)


def test_streams_end_with_their_conversation(server, watch):
    visitor = server.come()
    browsers = [watch(visitor) for _ in range(2)]
    with server.database.write() as session:
        lifecycle.close_conversation(session, lifecycle.lock(session, visitor.conversation_id))
    server.app.state.shared.bus.publish(visitor.conversation_id)
    for one in browsers:
        assert one.over.wait(10)
        assert "replaced" not in [name for name, _ in one.events]
    assert visitor.get("/events").status_code == 401


def test_streams_and_transcripts_of_a_conversation_are_limited_in_number(server, watch):
    visitor, other = server.come(), server.come()
    for _ in range(REPLAYS):
        assert visitor.get("/transcript").status_code == 200
    for path in ("/transcript", "/events"):
        refused = visitor.get(path)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 60
    assert watch(other)


def test_of_a_very_long_conversation_the_newest_part_is_read(server, watch, monkeypatch):
    visitor = server.come()
    monkeypatch.setattr(messages, "MAX_SHOWN", 50)
    said = [f"message {number}." for number in range(70)]
    server.say(visitor, *said)
    assert watch(visitor).texts == said[-50:]
    transcript = visitor.get("/transcript").text
    assert [text for text in said if text in transcript] == said[-50:]

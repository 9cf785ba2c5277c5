"""What the pages of the desk hear at once, by their streams."""

import json
import threading
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
import requests

from bot.conversations import identity, lifecycle
from bot.conversations.models import Conversation
from bot.database import now
from tests.conftest import wait_for
from tests.desk.conftest import Browser
from tests.desk.test_conversation import Guest, client_id, taken


class Stream:
    """A stream of the desk, as its pages listen to it."""

    def __init__(self, browser: Browser, path: str) -> None:
        self.events: list[tuple[str, str]] = []
        answer = browser.session.get(
            browser.address + path, headers={"accept": "text/event-stream"}, stream=True, timeout=60
        )
        assert answer.status_code == 200, answer.text
        answer.encoding = "utf-8"
        threading.Thread(target=self._listen, args=(answer,), daemon=True).start()

    def _listen(self, answer: requests.Response) -> None:
        kind = ""
        with suppress(requests.RequestException):  # the desk stops before the test's browser does
            for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data:"):
                    self.events.append((kind, line.removeprefix("data:").strip()))

    def hears(self, kind: str, *parts: str) -> str:
        def found() -> str | None:
            return next(
                (data for name, data in self.events if name == kind and all(part in data for part in parts)), None
            )

        return wait_for(found, 20)


def test_a_customer_who_asks_appears_in_the_queue_at_once(desk):
    stream = Stream(desk.signed_in(), "/desk/events")
    guest = Guest(desk)
    guest.asks_for_a_person()
    assert guest.id in json.loads(stream.hears("lists", guest.id))["waiting"]


def test_customer_and_agent_see_each_other_type_and_read(desk):
    guest, browser = taken(desk)
    stream = Stream(browser, f"{guest.path}/events")
    guest.call("POST", "conversation/typing")
    stream.hears("state", '"typing":true')
    guest.writes("here <I> am")
    stream.hears("messages", "here &lt;I&gt; am")
    browser.post(f"{guest.path}/typing")
    assert guest.state()["typing"]
    browser.post(f"{guest.path}/messages", {"text": "hello", **client_id()})
    assert not guest.state()["typing"]
    message = guest.heard("agent")[-1]["id"]
    stream.hears("state", f'"delivered":{message}')
    guest.call("POST", "conversation/seen", {"id": message})
    stream.hears("state", f'"seen":{message}')


def test_the_page_loads_anew_when_the_customer_has_shown_who_they_are(desk):
    guest, browser = taken(desk)
    stream = Stream(browser, f"{guest.path}/events")
    stream.hears("state")
    with desk.database.write() as session:
        conversation = lifecycle.lock(session, guest.id)
        identity.confirmed(conversation, "token", now() + timedelta(hours=1), "Anna", "anna@example.com")
    stream.hears("state", "False Anna")


def test_a_stream_ends_with_the_session(desk):
    browser = desk.signed_in()
    stream = Stream(browser, "/desk/events")
    stream.hears("lists")
    browser.post("/desk/sign-out")
    stream.hears("ended")


def test_while_a_person_talks_nobody_misses_rasa(desk):
    guest, browser = taken(desk)
    guest.writes("one")
    browser.post(f"{guest.path}/messages", {"text": "two", **client_id()})
    guest.call("PUT", "conversation/language", {"language": "en"})
    guest.writes("three")
    state = guest.state()
    assert (state["waiting"], state["typing"], state["owner"]) == (False, False, "agent")
    assert [message["text"] for message in guest.events()[0] if message["author"] in ("customer", "agent")] == [
        "one",
        "two",
        "three",
    ]
    with desk.database.read() as session:
        assert session.get_one(Conversation, guest.id).language == "en"
    since = next(
        n for n, message in enumerate(guest.heard("notice")) if "atbild" in message["text"] and "CPS" in message["text"]
    )
    assert not [message for message in guest.heard("notice")[since:] if "neatbild" in message["text"]]


@pytest.mark.parametrize("language", ["lv", "en"])
def test_the_agent_sees_whether_the_customer_is_there_and_on_which_page(desk, language):
    guest, browser = Guest(desk, language).asks_for_a_person(), desk.signed_in(language=language)
    browser.post(f"{guest.path}/take")
    stream = Stream(browser, f"{guest.path}/events")
    stream.hears("state", '"customer":"left"')

    def was_there(**columns: datetime) -> None:
        """Set when the customer was last there, and forget what the agent has heard so far."""
        with desk.database.write() as session:
            for name, moment in columns.items():
                setattr(session.get_one(Conversation, guest.id), name, moment)
        stream.events.clear()

    long_ago = now() - timedelta(minutes=5)
    guest.call("POST", "conversation/seen", {"id": 1})
    stream.hears("state", '"customer":"here"')
    was_there(looked_at=long_ago, online_at=long_ago)
    stream.hears("state", '"customer":"left"')
    guest.events()  # the chat is open, and nobody looks
    stream.hears("state", '"customer":"away"')
    guest.call("PUT", "conversation/page", {"url": "https://shop.example/cameras?token=1", "title": "Kameras"})
    stream.hears("state", '"page":"Kameras"')
    guest.writes("here I am")
    stream.hears("state", '"customer":"here"')
    was_there(looked_at=long_ago, online_at=long_ago)
    words = {"lv": "Aizgājis</span>", "en": "Left</span>"}[language]
    stream.hears("rail", json.dumps(words)[1:-1])


def test_a_customer_whom_only_the_assistant_answers_is_not_watched(desk):
    guest = Guest(desk)
    guest.events()
    with desk.database.read() as session:
        assert session.get_one(Conversation, guest.id).online_at is None

"""A customer who uses the chat's real HTTP interface."""

import hashlib
import json
import re
import sqlite3
import uuid
from typing import Any

import requests

from tests.conftest import wait_for


class Customer:
    """One conversation: `said = customer.say("cik man punktu?")`."""

    def __init__(self, web: str, language: str = "lv", is_greeted: bool = True) -> None:
        self.web = web
        self.session = requests.Session()
        self.last = 0
        self.begin(language)
        if is_greeted:
            self.greeting = self.hear(0)

    def begin(self, language: str) -> None:
        """Begin a conversation."""
        begun = self.call("POST", "conversations", {"language": language})
        assert begun.status_code == 201, begun.text
        self.use(begun.json()["token"])

    def use(self, token: str) -> None:
        """Use a session token."""
        self.token = token
        self.session.headers["authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        """Call an endpoint of the chat."""
        return self.session.request(method, f"{self.web}/api/{path}", json=body, timeout=30, **more)

    def events(self, after: int = 0) -> tuple[list[dict], dict]:
        """Return the messages after an id, and the state, as a browser receives them when it connects."""
        messages: list[dict] = []
        address = f"{self.web}/api/conversation/events"
        with self.session.get(address, headers={"last-event-id": str(after)}, stream=True, timeout=30) as stream:
            assert stream.status_code == 200, stream.text
            stream.encoding = "utf-8"
            event = ""
            for line in stream.iter_lines(decode_unicode=True):
                if line.startswith("event: "):
                    event = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    content = json.loads(line.removeprefix("data: "))
                    if event == "state":
                        return messages, content
                    messages.append(content)
        raise AssertionError("the stream ended without a state")

    def hear(self, after: int, timeout: float = 60.0) -> str:
        """Wait for the answer to a message; return its texts and store its buttons."""

        def answer() -> list[dict] | None:
            messages, state = self.events(after)
            others = [message for message in messages if message["author"] != "customer"]
            return others if others and not state["typing"] and not state["waiting"] else None

        heard = wait_for(answer, timeout)
        self.last = heard[-1]["id"]
        self.choices = [choice for message in heard for choice in message["choices"]]
        return "\n".join(message["text"] for message in heard)

    def hears_the_end(self) -> None:
        """Wait until the conversation has ended."""
        wait_for(lambda: self.call("GET", "conversation").status_code == 401)

    def say(self, text: str, timeout: float = 60.0) -> str:
        """Send a message; return the answer."""
        sent = self.call("POST", "conversation/messages", {"client_id": str(uuid.uuid4()), "text": text})
        assert sent.status_code == 201, sent.text
        return self.hear(sent.json()["id"], timeout)

    def choose(self, title: str) -> str:
        """Press a button of the last answer; return the answer to it."""
        choice = next(choice["id"] for choice in self.choices if choice["title"] == title)
        sent = self.call("POST", "conversation/choices", {"client_id": str(uuid.uuid4()), "choice": choice})
        assert sent.status_code == 201, sent.text
        return self.hear(sent.json()["id"])

    def state(self) -> dict:
        """Return what the widget shows around the messages."""
        return self.call("GET", "conversation").json()

    def confirm(self, backend: str, email: str) -> str:
        """Fill in the identity form; return the answer that follows."""
        seen = letters_to(backend, email)
        sent = self.call("POST", "conversation/identity/email", {"email": email})
        assert sent.status_code == 204, sent.text
        before = self.events()[0][-1]["id"]
        given = self.call("POST", "conversation/identity/code", {"code": code_for(backend, email, seen)})
        assert given.status_code == 200, given.text
        confirmed = self.hear(before)
        return confirmed if len(confirmed.splitlines()) > 1 else self.hear(self.last)


def logged_in(web: str, email: str, language: str = "lv") -> Customer:
    """A customer who is logged in on the demo website."""
    customer = Customer(web, language)
    given = customer.call("POST", "conversation/identity/token", {"token": website_token(web, email)})
    assert given.status_code == 200, given.text
    return customer


def website_token(web: str, email: str) -> str:
    """A website token for a customer, as the demo page passes it to the widget."""
    page = requests.Session().post(f"{web}/demo/login", data={"email": email}, timeout=30)
    return re.search(r'data-token="([^"]+)"', page.text).group(1)


def run_out(stack: Any, token: str) -> None:
    """Let so much time pass that the confirmation in a conversation has run out."""
    token_hash = hashlib.sha256(token.encode()).hexdigest()
    with sqlite3.connect(stack.folder / "chat.db", timeout=10) as database:
        database.execute(
            "UPDATE conversations SET identity_seen_at = '2020-01-01 00:00:00' WHERE token_hash = ?", (token_hash,)
        )


def letters_to(backend: str, email: str) -> list[str]:
    """Return the e-mails to an address in the demo mailbox, the newest first."""
    page = requests.get(f"{backend}/mailbox", timeout=10).text
    return [letter for letter in re.findall(r"<article>(.*?)</article>", page, re.S) if email in letter]


def code_for(backend: str, email: str, seen: list[str] | None = None) -> str:
    """Read the code in the newest letter to an address; with `seen`, wait for a letter that is not among those."""

    def newest() -> str | None:
        letters = [letter for letter in letters_to(backend, email) if letter not in (seen or [])]
        return re.search(r"\b\d{6}\b", letters[0]).group() if letters else None

    return wait_for(newest, 10)

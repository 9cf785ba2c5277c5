"""Somebody who tries a running assistant from outside, and what came of each try."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import requests

from tests.customer import Customer

MEASURED = "measured"  # the answer of what is no try
MAX_PAUSE = 65  # seconds that a refusal may ask for, where the try is not about limits


class Outcome(NamedTuple):
    """What was tried, what came of it, and whether the assistant kept its promise."""

    tried: str
    answer: str
    held: bool = True


@dataclass
class Target:
    """A running assistant, and what the attacker knows of it."""

    web: str
    known: str  # an e-mail address with an account
    password: str = ""  # of the demo's agents
    turns: int = 8  # of another customer, before and during a flood

    def __post_init__(self) -> None:
        """Take a public address that nobody used before: it counts where this machine is trusted as a proxy."""
        self.address = f"2a00:0:{os.urandom(2).hex()}:{os.urandom(2).hex()}::1"

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """Send one request from the attacker's address."""
        headers = {"x-forwarded-for": self.address} | more.pop("headers", {})
        return requests.request(
            method, self.web + path, headers=headers, timeout=30, **({"allow_redirects": False} | more)
        )


class Visitor(Customer):
    """A customer at the attacker's address, who waits where too much is refused."""

    def __init__(self, target: Target, language: str = "lv", is_greeted: bool = True) -> None:
        self.address = target.address
        super().__init__(target.web, language, is_greeted)

    def begin(self, language: str) -> None:
        self.session.headers["x-forwarded-for"] = self.address
        super().begin(language)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        """Call an endpoint of the chat, again after the pause that a refusal asks for."""
        answer = super().call(method, path, body, **more)
        pause = int(answer.headers.get("retry-after", MAX_PAUSE + 1))
        if answer.status_code != 429 or pause > MAX_PAUSE:
            return answer
        time.sleep(pause)
        return super().call(method, path, body, **more)

    def events(self, after: int = 0) -> tuple[list[dict], dict]:
        time.sleep(0.6)  # there may be so many replays a minute
        return super().events(after)


Attack = Callable[[Target], Iterator[Outcome]]
ATTACKS: dict[str, Attack] = {}


def attack(kind: str) -> Callable[[Attack], Attack]:
    """List an attack under its kind."""

    def register(made: Attack) -> Attack:
        ATTACKS[kind] = made
        return made

    return register


def refused(tried: str, answer: requests.Response, *expected: int) -> Outcome:
    """Judge a try that should be refused: with one of these answers, or for being one of too many."""
    return Outcome(tried, str(answer.status_code), answer.status_code in (*expected, 429))

"""Tries to wear the assistant out, while another customer asks it something."""

import contextlib
import os
import re
import resource
import socket
import statistics
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import urlsplit

from bot.chat.streams import MAX_STREAMS
from tests.attack.attacker import MEASURED, Outcome, Target, Visitor, attack
from tests.customer import Customer
from tests.load.turns import QUESTIONS, Listener

STREAMS = 1000
COSTLY = ("aA" * 1000, "konts" * 400, "a? " * 660, "a" + "\u0301" * 1999, "vai man ir pvn? " * 125, "2500 " * 400)
CODES = 12
REST = 5.0  # seconds after a flood, in which connections end


class Bystander:
    """Another customer, at an address of their own, whose turns are timed."""

    def __init__(self, target: Target) -> None:
        self.customer = Visitor(replace(target))
        self.listener, self.asked = Listener(self.customer), 0
        self.take_turns(2)  # to warm up

    def take_turns(self, count: int) -> list[float]:
        """Ask some questions, one after the other; return the milliseconds until each answer."""
        took = []
        for _ in range(count):
            self.asked += 1
            text = QUESTIONS["answer"][self.asked % 2]
            began = time.perf_counter()
            sent = self.customer.call("POST", "conversation/messages", {"client_id": str(uuid.uuid4()), "text": text})
            sent.raise_for_status()
            took.append((self.listener.wait_after(sent.json()["id"]) - began) * 1000)
        return took


def _figures(*turns: list[float]) -> str:
    before, during, after = (statistics.median(took) for took in turns)
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    ratio = 2 * during / (before + after)
    times = f"{before:.0f} ms before, {during:.0f} during, {after:.0f} after"
    return f"another's turn: median {times}: {ratio:.1f} times (load {load})"


@attack("floods of codes")
def flood_codes(target: Target) -> Iterator[Outcome]:
    """Codes and guesses end with a refusal that says when to go on; the owner's code stays good."""
    customer = Visitor(target)
    customer.say("cik man ir punktu?")
    for tried, path, body in (
        ("ask for a code", "email", {"email": "nobody.at.all@example.com"}),
        ("guess a code", "code", {"code": "000000"}),
    ):
        answers = []
        for _ in range(CODES):
            answers.append(Customer.call(customer, "POST", f"conversation/identity/{path}", body))
            yield Outcome(tried, str(answers[-1].status_code), answers[-1].status_code in (204, 409, 410, 422, 429))
        last = answers[-1]
        yield Outcome(f"{tried}, in the end", str(last.status_code), "retry-after" in last.headers)


@attack("floods of messages")
def flood_messages(target: Target) -> Iterator[Outcome]:
    """A conversation may send so many messages a minute, and the costly ones of one address silence nobody."""
    other = Bystander(target)
    before = other.take_turns(target.turns)
    strangers = [Visitor(target, is_greeted=False) for _ in range(2 * len(COSTLY))]
    for stranger, text in zip(strangers, COSTLY * 2, strict=True):
        for _ in range(3):
            sent = stranger.call("POST", "conversation/messages", {"client_id": str(uuid.uuid4()), "text": text})
            yield Outcome(f"2000 characters: {text[:12]!r}", str(sent.status_code), sent.status_code in (201, 413, 429))
    during = other.take_turns(target.turns)
    time.sleep(REST)
    yield Outcome(_figures(before, during, other.take_turns(target.turns)), MEASURED)

    def send(_: int) -> int:
        body = {"client_id": str(uuid.uuid4()), "text": "?"}
        return Customer.call(strangers[0], "POST", "conversation/messages", body).status_code

    with ThreadPoolExecutor(8) as threads:
        answers = Counter(threads.map(send, range(60)))
    for status, count in answers.items():
        yield from [Outcome("many at once", str(status), status in (201, 429))] * count
    yield Outcome("many at once, in the end", str(max(answers)), 429 in answers)


@attack("streams")
def open_streams(target: Target) -> Iterator[Outcome]:
    """A conversation has five event streams at most, and who opens a thousand slows nobody down."""
    other, owner = Bystander(target), Visitor(target, is_greeted=False)
    before = other.take_turns(target.turns)
    with contextlib.ExitStack() as opened:
        sockets = [opened.enter_context(one) for one in _sockets(target, owner.token)]
        during = other.take_turns(target.turns)
        received = [_received(one) for one in sockets]
    statuses = Counter(received.status for received in received)
    for status, count in statuses.items():
        yield from [Outcome("open a stream", status, status in ("200", "429", "closed"))] * count
    still = sum(one.status == "200" and not one.has_ended for one in received)
    yield Outcome(f"streams that are still open of {STREAMS}", str(still), still <= MAX_STREAMS)
    time.sleep(REST)
    yield Outcome(_figures(before, during, other.take_turns(target.turns)), MEASURED)


def _sockets(target: Target, token: str) -> Iterator[socket.socket]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4 * STREAMS), hard), hard))
    place = urlsplit(target.web)
    asked = (
        f"GET /api/conversation/events HTTP/1.1\r\nhost: {place.netloc}\r\nauthorization: Bearer {token}\r\n"
        f"x-forwarded-for: {target.address}\r\n\r\n"
    )
    for _ in range(STREAMS):
        made = socket.create_connection((place.hostname or "", place.port or 80), timeout=30)
        made.sendall(asked.encode())
        yield made


class _Received:
    """What arrived over a connection."""

    def __init__(self, content: bytes, is_closed: bool) -> None:
        found = re.match(rb"HTTP/1.1 (\d{3})", content)
        self.status = found[1].decode() if found else "closed"
        self.has_ended = is_closed or content.endswith(b"0\r\n\r\n")


def _received(connection: socket.socket) -> _Received:
    connection.settimeout(0.05)
    content = b""
    try:
        while more := connection.recv(65_536):
            content += more
    except TimeoutError:
        return _Received(content, is_closed=False)
    except OSError:
        pass
    return _Received(content, is_closed=True)

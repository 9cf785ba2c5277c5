"""Three processes of web, two of Rasa and two of the actions are killed and stopped in turn while people talk.

Nothing is lost, doubled or out of order, and nobody is answered by two.
"""

import os
import signal
import socket
import subprocess
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest
import requests
from sqlalchemy import select, update

from bot.conversations import lifecycle
from bot.conversations.models import Agent, Message, Transition
from bot.database import Database
from bot.model import RASA_PYTHON
from bot.privacy import trackers
from bot.settings import ROOT
from bot.web.claims import LEASE
from tests.conftest import GENEROUS, Stack, free_ports, running, wait_for
from tests.customer import Customer
from tests.desk.conftest import Browser

WALK = {"lv": ("palīdzi man soli pa solim", "gatavs", "jā"), "en": ("walk me through it step by step", "done", "yes")}
CUSTOMERS = 20
HUNG = 2 * LEASE.total_seconds()  # for which a process stands still: longer than its claims last
CALL = 4.0  # seconds after which a caller gives up and tries again
COUNTS = {"web": 3, "rasa": 2, "actions": 2}
PROBLEMS = (requests.RequestException, AssertionError)


class Patient(Customer):
    """A customer whose browser sends again what did not arrive, as the chat window does."""

    def call(self, method: str, path: str, body: dict | None = None, **more) -> requests.Response:
        def arrived() -> requests.Response | None:
            address = f"{self.web}/api/{path}"
            answer = self.session.request(method, address, json=body, timeout=CALL, **more)
            return answer if answer.status_code < 500 else None

        return wait_for(arrived, 90, 0.3)

    def events(self, after: int = 0) -> tuple[list[dict], dict]:
        try:
            address = f"{self.web}/api/conversation/news"
            answer = self.session.get(address, params={"after": after}, timeout=CALL)
            return answer.json()["messages"], answer.json()["state"]
        except (ValueError, KeyError):
            raise requests.ConnectionError("no answer yet") from None

    def hear(self, after: int, timeout: float = 120.0) -> str:
        """Wait for the answer, and not for a notice that it takes longer."""

        def answer() -> list[dict] | None:
            messages, _ = self.events(after)
            return [one for one in messages if one["author"] == "assistant"]

        return "\n".join(one["text"] for one in wait_for(answer, timeout, 0.5))


def ports_in_a_row(count: int) -> int:
    """Return the first of some free ports."""
    while True:
        (first,) = free_ports(1)
        with suppress(OSError, OverflowError), ExitStack() as opened:
            for port in range(first, first + count):
                opened.enter_context(socket.create_server(("127.0.0.1", port)))
            return first


@pytest.fixture(scope="module")
def url(new_postgresql) -> str:
    return new_postgresql()


@pytest.fixture(scope="module")
def many(url, tmp_path_factory):
    given = dict.fromkeys(("chat_database", "backend_database", "tracker_database"), url)
    given |= {f"{part}_processes": str(count) for part, count in COUNTS.items()}
    given |= {"rasa_port": str(ports_in_a_row(COUNTS["rasa"])), "answer_timeout": "10"}
    with running(tmp_path_factory.mktemp("many"), **GENEROUS, **given) as stack:
        yield stack


def kill_one(stack: Stack, part: str) -> None:
    """Kill a process, and wait until there is another one in its place."""
    before = stack.pids_of(part)
    os.kill(before[0], signal.SIGKILL)
    wait_for(lambda: before[0] not in (now := stack.pids_of(part)) and len(now) == len(before), 60)


def stop_one(stack: Stack, part: str) -> None:
    """Let a process stand still for some time."""
    pid = stack.pids_of(part)[-1]
    os.kill(pid, signal.SIGSTOP)
    try:
        threading.Event().wait(HUNG)
    finally:
        os.kill(pid, signal.SIGCONT)


def answers(stack: Stack, number: int) -> bool:
    port = stack.rasa_port + number
    return requests.get(f"http://127.0.0.1:{port}/webhooks/rest/", timeout=2).ok


def disturb(stack: Stack) -> None:
    """Kill and stop processes of each kind; those that customers are left with are enough."""
    kill_one(stack, "web")
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(stop_one, stack, "web"), pool.submit(kill_one, stack, "rasa")]:
            done.result()
    wait_for(lambda: all(answers(stack, number) for number in range(COUNTS["rasa"])), 120, 0.5)
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(stop_one, stack, "rasa"), pool.submit(kill_one, stack, "actions")]:
            done.result()
    stop_one(stack, "actions")


def walk(stack: Stack, language: str, until: Callable[[], bool]) -> list[Customer]:
    """Walk through the guide in one conversation after the other, until a condition is met; return who has."""
    walked = []
    while not walked or not until():
        customer = Patient(stack.web, language)
        for said in WALK[language] * 3:
            customer.say(said)
        walked.append(customer)
    return walked


def transcript(stack: Stack, customer: Customer) -> list[tuple[str, str]]:
    """Return what was said, without notices that something takes longer."""
    with Database(stack.url).read() as session:
        conversation = lifecycle.find_conversation(session, customer.token)
        said = select(Message.author, Message.text).where(Message.conversation_id == conversation.id)
        rows = session.execute(said.where(Message.author.in_(("customer", "assistant"))).order_by(Message.id))
        return [tuple(row) for row in rows]


def hand_over(stack: Stack, email: str, language: str, until: Callable[[], bool]) -> list[tuple[str, list[str]]]:
    """Be an agent who answers customers, one after the other; return each one's id and what the agent said."""
    held = []
    browser = retried(lambda: signed_in(stack, email))
    while not held or not until():
        customer = Patient(stack.web, language)
        customer.call("POST", "conversation/person")
        with Database(stack.url).read() as session:
            path = f"/desk/conversations/{lifecycle.find_conversation(session, customer.token).id}"
        retried(lambda path=path: browser.post(f"{path}/take").status_code in (303, 409))
        said = []
        for number in range(3):
            form = {"text": f"{language} {number}", "client_id": uuid.uuid4().hex}
            retried(lambda path=path, form=form: browser.post(f"{path}/messages", form).status_code == 303)
            said.append(form["text"])
            wait_for(lambda c=customer, t=form["text"]: t in [one["text"] for one in c.events()[0]], 60, 0.3)
        retried(lambda path=path: browser.post(f"{path}/close", {"outcome": "solved"}).status_code in (303, 409))
        held.append((path.rpartition("/")[2], said))
    return held


def signed_in(stack: Stack, email: str) -> Browser | None:
    browser = Browser(stack.web)
    return browser if browser.sign_in(email, stack.demo_password).status_code == 303 else None


def retried(what: Callable):
    """Do something again until it succeeds, as a page that could not be reached is loaded again."""

    def succeeds():
        try:
            return what()
        except PROBLEMS:
            return None

    return wait_for(succeeds, 90, 0.3)


@pytest.fixture(scope="module")
def talked(many, url) -> tuple[dict[str, list], list[Customer], list[tuple[str, list[str]]]]:
    """What is said by language where nothing happens; and who talked with the assistant, and with agents, meanwhile."""
    many.url = url
    with Database(url).write() as session:
        session.execute(update(Agent).values(presence="available", at_once=10))
    expected = {language: transcript(many, *walk(many, language, lambda: True)) for language in WALK}
    over = threading.Event()
    agents = {"agent@example.com": "lv", "supervisor@example.com": "en"}
    with ThreadPoolExecutor(CUSTOMERS + len(agents)) as pool:
        walks = [pool.submit(walk, many, ("lv", "en")[number % 2], over.is_set) for number in range(CUSTOMERS)]
        desks = [pool.submit(hand_over, many, email, language, over.is_set) for email, language in agents.items()]
        try:
            disturb(many)
        finally:
            over.set()
        walked, helped = ([one for future in futures for one in future.result()] for futures in (walks, desks))
    print(f"{len(walked)} walkthroughs, {len(helped)} customers with agents")
    return expected, walked, helped


def test_every_customer_hears_what_one_hears_who_is_not_disturbed(many, talked):
    expected, walked, _ = talked
    assert len(walked) >= CUSTOMERS
    for customer in walked:
        said = transcript(many, customer)
        assert said == expected["en" if said[1][1] == WALK["en"][0] else "lv"]


def test_rasa_has_done_each_turn_once_and_in_order(many, talked):
    _, walked, _ = talked
    with Database(many.url).read() as session:
        for customer in walked:
            conversation = lifecycle.find_conversation(session, customer.token)
            answered, number = [], None
            for event in trackers.events_of(session, [conversation.id]):
                if event["event"] == "user":
                    number = event["metadata"]["message"]
                elif event["event"] == "bot" and (not answered or answered[-1] != number):
                    answered.append(number)
            assert answered == sorted(set(answered))
            assert len(answered) == 1 + len(WALK["lv"]) * 3


def test_every_customer_is_answered_by_one_agent_and_hears_each_word_once(many, talked):
    _, _, helped = talked
    assert helped
    with Database(many.url).read() as session:
        for conversation_id, words in helped:
            mine = (Message.conversation_id == conversation_id, Message.author == "agent")
            assert list(session.scalars(select(Message.text).where(*mine).order_by(Message.id))) == words
            taken = select(Transition).where(Transition.conversation_id == conversation_id, Transition.after == "agent")
            assert len(session.scalars(taken).all()) == 1


def test_each_process_was_started_again_and_no_other_ended(many, talked):
    ended = [line for line in many.output.splitlines() if "ended with code" in line]
    assert sorted(line.split()[1] for line in ended) == ["actions", "rasa", "web"]
    assert all(len(many.pids_of(part)) == count for part, count in COUNTS.items())


RASAS = """
import asyncio, sys
from rasa.shared.core.domain import Domain
from bot.nlu.tracker_store import RecentTurns

async def tries(store, sender):
    async def enter():
        async with store.alone(sender):
            return True
    try:
        return await asyncio.wait_for(enter(), 2)
    except asyncio.TimeoutError:
        return False

async def main():
    mine, other = (RecentTurns(Domain.empty(), sys.argv[1]) for _ in range(2))
    async with mine.alone("a"):
        print(await tries(other, "a"), await tries(other, "b"), await tries(mine, "b"))
        async with mine.alone("c"):
            print(await tries(other, "c"), await tries(other, "a"))
        print(await tries(other, "c"))
        with other.session_scope() as session:
            session.execute(sys.argv[2])
        print(await tries(mine, "b"), await tries(other, "b"))
    print(await tries(other, "a"), await tries(mine, "a"))

asyncio.run(main())
"""


def test_a_conversation_is_of_one_rasa_at_a_time(new_postgresql):
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_%' AND state = 'idle'"
    command = [RASA_PYTHON, "-c", RASAS, new_postgresql("postgresql"), cut]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.splitlines() == [
        "False True True",  # while one is in a conversation, the other one can only enter another
        "False False",
        "True",
        "True True",  # after the server has cut the connections
        "True True",
    ], done.stderr[-2000:]

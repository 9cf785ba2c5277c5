"""Measure the hand-off: python -m tests.load.handoff (a demo must run, with CPS_DEMO_PASSWORD).

All streams come from one address: raise CPS_STREAMS_ADDRESS, CPS_REPLAYS_A_MINUTE, CPS_MESSAGES_A_MINUTE_ADDRESS and
CPS_CONVERSATIONS_AN_HOUR_ADDRESS for the assistant first.
Prints how long a customer's request takes to an agent's screen, an agent's words to the customer's, and how many open
conversations, each with its stream, one web process holds, with its memory. The baseline beside the times is a bare
request to the same process, /health, in the same run.
"""

import argparse
import asyncio
import json
import re
import resource
import statistics
import time
import uuid
from collections.abc import AsyncIterator

import httpx

from bot.settings import get_settings
from tests.load.turns import resident_memory

ROUNDS = 40
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=None)


async def listen(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> AsyncIterator[tuple[str, str]]:
    """Yield the kind and the data of each event."""
    async with client.stream("GET", path, headers=headers, timeout=None) as stream:
        kind = ""
        async for line in stream.aiter_lines():
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield kind, line.removeprefix("data: ")


class Customer:
    """A conversation with its event stream open, and when each agent's message arrived."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client, self.arrived = client, {}

    async def begin(self) -> "Customer":
        begun = await self.client.post("/api/conversations", json={"language": "lv"})
        begun.raise_for_status()
        self.headers = {"authorization": f"Bearer {begun.json()['token']}"}
        self.greeted = asyncio.Event()
        self.task = asyncio.create_task(self._listen())
        return self

    async def _listen(self) -> None:
        async for kind, data in listen(self.client, "/api/conversation/events", self.headers):
            if kind == "message":
                self.arrived[json.loads(data)["text"]] = time.perf_counter()
                self.greeted.set()

    async def ask(self) -> float:
        """Ask for a person; return the time of the request."""
        began = time.perf_counter()
        (await self.client.post("/api/conversation/person", headers=self.headers)).raise_for_status()
        return began


class Agent:
    """An agent at the queue, and when each conversation appeared there."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client, self.appeared, self.news = client, {}, asyncio.Event()

    async def begin(self, password: str) -> "Agent":
        form = {"email": "agent@example.com", "password": password}
        own = str(self.client.base_url).rstrip("/")
        signed_in = await self.client.post("/desk/sign-in", data=form, headers={"origin": own, "accept": "text/html"})
        page = (await self.client.get("/desk", headers={"accept": "text/html"})).text
        if signed_in.status_code != 303:
            raise SystemExit(
                "the sample agent cannot sign in: start the demo with CPS_DEMO_PASSWORD, and set it here too"
            )
        self.form = {"csrf": re.search(r'data-csrf="([^"]+)"', page)[1]}
        self.headers = {"origin": own}
        self.task = asyncio.create_task(self._listen())
        return self

    async def _listen(self) -> None:
        async for kind, data in listen(self.client, "/desk/events", {"accept": "text/event-stream"}):
            if kind == "lists":
                for one in json.loads(data)["waiting"]:
                    self.appeared.setdefault(one, time.perf_counter())
                self.news.set()

    async def do(self, conversation: str, action: str, **form: str) -> float:
        """Do something with a conversation; return the time before it."""
        began = time.perf_counter()
        path = f"/desk/conversations/{conversation}/{action}"
        (await self.client.post(path, data=self.form | form, headers=self.headers)).raise_for_status()
        return began


async def until(condition, seconds: float = 30.0) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.001)


async def measure_hand_off(client: httpx.AsyncClient, agent: Agent) -> dict[str, list[float]]:
    """Return the milliseconds of each hop, and of a bare request beside it."""
    took: dict[str, list[float]] = {"request to screen": [], "key to screen": [], "bare request": []}
    for number in range(ROUNDS):
        customer = await Customer(client).begin()
        await asyncio.wait_for(customer.greeted.wait(), 60)
        before = set(agent.appeared)
        began = await customer.ask()
        await until(lambda known=before: set(agent.appeared) - known)
        (conversation,) = set(agent.appeared) - before
        took["request to screen"].append((agent.appeared[conversation] - began) * 1000)
        await agent.do(conversation, "take")
        text = f"hello {number}"
        began = await agent.do(conversation, "messages", text=text, client_id=uuid.uuid4().hex)
        await until(lambda one=customer, said=text: said in one.arrived)
        took["key to screen"].append((customer.arrived[text] - began) * 1000)
        await agent.do(conversation, "close", outcome="solved")
        customer.task.cancel()
        began = time.perf_counter()
        await client.get("/health")
        took["bare request"].append((time.perf_counter() - began) * 1000)
    return took


def percentiles(times: list[float]) -> str:
    ordered = sorted(times)
    return f"p50 {statistics.median(ordered):.0f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.0f} ms"


async def main(counts: list[int]) -> None:
    """Measure, and print the figures."""
    settings = get_settings()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    async with httpx.AsyncClient(base_url=settings.web_address, limits=LIMITS, timeout=60) as client:
        agent = await Agent(client).begin(settings.demo_password.get_secret_value())
        held: list[Customer] = []
        empty = resident_memory()["web"]
        for count in counts:
            while len(held) < count:
                more = await asyncio.gather(*(Customer(client).begin() for _ in range(min(20, count - len(held)))))
                await asyncio.gather(*(asyncio.wait_for(one.greeted.wait(), 120) for one in more))
                held += more
            memory = resident_memory()["web"]
            each = f", {(memory - empty) * 1024 / count:.0f} KiB each" if count else ""
            print(f"{count} open conversations with their streams: web {memory} MiB{each}")
            for name, times in (await measure_hand_off(client, agent)).items():
                print(f"  {name}: {percentiles(times)} ({len(times)})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--streams", type=int, nargs="*", default=[0, 100, 500, 1000])
    asyncio.run(main(parser.parse_args().streams))

"""Measure turns a second with many customers at once: python -m tests.load.throughput (the assistant must be running).

All customers come from one address: raise CPS_MESSAGES_A_MINUTE, CPS_MESSAGES_A_MINUTE_ADDRESS, CPS_STREAMS_ADDRESS,
CPS_REPLAYS_A_MINUTE and CPS_CONVERSATIONS_AN_HOUR_ADDRESS for the assistant first.
"""

import argparse
import asyncio
import json
import time
import uuid

import httpx

from bot.settings import get_settings
from tests.load.handoff import LIMITS, listen, percentiles

QUESTIONS = {
    "lv": ("cik punktu vajag, lai pievienotos?", "kad es varu pieteikties?", "cik maksā dalība?"),
    "en": ("how many points do I need to join?", "when can I apply?", "how much is the membership?"),
}


class Customer:
    """A customer with an event stream, who asks again as soon as they are answered."""

    def __init__(self, client: httpx.AsyncClient, language: str) -> None:
        self.client, self.language, self.news = client, language, asyncio.Event()
        self.answered, self.took = 0, []

    async def begin(self) -> None:
        begun = await self.client.post("/api/conversations", json={"language": self.language})
        begun.raise_for_status()
        self.headers = {"authorization": f"Bearer {begun.json()['token']}"}
        self.stream = asyncio.create_task(self._listen())
        await self._answer(0)

    async def _listen(self) -> None:
        async for kind, data in listen(self.client, "/api/conversation/events", self.headers):
            message = json.loads(data) if kind == "message" else {}
            if message.get("author") == "assistant":
                self.answered = message["id"]
                self.news.set()

    async def _answer(self, after: int) -> None:
        while self.answered <= after:
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), 60)

    async def ask(self, until: float) -> None:
        """Ask one question after the other until a moment."""
        number = 0
        while (began := time.perf_counter()) < until:
            await self.ask_once(number)
            self.took.append((time.perf_counter() - began) * 1000)
            number += 1
        self.stream.cancel()

    async def ask_once(self, number: int) -> None:
        """Ask one of the questions, and wait for its answer."""
        text = QUESTIONS[self.language][number % len(QUESTIONS[self.language])]
        body = {"client_id": str(uuid.uuid4()), "text": text}
        sent = await self.client.post("/api/conversation/messages", json=body, headers=self.headers)
        sent.raise_for_status()
        await self._answer(sent.json()["id"])


async def main(count: int, seconds: float) -> None:
    """Measure, and print the figures."""
    async with httpx.AsyncClient(base_url=get_settings().web_address, limits=LIMITS, timeout=60) as client:
        customers = [Customer(client, ("lv", "en")[number % 2]) for number in range(count)]
        await asyncio.gather(*(one.begin() for one in customers))
        began = time.perf_counter()
        await asyncio.gather(*(one.ask(began + seconds) for one in customers))
        took = [one for customer in customers for one in customer.took]
        spent = time.perf_counter() - began
        print(f"{count} customers: {len(took) / spent:.1f} turns a second, {percentiles(took)} ({len(took)} turns)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=20)
    given = parser.parse_args()
    asyncio.run(main(given.customers, given.seconds))

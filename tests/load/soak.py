"""Keep many chats open for long: python -m tests.load.soak (make soak). It starts an assistant of its own.

Each chat has its event stream, and asks now and then. Printed are the turns, what failed, how long answers took, and
the memory of each process at the beginning and at the end.
"""

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.conftest import COMMANDS, GENEROUS, Stack, running
from tests.load.handoff import LIMITS, percentiles
from tests.load.throughput import Customer

OPENED_AT_ONCE = 10  # chats


@dataclass
class Report:
    """What came of it; memory is in MiB by part."""

    took: list[float] = field(default_factory=list)  # milliseconds of each answered turn
    failed: Counter[str] = field(default_factory=Counter)  # by kind
    at_start: dict[str, int] = field(default_factory=dict)
    at_end: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the report in lines."""
        failed = ", ".join(f"{count} {kind}" for kind, count in self.failed.most_common()) or "none"
        memory = (f"{part} {size} to {self.at_end[part]}" for part, size in self.at_start.items())
        times = percentiles(self.took) if self.took else "no answer"
        return f"{len(self.took)} turns, {times}\nfailed: {failed}\nMiB: {', '.join(memory)}"


def memory_of(stack: Stack) -> dict[str, int]:
    """Return the resident memory of each part of an assistant, in MiB."""
    pids = {part: ",".join(map(str, stack.pids_of(part))) for part in COMMANDS}
    found = {}
    for part, listed in pids.items():
        said = subprocess.run(["ps", "-o", "rss=", "-p", listed], capture_output=True, text=True, check=True).stdout
        found[part] = sum(map(int, said.split())) // 1024
    return found


async def soak(stack: Stack, chats: int, seconds: float, pause: float) -> Report:
    """Keep chats open for some seconds; in each, a question follows the last answer after about a pause in seconds."""
    report = Report()
    async with httpx.AsyncClient(base_url=stack.web, limits=LIMITS, timeout=60) as client:
        customers = [Customer(client, ("lv", "en")[number % 2]) for number in range(chats)]
        for first in range(0, chats, OPENED_AT_ONCE):
            await asyncio.gather(*(one.begin() for one in customers[first : first + OPENED_AT_ONCE]))
        report.at_start = memory_of(stack)
        until = time.monotonic() + seconds
        await asyncio.gather(*(_chat(one, until, pause, report) for one in customers))
        report.at_end = memory_of(stack)
        for one in customers:
            one.stream.cancel()
    return report


async def _chat(customer: Customer, until: float, pause: float, report: Report) -> None:
    number = 0
    while time.monotonic() + (wait := pause * random.uniform(0.5, 1.5)) < until:
        await asyncio.sleep(wait)
        began = time.perf_counter()
        try:
            await customer.ask_once(number)
            report.took.append((time.perf_counter() - began) * 1000)
        except (httpx.HTTPError, TimeoutError) as error:
            report.failed[type(error).__name__] += 1
        if customer.stream.done():
            report.failed["stream ended"] += 1
            return
        number += 1


def main() -> int:
    """Soak an assistant, print the report, and return 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chats", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--pause", type=float, default=40, help="seconds between an answer and the next question")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), **GENEROUS) as stack:
        print(f"{given.chats} chats for {given.minutes:g} minutes", flush=True)
        report = asyncio.run(soak(stack, given.chats, given.minutes * 60, given.pause))
    print(report)
    return int(bool(report.failed))


if __name__ == "__main__":
    sys.exit(main())

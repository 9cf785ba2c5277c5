"""Run jobs again and again, in one process at a time."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from anyio import to_thread

from bot.database import now
from bot.web.claims import LEADER, Claims
from bot.web.dispatcher import RasaDispatcher
from bot.web.events import EventBus

log = structlog.get_logger()
TOPIC = "job"  # of what the process that runs the jobs tells the others
TOLD_EVERY = timedelta(seconds=10)  # a job that runs more often is told no more often
# A name, a function that returns the ids of the conversations that it changed, and the pause after it in seconds.
Job = tuple[str, Callable[[], list[str]], float]


@dataclass(frozen=True)
class Run:
    """When a job last ran, and why it failed; an empty reason means that it worked."""

    at: datetime
    reason: str


class PeriodicJobs:
    """Repeats jobs, and wakes the event streams and the dispatcher for the conversations that a job changed."""

    def __init__(self, jobs: Sequence[Job], bus: EventBus, dispatcher: RasaDispatcher, claims: Claims) -> None:
        """Take the jobs; none runs yet."""
        self._jobs, self._bus, self._dispatcher, self._claims = jobs, bus, dispatcher, claims
        self._tasks: list[asyncio.Task[None]] = []
        self.last: dict[str, Run | None] = dict.fromkeys(name for name, _, _ in jobs)  # as far as this process knows
        self._told_at: dict[str, datetime] = {}
        bus.on(TOPIC, self._hear, wakes=False)

    def start(self) -> None:
        """Start all jobs, side by side."""
        self._tasks = [asyncio.create_task(self._repeat(*job)) for job in self._jobs]

    async def stop(self) -> None:
        """Stop all jobs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _repeat(self, name: str, work: Callable[[], list[str]], pause: float) -> None:
        while True:
            try:
                is_leader = await to_thread.run_sync(self._claims.take, LEADER)
                for conversation_id in await to_thread.run_sync(work) if is_leader else ():
                    self._bus.publish(conversation_id)
                    self._dispatcher.enqueue(conversation_id)
                if is_leader:
                    self._note(name)
            except Exception as error:  # such as a database that is down or full: the next run may work
                log.error("periodic_job_failed", job=name, reason=type(error).__name__)
                self._note(name, type(error).__name__)
            await asyncio.sleep(pause)

    def _note(self, name: str, reason: str = "") -> None:
        run, before = Run(now(), reason), self.last[name]
        self.last[name] = run
        is_news = not before or before.reason != reason
        if is_news or name not in self._told_at or run.at - self._told_at[name] >= TOLD_EVERY:
            self._told_at[name] = run.at
            self._bus.tell(TOPIC, name, reason)

    def _hear(self, name: str, reason: str) -> None:
        if name in self.last:
            self.last[name] = Run(now(), reason)

"""Run jobs again and again, in one process at a time."""

import asyncio
from collections.abc import Callable, Sequence

import structlog
from anyio import to_thread

from bot.web.claims import LEADER, Claims
from bot.web.dispatcher import RasaDispatcher
from bot.web.events import EventBus

log = structlog.get_logger()
# A function that returns the ids of the conversations that it changed, and the pause after it in seconds.
Job = tuple[Callable[[], list[str]], float]


class PeriodicJobs:
    """Repeats jobs, and wakes the event streams and the dispatcher for the conversations that a job changed."""

    def __init__(self, jobs: Sequence[Job], bus: EventBus, dispatcher: RasaDispatcher, claims: Claims) -> None:
        """Take the jobs; none runs yet."""
        self._jobs, self._bus, self._dispatcher, self._claims = jobs, bus, dispatcher, claims
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start all jobs, side by side."""
        self._tasks = [asyncio.create_task(self._repeat(work, pause)) for work, pause in self._jobs]

    async def stop(self) -> None:
        """Stop all jobs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _repeat(self, work: Callable[[], list[str]], pause: float) -> None:
        while True:
            try:
                is_leader = await to_thread.run_sync(self._claims.take, LEADER)
                for conversation_id in await to_thread.run_sync(work) if is_leader else ():
                    self._bus.publish(conversation_id)
                    self._dispatcher.enqueue(conversation_id)
            except Exception as error:  # such as a database that is down or full: the next run may work
                log.error("periodic_job_failed", reason=type(error).__name__)
            await asyncio.sleep(pause)

"""Look every second for what only time brings about: agents who disappeared, customers who waited too long, post."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from anyio import to_thread

from bot.chat import conversations, handoff
from bot.chat.courier import Bells, Courier
from bot.chat.outbox import Outbox
from bot.database import Database, now
from bot.settings import Settings

log = structlog.get_logger()
PAUSE = 1.0  # seconds


class Watch:
    """What time brings about, while the process runs."""

    def __init__(self, settings: Settings, database: Database, bells: Bells, courier: Courier) -> None:
        """Take the times from the settings."""
        self._agent = timedelta(seconds=settings.agent_timeout)
        self._queue = timedelta(seconds=settings.queue_timeout)
        self._database, self._bells, self._courier = database, bells, courier
        self._outbox = Outbox(settings, database)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to look."""
        self._tasks = [asyncio.create_task(self._repeat(work)) for work in (self.look, self._outbox.send)]

    async def stop(self) -> None:
        """Stop looking."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def look(self) -> list[str]:
        """Return overdue conversations to the queue or to the assistant; return which."""
        with self._database.read() as session:
            overdue = handoff.overdue(session, *self._limits())
        return [conversation_id for conversation_id in overdue if self._return(conversation_id)]

    def _limits(self) -> tuple[datetime, datetime]:
        moment = now()
        return moment - self._agent, moment - self._queue

    def _return(self, conversation_id: str) -> bool:
        agent_seen, waiting_since = self._limits()
        try:
            with self._database.write() as session:
                conversation = conversations.lock(session, conversation_id)
                # It may have been taken, or its agent come back, since it was found.
                if conversation_id not in handoff.overdue(session, agent_seen, waiting_since):
                    return False
                if conversation.owner == "agent":
                    handoff.put_back(session, conversation, "agent_gone")
                else:
                    handoff.time_out(session, conversation)
        except conversations.Closed:
            return False
        return True

    async def _repeat(self, work: Callable[[], list[str]]) -> None:
        while True:
            try:
                for conversation_id in await to_thread.run_sync(work):
                    self._bells.ring(conversation_id)
                    self._courier.call(conversation_id)
            except Exception as error:  # such as a database that is away or full: the next look may work
                log.error("watch_failed", reason=type(error).__name__)
            await asyncio.sleep(PAUSE)

"""Look every two seconds for what only time brings about: agents who are gone, customers who waited too long, post."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from anyio import to_thread
from sqlalchemy.orm import Session

from bot.chat import conversations, handoff, identity
from bot.chat.courier import Bells, Courier
from bot.chat.outbox import Outbox
from bot.database import Database, now
from bot.settings import Settings

log = structlog.get_logger()
PAUSE, TIDY_PAUSE = 2.0, 60.0  # seconds


class Watch:
    """What time brings about, while the process runs."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        bells: Bells,
        courier: Courier,
        tidy_desk: Callable[[Session], None],
    ) -> None:
        """Take the times from the settings, and from the desk what it no longer keeps."""
        self._agent = timedelta(seconds=settings.agent_timeout)
        self._queue = timedelta(seconds=settings.queue_timeout)
        self._database, self._bells, self._courier = database, bells, courier
        self._outbox = Outbox(settings, database)
        self._idle, self._tidy_desk = settings.access_idle, tidy_desk
        self._began = now()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to look."""
        self._began = now()
        works = ((self.look, PAUSE), (self._outbox.send, PAUSE), (self.tidy, TIDY_PAUSE))
        self._tasks = [asyncio.create_task(self._repeat(work, pause)) for work, pause in works]

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

    def tidy(self) -> list[str]:
        """Forget who customers were whose proof has run out, and what the desk no longer keeps; return whose."""
        with self._database.write() as session:
            self._tidy_desk(session)
        with self._database.read() as session:
            ended = identity.run_out(session, self._idle)
        return [conversation_id for conversation_id in ended if self._forget(conversation_id)]

    def _forget(self, conversation_id: str) -> bool:
        with suppress(conversations.Closed), self._database.write() as session:
            conversation = conversations.lock(session, conversation_id)
            if conversation_id in identity.run_out(session, self._idle):  # it may have been confirmed anew
                identity.forget_identity(conversation)
                return True
        return False

    def _limits(self) -> tuple[datetime | None, datetime]:
        moment = now()
        # While this process was down, no page could give a sign of life.
        seen = moment - self._agent
        return seen if seen >= self._began else None, moment - self._queue

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

    async def _repeat(self, work: Callable[[], list[str]], pause: float) -> None:
        while True:
            try:
                for conversation_id in await to_thread.run_sync(work):
                    self._bells.ring(conversation_id)
                    self._courier.call(conversation_id)
            except Exception as error:  # such as a database that is away or full: the next look may work
                log.error("watch_failed", reason=type(error).__name__)
            await asyncio.sleep(pause)

"""Carry news between the web processes that share a database on PostgreSQL, by its LISTEN and NOTIFY."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import psycopg
import structlog
from sqlalchemy import URL

log = structlog.get_logger()
CHANNEL = "cps"
AT_ONCE = 50  # pieces of news in one notification, of which PostgreSQL takes 8,000 bytes
MAX_UNSENT = 10_000  # pieces that wait while the database is away
PAUSE = 1.0  # seconds before a lost connection is opened again
# A connection that a network has dropped without a word is noticed.
ALIVE: dict[str, Any] = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


class Relay:
    """Tells the other processes what happens here, and passes on what they tell."""

    def __init__(self, url: URL, hear: Callable[[str, str, str], None], catch_up: Callable[[], None]) -> None:
        """Take who hears news, and who is called when some may have been missed."""
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._hear, self._catch_up = hear, catch_up
        self._unsent: dict[tuple[str, str], str] = {}
        self._has_news = asyncio.Event()

    def tell(self, topic: str, name: str, what: str) -> None:
        """Tell the other processes; of the same topic and name, the last news counts."""
        self._unsent.pop((topic, name), None)
        self._unsent[topic, name] = what
        if len(self._unsent) > MAX_UNSENT:
            del self._unsent[next(iter(self._unsent))]
        self._has_news.set()

    async def run(self) -> None:
        """Work for ever, however often the database is away."""
        while True:
            try:
                async with await self._connect() as listening, await self._connect() as telling:
                    await listening.execute(f"LISTEN {CHANNEL}")
                    self._catch_up()
                    await self._work(listening, telling)
            except psycopg.Error as error:
                log.warning("relay_broken", reason=type(error).__name__)
            await asyncio.sleep(PAUSE)

    async def _connect(self) -> psycopg.AsyncConnection:
        # News are worthless after a crash of the database: no need to wait for its disk.
        return await psycopg.AsyncConnection.connect(
            self._address, autocommit=True, options="-c synchronous_commit=off", **ALIVE
        )

    async def _work(self, listening: psycopg.AsyncConnection, telling: psycopg.AsyncConnection) -> None:
        both = (self._listen(listening, telling.info.backend_pid), self._send(telling))
        tasks = [asyncio.create_task(one) for one in both]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _listen(self, connection: psycopg.AsyncConnection, own: int) -> None:
        async for notification in connection.notifies():
            if notification.pid != own:
                try:
                    for topic, name, what in json.loads(notification.payload):
                        self._hear(topic, name, what)
                except Exception as error:  # anybody in the database can notify: the next one may be understood
                    log.error("news_not_heard", reason=type(error).__name__)

    async def _send(self, connection: psycopg.AsyncConnection) -> None:
        while True:
            await self._has_news.wait()
            first = [(*key, what) for key, what in self._unsent.items()][:AT_ONCE]
            await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, json.dumps(first)))
            for topic, name, what in first:
                if self._unsent.get((topic, name)) == what:
                    del self._unsent[topic, name]
            if not self._unsent:
                self._has_news.clear()

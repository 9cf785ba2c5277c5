"""News between processes goes on, whatever somebody notifies."""

import asyncio
import json

import pytest
from sqlalchemy import make_url, text

from bot.database import Database
from bot.web.relay import CHANNEL, Relay


@pytest.mark.parametrize("odd", ["no JSON", "7", '[["too", "short"]]', '["abc", 1]', '[["", "refused", ""]]'])
def test_after_odd_news_the_next_is_heard(on_postgresql, odd):
    database, heard = Database(on_postgresql), []

    def hear(_topic: str, name: str, _what: str) -> None:
        if name == "refused":
            raise RuntimeError
        heard.append(name)

    def notify(payload: str) -> None:
        with database.write() as session:
            session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload})

    async def play() -> None:
        listens = asyncio.Event()
        running = asyncio.create_task(Relay(make_url(on_postgresql), hear, listens.set).run())
        try:
            async with asyncio.timeout(60):
                await listens.wait()
                await asyncio.to_thread(notify, odd)
                await asyncio.to_thread(notify, json.dumps([["changed", "next", ""]]))
                while "next" not in heard:
                    assert not running.done()
                    await asyncio.sleep(0.02)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(play())
    database.engine.dispose()

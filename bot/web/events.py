"""Wake the event streams of a conversation, in all web processes."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from bot.web.relay import Relay

ALL_CONVERSATIONS = ""  # what the desk subscribes to
CHANGED = "changed"  # the topic of a change that the database tells all about


class EventBus:
    """Wakes the event streams of a conversation when something in it changes, and passes news to other processes."""

    def __init__(self, engine: Engine | None = None) -> None:
        """Start without subscribers; with a database that has one writer at a time, there are no other processes."""
        self.changes = 0  # how often something has changed
        self._subscribers: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._hearers: dict[str, Callable[[str, str], None]] = {}
        self._quiet: set[str] = set()  # topics of news that no event stream shows
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        is_shared = engine is not None and engine.dialect.name == "postgresql"
        self._relay = Relay(engine.url, self._hear, self._wake_all) if engine and is_shared else None

    def start(self) -> None:
        """Begin to work in the running event loop."""
        self._loop = asyncio.get_running_loop()
        if self._relay:
            self._task = asyncio.create_task(self._relay.run())

    async def stop(self) -> None:
        """Stop talking with other processes."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @contextmanager
    def subscribe(self, conversation_id: str) -> Iterator[asyncio.Event]:
        """Yield an event that is set at each change in this conversation."""
        changed, self._loop = asyncio.Event(), asyncio.get_running_loop()
        self._subscribers[conversation_id].add(changed)
        try:
            yield changed
        finally:
            self._subscribers[conversation_id].discard(changed)
            if not self._subscribers[conversation_id]:
                del self._subscribers[conversation_id]

    def publish(self, conversation_id: str) -> None:
        """Wake the subscribers of this conversation and of all conversations; may be called from any thread."""
        self.changes += 1
        if self._loop:
            self._loop.call_soon_threadsafe(self._wake, conversation_id)
        self.tell(CHANGED, conversation_id)

    def tell(self, topic: str, conversation_id: str, what: str = "") -> None:
        """Tell the other processes what no database tells them; may be called from any thread."""
        if self._loop and self._relay:
            self._loop.call_soon_threadsafe(self._relay.tell, topic, conversation_id, what)

    def on(self, topic: str, hear: Callable[[str, str], None], wakes: bool = True) -> None:
        """Have a function called with the conversation and the news when another process tells something."""
        self._hearers[topic] = hear
        if not wakes:
            self._quiet.add(topic)

    def _hear(self, topic: str, conversation_id: str, what: str) -> None:
        if hear := self._hearers.get(topic):
            hear(conversation_id, what)
        if topic not in self._quiet:
            self.changes += 1
            self._wake(conversation_id)

    def _wake(self, conversation_id: str) -> None:
        everybody = self._subscribers.get(ALL_CONVERSATIONS, ())
        for changed in (*self._subscribers.get(conversation_id, ()), *everybody):
            changed.set()

    def _wake_all(self) -> None:
        self.changes += 1
        for subscribers in self._subscribers.values():
            for changed in subscribers:
                changed.set()

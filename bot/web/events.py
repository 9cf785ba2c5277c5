"""Wake the event streams of a conversation."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

ALL_CONVERSATIONS = ""  # what the desk subscribes to


class EventBus:
    """Wakes the event streams of a conversation when something in it changes."""

    def __init__(self) -> None:
        """Start without subscribers."""
        self.changes = 0  # how often something has changed
        self._subscribers: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None

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

    def _wake(self, conversation_id: str) -> None:
        everybody = self._subscribers.get(ALL_CONVERSATIONS, ())
        for changed in (*self._subscribers.get(conversation_id, ()), *everybody):
            changed.set()

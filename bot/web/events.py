"""Wake the event streams that watch a conversation."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

EVERY = ""  # what the desk listens to: all conversations


class Bells:
    """Wake the event streams of a conversation when something in it changed."""

    def __init__(self) -> None:
        """Start with nobody listening."""
        self._bells: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextmanager
    def listen(self, conversation_id: str) -> Iterator[asyncio.Event]:
        """Give a bell that rings at each change in this conversation."""
        bell, self._loop = asyncio.Event(), asyncio.get_running_loop()
        self._bells[conversation_id].add(bell)
        try:
            yield bell
        finally:
            self._bells[conversation_id].discard(bell)
            if not self._bells[conversation_id]:
                del self._bells[conversation_id]

    def ring(self, conversation_id: str) -> None:
        """Wake everybody who listens to this conversation, or to all; from any thread."""
        if self._loop:
            self._loop.call_soon_threadsafe(self._ring, conversation_id)

    def _ring(self, conversation_id: str) -> None:
        for bell in (*self._bells.get(conversation_id, ()), *self._bells.get(EVERY, ())):
            bell.set()

"""Who is typing in which conversation; kept in this process only, and soon forgotten."""

import asyncio
import time
from typing import Literal

from bot.web.events import EventBus

Side = Literal["customer", "agent"]
LASTS = 6.0  # seconds for which one signal counts


class TypingIndicators:
    """Remembers for some seconds who is typing, and wakes the conversation's event streams."""

    def __init__(self, bus: EventBus) -> None:
        """Start with nobody typing."""
        self._bus = bus
        self._until: dict[tuple[str, Side], float] = {}

    def note(self, conversation_id: str, side: Side) -> None:
        """Note that somebody is typing."""
        was = self.is_typing(conversation_id, side)
        self._until[conversation_id, side] = time.monotonic() + LASTS
        asyncio.get_running_loop().call_later(LASTS + 0.1, self._forget, conversation_id, side)
        if not was:
            self._bus.publish(conversation_id)

    def stop(self, conversation_id: str, side: Side) -> None:
        """Note that somebody has sent what they typed."""
        self._until.pop((conversation_id, side), None)

    def is_typing(self, conversation_id: str, side: Side) -> bool:
        """Tell whether somebody is typing."""
        return self._until.get((conversation_id, side), 0.0) > time.monotonic()

    def _forget(self, conversation_id: str, side: Side) -> None:
        if (conversation_id, side) in self._until and not self.is_typing(conversation_id, side):
            self.stop(conversation_id, side)
            self._bus.publish(conversation_id)

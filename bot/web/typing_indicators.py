"""Who is typing in which conversation: known to this process only, and soon forgotten."""

import asyncio
import time
from typing import Literal

from bot.web.events import EventBus

Side = Literal["customer", "agent"]
LASTS = 6.0  # seconds that one sign of typing counts


class TypingIndicators:
    """Remember for some seconds who types, and wake those who watch."""

    def __init__(self, bus: EventBus) -> None:
        """Start with nobody typing."""
        self._bus = bus
        self._until: dict[tuple[str, Side], float] = {}

    def note(self, conversation_id: str, side: Side) -> None:
        """Somebody types."""
        was = self.is_typing(conversation_id, side)
        self._until[conversation_id, side] = time.monotonic() + LASTS
        asyncio.get_running_loop().call_later(LASTS + 0.1, self._forget, conversation_id, side)
        if not was:
            self._bus.publish(conversation_id)

    def stop(self, conversation_id: str, side: Side) -> None:
        """They have sent what they typed."""
        self._until.pop((conversation_id, side), None)

    def is_typing(self, conversation_id: str, side: Side) -> bool:
        """Tell whether somebody types right now."""
        return self._until.get((conversation_id, side), 0.0) > time.monotonic()

    def _forget(self, conversation_id: str, side: Side) -> None:
        if (conversation_id, side) in self._until and not self.is_typing(conversation_id, side):
            self.stop(conversation_id, side)
            self._bus.publish(conversation_id)

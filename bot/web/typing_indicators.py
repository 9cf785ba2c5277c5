"""Who is typing in which conversation; kept in memory, told to the other web processes, and soon forgotten."""

import asyncio
import time
from functools import partial
from typing import Literal

from bot.web.events import EventBus

Side = Literal["customer", "agent"]
SIDES: tuple[Side, ...] = ("customer", "agent")
LASTS = 6.0  # seconds for which one signal counts


class TypingIndicators:
    """Remembers for some seconds who is typing, and wakes the conversation's event streams."""

    def __init__(self, bus: EventBus) -> None:
        """Start with nobody typing."""
        self._bus = bus
        self._until: dict[tuple[str, Side], float] = {}
        for side in SIDES:
            bus.on(_topic(side), partial(self._hear, side))

    def note(self, conversation_id: str, side: Side) -> None:
        """Note that somebody is typing."""
        was = self.is_typing(conversation_id, side)
        self._keep(conversation_id, side)
        self._bus.tell(_topic(side), conversation_id, "yes")
        if not was:
            self._bus.publish(conversation_id)

    def stop(self, conversation_id: str, side: Side) -> None:
        """Note that somebody has sent what they typed."""
        if self._until.pop((conversation_id, side), None):
            self._bus.tell(_topic(side), conversation_id)

    def is_typing(self, conversation_id: str, side: Side) -> bool:
        """Tell whether somebody is typing."""
        return self._until.get((conversation_id, side), 0.0) > time.monotonic()

    def _hear(self, side: Side, conversation_id: str, types: str) -> None:
        if types:
            self._keep(conversation_id, side)
        else:
            self._until.pop((conversation_id, side), None)

    def _keep(self, conversation_id: str, side: Side) -> None:
        self._until[conversation_id, side] = time.monotonic() + LASTS
        asyncio.get_running_loop().call_later(LASTS + 0.1, self._forget, conversation_id, side)

    def _forget(self, conversation_id: str, side: Side) -> None:
        if (conversation_id, side) in self._until and not self.is_typing(conversation_id, side):
            self._until.pop((conversation_id, side), None)
            self._bus.publish(conversation_id)


def _topic(side: Side) -> str:
    return f"{side} types"

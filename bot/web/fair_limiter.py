"""Who goes next, such as to Rasa: by turns between addresses, so that one with many conversations silences nobody."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class FairLimiter:
    """Lets so many in at the same time, and fewer from one address; within an address, in the order of arrival."""

    def __init__(self, at_once: int, of_an_address: int) -> None:
        """Start with nobody."""
        self._at_once, self._of_an_address = at_once, of_an_address
        self._inside: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}  # who had no turn for longest comes first

    @asynccontextmanager
    async def turn(self, address: str) -> AsyncIterator[None]:
        """Wait for a turn, and hold it until the block ends."""
        mine = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(address, deque()).append(mine)
        self._let_in()
        try:
            await mine
            yield
        finally:
            if not mine.cancelled():  # else nobody was let in
                self._inside[address] -= 1
                self._inside += Counter()  # drops who has left
                self._let_in()

    def _let_in(self) -> None:
        while self._inside.total() < self._at_once:
            address = next((one for one in self._waiting if self._inside[one] < self._of_an_address), None)
            if address is None:
                return
            line = self._waiting.pop(address)
            first = line.popleft()
            if line:
                self._waiting[address] = line  # behind the others
            if not first.cancelled():
                self._inside[address] += 1
                first.set_result(None)

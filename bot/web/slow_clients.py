"""Give up on clients that take too long to send a request, so that nobody holds connections open by dripping bytes."""

import asyncio
from typing import Any

from anyio import current_time, fail_after
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEADER_TIME, BODY_TIME = 10.0, 10.0  # seconds for the headers of a request, and for its body
FILE_TIME = 120.0  # the same for the body of a file

Protocol: Any = AutoHTTPProtocol


class PromptProtocol(Protocol):
    """uvicorn's protocol, which closes a connection on which the headers of a request take too long."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Expect the first request."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Stop the clock once the headers are complete."""
        before = self.cycle
        if not self._late and (not before or before.response_complete):  # the next request on this connection
            self._expect()
        super().data_received(data)
        if self.cycle is not before:
            self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop()
        super().connection_lost(exc)

    def _expect(self) -> None:
        self._late = self.loop.call_later(HEADER_TIME, self.transport.close)

    def _stop(self) -> None:
        if self._late:
            self._late.cancel()
            self._late = None


class BodyTime:
    """Refuse a request whose body takes too long."""

    def __init__(self, app: ASGIApp, of_files: str = "") -> None:
        """Wrap an app; `of_files` is the path to which files are sent."""
        self.app, self.of_files = app, of_files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the app, as long as its body arrives in time."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_file = self.of_files and scope["path"] == self.of_files
        until, is_complete = current_time() + (FILE_TIME if is_file else BODY_TIME), False

        async def receive_in_time() -> Message:
            nonlocal is_complete
            if is_complete:  # all that can still come is that the client goes away
                return await receive()
            try:
                with fail_after(max(until - current_time(), 0)):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, headers={"connection": "close"}) from None
            is_complete = not message.get("more_body", False)
            return message

        await self.app(scope, receive_in_time, send)

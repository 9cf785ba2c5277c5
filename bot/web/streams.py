"""Log a stream that breaks in one line: a server's traceback may hold what was in the stream."""

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()


class BrokenStreams:
    """End an answer that fails after its beginning, when nothing can be said about it any more."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the app."""
        has_begun = False

        async def note(message: Message) -> None:
            nonlocal has_begun
            has_begun = has_begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, note)
        except Exception as error:
            if not has_begun:
                raise
            path = scope["route"].path if "route" in scope else ""
            log.error("stream_broken", path=path, reason=type(error).__name__)

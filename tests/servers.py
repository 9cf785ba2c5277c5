"""Apps that tests talk to over real sockets, each served by a thread of the tests, which is there at once."""

import socket
import sys
import threading
from collections.abc import Callable
from contextlib import redirect_stderr
from contextvars import ContextVar
from io import TextIOBase
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from bot.settings import Settings

LOG: ContextVar[Path] = ContextVar("LOG")


class OwnLog(TextIOBase):
    """The standard error of all apps, as the logger is one a process: each server's lines go into a file of its own."""

    def write(self, text: str) -> int:
        if not (path := LOG.get(None)):
            return sys.__stderr__.write(text)
        with path.open("a") as log:
            return log.write(text)


class Server:
    """An app that is served until it is stopped."""

    def __init__(self, create_app: Callable[[Settings], FastAPI], log: Path, **settings: object) -> None:
        """Serve the app with some settings and wait until it answers; what it logs goes into a file."""
        self.log = log
        log.touch()
        with redirect_stderr(OwnLog()):
            app = create_app(Settings(**settings))
        self.app, config = app, uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1)
        self._server, self._socket = uvicorn.Server(config), socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
            assert self._thread.is_alive(), "the app does not start"

    def _serve(self) -> None:
        LOG.set(self.log)
        self._server.run([self._socket])

    def stop(self) -> int:
        self._server.should_exit = True
        self._thread.join(20)
        self._socket.close()
        return int(self._thread.is_alive())

"""A server that the actions take for the website side and for the account system."""

from collections.abc import Iterator

import pytest

from actions import backend
from bot.http import Service
from tests.odd_server import OddServer, serve_oddly


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OddServer]:
    backend.kept.clear()
    backend.breaker.close()
    with serve_oddly() as server:
        service = Service(f"http://127.0.0.1:{server.server_port}", timeout=(1, 1))
        monkeypatch.setattr(backend, "_web", lambda: service)
        monkeypatch.setattr(backend, "_accounts", lambda: service)
        server.answers["/internal/conversations/c/access"] = [(200, b'{"token": "t"}')]
        yield server

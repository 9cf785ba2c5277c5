"""The reference backend alone, as a real process over a real database."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bot.backend.api import MIGRATIONS
from bot.backend.sample import seed
from bot.database import Database, migrate
from tests.conftest import free_ports, stop_process, wait_for
from tests.customer import code_for, letters_to

KEY = "key-of-the-tests"


class Backend:
    """The account service's interface."""

    def __init__(self, address: str) -> None:
        self.address = address

    def call(self, method: str, path: str, body=None, key: str = KEY, token: str = "") -> requests.Response:
        headers = {"x-api-key": key} | ({"authorization": f"Bearer {token}"} if token else {})
        return requests.request(method, self.address + path, json=body, headers=headers, timeout=30)

    def open(self, email: str, language: str = "lv") -> str:
        opened = self.call("POST", "/v1/verifications", {"email": email, "language": language})
        assert opened.status_code == 202, opened.text
        return opened.json()["id"]

    def confirm(self, verification: str, code: str) -> requests.Response:
        return self.call("POST", f"/v1/verifications/{verification}/confirm", {"code": code})

    def log_in(self, email: str) -> str:
        seen = letters_to(self.address, email)
        verification = self.open(email)
        return self.confirm(verification, code_for(self.address, email, seen)).json()["token"]


def start_backend(folder, url: str = "", log: Path | None = None, **settings: str) -> tuple[Backend, subprocess.Popen]:
    """Start the backend over a database, by default one in a folder."""
    url = url or f"sqlite:///{folder / 'backend.db'}"
    migrate(url, MIGRATIONS)
    with Database(url).write() as session:
        seed(session)
    port = free_ports(1)[0]
    given = {f"CPS_{name.upper()}": value for name, value in settings.items()}
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "uvicorn",
            "--factory",
            "bot.backend.api:create_app",
            "--port",
            str(port),
            "--log-level",
            "warning",
        ],
        env=os.environ | {"CPS_BACKEND_DATABASE": url, "CPS_BACKEND_KEY": KEY} | given,
        stderr=log.open("w") if log else subprocess.DEVNULL,
    )
    backend = Backend(f"http://127.0.0.1:{port}")
    wait_for(lambda: requests.get(backend.address + "/health", timeout=5).ok)
    return backend, process


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def backend(request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """One backend on each kind of database."""
    url = request.getfixturevalue("new_postgresql")() if request.param == "postgresql" else ""
    started, process = start_backend(tmp_path_factory.mktemp("backend"), url, codes_an_hour="1000")
    yield started
    stop_process(process, signal.SIGTERM)


@pytest.fixture
def strict_backend(tmp_path) -> Iterator[Backend]:
    """A backend of its own, with the limits that are set by default."""
    started, process = start_backend(tmp_path)
    yield started
    stop_process(process, signal.SIGTERM)

"""The reference backend alone, over a real database."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests
from sqlalchemy import select, update

from bot.backend.api import create_app
from bot.backend.models import Base, Clock, Record
from bot.backend.sample import seed
from bot.database import Database
from tests.conftest import stop_process
from tests.customer import code_for, letters_to
from tests.databases import make_accounts
from tests.servers import Server

KEY, AGENTS_KEY = "key-of-the-tests-with-32-letters", "agents-key-of-the-tests-with-32-letters"
ANNA = "anna.berzina@example.com"
GIVEN = os.environ.get("CONTRACT_URL", "")  # another account system: make contract


@dataclass
class Backend:
    """A running account service, called over its interface."""

    address: str
    database: str = ""  # its SQLAlchemy URL
    key: str = KEY
    agents_key: str = AGENTS_KEY
    email: str = ANNA  # of an account in the service

    def call(
        self, method: str, path: str, body=None, key: str | None = None, token: str = "", **headers: str
    ) -> requests.Response:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers |= {"x-api-key": self.key if key is None else key}
        headers |= {"authorization": f"Bearer {token}"} if token else {}
        return requests.request(method, self.address + path, json=body, headers=headers, timeout=30)

    def token_for(self, email: str) -> str:
        """Return a token for an account, as a website requests it for its customer."""
        granted = self.call("POST", "/v1/access", {"email": email})
        assert granted.status_code == 201, granted.text
        return granted.json()["token"]

    def read(self, topic: str, email: str) -> dict:
        """Return what the service tells a customer on a topic."""
        told = self.call("GET", "/v1/account", token=self.token_for(email))
        assert told.status_code == 200, told.text
        return told.json()[topic]

    def ask_as_agent(self, email: str, key: str = AGENTS_KEY, agent: str = "liga.p", **more: str) -> requests.Response:
        path = "/v1/agents/account?" + urlencode({"email": email})
        return self.call("GET", path, x_agents_key=key, x_agent=agent, **more)

    def trail(self) -> list[Record]:
        """Return the audit trail, the oldest line first."""
        with Database(self.database).read() as session:
            return list(session.scalars(select(Record).order_by(Record.id)))

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


def start_backend(folder: Path, url: str = "", log: Path | None = None, **settings: str) -> tuple[Backend, Server]:
    """Start the backend over a database, by default one in a folder."""
    url = url or f"sqlite:///{folder / 'backend.db'}"
    make_accounts(url)
    with Database(url).write() as session:
        seed(session)
    given = {"backend_database": url, "backend_key": KEY, "agents_key": AGENTS_KEY} | settings
    server = Server(create_app, log or folder / "backend.log", **given)
    return Backend(server.address, url), server


@pytest.fixture(scope="session", params=["given"] if GIVEN else ["sqlite", "postgresql"])
def backend(request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """One backend on each kind of database, or the one in CONTRACT_URL."""
    if request.param == "given":
        given = {name: os.environ[f"CONTRACT_{name.upper()}"] for name in ("key", "agents_key", "email")}
        yield Backend(GIVEN.rstrip("/"), **given)
        return
    url = request.getfixturevalue("new_postgresql")() if request.param == "postgresql" else ""
    started, process = start_backend(tmp_path_factory.mktemp("backend"), url, codes_an_hour="1000")
    yield started
    stop_process(process, signal.SIGTERM)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def moving_backend(request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    url = request.getfixturevalue("new_postgresql")() if request.param == "postgresql" else ""
    started, process = start_backend(tmp_path_factory.mktemp("moving"), url)
    yield started
    stop_process(process, signal.SIGTERM)


@pytest.fixture
def own_backend(moving_backend: Backend) -> Backend:
    """A fresh backend on each kind of database, whose clock a test may move."""
    database = Database(moving_backend.database)
    with database.write() as session:
        for table in reversed([table for table in Base.metadata.sorted_tables if table is not Clock.__table__]):
            session.execute(table.delete())
        session.execute(update(Clock).values(offset_seconds=0))
        seed(session)
    database.engine.dispose()
    return moving_backend


@pytest.fixture
def strict_backend(tmp_path) -> Iterator[Backend]:
    """A fresh backend with the default limits."""
    started, process = start_backend(tmp_path)
    yield started
    stop_process(process, signal.SIGTERM)

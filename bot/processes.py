"""Start processes, report when they are up, restart them when they die or hang, and stop them."""

import asyncio
import contextlib
import http.client
import os
import resource
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.orphans import die_with_parent
from bot.settings import ROOT

STOP_TIMEOUT = 4.0  # seconds between SIGTERM and SIGKILL
FIRST_PAUSE, MAX_PAUSE = 1.0, 30.0  # seconds before a dead process is restarted
POLL = 0.3  # seconds between two health checks
STEADY = 60.0  # seconds after which a process counts as stable
MAX_STARTS = 3  # deaths before it was ever up, after which the start is given up
CHECK = 5.0  # seconds for one look whether a process that is up still answers
CRASHES = "crashes"  # the folder beside the logs with the last words of processes that ended by themselves
KEPT_CRASHES, CRASH_BYTES = 20, 100_000  # files in it, and the length of each


def say(text: str) -> None:
    """Print one line of progress."""
    print(f"[run] {text}", flush=True)


@dataclass
class ManagedProcess:
    """One process of the assistant."""

    name: str
    command: list[str]
    environment: dict[str, str]
    health: str  # address that answers 200 once the process is up
    log: Path
    alive: str = ""  # address that it answers although its database hangs, if `health` needs the database
    root: Path = ROOT  # of the project, or of a copy with other data
    hang_timeout: float = 0.0  # seconds without any answer after which it is restarted; 0: never
    listener: socket.socket | None = None  # its standard input: what it accepts connections from, as others may, too
    process: asyncio.subprocess.Process | None = None
    up: asyncio.Event = field(default_factory=asyncio.Event)
    renewed: bool = False  # it is being stopped in order to restart

    @property
    def kind(self) -> str:
        """What it is, whichever of several."""
        return self.name.partition("-")[0]


async def start(managed: ManagedProcess) -> asyncio.subprocess.Process:
    """Start a process in a group of its own, with its output in its log."""
    with managed.log.open("ab") as log:
        managed.process = await asyncio.create_subprocess_exec(
            *managed.command,
            cwd=managed.root,
            env=managed.environment,
            stdin=managed.listener.fileno() if managed.listener else asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_prepare,
        )
    return managed.process


def _prepare() -> None:
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a process that is aborted leaves no copy of its memory behind


async def keep_running(managed: ManagedProcess, give_up: Callable[[str], None]) -> None:
    """Keep a process running; give up if it cannot even be started."""
    try:
        await _keep_running(managed, give_up)
    except OSError as error:
        give_up(f"{managed.name} cannot be started: {error}")


async def _keep_running(managed: ManagedProcess, give_up: Callable[[str], None]) -> None:
    """Start a process, and restart it when it dies, after a growing pause."""
    pause, deaths = FIRST_PAUSE, 0
    while True:
        began = time.monotonic()
        process = await start(managed)
        watch = asyncio.create_task(watch_over(managed, began))
        code = await process.wait()
        watch.cancel()
        kill_group(process.pid, signal.SIGKILL)  # its children would keep its port
        if managed.renewed:
            managed.renewed, pause = False, FIRST_PAUSE
            continue
        if time.monotonic() - began > STEADY:
            pause = FIRST_PAUSE
        deaths += 1
        if not managed.up.is_set() and deaths >= MAX_STARTS:
            give_up(f"{managed.name} does not start; its last words: {last_words(managed.log)}")
            return
        kept = keep_last_words(managed.log) or managed.log
        say(f"{managed.name} ended with code {code}; it is started again in {pause:.0f} s ({kept})")
        await asyncio.sleep(pause)
        pause = min(2 * pause, MAX_PAUSE)


async def restart(managed: ManagedProcess) -> None:
    """Stop a process that runs, so that it is started anew, and wait until it is up again."""
    before = managed.process
    if not before or before.returncode is not None:
        return
    managed.renewed = True
    kill_group(before.pid, signal.SIGTERM)
    asyncio.get_running_loop().call_later(STOP_TIMEOUT, kill_late, before)
    while managed.process is before or not await asyncio.to_thread(answers, managed.health):
        await asyncio.sleep(POLL)


def kill_late(process: asyncio.subprocess.Process) -> None:
    """Kill a process that was told to stop and has not."""
    if process.returncode is None:
        kill_group(process.pid, signal.SIGKILL)


async def watch_over(managed: ManagedProcess, began: float) -> None:
    """Report that a process is up, once it answers its health check, and end it when it does not answer any more."""
    while not await asyncio.to_thread(answers, managed.health):
        await asyncio.sleep(POLL)
    say(f"{managed.name} is up after {time.monotonic() - began:.1f} s")
    managed.up.set()
    address = managed.alive or managed.health
    process, silent, pause = managed.process, 0.0, min(CHECK, managed.hang_timeout / 3)
    while process and managed.hang_timeout and silent < managed.hang_timeout:
        _, status = await asyncio.gather(asyncio.sleep(pause), asyncio.to_thread(status_of, address, pause))
        # Looks are counted, not the time: while this process itself is stopped, the others are not silent. An answer
        # that something else fails, such as a database, is one: a restart would not help.
        silent = silent + pause if status is None else 0.0
    if process and silent:
        say(f"{managed.name} has not answered for {silent:.0f} s, and is ended")
        kill_group(process.pid, signal.SIGABRT)  # it writes into its log where it hangs, if it can
        await asyncio.sleep(STOP_TIMEOUT)
        kill_late(process)


def answers(address: str) -> bool:
    """Tell whether an address of this machine answers with 200."""
    return status_of(address) == 200


def status_of(address: str, timeout: float = 2) -> int | None:
    """Return the status with which an address of this machine answers, or None if it does not."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def keep_last_words(log: Path) -> Path | None:
    """Keep the end of the log of a process that ended by itself, beyond later starts; None if there is no room."""
    folder = log.parent / CRASHES
    kept = folder / f"{log.stem}-{time.strftime('%Y%m%d-%H%M%S')}.log"
    try:
        folder.mkdir(exist_ok=True)
        with log.open("rb") as content:
            content.seek(max(0, log.stat().st_size - CRASH_BYTES))
            kept.write_bytes(content.read())
        for old in sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime)[:-KEPT_CRASHES]:
            old.unlink()
    except OSError:
        return None
    return kept


def last_words(log: Path) -> str:
    """Return the last line of a log that is not empty."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "none")


def kill_group(pid: int, number: int) -> None:
    """Send a signal to a process and to everything that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)


async def stop_all(running: list[ManagedProcess]) -> None:
    """Tell every process to stop, and kill those that do not."""
    processes = [managed.process for managed in running if managed.process and managed.process.returncode is None]
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            kill_group(process.pid, number)
        waits = [asyncio.create_task(process.wait()) for process in processes]
        if waits:
            await asyncio.wait(waits, timeout=STOP_TIMEOUT)

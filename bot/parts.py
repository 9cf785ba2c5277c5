"""The processes of the assistant: how many of each kind there are, what starts them, and where they listen."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.environments import environment_of, environment_of_rasa
from bot.model import RASA, model_path
from bot.processes import ManagedProcess
from bot.settings import PREFIX, ROOT, Settings

LOOPBACK = "127.0.0.1"
READ_DATA = ("rasa", "actions")  # kinds of processes
BACKLOG = 2048  # connections that wait until a process accepts them


def parts(settings: Settings, model: Path | None = None, root: Path = ROOT) -> list[ManagedProcess]:
    """Return the processes that the settings require, those of Rasa first; those that read the data run in `root`."""
    kinds = {"rasa": settings.rasa_processes, "actions": settings.actions_processes, "web": settings.web_processes}
    if not settings.backend_url:
        kinds["backend"] = 1
    return [_part(settings, kind, number, model, root) for kind, count in kinds.items() for number in range(count)]


def _part(settings: Settings, kind: str, number: int, model: Path | None, root: Path) -> ManagedProcess:
    address = settings.rasa_addresses[number] if kind == "rasa" else getattr(settings, f"{kind}_address")
    if kind == "rasa":
        command = [*RASA, "run", "-i", LOOPBACK, "--port", str(settings.rasa_port + number)]
        command += ["--model", str(model or model_path(settings))]
        environment, health = environment_of_rasa(settings), f"{address}/webhooks/rest/"
    else:
        environment, health = environment_of(kind, settings), f"{address}/health"
        if kind == "actions":
            command = [sys.executable, "-m", "actions.server"]
            # Relative ones would be sought in `root`.
            folders = {"DATA_DIR": settings.data_dir, "MODELS_DIR": settings.models_dir}
            environment |= {f"{PREFIX}{name}": str(folder) for name, folder in folders.items()}
        elif kind == "web":
            # The socket that all processes of this kind share is their standard input.
            command = [*_uvicorn("bot.app:create_app"), "--fd", "0", "--forwarded-allow-ips", settings.trusted_proxies]
            command += ["--http", "bot.web.slow_clients:PromptProtocol"]
            if settings.metrics_port:
                environment[f"{PREFIX}METRICS_PORT"] = str(settings.metrics_port + number)
        else:
            command = [
                *_uvicorn("bot.backend.api:create_app"),
                "--host",
                LOOPBACK,
                "--port",
                str(settings.backend_port),
            ]
    name = f"{kind}-{number + 1}" if number else kind
    environment |= {"PYTHONFAULTHANDLER": "1"}  # where it crashes is in its log
    # Any process answers on a port that several share, so that one which hangs does not show.
    has_own_port = kind == "rasa" or getattr(settings, f"{kind}_processes", 1) == 1
    hang_timeout = settings.hang_timeout if has_own_port else 0
    log = settings.data_dir / "logs" / f"{name}.log"
    where = root if kind in READ_DATA else ROOT
    alive = f"{address}/alive" if kind in ("web", "backend") else ""
    return ManagedProcess(name, command, environment, health, log, alive, where, hang_timeout)


def _uvicorn(factory: str) -> list[str]:
    words = [sys.executable, "-m", "uvicorn", "--factory", factory, "--no-access-log", "--no-server-header"]
    return [*words, "--log-level", "warning", "--timeout-graceful-shutdown", "1"]


def open_sockets(settings: Settings) -> dict[str, socket.socket]:
    """Open the ports that all processes of a kind share: whichever is free accepts the next connection."""
    ports = {"web": (settings.web_host, settings.web_port), "actions": (LOOPBACK, settings.actions_port)}
    return {kind: _open(*where) for kind, where in ports.items()}


def _open(host: str, port: int) -> socket.socket:
    opened = socket.create_server((host, port), family=_family(host, port), backlog=BACKLOG)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
    return opened


def wrong_port(settings: Settings) -> str:
    """Return what is wrong with a port that is taken, or set twice, or an empty string."""
    seen: dict[int, str] = {}
    for name, host, port in _ports(settings):
        setting = PREFIX + name.upper()
        if port in seen and seen[port] != setting:
            return f"{seen[port]} and {setting} are both {port}; give them different ports"
        seen[port] = setting
        try:
            with socket.socket(_family(host, port), socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or "unknown address"
            return f"port {port} on {host} cannot be had ({reason}); end what listens there, or set {setting}"
    return ""


def _ports(settings: Settings) -> Iterator[tuple[str, str, int]]:
    """Yield all ports, each with the name of its setting and its host."""
    yield "web_port", settings.web_host, settings.web_port
    for number in range(settings.rasa_processes):
        yield "rasa_port", LOOPBACK, settings.rasa_port + number
    yield "actions_port", LOOPBACK, settings.actions_port
    if not settings.backend_url:
        yield "backend_port", LOOPBACK, settings.backend_port
    for number in range(settings.web_processes if settings.metrics_port else 0):
        yield "metrics_port", settings.metrics_host, settings.metrics_port + number


def _family(host: str, port: int) -> socket.AddressFamily:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]

"""A client that drips its request is cut off, by the web process as `make run` starts it."""

import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from bot.desk.database import update
from bot.environments import environment_of
from bot.parts import open_sockets, parts
from bot.run import with_keys
from bot.settings import Settings
from tests.conftest import free_ports, stop_process, wait_for

pytestmark = pytest.mark.web
NEW = b"POST /api/conversations HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory) -> Iterator[int]:
    folder, ports = tmp_path_factory.mktemp("slow"), free_ports(4)
    names = ("web_port", "rasa_port", "actions_port", "backend_port")
    settings = with_keys(Settings(data_dir=folder, **dict(zip(names, ports, strict=True))))
    update(settings.chat_database_url)
    web = next(part for part in parts(settings) if part.name == "web")
    environment = environment_of("web", settings) | {
        "CPS_DATA_DIR": str(folder),
        "CPS_RASA_PORT": str(settings.rasa_port),
    }
    with (folder / "log").open("w") as out, open_sockets(settings)["web"] as listener:
        process = subprocess.Popen(web.command, env=environment, stdin=listener, stdout=out, stderr=out)
    wait_for(lambda: requests.get(web.health, timeout=5).ok)
    yield settings.web_port
    stop_process(process)


def until_closed(port: int, *sent: bytes) -> bytes:
    """Send parts of a request, and return all that arrives until the server closes the connection."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        for part in sent:
            connection.sendall(part)
            if part.endswith(b"\r\n\r\n{}"):
                received += connection.recv(65_536)
        while more := connection.recv(65_536):
            received += more
    return received


def test_a_request_that_drips_is_cut_off(port):
    whole = NEW + b"content-length: 2\r\n\r\n{}"
    with ThreadPoolExecutor(5) as pool:
        nothing = pool.submit(until_closed, port)
        headers = pool.submit(until_closed, port, NEW)
        second = pool.submit(until_closed, port, whole, NEW)
        body = pool.submit(until_closed, port, NEW + b"content-length: 40\r\n\r\n", b'{"language": ')
        chunks = pool.submit(until_closed, port, NEW + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n{\r\n")
    assert nothing.result() == headers.result() == b""
    assert second.result().startswith(b"HTTP/1.1 422 ")
    assert second.result().count(b"HTTP/1.1") == 1
    for one in (body, chunks):
        assert one.result().startswith(b"HTTP/1.1 408 ")
        assert b"application/problem+json" in one.result()


def test_a_stream_that_lasts_longer_is_not_cut_off(port):
    address = f"http://127.0.0.1:{port}/api"
    token = requests.post(f"{address}/conversations", json={"language": "en"}, timeout=10).json()["token"]
    with requests.get(
        f"{address}/conversation/events", headers={"authorization": f"Bearer {token}"}, stream=True, timeout=60
    ) as stream:
        seen = [line for line, _ in zip(stream.iter_lines(), range(12), strict=False)]
    assert any(line.startswith(b":") for line in seen)  # the comment that is sent after a silence

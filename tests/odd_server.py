"""A service that answers oddly where a test says so, and otherwise passes requests on to a real one."""

import contextlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

BYTE = 0.1  # seconds between the bytes of a dripping answer


class OddServer(ThreadingHTTPServer):
    """A server that gives the answers that a test puts at a path, each once: a status or a fault, and bytes."""

    answers: dict[str, list[tuple[int | str, bytes]]]
    asked: list[tuple[str, str]]
    behind = ""  # address of the service behind it
    slow = 3.0  # seconds before a slow answer

    def handle_error(self, *_: object) -> None:
        pass  # the client is gone, or the test has put no answer there


class Handler(BaseHTTPRequestHandler):
    server: OddServer

    def do_GET(self) -> None:
        self.server.asked.append((self.command, self.path))
        if self.server.answers.get(self.path) or not self.server.behind:
            status, content = self.server.answers[self.path].pop(0)
        else:
            status, content = self.ask_behind()
        if status == "dead":
            return
        if status == "slow":
            time.sleep(self.server.slow)
        self.send_response(status if isinstance(status, int) else 200)
        self.send_header("content-length", str(len(content) + 10 * (status == "cut")))
        self.end_headers()
        for byte in content if status == "drips" else ():
            self.wfile.write(bytes([byte]))
            time.sleep(BYTE)
        if status != "drips":
            self.wfile.write(content)

    do_POST = do_DELETE = do_GET

    def ask_behind(self) -> tuple[int, bytes]:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        answer = requests.request(
            self.command, self.server.behind + self.path, data=body, headers=headers, timeout=30, allow_redirects=False
        )
        return answer.status_code, answer.content

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def serve_oddly(behind: str = "", slow: float = 3.0) -> Iterator[OddServer]:
    """Run an OddServer until the block ends."""
    server = OddServer(("127.0.0.1", 0), Handler)
    server.answers, server.asked, server.behind, server.slow = {}, [], behind, slow
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()

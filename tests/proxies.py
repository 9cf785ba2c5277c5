"""Proxies that do to event streams what proxies of companies do, between a browser and the website side."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class Proxied:
    """The website side as customers reach it through a proxy."""

    web: str
    backend: str


def cut(*connections: socket.socket) -> None:
    for one in connections:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy(
    target: str,
    buffers: bool = False,
    cuts_after: float | None = None,
    idle: float | None = None,
    path: str = "",
) -> Iterator[str]:
    """Serve a website through a proxy; yield its address.

    buffers: holds an answer back until all of it has come. cuts_after: ends a connection after so many seconds.
    idle: forgets a connection over which nothing has come for so many seconds, without telling the browser.
    path: serves it there, and nothing beside it.
    """
    address = urlsplit(target)
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def forward(self) -> None:
            if not self.path.startswith(f"{path}/"):
                return self.send_error(404)
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            upstream = http.client.HTTPConnection(address.hostname, address.port, timeout=600)
            upstream.connect()
            line = upstream.sock
            if cuts_after:
                threading.Timer(cuts_after, cut, [self.connection, line]).start()
            try:
                upstream.request(self.command, self.path.removeprefix(path), body, dict(self.headers))
                response = upstream.getresponse()
                line.settimeout(idle or 600)  # only now: under load, a first byte may take its time
                self.answer(response)
            except TimeoutError:
                over.wait()  # the browser never hears of it
            except (OSError, http.client.HTTPException, AttributeError, ValueError):
                pass  # one side has gone
            finally:
                self.close_connection = True
                upstream.close()

        do_GET = do_POST = do_PUT = do_DELETE = forward

        def answer(self, response: http.client.HTTPResponse) -> None:
            whole = response.read() if buffers else None
            self.send_response(response.status)
            for name, value in response.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "date", "server"):
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(whole if whole is not None else b"")
            while whole is None and (part := response.read1(65_536)):
                self.wfile.write(part)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 50

        def handle_error(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{path}"
    finally:
        over.set()
        server.shutdown()
        server.server_close()

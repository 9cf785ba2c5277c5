"""The attacks reach a running assistant, which holds, and see where one does not."""

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.attack import run
from tests.attack.attacker import ATTACKS, Target

KNOWN = "anna.berzina@example.com"
OF_THE_WHOLE = ("floods of codes", "floods of messages", "streams")  # they wear a whole assistant out


@pytest.mark.parametrize("kind", [kind for kind in ATTACKS if kind not in OF_THE_WHOLE])
def test_the_assistant_holds(stack, kind):
    outcomes = list(ATTACKS[kind](Target(stack.web, KNOWN, stack.demo_password)))
    assert len(outcomes) > 10
    assert [one for one in outcomes if not one.held] == []
    assert Counter(one.answer for one in outcomes)["429"] < len(outcomes) / 2, "most tries are looked at"


class Careless(BaseHTTPRequestHandler):
    """Accepts everything, and sends it back as a page."""

    def do_GET(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length", 0))) + self.path.encode()
        self.send_response(200)
        for name, value in (("content-type", "text/html"), ("access-control-allow-origin", "*")):
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_OPTIONS = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def careless() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Careless)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("kind", ["guessed keys of conversations", "requests from other websites", "paths"])
def test_an_assistant_that_lets_everything_pass_does_not_hold(careless, capsys, kind):
    assert run.main([careless, kind]) == 1
    assert "BROKEN" in capsys.readouterr().out


def test_where_nothing_runs_it_says_so():
    with pytest.raises(SystemExit, match="nothing answers at"):
        run.main(["http://127.0.0.1:9"])

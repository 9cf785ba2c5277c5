"""The health check tells those who watch the assistant when Rasa does not answer."""

import pytest
import requests

from tests.odd_server import serve_oddly

PATH = "/webhooks/rest/"


def health(web) -> tuple[int, dict]:
    answer = requests.get(f"{web.web}/health", timeout=10)
    return answer.status_code, answer.json()


def test_a_rasa_that_is_gone_shows_while_messages_are_kept(web):
    assert health(web) == (200, {"status": "ok", "rasa": "down"})


@pytest.mark.parametrize(
    ("answer", "rasa"), [((200, b'{"status": "ok"}'), "ok"), ((500, b""), "down"), (("slow", b"{}"), "down")]
)
def test_rasa_is_asked_once_in_some_seconds_however_often_the_health_is(start_web, answer, rasa):
    with serve_oddly() as server:
        server.answers[PATH] = [answer] * 20
        web = start_web(rasa_port=str(server.server_address[1]))
        asked = len(server.asked)
        assert [health(web) for _ in range(3)] == [(200, {"status": "ok", "rasa": rasa})] * 3
        assert len(server.asked) - asked <= 1, "they may have taken some seconds"

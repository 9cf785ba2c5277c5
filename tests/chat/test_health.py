"""The health check tells those who watch the assistant when Rasa does not answer; /ready tells it of each part."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from bot.database import Database
from bot.settings import Settings
from bot.web.readiness import Readiness
from tests.conftest import free_ports
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


def ready(web) -> tuple[int, dict]:
    answer = requests.get(f"{web.web}/ready", timeout=30)
    return answer.status_code, answer.json()


def test_whether_it_hangs_is_asked_without_the_database(web):
    assert requests.get(f"{web.web}/alive", timeout=30).status_code == 200


def test_each_part_that_is_gone_is_told_and_nothing_else_about_it(web):
    gone = {"rasa": "down", "actions": "down", "backend": "down"}
    assert ready(web) == (503, {"database": "ok", "trackers": "ok", "mail": "off"} | gone)


def test_the_assistant_is_ready_once_all_parts_are(start_web):
    with serve_oddly() as server:
        for path in ("/health", PATH):
            server.answers[path] = [(200, b"{}")] * 20
        port = str(server.server_address[1])
        web = start_web(rasa_port=port, actions_port=port, backend_url=f"http://127.0.0.1:{port}", backend_key="k" * 32)
        ok = dict.fromkeys(("database", "trackers", "rasa", "actions", "backend"), "ok")
        assert ready(web) == (200, ok | {"mail": "off"})
        assert requests.head(f"{web.web}/ready", timeout=30).status_code == 200


@pytest.mark.parametrize(("status", "state"), [(404, "ok"), (500, "down")])
def test_an_account_system_without_a_page_for_its_health_answers_all_the_same(start_web, status, state):
    with serve_oddly() as server:
        server.answers["/health"] = [(status, b"{}")] * 20
        web = start_web(backend_url=f"http://127.0.0.1:{server.server_address[1]}", backend_key="k" * 32)
        assert ready(web)[1]["backend"] == state


def test_a_mail_server_that_does_not_answer_is_told(start_web):
    assert ready(start_web(smtp_host="127.0.0.1", smtp_port=str(free_ports(1)[0])))[1]["mail"] == "down"


def test_a_damaged_database_is_told(tmp_path):
    (tmp_path / "chat.db").write_bytes(b"damaged" * 10_000)
    chat, trackers = (Database(f"sqlite:///{tmp_path / name}.db") for name in ("chat", "rasa"))
    states = Readiness(Settings(data_dir=tmp_path), chat, trackers).states()
    assert (states["database"], states["trackers"]) == ("down", "ok")


def test_many_who_ask_about_a_slow_part_do_not_hold_up_others(start_web):
    with serve_oddly() as server:
        server.answers[PATH] = [("slow", b"{}")] * 100
        web = start_web(rasa_port=str(server.server_address[1]))
        with ThreadPoolExecutor(60) as pool:
            asked = [pool.submit(ready, web) for _ in range(60)]
            assert all(one.result()[1]["rasa"] in ("down", "unknown") for one in asked)
        assert server.asked.count(("GET", PATH)) < 10

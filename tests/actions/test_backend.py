"""What the actions do with any answer of the account system, over real HTTP."""

import json
import time
from collections.abc import Iterator

import pytest

from actions import backend
from actions.backend import NotConfirmed, Points
from bot.http import MAX_ANSWER, NotFound, Service, ServiceError
from tests.odd_server import OddServer, serve_oddly

WHY = "ask_my_points"
POINTS = {"total": 721, "waiting": 200, "waiting_products": 1}


@pytest.fixture
def server(monkeypatch) -> Iterator[OddServer]:
    backend.kept.clear()
    backend.breaker.close()
    with serve_oddly() as server:
        service = Service(f"http://127.0.0.1:{server.server_port}", timeout=(1, 1))
        monkeypatch.setattr(backend, "_web", lambda: service)
        monkeypatch.setattr(backend, "_accounts", lambda: service)
        server.answers["/internal/conversations/c/access"] = [(200, b'{"token": "t"}')]
        yield server


def test_it_reads_points_as_a_typed_object(server):
    server.answers["/v1/points"] = [(200, json.dumps(POINTS).encode())]
    assert backend.points("c", WHY) == Points(**POINTS)


def test_who_has_not_confirmed_is_told_apart_from_a_failure(server):
    server.answers["/internal/conversations/c/access"] = [(404, b"{}")]
    with pytest.raises(NotConfirmed):
        backend.points("c", WHY)
    server.answers["/internal/conversations/c/access"] = [(200, b'{"token": "t"}')]
    server.answers["/v1/points"] = [(401, b"{}")]
    with pytest.raises(NotConfirmed):
        backend.points("c", WHY)


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"{}"),
        (302, b"{}"),
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"total": "721"}'),
        (200, b'{"total": "many", "waiting": 0, "waiting_products": 0}'),
        (200, b'{"total": 721, "waiting'),
        ("cut", b'{"total": 721'),
        ("slow", b"{}"),
        ("drips", json.dumps(POINTS).encode()),
        ("dead", b""),
        (200, b"[" * 100_000),
        (200, b'{"total": 721, "waiting": 1e999}'),
        (200, b'" ' + b" " * MAX_ANSWER + b'"'),
        (200, b"\xff\xfe\x00"),
        (400, b"not json"),
    ],
    ids=lambda answer: str(answer)[:40],
)
def test_anything_that_is_not_as_agreed_is_one_exception(server, answer):
    server.answers["/v1/points"] = [answer] * 3
    with pytest.raises(ServiceError):
        backend.points("c", WHY)


def test_a_read_is_tried_again_when_the_server_is_busy(server):
    server.answers["/v1/points"] = [(503, b""), (502, b""), (200, json.dumps(POINTS).encode())]
    assert backend.points("c", WHY).total == 721


def test_what_is_not_safe_to_repeat_is_sent_once(server):
    server.answers["/codes"] = [(503, b"{}")]
    with pytest.raises(ServiceError):
        backend._web().call("POST", "/codes", {})
    assert server.asked == [("POST", "/codes")]


def test_nobody_there_is_one_exception_without_a_status():
    with pytest.raises(ServiceError) as caught:
        Service("http://127.0.0.1:9", timeout=(1, 1)).call("GET", "/")
    assert caught.value.status is None


def test_not_found_has_an_exception_of_its_own(server):
    server.answers["/nothing"] = [(404, b"{}")]
    with pytest.raises(NotFound):
        backend._web().call("GET", "/nothing")


def points_of(total: int) -> tuple[int, bytes]:
    return 200, json.dumps(POINTS | {"total": total}).encode()


def test_an_answer_is_kept_for_a_moment_and_never_told_to_another_person(server):
    server.answers["/internal/conversations/c/access"] = [(200, b'{"token": "t"}')] * 3
    server.answers["/internal/conversations/d/access"] = [(200, b'{"token": "another"}')]
    server.answers["/v1/points"] = [points_of(721), points_of(500), points_of(722)]
    assert [backend.points("c", WHY).total, backend.points("c", WHY).total] == [721, 721]
    assert backend.points("d", WHY).total == 500
    backend.kept.clear()  # as if time had passed
    assert backend.points("c", WHY).total == 722


def test_who_logged_out_hears_nothing_that_was_kept(server):
    server.answers["/internal/conversations/c/access"] = [(200, b'{"token": "t"}'), (404, b"{}")]
    server.answers["/v1/points"] = [points_of(721)]
    backend.points("c", WHY)
    with pytest.raises(NotConfirmed):
        backend.points("c", WHY)


def test_an_account_system_that_fails_is_left_alone_then_tried_once_and_used_again(server, monkeypatch):
    monkeypatch.setattr(backend.breaker, "_reset_timeout", 0.3)
    server.answers["/internal/conversations/c/access"] = [(200, b'{"token": "t"}')] * 20
    server.answers["/v1/points"] = [(500, b"{}")] * backend.FAILURES
    for _ in range(backend.FAILURES):
        with pytest.raises(ServiceError):
            backend.points("c", WHY)
    asked = server.asked.count(("GET", "/v1/points"))
    with pytest.raises(ServiceError, match="left-alone"):
        backend.points("c", WHY)
    assert server.asked.count(("GET", "/v1/points")) == asked
    time.sleep(0.4)
    server.answers["/v1/points"] = [points_of(721)]
    assert backend.points("c", WHY).total == 721
    assert backend.breaker.current_state == "closed"


def test_a_refusal_does_not_count_as_a_failure(server):
    server.answers["/internal/conversations/c/access"] = [(200, b'{"token": "t"}')] * 20
    server.answers["/v1/points"] = [(401, b"{}")] * 10 + [points_of(721)]
    for _ in range(10):
        with pytest.raises(NotConfirmed):
            backend.points("c", WHY)
    assert backend.points("c", WHY).total == 721


def test_a_connection_that_its_server_was_just_closing_costs_no_answer(server):
    """The server hangs up on the first request; the same request on a new connection is answered."""
    server.answers["/v1/points"] = [("dead", b""), (200, json.dumps(POINTS).encode())]
    assert backend.points("c", WHY) == Points(**POINTS)

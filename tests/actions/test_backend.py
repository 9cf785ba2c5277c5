"""What the actions do with any answer of the account system, over real HTTP."""

import json
import time

import pytest

from actions import backend
from actions.backend import NotConfirmed
from bot.account import Account
from bot.http import MAX_ANSWER, NotFound, Service, ServiceError
from tests.sample_account import ACCOUNT, account_with

WHY = "ask_my_points"
TURN = "turn"
WHOLE = json.dumps(ACCOUNT).encode()


def test_it_reads_the_account_as_a_typed_object(server):
    server.answers["/v1/account"] = [(200, WHOLE)]
    assert backend.account("c", TURN, WHY) == Account(**ACCOUNT)


def test_who_has_not_confirmed_is_told_apart_from_a_failure(server):
    server.answers["/internal/conversations/c/access"] = [(404, b"{}")]
    with pytest.raises(NotConfirmed):
        backend.account("c", TURN, WHY)
    server.answers["/internal/conversations/c/access"] = [(200, b'{"token": "t"}')]
    server.answers["/v1/account"] = [(401, b"{}")]
    with pytest.raises(NotConfirmed):
        backend.account("c", TURN, WHY)


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"{}"),
        (302, b"{}"),
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"name": "Anna"}'),
        (200, json.dumps(account_with(points={"total": "721"})).encode()),
        (200, json.dumps(account_with(points={"total": "many"})).encode()),
        (200, WHOLE[:-9]),
        ("cut", WHOLE[:-9]),
        ("slow", b"{}"),
        ("drips", WHOLE),
        ("dead", b""),
        (200, b"[" * 100_000),
        (200, WHOLE.replace(b'"waiting": 200', b'"waiting": 1e999')),
        (200, b'" ' + b" " * MAX_ANSWER + b'"'),
        (200, b"\xff\xfe\x00"),
        (400, b"not json"),
    ],
    ids=lambda answer: str(answer)[:40],
)
def test_anything_that_is_not_as_agreed_is_one_exception(server, answer):
    server.answers["/v1/account"] = [answer] * 3
    with pytest.raises(ServiceError):
        backend.account("c", TURN, WHY)


def test_a_read_is_tried_again_when_the_server_is_busy(server):
    server.answers["/v1/account"] = [(503, b""), (502, b""), (200, WHOLE)]
    assert backend.account("c", TURN, WHY).points.total == 721


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
    return 200, json.dumps(account_with(points={"total": total})).encode()


def test_an_account_is_kept_for_its_turn_and_never_told_to_another_person(server):
    server.answers["/internal/conversations/c/access"] = [(200, b'{"token": "t"}')] * 2
    server.answers["/internal/conversations/d/access"] = [(200, b'{"token": "another"}')]
    server.answers["/v1/account"] = [points_of(721), points_of(500), points_of(722)]
    assert [backend.account("c", TURN, WHY).points.total for _ in range(2)] == [721, 721]
    assert backend.account("d", TURN, WHY).points.total == 500
    assert backend.account("c", "the next turn", WHY).points.total == 722


def test_who_logged_out_hears_nothing_that_was_kept(server):
    server.answers["/internal/conversations/c/access"] = [(200, b'{"token": "t"}'), (404, b"{}")]
    server.answers["/v1/account"] = [points_of(721)]
    backend.account("c", TURN, WHY)
    with pytest.raises(NotConfirmed):
        backend.account("c", "the next turn", WHY)


def test_an_account_system_that_fails_is_left_alone_then_tried_once_and_used_again(server, monkeypatch):
    monkeypatch.setattr(backend.breaker, "_reset_timeout", 0.3)
    server.answers["/internal/conversations/c/access"] = [(200, b'{"token": "t"}')] * 20
    server.answers["/v1/account"] = [(500, b"{}")] * backend.FAILURES
    for _ in range(backend.FAILURES):
        with pytest.raises(ServiceError):
            backend.account("c", TURN, WHY)
    asked = server.asked.count(("GET", "/v1/account"))
    with pytest.raises(ServiceError, match="left-alone"):
        backend.account("c", TURN, WHY)
    assert server.asked.count(("GET", "/v1/account")) == asked
    time.sleep(0.4)
    server.answers["/v1/account"] = [points_of(721)]
    assert backend.account("c", TURN, WHY).points.total == 721
    assert backend.breaker.current_state == "closed"


def test_a_refusal_does_not_count_as_a_failure(server):
    server.answers["/internal/conversations/c/access"] = [(200, b'{"token": "t"}')] * 20
    server.answers["/v1/account"] = [(401, b"{}")] * 10 + [points_of(721)]
    for _ in range(10):
        with pytest.raises(NotConfirmed):
            backend.account("c", TURN, WHY)
    assert backend.account("c", TURN, WHY).points.total == 721


def test_a_connection_that_its_server_was_just_closing_costs_no_answer(server):
    """The server hangs up on the first request; the same request on a new connection is answered."""
    server.answers["/v1/account"] = [("dead", b""), (200, WHOLE)]
    assert backend.account("c", TURN, WHY) == Account(**ACCOUNT)

"""Turns go to the Rasa that has least to do; one that is down or hangs is left alone. Each Rasa is a fake."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.http import ServiceError
from bot.web import breaker
from bot.web.rasas import Rasas
from tests.conftest import wait_for


class Fake:
    """A Rasa that counts what it hears, and waits or fails as a test says."""

    def __init__(self) -> None:
        self.heard, self.failure, self.answers = [], None, threading.Event()
        self.answers.set()

    def call(self, method: str, path: str, body: dict) -> str:
        self.heard.append(body["sender"])
        self.answers.wait(30)
        if self.failure:
            raise self.failure
        return body["message"]


def turn(number: int) -> dict:
    return {"sender": f"conversation {number}", "message": f"message {number}"}


@pytest.fixture
def fakes() -> list[Fake]:
    return [Fake(), Fake()]


def test_turns_are_shared_out_and_who_is_slow_gets_fewer(fakes):
    rasas = Rasas(fakes)
    for fake in fakes:
        fake.answers.clear()
    with ThreadPoolExecutor(6) as pool:
        first = [pool.submit(rasas.take_turn, turn(number)) for number in range(4)]
        wait_for(lambda: [len(fake.heard) for fake in fakes] == [2, 2], 20)
        fakes[1].answers.set()
        wait_for(lambda: sum(one.done() for one in first) == 2, 20)
        assert [rasas.take_turn(turn(number)) for number in (4, 5)] == ["message 4", "message 5"]
        assert [len(fake.heard) for fake in fakes] == [2, 4]
        fakes[0].answers.set()
        assert sorted(one.result() for one in first) == [f"message {number}" for number in range(4)]


def test_a_turn_goes_to_another_one_when_one_is_down_and_back_when_it_is_up(fakes, monkeypatch):
    monkeypatch.setattr(breaker, "PAUSE", 3600)
    rasas, down = Rasas(fakes), fakes[0]
    down.failure = ServiceError(None, "ConnectionError")
    assert [rasas.take_turn(turn(number)) for number in range(6)] == [f"message {number}" for number in range(6)]
    assert (len(down.heard), len(fakes[1].heard)) == (1, 6)
    fakes[1].failure, down.failure = down.failure, None
    assert rasas.take_turn(turn(6)) == "message 6"
    assert rasas.take_turn(turn(7)) == "message 7"
    assert down.heard[1:] == ["conversation 6", "conversation 7"]


@pytest.mark.parametrize("failure", [ServiceError(None, "ReadTimeout"), ServiceError(500, "refused")])
def test_a_turn_that_may_be_under_way_goes_to_no_other_but_the_next_ones_do(fakes, failure, monkeypatch):
    monkeypatch.setattr(breaker, "PAUSE", 3600)
    rasas = Rasas(fakes)
    fakes[0].failure = failure
    with pytest.raises(ServiceError):
        rasas.take_turn(turn(0))
    assert not fakes[1].heard
    assert [rasas.take_turn(turn(number)) for number in (1, 2)] == ["message 1", "message 2"]
    assert fakes[1].heard == ["conversation 1", "conversation 2"]


def test_one_that_has_failed_gets_turns_again_after_a_moment(fakes, monkeypatch):
    monkeypatch.setattr(breaker, "PAUSE", 0.0)
    rasas = Rasas(fakes)
    fakes[0].failure = ServiceError(500, "refused")
    with pytest.raises(ServiceError):
        rasas.take_turn(turn(0))
    fakes[0].failure = None
    assert rasas.take_turn(turn(1)) == "message 1"
    assert fakes[0].heard == ["conversation 0", "conversation 1"]


def test_when_all_are_down_nobody_waits(fakes, monkeypatch):
    monkeypatch.setattr(breaker, "PAUSE", 3600)
    rasas = Rasas(fakes)
    for fake in fakes:
        fake.failure = ServiceError(None, "ConnectionError")
    for number in range(breaker.FAILED + 3):
        with pytest.raises(ServiceError):
            rasas.take_turn(turn(number))
    assert [len(fake.heard) for fake in fakes] == [breaker.FAILED] * 2

"""The trail of who read or changed an account, and what agents may read."""

import statistics
import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.backend.conftest import ANNA
from tests.customer import code_for, letters_to


def newest(backend, count: int = 1) -> list[tuple]:
    return [(line.who, line.what, line.why, line.account_id) for line in backend.trail()[-count:]]


def id_of(backend, email: str) -> int:
    backend.token_for(email)
    return backend.trail()[-1].account_id


def test_every_read_is_recorded_with_its_purpose(backend):
    anna, token = id_of(backend, ANNA), backend.token_for(ANNA)
    backend.call("GET", "/v1/account", token=token, x_purpose="points_question")
    assert newest(backend) == [("customer", "read account", "points_question", anna)]
    assert abs(backend.trail()[-1].at - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("purpose", ["", "Two words", "x" * 41, "<script>", "anna@example.com", "points\u00e4"])
def test_a_purpose_that_could_hold_anything_is_not_kept(backend, purpose):
    token = backend.token_for(ANNA)
    backend.call("GET", "/v1/account", token=token, x_purpose=purpose.encode("latin-1"))
    assert newest(backend)[0][2] == "unknown"


def test_the_website_that_vouches_is_recorded(backend):
    backend.call("POST", "/v1/access", {"email": ANNA.upper()}, x_purpose="login")
    who, what, why, account = newest(backend)[0]
    assert (who, what, why) == ("website", "grant access", "login")
    assert account


def test_confirming_is_recorded_step_by_step(backend):
    anna, seen = id_of(backend, ANNA), letters_to(backend.address, ANNA)
    verification = backend.open(ANNA)
    code = code_for(backend.address, ANNA, seen)
    token = backend.confirm(verification, code).json()["token"]
    backend.call("DELETE", "/v1/access", token=token)
    steps = ["open verification", "try code", "confirm verification", "end access"]
    assert newest(backend, 4) == [("customer", step, "unknown", anna) for step in steps]


def test_an_unknown_address_is_recorded_without_an_account_and_without_itself(backend):
    backend.confirm(backend.open("nobody@example.com"), "000000")
    assert newest(backend, 2) == [("customer", step, "unknown", None) for step in ("open verification", "try code")]
    assert backend.call("POST", "/v1/access", {"email": "nobody@example.com"}).status_code == 404
    assert newest(backend) == [("website", "grant access", "unknown", None)]


def test_what_is_refused_leaves_no_trail(backend):
    before = len(backend.trail())
    for answer in (
        backend.call("GET", "/v1/account", token="made-up"),
        backend.call("DELETE", "/v1/access", token="made-up"),
        backend.call("POST", "/v1/access", {"email": ANNA}, key="wrong"),
        backend.ask_as_agent(ANNA, "wrong"),
    ):
        assert answer.status_code in (204, 401)
    assert len(backend.trail()) == before


def test_an_agent_reads_all_of_an_account_and_is_recorded(backend):
    told = backend.ask_as_agent(ANNA.upper(), agent="liga@desk-1", x_purpose="hand_off").json()
    assert (told["email"], told["name"], told["points"]["total"]) == (ANNA, "Anna Bērziņa", 721)
    assert told["application"]["state"] == "active"
    assert told["tiers"]["available"] == ["silver"]
    assert told["membership"]["state"] == "none"
    assert len(told["products"]["products"]) == 3
    assert newest(backend)[0][:3] == ("agent:liga@desk-1", "read account", "hand_off")


def test_an_agent_who_asks_for_somebody_unknown_is_told_and_recorded(backend):
    assert backend.ask_as_agent("nobody@example.com").status_code == 404
    assert newest(backend) == [("agent:liga.p", "read account", "unknown", None)]


@pytest.mark.parametrize("key", ["", "wrong", "key-of-the-tests"])
def test_nobody_reads_as_an_agent_without_the_agents_key(backend, key):
    assert backend.ask_as_agent(ANNA, key).status_code == 401


@pytest.mark.parametrize("agent", ["", "two words", "x" * 81, "<b>"])
def test_an_agent_says_who_they_are(backend, agent):
    assert backend.ask_as_agent(ANNA, agent=agent).status_code == 422


def test_the_agents_key_opens_nothing_else(backend):
    assert backend.call("POST", "/v1/access", {"email": ANNA}, key=backend.agents_key).status_code == 401


def test_a_token_from_a_website_runs_out_like_any_other(backend):
    granted = backend.call("POST", "/v1/access", {"email": ANNA}).json()
    left = datetime.fromisoformat(granted["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=7) < left <= timedelta(hours=8)
    assert granted["name"] == "Anna Bērziņa"


def test_the_time_of_an_answer_does_not_tell_a_known_address(backend):
    times: dict[str, list[float]] = {ANNA: [], "nobody@example.com": []}
    for _ in range(15):
        for email, taken in times.items():
            began = time.perf_counter()
            backend.confirm(backend.open(email), "000000")
            taken.append(time.perf_counter() - began)
    known, unknown = (statistics.median(taken) for taken in times.values())
    assert 0.5 < known / unknown < 2

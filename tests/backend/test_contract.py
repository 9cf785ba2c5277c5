"""What every account system must do; `make contract` checks another system than the reference backend."""

from datetime import datetime

import pytest

from bot.backend import schemas
from bot.settings import ROOT
from tests.backend.conftest import GIVEN
from tests.made_up_requests import send_made_up_requests

CONTRACT = ROOT / "docs" / "backend.openapi.json"
TOPICS = {
    "application": schemas.ApplicationOut,
    "products": schemas.ProductsOut,
    "points": schemas.PointsOut,
    "tiers": schemas.TiersOut,
    "membership": schemas.MembershipOut,
}


def left_out(backend) -> list[str]:
    """Return the options that make schemathesis skip what this system need not have."""
    return [] if backend.agents_key else ["--exclude-path", "/v1/agents/account"]


def test_made_up_requests_are_answered_as_agreed(backend):
    headers = {
        "x-api-key": backend.key,
        "x-agents-key": backend.agents_key,
        "authorization": f"Bearer {backend.token_for(backend.email)}",
    }
    # Ending the access would leave the other requests without a token.
    more = ["--exclude-method", "DELETE", "--exclude-path", "/health", *left_out(backend)]
    send_made_up_requests(backend.address, headers, *more, contract=CONTRACT)


# They are refused before they reach a database.
@pytest.mark.parametrize("backend", ["given" if GIVEN else "sqlite"], indirect=True)
def test_made_up_requests_without_a_key_are_refused_as_agreed(backend):
    more = ["--exclude-path", "/health", *left_out(backend)]
    send_made_up_requests(backend.address, {}, *more, contract=CONTRACT)


@pytest.mark.parametrize("topic", TOPICS)
def test_each_topic_is_told_in_its_agreed_form(backend, topic):
    told = backend.read(topic, backend.email)
    assert TOPICS[topic].model_fields.keys() <= told.keys()
    TOPICS[topic].model_validate(told)


@pytest.mark.parametrize("token", ["", "made-up"])
def test_nothing_is_told_without_a_token(backend, token):
    refused = backend.call("GET", "/v1/account", token=token)
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_purpose_that_is_none_does_not_stop_the_customer(backend):
    token = backend.token_for(backend.email)
    assert backend.call("GET", "/v1/account", token=token, x_purpose="<No Purpose>").status_code == 200


def test_moments_carry_their_time_zone(backend):
    assert datetime.fromisoformat(backend.read("application", backend.email)["submitted_at"]).tzinfo


def test_points_are_those_of_the_products(backend):
    products, points = (backend.read(topic, backend.email) for topic in ("products", "points"))
    ticked, waiting = ([one for one in products["products"] if one["has_tick"] is tick] for tick in (True, False))
    assert points["total"] == sum(one["points"] for one in ticked)
    assert points["waiting"] == sum(one["points"] for one in waiting)
    assert points["waiting_products"] == len(waiting)


def test_a_product_has_its_green_tick_when_no_detail_is_missing(backend):
    for product in backend.read("products", backend.email)["products"]:
        assert product["has_tick"] is not bool(product["missing"])
        assert all(not product[detail] for detail in product["missing"])


def test_the_tiers_that_may_be_chosen_are_those_of_the_points(backend):
    tiers = backend.read("tiers", backend.email)
    open_ones = {tier["id"] for tier in tiers["tiers"] if tier["from_points"] <= tiers["total"]}
    assert set(tiers["available"]) == open_ones


def test_an_ended_access_opens_nothing(backend):
    token = backend.token_for(backend.email)
    assert backend.call("DELETE", "/v1/access", token=token).status_code == 204
    assert backend.call("GET", "/v1/account", token=token).status_code == 401


@pytest.mark.parametrize("path", ["/v1/access", "/v1/verifications"])
@pytest.mark.parametrize("key", ["", "wrong"])
def test_nothing_is_opened_without_the_key(backend, path, key):
    assert backend.call("POST", path, {"email": backend.email}, key=key).status_code == 401


@pytest.mark.parametrize("path", ["/v1/access", "/v1/verifications"])
def test_an_unknown_field_is_refused(backend, path):
    assert backend.call("POST", path, {"email": backend.email, "more": 1}).status_code == 422


def test_a_website_cannot_vouch_for_somebody_unknown(backend):
    assert backend.call("POST", "/v1/access", {"email": "nobody-at-all@example.com"}).status_code == 404


def test_a_code_is_on_its_way_whether_or_not_the_address_is_known(backend):
    answers = [
        backend.call("POST", "/v1/verifications", {"email": email})
        for email in (backend.email, "nobody-at-all@example.com")
    ]
    assert {answer.status_code for answer in answers} == {202}
    assert answers[0].json().keys() == answers[1].json().keys()


def test_an_agent_reads_what_the_customer_reads(backend):
    if not backend.agents_key:
        pytest.skip("no AGENTS_KEY: this system has nothing for agents")
    told = backend.call("GET", "/v1/account", token=backend.token_for(backend.email)).json()
    assert backend.ask_as_agent(backend.email, backend.agents_key).json() == told
    assert told["email"] == backend.email


def test_a_customers_token_opens_nothing_for_agents(backend):
    if not backend.agents_key:
        pytest.skip("no AGENTS_KEY: this system has nothing for agents")
    refused = backend.ask_as_agent(backend.email, "", token=backend.token_for(backend.email))
    assert refused.status_code == 401

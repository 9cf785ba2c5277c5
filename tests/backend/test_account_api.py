"""What the backend answers about an account."""

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from bot.backend.models import Account, Product, Tier
from bot.backend.services import available_tiers, points_of

WHOLE = {"serial_number": "1", "purchase_country": "LV", "distributor": "Foto Centrs"}


@pytest.mark.parametrize(
    ("email", "total", "waiting", "tiers"),
    [
        ("anna.berzina@example.com", 721, 200, ["silver"]),
        ("janis.kalnins@example.com", 500, 0, ["silver"]),
        ("ilze.ozola@example.com", 0, 641, []),
        ("martins.liepa@example.com", 2640, 0, ["silver", "gold", "platinum", "corporate"]),
        ("laura.vitola@example.com", 0, 0, []),
        ("peter.smith@example.com", 2011, 0, ["silver", "gold", "platinum"]),
    ],
)
def test_it_tells_points_and_tiers_of_the_tokens_account(backend, email, total, waiting, tiers):
    told = backend.call("GET", "/v1/account", token=backend.log_in(email)).json()
    assert (told["points"]["total"], told["points"]["waiting"]) == (total, waiting)
    assert told["tiers"]["available"] == tiers


def test_it_tells_whose_account_it_is(backend):
    told = backend.call("GET", "/v1/account", token=backend.log_in("anna.berzina@example.com")).json()
    assert (told["name"], told["company"]) == ("Anna Bērziņa", 'SIA "Gaismas studija"')


@pytest.mark.parametrize("token", ["", "made-up", "x" * 5000])
def test_it_tells_nothing_without_a_token(backend, token):
    answer = backend.call("GET", "/v1/account", token=token)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("announced", [True, False])
def test_a_huge_body_is_a_problem_announced_or_not(backend, announced):
    body = b'{"email": "' + b"a" * 100_000 + b'"}'
    answer = requests.post(
        backend.address + "/v1/verifications",
        data=body if announced else iter([body]),
        headers={"content-type": "application/json", "x-api-key": "key-of-the-tests"},
        timeout=10,
    )
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_it_tells_nothing_once_the_access_is_ended(backend):
    token = backend.log_in("anna.berzina@example.com")
    assert backend.call("DELETE", "/v1/access", token=token).status_code == 204
    assert backend.call("GET", "/v1/account", token=token).status_code == 401


TIERS = [Tier(id="silver", from_points=500), Tier(id="all", from_points=2000), Tier(id="corporate", from_points=2501)]


@pytest.mark.parametrize(
    ("total", "tiers"),
    [
        (499, []),
        (500, ["silver"]),
        (1999, ["silver"]),
        (2000, ["silver", "all"]),
        (2500, ["silver", "all"]),
        (2501, ["silver", "all", "corporate"]),
    ],
)
def test_tiers_open_at_their_boundaries(total, tiers):
    assert [tier.id for tier in available_tiers(TIERS, total)] == tiers


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_more_points_never_close_a_tier(fewer, more):
    low, high = sorted((fewer, more))
    assert set(available_tiers(TIERS, low)) <= set(available_tiers(TIERS, high))


@given(st.lists(st.tuples(st.integers(0, 3000), st.booleans())))
def test_every_point_either_counts_or_waits(products):
    account = Account(
        products=[
            Product(points=points, purchase_date="2026-01-01" if whole else None, **WHOLE) for points, whole in products
        ]
    )
    found = points_of(account)
    assert found.total + found.waiting == sum(points for points, _ in products)
    assert found.waiting_products == sum(not whole for _, whole in products)


@pytest.mark.parametrize("missing", ["serial_number", "purchase_date", "purchase_country", "distributor"])
def test_a_product_without_one_detail_has_no_green_tick(missing):
    details = {**WHOLE, "purchase_date": "2026-01-01"}
    assert Product(**details).has_tick
    assert not Product(**{**details, missing: None}).has_tick
    assert not Product(**{**details, missing: ""}).has_tick

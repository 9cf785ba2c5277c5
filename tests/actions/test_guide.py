"""For a confirmed customer the walkthrough begins at what is still to be done by the account."""

from typing import Any

import pytest

from actions.guide import place_of
from bot.account import Account
from bot.dialogue.guide import read_guide
from tests.sample_account import account_with

NO_TICK = {"model": "EOS R5", "points": 500, "origin": "registered", "has_tick": False, "missing": ["distributor"]}
TICK = NO_TICK | {"has_tick": True, "missing": []}


def place(
    state: str = "active",
    products: tuple[dict[str, Any], ...] = (),
    migration: str = "no_old_email",
    points: int = 0,
    paid: dict[str, str] | None = None,
) -> str:
    account = account_with(
        application={"state": state},
        products={"products": products, "migration": {"status": migration, "waiting": 0}},
        points={"total": points},
        membership={"state": "none", "method": None} | (paid or {}),
    )
    return place_of(Account.model_validate(account))


@pytest.mark.parametrize(
    ("account", "name"),
    [
        ({"state": "received"}, "waiting"),
        ({"state": "documents_missing"}, "documents"),
        ({"state": "verified"}, "password"),
        ({"state": "rejected"}, "apply"),
        ({"migration": "ready"}, "products_migrate"),
        ({}, "products_register"),
        ({"products": (TICK, NO_TICK), "points": 500}, "ticks_missing"),
        ({"products": (TICK,), "points": 499}, "tiers_few"),
        ({"products": (TICK,), "points": 500}, "tiers_choose"),
        ({"products": (TICK,), "points": 2500}, "tiers_choose"),
        ({"products": (TICK,), "points": 2501}, "tiers_corporate"),
        ({"products": (TICK,), "points": 500, "paid": {"state": "invoice_coming"}}, "payment"),
        ({"products": (TICK,), "paid": {"state": "open", "method": "card"}}, "payment_card"),
        ({"products": (TICK,), "paid": {"state": "overdue", "method": "transfer"}}, "payment_transfer"),
        ({"products": (TICK,), "paid": {"state": "paid", "method": "card"}}, "finish"),
    ],
)
def test_each_state_of_an_account_leads_to_the_first_thing_that_is_left(account, name):
    assert place(**account) == name
    assert name in read_guide().nodes

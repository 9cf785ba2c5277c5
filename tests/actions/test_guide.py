"""For a confirmed customer the walkthrough begins at what is still to be done by the account."""

import datetime

import pytest

from actions.guide import place_of
from bot.account import Application, Membership, Migration, Points, Product, Products
from bot.dialogue.guide import read_guide

NOW = datetime.datetime(2026, 11, 26, tzinfo=datetime.timezone.utc)
TICK, NO_TICK = (
    Product(model="EOS R5", points=500, has_tick=has, missing=[] if has else ["distributor"]) for has in (True, False)
)


def place(
    state: str = "active",
    products: tuple[Product, ...] = (),
    migration: str = "no_old_email",
    points: int = 0,
    paid: dict | None = None,
) -> str:
    return place_of(
        Application(
            state=state, submitted_at=NOW, due_on=NOW.date(), verified_at=None, activated_at=None, documents_wanted=[]
        ),
        Products(products=list(products), migration=Migration(status=migration, waiting=0)),
        Points(total=points, waiting=0),
        Membership(
            **{"state": "none", "method": None} | (paid or {}),
            tier=None, number=None, previous_number=None, chosen_at=None, invoice=None,
        ),
    )  # fmt: skip


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

"""What the backend answers to customers in every state of the lifecycle."""

import pytest


def find(backend, topic: str, name: str) -> dict:
    return backend.read(topic, f"{name}@example.com")


@pytest.mark.parametrize(
    ("name", "state", "wanted"),
    [
        ("kristine.balode", "received", []),
        ("andris.krumins", "received", []),
        ("dace.zarina", "documents_missing", ["vat_certificate", "vat_invoice"]),
        ("edgars.vilks", "verified", []),
        ("guna.lace", "rejected", []),
        ("anna.berzina", "active", []),
        ("peter.smith", "active", []),
    ],
)
def test_it_tells_how_far_the_application_is(backend, name, state, wanted):
    told = find(backend, "application", name)
    assert (told["state"], told["documents_wanted"]) == (state, wanted)
    assert bool(told["verified_at"]) is (state in ("verified", "active"))
    assert bool(told["activated_at"]) is (state == "active")


def test_it_tells_whether_an_old_email_was_given_but_not_which(backend):
    told = find(backend, "application", "kristine.balode")
    assert told["old_email_given"] is True
    assert "old.example.com" not in str(told)
    assert find(backend, "application", "anna.berzina")["old_email_given"] is False


def test_it_tells_when_an_application_is_late(backend):
    fresh, late = (find(backend, "application", name) for name in ("kristine.balode", "andris.krumins"))
    assert fresh["due_on"] > fresh["submitted_at"][:10]
    assert late["due_on"] < fresh["submitted_at"][:10]


@pytest.mark.parametrize(
    ("name", "status", "waiting"),
    [
        ("inga.kruze", "ready", 2),
        ("kristine.balode", "not_active", 0),
        ("raimonds.celms", "no_old_email", 0),
        ("toms.abols", "nothing_to_migrate", 0),
        ("sandra.eglite", "migrated", 0),
    ],
)
def test_it_tells_whether_products_can_be_migrated(backend, name, status, waiting):
    assert find(backend, "products", name)["migration"] == {"status": status, "waiting": waiting}


def test_it_tells_which_details_a_product_lacks(backend):
    body, lens = find(backend, "products", "ilze.ozola")["products"]
    assert body["missing"] == ["serial_number", "distributor"]
    assert lens["missing"] == ["purchase_date", "purchase_country", "distributor"]
    assert not body["has_tick"]
    assert (body["model"], body["purchase_country"], body["purchase_date"]) == ("EOS R3", "EE", "2022-05-02")
    assert body["origin"] == "registered"


def test_migrated_products_belong_to_the_account_and_count(backend):
    assert {one["origin"] for one in find(backend, "products", "sandra.eglite")["products"]} == {"migrated"}
    assert find(backend, "points", "sandra.eglite")["total"] == 1020


def test_products_that_wait_to_be_migrated_do_not_count(backend):
    assert find(backend, "points", "inga.kruze")["total"] == 120


@pytest.mark.parametrize(
    ("name", "invited"),
    [("janis.kalnins", True), ("sandra.eglite", True), ("ilze.ozola", False), ("inga.kruze", False)],
)
def test_it_tells_whether_the_account_was_invited(backend, name, invited):
    assert bool(find(backend, "points", name)["invited_at"]) is invited


@pytest.mark.parametrize(
    ("name", "state", "tier", "method"),
    [
        ("toms.abols", "invoice_coming", "gold", "card"),
        ("raimonds.celms", "open", "silver", "card"),
        ("sandra.eglite", "open", "gold", "transfer"),
        ("vita.rozite", "overdue", "silver", "transfer"),
        ("zane.upite", "paid", "platinum", "card"),
    ],
)
def test_it_tells_of_the_membership_and_its_invoice(backend, name, state, tier, method):
    told = find(backend, "membership", name)
    assert (told["state"], told["tier"]["id"], told["method"]) == (state, tier, method)
    assert told["number"]
    assert (told["invoice"] is None) is (state == "invoice_coming")


def test_who_has_no_membership_is_told_so(backend):
    told = find(backend, "membership", "anna.berzina")
    assert told.pop("state") == "none"
    assert set(told.values()) == {None}


def test_a_new_number_is_told_with_the_one_before(backend):
    told = find(backend, "membership", "sandra.eglite")
    assert (told["number"], told["previous_number"]) == ("LV-2026-3291", "LV-2019-0862")
    assert find(backend, "membership", "zane.upite")["previous_number"] is None

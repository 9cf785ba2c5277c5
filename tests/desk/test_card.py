"""The customer card, and what the account says about each step, with the real reference backend."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.account import Account
from bot.backend.sample import SAMPLE
from bot.conversations.models import Agent
from bot.desk import card, checks, script
from bot.desk.account_lookup import AgentAccounts, UnknownCustomer
from bot.http import ServiceError
from bot.settings import Settings
from bot.wording import dated
from tests.backend.conftest import AGENTS_KEY, KEY, Backend, start_backend
from tests.conftest import free_ports, stop_process
from tests.sample_account import account_with

GUIDE = script.walkthrough()
LIGA = Agent(id=7, email="liga.p@example.com")
EMAILS = [account["email"] for account in SAMPLE["accounts"]]


@pytest.fixture(scope="module")
def backend(tmp_path_factory) -> Iterator[Backend]:
    started, process = start_backend(tmp_path_factory.mktemp("backend"))
    yield started
    stop_process(process)


@pytest.fixture(scope="module")
def accounts(backend) -> AgentAccounts:
    return looking_at(backend.address)


def looking_at(address: str, key: str = AGENTS_KEY) -> AgentAccounts:
    return AgentAccounts(Settings(backend_url=address, backend_key=KEY, agents_key=key))


@pytest.fixture(scope="module")
def read(accounts):
    """A function that reads the account of a sample customer, named by the first name."""
    known: dict[str, Account] = {}

    def read_account(name: str) -> Account:
        if name not in known:
            email = next(email for email in EMAILS if email.startswith(f"{name}."))
            known[name] = accounts.read(email, LIGA, "script")
        return known[name]

    return read_account


def shown(found: card.Card) -> str:
    """Return the card as lines of text."""
    lines = [f"{found.name}, {found.company}, {found.email}"]
    for group in found.groups:
        lines += [group.title, *(f"{line.label}: {line.value}" for line in group.lines)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("name", "place", "status", "answer", "text"),
    [
        ("kristine", "apply", "done", None, "Application received on"),
        ("guna", "apply", "not_yet", None, "has been rejected"),
        ("anna", "documents", "done", "yes", "Handed in: VAT registration certificate."),
        ("janis", "documents", "done", "no", "Handed in: extract from the Register of Enterprises."),
        ("dace", "documents_vat", "not_yet", None, "A document is missing."),
        ("inga", "old_email", "done", "yes", "The old CPS e-mail address was given."),
        ("raimonds", "old_email", "unknown", None, "not given: no blue button"),
        ("raimonds", "old_email_yes", "not_yet", None, "not given: no blue button"),
        ("raimonds", "old_email_no", "done", None, "not given: no blue button"),
        ("kristine", "waiting", "not_yet", "no", "Application received on"),
        ("andris", "waiting", "not_yet", "no", "has not been checked yet"),
        ("dace", "waiting_longer", "not_yet", "no", "A document is missing."),
        ("edgars", "waiting", "done", "yes", "The e-mail to reset the password was sent on"),
        ("guna", "waiting", "not_yet", None, "has been rejected"),
        ("kristine", "password", "not_yet", None, "The account is not created yet."),
        ("edgars", "password", "not_yet", None, "no password is set yet"),
        ("anna", "password", "done", None, "The account has been active since"),
        ("laura", "products", "not_yet", "no", "No products registered yet."),
        (
            "inga",
            "products",
            "not_yet",
            "yes",
            'The account has 1 product. "MIGRATE PRODUCTS" button: there, 2 products',
        ),
        ("sandra", "products_migrate", "done", None, "gone, the products are migrated"),
        ("raimonds", "products_register", "done", None, "none, as the old e-mail address was not given"),
        ("edgars", "products", "not_yet", None, "not yet, as the account is not active"),
        ("anna", "ticks", "not_yet", "no", "Products with a green tick: 2 of 3."),
        ("martins", "ticks_missing", "done", None, "Products with a green tick: 3 of 3."),
        ("laura", "ticks", "not_yet", None, "No products registered yet."),
        ("ilze", "tiers", "not_yet", "no", "The account has 0 points. No tier is available yet: 500 points short."),
        ("anna", "tiers", "done", "yes", "The account has 721 points. Available tiers: silver tier."),
        ("janis", "tiers_few", "done", "yes", "The account has 500 points."),
        ("anna", "tiers_more", "not_yet", "no", "Available tiers: silver tier."),
        ("martins", "tiers_more", "not_yet", "yes", "silver tier, gold tier, platinum tier and corporate tier"),
        ("zane", "tiers_choose", "done", None, "Chosen: platinum tier."),
        ("anna", "payment", "not_yet", None, "No tier is chosen yet."),
        ("toms", "payment", "not_yet", "card", "the invoice arrives within a few hours"),
        ("raimonds", "payment_card", "not_yet", None, "Invoice CPS-2026-0218: the card is charged by"),
        ("sandra", "payment_transfer", "not_yet", None, "is to be paid by transfer by"),
        ("vita", "payment", "not_yet", "transfer", "Invoice CPS-2026-0102 was due on"),
        ("zane", "payment", "done", "card", "Invoice CPS-2026-0054 is paid."),
        ("sandra", "finish", "done", None, "Membership number: LV-2026-3291 (previously LV-2019-0862)."),
        ("zane", "finish", "done", None, "Membership number: LV-2026-2555."),
        ("anna", "finish", "not_yet", None, "No tier is chosen yet."),
    ],
)
def test_the_account_tells_whether_a_step_is_done(read, name, place, status, answer, text):
    check = checks.check(GUIDE, GUIDE.nodes[place], read(name), "en")
    assert (check.status, check.answer) == (status, answer)
    assert text in check.text


def test_the_line_of_an_application_under_way_names_both_days(read):
    kristine = read("kristine")
    check = checks.check(GUIDE, GUIDE.nodes["waiting"], kristine, "lv")
    assert dated(kristine.application.submitted_at, "lv") in check.text
    assert dated(kristine.application.due_on, "lv") in check.text
    assert "darba dien" not in check.text


def test_an_application_is_late_from_the_day_after_the_last_one(read):
    kristine = read("kristine")
    due = kristine.application.due_on
    for today, says in ((due, "Application received on"), (due + timedelta(days=1), "has not been checked yet")):
        assert says in checks.check(GUIDE, GUIDE.nodes["waiting"], kristine, "en", today).text
        assert ("(late)" in shown(card.card_of(kristine, "en", today))) == (today > due)


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("email", EMAILS)
def test_every_sample_has_words_for_every_place_in_both_languages(accounts, email, language):
    account = accounts.read(email, LIGA, "script")
    said = [shown(card.card_of(account, language))]
    for place in GUIDE.nodes.values():
        check = checks.check(GUIDE, place, account, language)
        assert check.answer is None or check.answer in place.answers
        said.append(check.text)
    for text in said:
        assert not set("{}*") & set(text)
        assert "None" not in text
        assert "\u2013" not in text, "a date is missing"


@pytest.mark.parametrize("language", ["lv", "en"])
def test_the_card_shows_all_that_an_agent_needs(read, language):
    anna, sandra, dace = (shown(card.card_of(read(name), language)) for name in ("anna", "sandra", "dace"))
    wanted = {
        "lv": [
            "721 punkts",
            "200 punkti",
            "trūkst izplatītāja",
            "sudraba līmenis",
            "(trūkst 279 punktu)",
        ],
        "en": ["721 points", "200 points", "missing: distributor", "silver tier", "(279 points short)"],
    }
    for text in ["Anna Bērziņa", 'SIA "Gaismas studija"', "anna.berzina@example.com", *wanted[language]]:
        assert text in anna
    assert "LV-2026-3291" in sandra
    assert "CPS-2026-0191" in sandra
    wanted = {"lv": ["Vajadzīgs viens no šiem: PVN"], "en": ["One of these is needed: VAT registration certificate"]}
    assert wanted[language][0] in dace


def test_where_no_account_has_the_address_the_application_is_still_to_come():
    assert checks.check(GUIDE, GUIDE.nodes["apply"], None, "en").status == "not_yet"
    assert checks.check(GUIDE, GUIDE.nodes["payment"], None, "en").status == "unknown"


def test_every_step_of_the_walkthrough_can_be_checked():
    assert list(checks.CHECKS) == list(GUIDE.opens)


@pytest.mark.parametrize("purpose", ["script", "conversation"])
def test_every_look_is_recorded_with_who_and_why(backend, accounts, purpose):
    accounts.read("anna.berzina@example.com", LIGA, purpose)
    line = backend.trail()[-1]
    assert (line.who, line.what, line.why) == ("agent:liga.p@example.com", "read account", purpose)


def test_an_agent_whose_address_does_not_fit_the_trail_is_named_by_number(backend, accounts):
    accounts.read("anna.berzina@example.com", Agent(id=12, email="l\u012bga+p@example.com"), "script")
    assert backend.trail()[-1].who == "agent:agent-12"


@pytest.mark.parametrize("email", ["nobody@example.com", "a&email=anna.berzina@example.com", "%00@x"])
def test_an_unknown_address_opens_no_account(accounts, email):
    with pytest.raises(UnknownCustomer):
        accounts.read(email, LIGA, "script")


@pytest.mark.parametrize(
    ("path", "key"),
    [("", "wrong"), ("", ""), ("/nowhere", AGENTS_KEY), (None, AGENTS_KEY)],
    ids=["wrong key", "no key", "no look for agents", "nobody answers"],
)
def test_a_look_that_fails_is_one_kind_of_error_without_the_address(backend, path, key):
    address = f"http://127.0.0.1:{free_ports(1)[0]}" if path is None else backend.address + path
    with pytest.raises(ServiceError) as failed:
        looking_at(address, key).read("anna.berzina@example.com", LIGA, "script")
    assert "anna" not in str(failed.value)


NO_MEMBER = {"state": "none", "tier": None, "method": None, "number": None, "chosen_at": None, "invoice": None}
TICKED = {"products": [{"model": "EOS R5", "points": 721, "origin": "registered", "has_tick": True, "missing": []}]}


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        ({"application": {"state": "rejected"}}, "apply"),
        ({"application": {"state": "documents_missing"}}, "documents"),
        ({"application": {"state": "received"}}, "waiting"),
        ({"application": {"state": "verified"}}, "password"),
        ({"products": {"products": []}}, "products"),
        ({}, "ticks"),
        ({"products": TICKED}, "tiers"),
        ({"products": TICKED, "tiers": {"available": []}}, "tiers"),
    ],
    ids=str,
)
def test_an_account_stands_at_the_first_step_that_is_open(parts, place):
    account = Account.model_validate(account_with(membership=NO_MEMBER, **parts))
    assert checks.place_of(GUIDE, account) == place


@pytest.mark.parametrize(("state", "place"), [("invoice_coming", "payment"), ("open", "payment"), ("paid", "finish")])
def test_a_member_stands_at_the_payment_whatever_products_came_later(state, place):
    assert checks.place_of(GUIDE, Account.model_validate(account_with(membership={"state": state}))) == place

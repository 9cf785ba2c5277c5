"""A confirmed customer hears what is true for their own account, in every state of an account."""

import re
import uuid

import jwt
import pytest

from bot.keys import new_private_key
from bot.settings import Settings
from bot.website import sign_token
from tests.backend.conftest import Backend
from tests.customer import Customer, logged_in, website_token

ASK = {
    "status": {"lv": "kas notiek ar manu pieteikumu?", "en": "what is happening with my application?"},
    "products": {"lv": "kāpēc man nav zaļās atzīmes?", "en": "why do I have no green tick?"},
    "button": {"lv": "kapec es neredzu zilo pogu", "en": "why don't I see the blue button?"},
    "tiers": {"lv": "kādus līmeņus es varu izvēlēties?", "en": "which tiers can I choose?"},
    "payment": {"lv": "kad man jāmaksā?", "en": "when do I have to pay?"},
    "membership": {"lv": "vai mans abonementa numurs mainīsies?", "en": "does my membership number change?"},
    "points": {"lv": "cik man ir punktu?", "en": "how many points do I have?"},
}
# By customer: the question, and what its answer contains.
TOLD = [
    ("kristine.balode", "status", "ir saņemts", "has been received"),
    ("andris.krumins", "status", "nav pabeigta", "not finished"),
    (
        "dace.zarina",
        "status",
        "trūkst dokumenta.*PVN reģistrācijas apliecība",
        "lacks a document.*VAT registr",
    ),
    ("edgars.vilks", "status", "ir apstiprināts.*donotreply", "is approved.*donotreply"),
    ("guna.lace", "status", "noraidīts", "rejected"),
    ("anna.berzina", "status", "ir aktīvs", "is active"),
    ("anna.berzina", "products", "RF 70-200mm[^\\n]*trūkst izplatītāja", "RF 70-200mm[^\\n]*missing distributor"),
    (
        "ilze.ozola",
        "products",
        "EOS R3[^\\n]*sērijas numura un izplatītāja",
        "EOS R3[^\\n]*serial number and distributor",
    ),
    ("janis.kalnins", "products", "ir zaļā atzīme.*500 punkti", "have the green tick.*500 points"),
    ("laura.vitola", "products", "nav neviena produkta", "no products yet"),
    ("inga.kruze", "button", "ir pieejama.*2 produkti", "do have.*2 products"),
    ("kristine.balode", "button", "konts vēl nav aktīvs", "not active yet"),
    ("raimonds.celms", "button", "nebija norādīta", "did not give an old CPS"),
    ("toms.abols", "button", "nav produktu, ko migrēt", "no products to migrate"),
    ("sandra.eglite", "button", "jau ir migrēti", "already been migrated"),
    ("laura.vitola", "tiers", "vēl nevar.*500 punktu", "cannot choose.*500 points"),
    ("janis.kalnins", "tiers", "sudraba līmenis\\*\\*", "silver tier\\*\\*"),
    ("peter.smith", "tiers", "sudraba līmenis, zelta līmenis un platīna", "silver tier, gold tier and platinum"),
    ("martins.liepa", "tiers", "korporatīvais līmenis.*Pieejamie CPS", "corporate tier.*Available CPS"),
    ("laura.vitola", "payment", "rēķina nav", "no invoice"),
    ("toms.abols", "payment", "dažu stundu laikā", "within a few hours"),
    ("raimonds.celms", "payment", "CPS-2026-0218.*ar karti", "CPS-2026-0218.*by card"),
    ("sandra.eglite", "payment", "CPS-2026-0191.*pārskaitījumu", "CPS-2026-0191.*bank transfer"),
    ("vita.rozite", "payment", "ir pagājis", "has passed"),
    ("zane.upite", "payment", "ir samaksāts", "has been paid"),
    ("sandra.eglite", "membership", "LV-2026-3291.*LV-2019-0862", "LV-2026-3291.*LV-2019-0862"),
    ("raimonds.celms", "membership", "LV-2026-3318", "LV-2026-3318"),
    ("anna.berzina", "membership", "abonementa Jums vēl nav", "no CPS membership yet"),
    (
        "anna.berzina",
        "points",
        "721 punkts.*921 punkts.*279 punkt",
        "721 points.*921 points.*279 points",
    ),
]
# By topic: the purpose in the audit trail.
PURPOSES = {topic: f"ask_my_{'migration' if topic == 'button' else topic}" for topic in ASK}
GENERAL = {
    "products": ("Skatīt produktu", "View product"),
    "button": ("zilās pogas", "blue button"),
    "tiers": ("līme", "tier"),
    "payment": ("[Rr]ēķin", "invoice"),
}


@pytest.mark.parametrize("language", ["lv", "en"])
def test_each_state_of_an_account_is_told(stack, language):
    wrong = []
    customers: dict[str, Customer] = {}
    for name, topic, lv, en in TOLD:
        if name not in customers:
            customers[name] = logged_in(stack.web, f"{name}@example.com", language)
        said = customers[name].say(ASK[topic][language]).replace("\u00a0", "")
        if not re.search({"lv": lv, "en": en}[language], said, re.S):
            wrong.append((name, topic, said))
    assert not wrong


@pytest.mark.parametrize("language", ["lv", "en"])
def test_who_is_not_confirmed_hears_the_general_answer_and_may_have_it_looked_up(stack, language):
    customer = Customer(stack.web, language)
    for topic, (lv, en) in GENERAL.items():
        assert re.search({"lv": lv, "en": en}[language], customer.say(ASK[topic][language])), topic
        if customer.state()["identity"]["state"] != "none":  # "which tiers can I choose?" asks for the account
            customer.call("DELETE", "conversation/identity")
    customer.choose({"lv": "Apskatīt manu kontu", "en": "Look up my account"}[language])
    assert customer.state()["identity"]["state"] == "email"
    assert "CPS-2026-0218" in customer.confirm(stack.backend, "raimonds.celms@example.com")


@pytest.mark.parametrize(
    ("language", "asked", "general", "own"),
    [
        ("lv", "kas ir zaļā atzīme?", "punkti ir piešķirti", "RF 70-200mm"),
        ("en", "what is the green tick?", "all its points", "RF 70-200mm"),
    ],
)
def test_who_is_confirmed_and_asks_in_general_hears_the_general_answer(stack, language, asked, general, own):
    said = logged_in(stack.web, "anna.berzina@example.com", language).say(asked)
    assert general in said
    assert own not in said


@pytest.mark.parametrize(
    ("language", "typed"),
    [("lv", "es neesmu Anna"), ("lv", "izlogo mani"), ("en", "I am not Anna"), ("en", "log me out")],
)
def test_who_is_somebody_else_says_so_and_begins_a_new_conversation(stack, language, typed):
    customer = logged_in(stack.web, "anna.berzina@example.com", language)
    assert "721" in customer.say(ASK["points"][language])
    sent = customer.call("POST", "conversation/messages", {"client_id": str(uuid.uuid4()), "text": typed})
    assert sent.status_code == 201
    customer.hears_the_end()
    customer.begin(language)
    customer.hear(0)  # the greeting
    assert "721" not in customer.say(ASK["points"][language])


def test_a_page_that_is_loaded_again_changes_nothing(stack):
    customer = logged_in(stack.web, "anna.berzina@example.com")
    customer.hear(customer.last)
    before = len(customer.events()[0])
    assert customer.call(
        "POST", "conversation/identity/token", {"token": website_token(stack.web, "anna.berzina@example.com")}
    ).json() == {"name": "Anna Bērziņa", "resumed": False}
    assert len(customer.events()[0]) == before


def test_a_token_is_good_for_one_conversation_only(stack):
    given = website_token(stack.web, "anna.berzina@example.com")
    first, second = Customer(stack.web), Customer(stack.web)
    assert first.call("POST", "conversation/identity/token", {"token": given}).status_code == 200
    assert second.call("POST", "conversation/identity/token", {"token": given}).status_code == 403
    assert second.state()["identity"]["state"] == "none"


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("topic", PURPOSES)
def test_the_account_is_read_once_and_the_audit_trail_says_what_the_customer_asked_about(stack, topic, language):
    backend = Backend(stack.backend, f"sqlite:///{stack.folder / 'backend.db'}")
    customer, before = logged_in(stack.web, "ilze.ozola@example.com", language), len(backend.trail())
    customer.say(ASK[topic][language])
    trail = [(line.who, line.what, line.why) for line in backend.trail()[before:]]
    assert trail == [("customer", "read account", PURPOSES[topic])]


def forged(kind: str, real: str) -> str:
    claims = jwt.decode(real, options={"verify_signature": False})
    foreign = Settings(demo_key=new_private_key())
    if kind == "signed by another":
        return sign_token(foreign, claims["sub"])
    if kind == "not signed":
        return jwt.encode(claims | {"jti": uuid.uuid4().hex}, None, algorithm="none")
    if kind == "signed with the public key as a secret":
        return jwt.encode(claims, "x" * 64, algorithm="HS256")
    head, body, signature = real.split(".")
    if kind == "another person's name put in":
        other = jwt.encode(claims | {"sub": "martins.liepa@example.com"}, "x" * 64, algorithm="HS256").split(".")[1]
        return f"{head}.{other}.{signature}"
    if kind == "cut off":
        return f"{head}.{body}"
    return {"nonsense": "nonsense", "null": "\x00\x00", "long": "a" * 4999}[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "signed by another",
        "not signed",
        "signed with the public key as a secret",
        "another person's name put in",
        "cut off",
        "nonsense",
        "null",
        "long",
    ],
)
def test_a_forged_token_opens_nothing(stack, kind):
    customer = Customer(stack.web)
    refused = customer.call(
        "POST",
        "conversation/identity/token",
        {"token": forged(kind, website_token(stack.web, "anna.berzina@example.com"))},
    )
    assert refused.status_code == 403
    assert customer.state()["identity"]["state"] == "none"
    assert "721" not in customer.say(ASK["points"]["lv"])

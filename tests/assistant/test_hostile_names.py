"""Names in an account that contain markup are shown as plain text."""

import json
import re
import sqlite3
import unicodedata

import pytest

from tests.customer import Customer, letters_to
from tests.portal_client import HOSTILE_MODELS, PortalClient, hostile_customer
from tests.sample_account import ACCOUNT, account_with

ASK = {
    "points": {"lv": "cik man ir punktu?", "en": "how many points do I have?"},
    "products": {"lv": "kāpēc man nav zaļās atzīmes?", "en": "why do I have no green tick?"},
    "status": {"lv": "kas notiek ar manu pieteikumu?", "en": "what is happening with my application?"},
    "tiers": {"lv": "kādus līmeņus es varu izvēlēties?", "en": "which tiers can I choose?"},
}
EVIL = "EOS\x00 R5\x1b[31m\x07\u202e\u2067 [x](https://evil.example)\r\n\n# /restart <b>"


@pytest.fixture(scope="module")
def hostile(odd) -> PortalClient:
    return hostile_customer(odd.backend)


def meaning(said: str) -> str:
    """Return a text without escaped characters: what Markdown may still interpret."""
    return re.sub(r"\\[!-/:-@[-`{-~]", "", said)


def assert_harmless(said: str) -> None:
    assert not re.search(r"[<>]|\]\(|://|`|~~", meaning(said)), said
    assert not [sign for sign in said if unicodedata.category(sign) in ("Cc", "Cf") and sign != "\n"]


def heard_by_rasa(odd, customer: Customer) -> list[str]:
    with sqlite3.connect(odd.stack.folder / "chat.db") as chat:
        query = "SELECT max(conversation_id) FROM messages WHERE id = ?"
        (conversation,) = chat.execute(query, (customer.last,)).fetchone()
    with sqlite3.connect(odd.stack.folder / "rasa.db") as rasa:
        query = "SELECT data FROM events WHERE type_name = 'user' AND sender_id = ?"
        return [json.loads(data)["text"] for (data,) in rasa.execute(query, (conversation,))]


@pytest.mark.parametrize("language", ["lv", "en"])
def test_hostile_names_are_told_as_text_and_nothing_in_them_is_done(odd, hostile, language):
    customer = Customer(odd.stack.web, language)
    customer.say(ASK["points"][language])
    answers = [customer.confirm(odd.backend.address, hostile.email)]
    answers += [customer.say(asked[language]) for asked in ASK.values()]
    told = "\n".join(answers)
    for said in answers:
        assert_harmless(said)
    shown = re.sub(r"\\([!-/:-@[-`{-~])", r"\1", told)
    for model in HOSTILE_MODELS[:7]:
        assert " ".join(model.split()) in shown
    assert "elbisrever RF 50mm (kit) \\ - one" in shown
    assert {"lv": "trūkst pirkuma datuma", "en": "missing purchase date"}[language] in told
    state = customer.state()
    assert (state["language"], state["identity"]["state"]) == (language, "confirmed")
    assert heard_by_rasa(odd, customer)[-4:] == [asked[language] for asked in ASK.values()]
    assert "evil" not in json.dumps(customer.choices)
    assert "<b" not in "".join(letters_to(odd.backend.address, hostile.email))


@pytest.mark.parametrize("language", ["lv", "en"])
def test_control_characters_from_the_account_system_are_not_told(odd, hostile, language):
    customer = Customer(odd.stack.web, language)
    customer.say(ASK["products"][language])
    product = ACCOUNT["products"]["products"][1] | {"model": EVIL, "missing": ["distributor", EVIL]}
    found = json.dumps(account_with(products={"products": [product]})).encode()
    customer.say({"lv": "kādi produkti ir manā kontā?", "en": "which products are in my account?"}[language])
    odd.server.answers["/v1/account"] = [(200, found)]
    said = customer.confirm(odd.backend.address, hostile.email)
    assert_harmless(said)
    assert "**EOS R5 \\[31m" in said
    assert odd.server.answers["/v1/account"] == []

"""The assistant tells points to the customer who has them, and to nobody else."""

import json
import os
import re
import signal
import sqlite3
import time
import uuid

import pytest

from tests.conftest import wait_for
from tests.customer import Customer, code_for, letters_to

ASK = {"lv": "cik man ir punktu?", "en": "how many points do I have?"}


@pytest.mark.parametrize(
    ("email", "lv", "en"),
    [
        ("anna.berzina@example.com", "721 punkts", "721 points"),
        ("janis.kalnins@example.com", "500 punkti", "500 points"),
        ("laura.vitola@example.com", "0 punkti", "0 points"),
        ("martins.liepa@example.com", "2640 punkti", "2,640 points"),
        ("peter.smith@example.com", "2011 punkti", "2,011 points"),
    ],
)
@pytest.mark.parametrize("language", ["lv", "en"])
def test_a_confirmed_customer_is_told_their_points(stack, language, email, lv, en):
    customer = Customer(stack.web, language)
    customer.say(ASK[language])
    assert customer.state()["identity"]["state"] == "email"
    said = customer.confirm(stack.backend, email).replace("\u00a0", "")
    assert {"lv": lv, "en": en}[language] in said
    assert customer.state()["identity"]["state"] == "confirmed"


@pytest.mark.parametrize(("language", "waiting"), [("lv", "641 punkts"), ("en", "641 points")])
def test_points_that_wait_for_a_tick_are_told_with_what_to_do(stack, language, waiting):
    customer = Customer(stack.web, language)
    customer.say(ASK[language])
    said = customer.confirm(stack.backend, "ilze.ozola@example.com")
    assert waiting in said
    assert {"lv": "Skatīt produktu", "en": "View product"}[language] in said


def test_once_confirmed_nothing_is_asked_again(stack, customer):
    customer.say(ASK["lv"])
    customer.confirm(stack.backend, "anna.berzina@example.com")
    assert "721 punkts" in customer.say("cik tad man punktu")
    assert "721 points" in customer.say(ASK["en"])


@pytest.mark.parametrize(
    ("language", "typed_email", "typed_code", "points"),
    [("lv", "mans e-pasts ir {}", "kods {}", "721 punkts"), ("en", "my e-mail is {}", "the code: {}", "721 points")],
)
def test_address_and_code_may_be_typed_into_the_chat_and_are_kept_as_dots(
    stack, language, typed_email, typed_code, points
):
    customer, email = Customer(stack.web, language), "anna.berzina@example.com"
    customer.say(ASK[language])
    customer.say(typed_email.format("wrong.address@example.com"))
    seen = letters_to(stack.backend, email)
    customer.say(typed_email.format(email))
    code = code_for(stack.backend, email, seen)
    said = customer.say(typed_code.format(code))
    if points not in said:
        said = customer.hear(customer.last)
    assert points in said
    transcript = " ".join(message["text"] for message in customer.events()[0])
    assert "@" not in transcript
    assert code not in transcript
    assert "••••••" in transcript


# Questions while the form waits for an address, and then for a code.
BETWEEN = {
    "lv": [
        "mans vecais e-pasts bija inga.kruze@example.com, cik punktu vajag, lai pievienotos?",
        "Vai RF 100-500 dod punktus?",
        "rēķins Nr. 202611 nav atnācis, kad to saņemšu?",
    ],
    "en": [
        "my old e-mail was inga.kruze@example.com, how many points do I need to join?",
        "does the RF 100-500 give points?",
        "invoice no. 202611 has not come, when will I get it?",
    ],
}


def answers(customer: Customer, typed: str) -> set[str]:
    """Send a message; return the authors of the answers."""
    before = customer.last
    customer.say(typed)
    return {message["author"] for message in customer.events(before)[0]} - {"customer"}


@pytest.mark.parametrize(("language", "points"), [("lv", "500 punkti"), ("en", "500 points")])
def test_a_question_is_answered_while_the_form_is_open_and_the_code_on_its_way_stays_good(stack, language, points):
    customer, email, other = Customer(stack.web, language), "janis.kalnins@example.com", "inga.kruze@example.com"
    customer.say(ASK[language])
    others = len(letters_to(stack.backend, other))
    assert "500" in customer.say(BETWEEN[language][0])
    seen = letters_to(stack.backend, email)
    assert customer.call("POST", "conversation/identity/email", {"email": email}).status_code == 204
    code = code_for(stack.backend, email, seen)
    assert [answers(customer, typed) for typed in BETWEEN[language]] == [{"assistant"}] * 3
    assert customer.state()["identity"]["state"] == "code"
    assert len(letters_to(stack.backend, other)) == others
    last = customer.last
    assert customer.call("POST", "conversation/identity/code", {"code": code}).status_code == 200
    assert wait_for(lambda: points in " ".join(message["text"] for message in customer.events(last)[0]))


def test_neither_address_nor_code_nor_token_reaches_rasa_or_a_log(stack):
    email = "anna.berzina@example.com"
    customer = Customer(stack.web)
    for text in (ASK["lv"], email):  # the second is sent before the first is answered
        customer.call("POST", "conversation/messages", {"client_id": str(uuid.uuid4()), "text": text})
    wait_for(lambda: customer.state()["identity"]["state"] in ("email", "code"))
    seen = letters_to(stack.backend, email)
    customer.say(email)
    code = code_for(stack.backend, email, seen)
    customer.call("POST", "conversation/identity/code", {"code": code})
    files = [*stack.folder.glob("rasa.db*"), *(stack.folder / "logs").iterdir()]
    assert files
    for path in files:
        content = path.read_bytes()
        assert email.encode() not in content, path
        # As a whole word, because six digits turn up by chance inside timestamps and identifiers.
        assert not re.search(rb"(?<![\w.])" + code.encode() + rb"(?!\w)", content), path
        assert customer.token.encode() not in content, path


@pytest.mark.parametrize(("language", "said"), [("lv", "konta datus nerādīšu"), ("en", "will not show")])
def test_who_does_not_want_to_confirm_is_told_that_it_is_fine(stack, language, said):
    customer = Customer(stack.web, language)
    customer.say(ASK[language])
    assert customer.call("DELETE", "conversation/identity").status_code == 204
    assert said in customer.hear(customer.last)
    assert customer.state()["identity"]["state"] == "none"


@pytest.mark.parametrize("language", ["lv", "en"])
def test_logging_out_ends_the_access(stack, language):
    customer = Customer(stack.web, language)
    customer.say(ASK[language])
    customer.confirm(stack.backend, "anna.berzina@example.com")
    assert customer.call("DELETE", "conversation/identity").status_code == 204
    customer.begin(language)
    customer.hear(0)  # the greeting
    assert "721" not in customer.say(ASK[language])
    assert customer.state()["identity"]["state"] == "email"


def test_a_confirmation_that_ran_out_is_asked_for_again(stack, customer):
    customer.say(ASK["lv"])
    customer.confirm(stack.backend, "anna.berzina@example.com")
    with sqlite3.connect(stack.folder / "chat.db", timeout=10) as database:
        database.execute(
            "UPDATE conversations SET access_expires_at = '2020-01-01 00:00:00' WHERE identity = 'confirmed'"
        )
    assert customer.state()["identity"] == {"state": "none", "name": None, "by_website": False}
    assert "721" not in customer.say(ASK["lv"])
    assert customer.state()["identity"]["state"] == "email"


@pytest.mark.parametrize(
    "typed",
    [
        "/ask_my_points",
        '/greet{"language": "en"}',
        '  /set_language{"language": "en"}',
        "/identity_cancelled",
        "/restart",
        "/start",
        "\u200b/restart",
        "\x1f/ask_tiers",
        "\u00a0/ask_tiers",
    ],
)
def test_what_a_person_types_is_text_even_with_a_slash(stack, customer, typed):
    said = customer.say(typed)
    assert "nerādīšu" not in said  # the answer to the payload /identity_cancelled
    assert said != customer.greeting  # the answer to the payload /start
    with sqlite3.connect(stack.folder / "rasa.db") as tracker:
        (row,) = tracker.execute("SELECT data FROM events WHERE type_name = 'user' ORDER BY id DESC LIMIT 1")
    heard = json.loads(row[0])
    assert typed.strip()[-4:] in heard["text"]
    assert heard["parse_data"]["intent"]["confidence"] < 1  # a payload has confidence 1
    assert not [entity for entity in heard["parse_data"]["entities"] if entity["extractor"] == "RegexMessageHandler"]


@pytest.mark.parametrize(("language", "wrong"), [("lv", "nav pareizs"), ("en", "is not right")])
def test_a_wrong_code_is_said_and_five_spend_it(stack, language, wrong):
    customer = Customer(stack.web, language)
    customer.say(ASK[language])
    customer.call("POST", "conversation/identity/email", {"email": "nobody.known@example.com"})
    for _ in range(5):
        refused = customer.call("POST", "conversation/identity/code", {"code": "123456"})
        assert refused.status_code == 422
        assert wrong in refused.json()["detail"]
    spent = customer.call("POST", "conversation/identity/code", {"code": "123456"})
    assert spent.status_code == 429
    refused = customer.call("POST", "conversation/identity/email", {"email": "nobody.known@example.com"})
    assert refused.status_code == 429
    for said in (spent, refused):
        assert {"lv": "prioritār", "en": "priority support"}[language] in said.json()["detail"]


def test_a_dead_backend_is_said_with_another_try_and_a_person(stack):
    customers = {}
    for language in ("lv", "en"):
        customers[language] = Customer(stack.web, language)
        customers[language].say(ASK[language])
        customers[language].confirm(stack.backend, "anna.berzina@example.com")
    pid = stack.pid_of("backend")
    os.kill(pid, signal.SIGSTOP)
    try:
        for language, words in (("lv", "nevaru piekļūt"), ("en", "cannot reach")):
            assert words in customers[language].say(ASK[language])
            assert len(customers[language].choices) == 2
    finally:
        os.kill(pid, signal.SIGCONT)
    time.sleep(0.5)
    assert "721 punkts" in customers["lv"].choose("Mēģināt vēlreiz")
    assert "721 points" in customers["en"].choose("Try again")

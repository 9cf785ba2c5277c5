"""The account system fails in mid-conversation: the assistant says so, goes on, and answers a retry."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from actions.backend import FAILURES
from tests.agent import Agent
from tests.conftest import wait_for
from tests.customer import Customer, logged_in
from tests.sample_account import account_with

LANGUAGES = ["lv", "en"]
EMAIL = "raimonds.celms@example.com"
PAYMENT = {"lv": "kad man jāmaksā?", "en": "when do I have to pay?"}
POINTS = {"lv": "cik man ir punktu?", "en": "how many points do I have?"}
GENERAL = {"lv": "cik punktu vajag, lai pievienotos?", "en": "how many points do I need to join?"}
FAILED = {"lv": "šobrīd nevaru piekļūt Jūsu kontam", "en": "cannot reach your account right now"}
RETRY, PERSON = {"lv": "Mēģināt vēlreiz", "en": "Try again"}, {"lv": "Runāt ar cilvēku", "en": "Talk to a person"}
INVOICE = "CPS-2026-0218"
WHOLE = json.dumps(account_with(membership={"number": "WRONG"})).encode()
FAULTS = {
    "it breaks": (500, b'{"type": "urn:cps:broken"}'),
    "it is busy": (503, b"{}"),
    "it leads elsewhere": (302, b"{}"),
    "it knows no accounts": (404, b"{}"),
    "it answers late": ("slow", WHOLE),
    "its answer drips": ("drips", WHOLE),
    "its answer is cut off": (200, WHOLE[:-9]),
    "it dies in mid-answer": ("cut", WHOLE[:-9]),
    "it dies before it answers": ("dead", b""),
    "its types are wrong": (
        200,
        json.dumps(account_with(membership={"invoice": {"number": 218, "issued_at": "soon"}})).encode(),
    ),
    "its state is made up": (200, json.dumps(account_with(membership={"state": "paid_twice"})).encode()),
    "a field is missing": (200, b'{"state": "open"}'),
    "it answers a page": (200, b"<!doctype html><title>Log in</title>"),
    "it answers nothing": (200, b""),
    "it answers a list": (200, b"[]"),
    "it answers bytes": (200, b"\xff\xfe\x00\x81"),
    "it is nested too deep": (200, b"[" * 100_000),
}


def in_each_language(work) -> list:
    with ThreadPoolExecutor(len(LANGUAGES)) as pool:
        return list(pool.map(work, LANGUAGES))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_said_the_conversation_goes_on_and_another_try_is_answered(odd, fault):
    odd.server.answers["/v1/account"] = [FAULTS[fault]] * 100

    def meet(language: str) -> tuple[Customer, str, list[dict], str]:
        customer = logged_in(odd.stack.web, EMAIL, language)
        said = customer.say(PAYMENT[language])
        choices = customer.choices
        return customer, said, choices, customer.say(GENERAL[language])

    met = in_each_language(meet)
    odd.server.answers.clear()
    for language, (customer, said, choices, general) in zip(LANGUAGES, met, strict=True):
        assert FAILED[language] in said
        assert "WRONG" not in said
        assert [choice["title"] for choice in choices] == [RETRY[language], PERSON[language]]
        assert "500" in general
        customer.choices = choices  # the buttons are still on the screen
        assert INVOICE in customer.choose(RETRY[language])
        assert "500" in customer.say(GENERAL[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fault_while_one_confirms_is_said_and_the_form_stays(odd, language):
    customer = Customer(odd.stack.web, language)
    customer.say(POINTS[language])
    odd.server.answers["/v1/verifications"] = [(500, b"{}")]
    refused = customer.call("POST", "conversation/identity/email", {"email": EMAIL})
    assert refused.status_code == 503
    assert {"lv": "Kontu sistēma pašlaik nav pieejama", "en": "cannot reach the account system"}[
        language
    ] in refused.text
    assert customer.state()["identity"]["state"] == "email"
    assert re.search("600 punkt|600 points", customer.confirm(odd.backend.address, EMAIL))


def test_an_account_system_that_keeps_failing_is_left_alone_for_a_while_and_then_asked_again(odd):
    customers = {language: logged_in(odd.stack.web, EMAIL, language) for language in LANGUAGES}
    odd.server.answers["/v1/account"] = [(500, b"{}")] * 100
    for _ in range(FAILURES):  # other customers, as a second failure in a row calls a person
        logged_in(odd.stack.web, EMAIL, "lv").say(PAYMENT["lv"])
    asked = odd.server.asked.count(("GET", "/v1/account"))
    for language, customer in customers.items():
        assert FAILED[language] in customer.say(PAYMENT[language])
        assert [choice["title"] for choice in customer.choices] == [RETRY[language], PERSON[language]]
    assert odd.server.asked.count(("GET", "/v1/account")) == asked
    odd.server.answers.clear()
    for language in customers:

        def hears_invoice(language: str = language) -> bool:
            return INVOICE in logged_in(odd.stack.web, EMAIL, language).say(PAYMENT[language])

        wait_for(hears_invoice, timeout=60, pause=1)


def test_while_nobody_is_at_the_desk_failed_look_ups_offer_a_person_and_the_assistant_goes_on(odd):
    odd.server.answers["/v1/account"] = [(404, b"{}")] * 100
    try:
        for language in LANGUAGES:
            customer = logged_in(odd.stack.web, EMAIL, language)
            customer.say(PAYMENT[language])
            assert FAILED[language] in customer.choose(RETRY[language])
            assert customer.state()["owner"] == "assistant"
            assert [choice["title"] for choice in customer.choices] == [RETRY[language], PERSON[language]]
            choices = customer.choices
            assert "500" in customer.say(GENERAL[language])
            customer.choices = choices
            customer.choose(PERSON[language])
            assert customer.state()["owner"] == "waiting"
            customer.call("DELETE", "conversation/person")
    finally:
        odd.server.answers.clear()


def test_a_second_failed_look_up_in_a_row_calls_a_person_and_one_does_not(odd):
    Agent(odd.stack.folder).sits_down()
    odd.server.answers["/v1/account"] = [(404, b"{}")] * 100  # a refusal, which the circuit breaker does not count
    try:
        for language in LANGUAGES:
            customer = logged_in(odd.stack.web, EMAIL, language)
            assert FAILED[language] in customer.say(PAYMENT[language])
            assert customer.state()["owner"] == "assistant"
            customer.choose(RETRY[language])
            assert customer.state()["owner"] == "waiting"
            customer.call("DELETE", "conversation/person")
    finally:
        odd.server.answers.clear()

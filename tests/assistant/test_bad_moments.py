"""Rasa dies, messages are odd, streams break: nothing is lost, and everything is answered."""

import os
import signal
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import wait_for
from tests.customer import Customer


@pytest.mark.parametrize(
    ("language", "question", "told", "fact"),
    [
        ("lv", "cik punktu vajag, lai pievienotos?", "neatbild", "500"),
        ("en", "how many points do I need to join?", "not answering", "500"),
    ],
)
def test_while_rasa_is_dead_the_message_waits_and_is_answered_when_it_is_back(stack, language, question, told, fact):
    customer = Customer(stack.web, language)
    os.kill(stack.pid_of("rasa"), signal.SIGKILL)
    sent = customer.call("POST", "conversation/messages", {"client_id": str(uuid.uuid4()), "text": question})
    assert sent.status_code == 201
    notice = wait_for(lambda: [m for m in customer.events(sent.json()["id"])[0] if m["author"] == "notice"])
    assert told in notice[0]["text"]
    assert [choice["command"] for choice in notice[0]["choices"]] == ["ask_person"]
    assert customer.state()["waiting"]
    assert "rasa ended" in stack.output
    answered = wait_for(
        lambda: [m for m in customer.events(sent.json()["id"])[0] if m["author"] == "assistant"], timeout=150
    )
    assert fact in answered[0]["text"]
    assert not customer.state()["waiting"]


@pytest.mark.parametrize(
    ("language", "question", "points"),
    [("lv", "cik man ir punktu?", "721 punkts"), ("en", "how many points do I have?", "721 points")],
)
def test_a_question_that_meets_dead_actions_is_answered_when_they_are_back(stack, language, question, points):
    customer = Customer(stack.web, language)
    customer.say(question)
    customer.confirm(stack.backend, "anna.berzina@example.com")
    os.kill(stack.pid_of("actions"), signal.SIGKILL)
    sent = customer.call("POST", "conversation/messages", {"client_id": str(uuid.uuid4()), "text": question})
    wait_for(lambda: points in " ".join(m["text"] for m in customer.events(sent.json()["id"])[0]), 90)


WALK = {"lv": ("palīdzi man soli pa solim", "gatavs", "jā"), "en": ("walk me through it step by step", "done", "yes")}
# An action computes the answer, and would say it in other words if it were asked again.
ASKED = {
    "lv": (WALK["lv"][0], "vai ar 2500 punktiem pietiek korporatīvajam līmenim?", "gatavs"),
    "en": (WALK["en"][0], "are 2500 points enough for a corporate tier?", "done"),
}


@pytest.mark.parametrize(
    ("is_stopped_before", "talk"), [(True, WALK), (False, ASKED)], ids=["before it hears", "while it answers"]
)
def test_a_turn_that_took_too_long_is_done_once(stack, is_stopped_before, talk):
    def begin(language: str) -> Customer:
        customer = Customer(stack.web, language)
        customer.say(talk[language][0])
        return customer

    undisturbed = {language: begin(language) for language in talk}
    expected = {language: customer.say(talk[language][1]) for language, customer in undisturbed.items()}
    customers = {language: begin(language) for language in talk}
    rasa, actions = stack.pid_of("rasa"), stack.pid_of("actions")

    def send(language: str) -> int:
        body = {"client_id": str(uuid.uuid4()), "text": talk[language][1]}
        return customers[language].call("POST", "conversation/messages", body).json()["id"]

    def states() -> list[dict]:
        return [customer.state() for customer in customers.values()]

    with ThreadPoolExecutor(len(talk)) as pool:
        # Without the action server Rasa begins the turn and cannot end it before it is stopped too.
        os.kill(rasa if is_stopped_before else actions, signal.SIGSTOP)
        try:
            sent = dict(zip(talk, pool.map(send, talk), strict=True))
            wait_for(lambda: all(one["typing"] or one["waiting"] for one in states()))
            time.sleep(1)
            os.kill(rasa, signal.SIGSTOP)
            os.kill(actions, signal.SIGCONT)
            # `waiting` means that the first requests to Rasa have failed and are being repeated.
            wait_for(lambda: all(one["waiting"] for one in states()))
            time.sleep(2)
        finally:
            os.kill(actions, signal.SIGCONT)
            os.kill(rasa, signal.SIGCONT)
    for language, customer in customers.items():

        def answered(customer: Customer = customer, language: str = language) -> list[str] | None:
            messages, state = customer.events(sent[language])
            said = [m["text"] for m in messages if m["author"] == "assistant"]
            return said if said and not state["typing"] and not state["waiting"] else None

        other = undisturbed[language]
        assert "\n".join(wait_for(answered)) == expected[language]
        assert customer.say(talk[language][2]) == other.say(talk[language][2])
        said = [m["text"] for m in customer.events()[0] if m["author"] == "assistant"]
        assert said == [m["text"] for m in other.events()[0] if m["author"] == "assistant"]


def test_a_web_process_that_dies_forgets_nothing(stack):
    customer = Customer(stack.web)
    customer.say("cik punktu vajag?")
    before = customer.events()[0]
    os.kill(stack.pid_of("web"), signal.SIGKILL)
    after = wait_for(lambda: customer.events()[0], timeout=60)
    assert after == before
    assert "500" in customer.say("cik punktu vajag lai pievienotos")


@pytest.mark.parametrize(
    "typed",
    [
        "👍👍👍",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "asdfghjkl qwertz",
        "?",
        "/",
        "//",
        "Сколько баллов мне нужно?",
        "a" * 2000,
        "punkti " * 280,
        "{points} {{7*7}} %s \\u0000",
        "'; DROP TABLE messages; --",
        "\u202eneidaltas\u202c",
        "EXTERNAL: start",
    ],
)
def test_an_odd_message_gets_an_answer_and_stays_as_it_was_typed(customer, typed):
    said = customer.say(typed)
    assert said
    assert customer.events()[0][-1]["author"] != "customer"
    mine = [message["text"] for message in customer.events()[0] if message["author"] == "customer"]
    assert mine[-1] == typed.strip()


def test_messages_sent_at_once_are_answered_in_order(customer):
    texts = ["cik punktu vajag?", "what tiers are there?", "kāpēc nav zilās pogas?", "thank you"]
    ids = []
    for text in texts:
        sent = customer.call("POST", "conversation/messages", {"client_id": str(uuid.uuid4()), "text": text})
        ids.append(sent.json()["id"])
    assert ids == sorted(ids)

    def all_answered() -> list[dict] | None:
        messages, state = customer.events(ids[-1] - 1)
        return messages if not state["typing"] and any("welcome" in m["text"] for m in messages) else None

    wait_for(all_answered)
    answers = [m["text"] for m in customer.events(ids[0] - 1)[0] if m["author"] == "assistant"]
    for fact, answer in zip(("500", "silver", "prioritār", "welcome"), answers, strict=True):
        assert fact in answer

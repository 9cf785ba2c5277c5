"""A message has one id in the logs of all processes, from the browser to the account system."""

import json
import uuid

import pytest
import requests

from tests.conftest import Stack, wait_for
from tests.customer import Customer, logged_in

ASKED = {
    "lv": ("cik man ir punktu?", "721 punkts"),
    "en": ("how many points do I have?", "721 points"),
}


def send(customer: Customer, text: str) -> tuple[str, int]:
    """Send a message as the chat window does; return the id of the request and that of the message."""
    name = str(uuid.uuid4())
    sent = customer.call(
        "POST", "conversation/messages", {"client_id": name, "text": text}, headers={"x-request-id": name}
    )
    assert sent.headers["x-request-id"] == name
    return name, sent.json()["id"]


def lines(stack: Stack, part: str, name: str) -> list[str]:
    return [one for one in (stack.folder / "logs" / f"{part}.log").read_text().splitlines() if name in one]


def events(stack: Stack, part: str, name: str) -> set[str]:
    said = [json.loads(line) for line in lines(stack, part, name)]
    assert all(one["request"] == name for one in said)
    return {one["event"] for one in said}


@pytest.mark.parametrize("language", ASKED)
def test_a_look_up_is_followed_through_all_logs(stack, language):
    question, fact = ASKED[language]
    customer = logged_in(stack.web, "anna.berzina@example.com", language)
    name, number = send(customer, question)
    assert fact in customer.hear(number)
    wait_for(lambda: "message_answered" in events(stack, "web", name))
    assert events(stack, "actions", name) == {"account_read"}
    assert events(stack, "backend", name) == {"request_answered"}
    assert json.loads(lines(stack, "backend", name)[0])["path"] == "/v1/account"


@pytest.mark.parametrize("text", [question for question, _ in ASKED.values()])
def test_a_turn_that_fails_in_rasa_is_found_by_the_same_id(stack, text):
    name = str(uuid.uuid4())
    body = {"sender": uuid.uuid4().hex, "message": text, "metadata": {"request": name, "person": "no number"}}
    assert requests.post(f"{stack.rasa}/webhooks/rest/webhook", json=body, timeout=30).status_code == 500
    assert ["was not handled" in line for line in wait_for(lambda: lines(stack, "rasa", f"(request {name})"))] == [True]

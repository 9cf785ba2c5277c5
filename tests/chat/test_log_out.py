"""A customer who logs out, or whom somebody else follows: the conversation ends, and the next knows nothing of it."""

import uuid

import pytest
import requests

from tests.agent import Agent
from tests.customer import Customer, code_for, letters_to, run_out, website_token

ANNA, PETER, JANIS = "anna.berzina@example.com", "peter.smith@example.com", "janis.kalnins@example.com"
POINTS = {"lv": "cik man ir punktu?", "en": "how many points do I have?"}
NOT_ME = {"lv": "es neesmu Anna", "en": "I am not Anna"}
OF_ANNA, OF_JANIS = "721", {"lv": "500 punkti", "en": "500 points"}


def vouched(customer: Customer, token: str) -> requests.Response:
    return customer.call("POST", "conversation/identity/token", {"token": token})


def arrive(stack, language: str, way: str) -> Customer:
    """Return Anna, confirmed in one of the two ways, who has heard how many points she has."""
    customer = Customer(stack.web, language)
    if way == "website":
        assert vouched(customer, website_token(stack.web, ANNA)).status_code == 200
        assert OF_ANNA in customer.say(POINTS[language])
    else:
        customer.say(POINTS[language])
        assert OF_ANNA in customer.confirm(stack.backend, ANNA)
    return customer


def goes_on_afresh(customer: Customer, language: str) -> None:
    """Check that a conversation is over, and begin another one, as the window does."""
    for method, path in (
        ("GET", "conversation"),
        ("GET", "conversation/events"),
        ("GET", "conversation/transcript"),
        ("POST", "conversation/transcript/letter"),
        ("POST", "conversation/restart"),
    ):
        over = customer.call(method, path)
        assert (over.status_code, OF_ANNA in over.text) == (401, False), path
    customer.begin(language)
    customer.hear(0)  # the greeting
    assert customer.state()["identity"] == {"state": "none", "name": None, "by_website": False}


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("way", ["website", "code"])
@pytest.mark.parametrize("leave", ["conversation", "conversation/identity"])
def test_who_logs_out_ends_the_conversation_and_its_key(stack, language, way, leave):
    customer = arrive(stack, language, way)
    assert customer.call("DELETE", leave).status_code == 204
    goes_on_afresh(customer, language)
    assert OF_ANNA not in customer.say(POINTS[language])
    assert OF_ANNA not in customer.call("GET", "conversation/transcript").text


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("way", ["website", "code"])
def test_who_is_not_the_confirmed_customer_begins_a_conversation_of_their_own(stack, language, way):
    customer = arrive(stack, language, way)
    said = {"client_id": str(uuid.uuid4()), "text": NOT_ME[language]}
    assert customer.call("POST", "conversation/messages", said).status_code == 201
    customer.hears_the_end()
    goes_on_afresh(customer, language)
    assert OF_ANNA not in customer.say(POINTS[language])


@pytest.mark.parametrize("language", ["lv", "en"])
def test_who_was_never_confirmed_stays_in_the_conversation(stack, language):
    customer = Customer(stack.web, language)
    customer.say(NOT_ME[language])
    assert customer.state()["owner"] == "assistant"


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("way", ["website", "code"])
@pytest.mark.parametrize("is_over", [False, True], ids=["confirmed", "run-out"])
def test_another_customers_token_opens_another_conversation(stack, language, way, is_over):
    customer = arrive(stack, language, way)
    if is_over:
        run_out(stack, customer.token)
    token = website_token(stack.web, JANIS)
    assert vouched(customer, token).status_code == 401
    goes_on_afresh(customer, language)
    assert vouched(customer, token).json()["name"] == "Jānis Kalniņš"
    assert OF_JANIS[language] in customer.say(POINTS[language]).replace("\u00a0", " ")
    assert OF_ANNA not in customer.call("GET", "conversation/transcript").text


def test_a_token_is_spent_when_its_customer_logs_out(stack):
    customer, token = Customer(stack.web), website_token(stack.web, ANNA)
    for _ in range(2):  # a page that is loaded again changes nothing
        assert vouched(customer, token).status_code == 200
    customer.call("DELETE", "conversation")
    goes_on_afresh(customer, "lv")
    assert vouched(customer, token).status_code == 403
    assert customer.state()["identity"]["state"] == "none"


def test_a_token_that_no_conversation_has_used_is_spent_by_the_log_out_of_the_website(stack):
    unused, other = website_token(stack.web, ANNA), website_token(stack.web, ANNA)
    customer = Customer(stack.web)
    body = {"tokens": [unused, "no token", unused], "language": "lv"}
    for _ in range(2):  # a log-out may be told twice
        assert requests.post(f"{stack.web}/api/website-tokens/spent", json=body, timeout=10).status_code == 204
    assert vouched(customer, unused).status_code == 403
    assert customer.state()["identity"]["state"] == "none"
    assert vouched(customer, other).status_code == 200


def test_a_token_in_use_stays_with_its_conversation(stack):
    customer, token = Customer(stack.web), website_token(stack.web, ANNA)
    assert vouched(customer, token).status_code == 200
    body = {"tokens": [token], "language": "lv"}
    assert requests.post(f"{stack.web}/api/website-tokens/spent", json=body, timeout=10).status_code == 204
    assert vouched(customer, token).status_code == 200


def test_a_spent_token_ends_nobody_elses_conversation(stack):
    spent = website_token(stack.web, JANIS)
    janis = Customer(stack.web)
    vouched(janis, spent)
    janis.call("DELETE", "conversation")
    customer = arrive(stack, "lv", "website")
    assert vouched(customer, spent).status_code == 403
    assert customer.state()["identity"]["name"] == "Anna Bērziņa"


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("is_typed", [False, True], ids=["form", "chat"])
def test_another_customers_code_leads_to_a_conversation_in_which_the_question_is_answered(stack, language, is_typed):
    customer = arrive(stack, language, "code")
    run_out(stack, customer.token)
    customer.say(POINTS[language])
    seen = letters_to(stack.backend, JANIS)
    assert customer.call("POST", "conversation/identity/email", {"email": JANIS}).status_code == 204
    code = code_for(stack.backend, JANIS, seen)
    path, body = "conversation/identity/code", {"code": code}
    if is_typed:
        path, body = "conversation/messages", {"client_id": str(uuid.uuid4()), "text": code}
    given = customer.call("POST", path, body)
    assert customer.call("GET", "conversation/transcript").status_code == 401
    customer.use(given.json()["token"])
    customer.last = 0
    while OF_JANIS[language] not in customer.hear(customer.last).replace("\u00a0", " "):
        pass
    assert customer.state()["identity"]["name"] == "Jānis Kalniņš"
    assert OF_ANNA not in customer.call("GET", "conversation/transcript").text


@pytest.mark.parametrize("language", ["lv", "en"])
def test_the_same_customers_code_goes_on_in_the_conversation(stack, language):
    customer = arrive(stack, language, "code")
    run_out(stack, customer.token)
    customer.say(POINTS[language])
    assert OF_ANNA in customer.confirm(stack.backend, ANNA)
    assert customer.call("GET", "conversation/transcript").text.count(OF_ANNA) == 2


@pytest.mark.parametrize("way", ["logs out", "is somebody else", "is not Anna"])
def test_who_leaves_the_queue_or_an_agent_by_a_log_out_is_gone_for_both(stack, way):
    """The next in the queue moves up, and what was typed for the agent is masked, as after any closing."""
    liga = Agent(stack.folder)
    liga.lets_all_go()
    waiting, second = arrive(stack, "lv", "website"), Customer(stack.web)
    for customer in (waiting, second):
        assert customer.call("POST", "conversation/person").status_code == 204
    assert second.state()["queue"]["place"] == 2
    if way == "logs out":
        assert waiting.call("DELETE", "conversation").status_code == 204
    elif way == "is somebody else":
        assert vouched(waiting, website_token(stack.web, PETER)).status_code == 401
    else:
        said = {"client_id": str(uuid.uuid4()), "text": NOT_ME["lv"]}
        assert waiting.call("POST", "conversation/messages", said).status_code == 201
        waiting.hears_the_end()
    assert second.state()["queue"]["place"] == 1
    goes_on_afresh(waiting, "lv")
    liga.lets_all_go()

"""A customer asks in the chat for their data, or for its erasure: once confirmed, supervisors see the request."""

import json

import pytest

from bot.conversations import data_requests
from bot.conversations.privacy import ADDED
from bot.database import Database
from bot.dialogue.answers import read_responses
from tests.backend.conftest import ANNA, KEY, start_backend
from tests.conftest import stop_process
from tests.customer import Customer
from tests.odd_server import serve_oddly

WEBHOOK = "/webhooks/rest/webhook"
BUTTONS = {
    "lv": {"erasure": "Lūgt izdzēst manus datus", "export": "Saņemt savus datus"},
    "en": {"erasure": "Have my data erased", "export": "Get my data"},
}
ACCEPTED = {
    "lv": {"erasure": "lūgums izdzēst datus ir pieņemts", "export": "lūgums saņemt savus datus ir pieņemts"},
    "en": {"erasure": "request to erase your data has been accepted", "export": "request for your data has been"},
}
FACTS = {
    "lv": ("Datu pārzinis: Canon SIA {x}", "– 400", "– 80", "Datu valsts inspekcijā"),
    "en": ("Data controller: Canon SIA {x}", "called 400", "others 80", "Data State Inspectorate"),
}
GREETING = {"text": "Hello!", "response": "utter_greet"}


@pytest.fixture(scope="module")
def rasa():
    with serve_oddly() as server:
        yield server


@pytest.fixture(scope="module")
def web(start_web, tmp_path_factory, rasa):
    """The chat with settings of its own, the reference accounts, and a Rasa that says what a test tells it to."""
    backend, process = start_backend(tmp_path_factory.mktemp("accounts"))
    given = {"controller": "Canon SIA {x}", "keep_conversations_days": "400", "keep_unattended_days": "80"}
    started = start_web(rasa_port=str(rasa.server_address[1]), backend_url=backend.address, backend_key=KEY, **given)
    started.backend = backend.address
    yield started
    stop_process(process)


def asks(web, rasa, language: str, response: str) -> tuple[Customer, str]:
    """Begin a conversation, and ask what the assistant answers with a response; return what is said."""
    said = [{**GREETING, "language": language}], [{"text": "Yes.", "response": response}]
    rasa.answers[WEBHOOK] = [(200, json.dumps(one).encode()) for one in said]
    customer = Customer(web.web, language)
    return customer, customer.say("delete my data")


def open_requests(web, email: str) -> list[str]:
    with Database(f"sqlite:///{web.folder / 'chat.db'}").read() as session:
        return [one.kind for one in data_requests.open_requests(session, 100) if one.email == email]


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("kind", ["erasure", "export"])
def test_a_request_is_recorded_once_the_customer_is_confirmed(web, rasa, language, kind):
    email = {"lv": ANNA, "en": "peter.smith@example.com"}[language]
    customer, _ = asks(web, rasa, language, "utter_data_privacy")
    customer.choose(BUTTONS[language][kind])
    assert customer.state()["identity"]["state"] == "email"
    assert kind not in open_requests(web, email)
    confirmed = customer.confirm(web.backend, email)
    assert ACCEPTED[language][kind] in confirmed
    assert open_requests(web, email).count(kind) == 1


def test_a_confirmed_customer_is_not_asked_again_and_repeats_one_request_only(web, rasa):
    email = "guna.lace@example.com"
    customer, _ = asks(web, rasa, "en", "utter_privacy_may_delete")
    customer.choose(BUTTONS["en"]["erasure"])
    assert ACCEPTED["en"]["erasure"] in customer.confirm(web.backend, email)
    again = [{"text": "Yes.", "response": "utter_privacy_may_delete_again"}]
    rasa.answers[WEBHOOK] = [(200, json.dumps(again).encode())]
    assert "Press the button" in customer.say("delete my data")
    assert "made this request already" in customer.choose(BUTTONS["en"]["erasure"])
    assert open_requests(web, email) == ["erasure"]


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("response", ["utter_data_privacy", "utter_privacy_how_long", "utter_privacy_which_again"])
def test_the_answer_about_privacy_has_the_facts_of_the_settings(web, rasa, language, response):
    _, said = asks(web, rasa, language, response)
    assert [fact for fact in FACTS[language] if fact not in said] == []


def test_other_answers_have_none(web, rasa):
    customer, said = asks(web, rasa, "en", "utter_payment")
    assert said == "Yes."
    assert customer.choices == []


def test_what_is_added_belongs_to_answers_that_exist():
    assert ADDED.keys() <= read_responses().keys()

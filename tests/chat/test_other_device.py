"""Who confirms who they are on another device goes on there in their conversation with a person."""

from collections.abc import Callable, Iterator

import pytest

from tests.agent import Agent
from tests.backend.conftest import ANNA, KEY, start_backend
from tests.conftest import Web, stop_process
from tests.customer import Customer, code_for, letters_to

GUNA = "guna.lace@example.com"


@pytest.fixture(scope="module")
def place(start_web: Callable[..., Web], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    backend, accounts = start_backend(tmp_path_factory.mktemp("accounts"), codes_an_hour="1000")
    web = start_web(backend_url=backend.address, backend_key=KEY)
    Agent(web.folder).sits_down()
    yield Web(web.folder, web.web, backend.address)
    stop_process(accounts)


@pytest.fixture
def liga(place: Web) -> Agent:
    return Agent(place.folder)


def confirm(place: Web, customer: Customer, email: str) -> dict:
    assert customer.call("POST", "conversation/identity").status_code == 204
    seen = letters_to(place.backend, email)
    assert customer.call("POST", "conversation/identity/email", {"email": email}).status_code == 204
    given = customer.call("POST", "conversation/identity/code", {"code": code_for(place.backend, email, seen)})
    assert given.status_code == 200, given.text
    return given.json()


def come(place: Web, email: str = "") -> Customer:
    customer = Customer(place.web, is_greeted=False)
    if email:
        assert confirm(place, customer, email)["name"]
    return customer


def with_liga(place: Web, liga: Agent, email: str) -> Customer:
    customer = come(place, email)
    assert customer.call("POST", "conversation/person").status_code == 204
    liga.takes(customer.token)
    return customer


def texts(customer: Customer) -> list[str]:
    return [message["text"] for message in customer.events()[0]]


def test_a_customer_goes_on_in_the_same_conversation_on_both_devices(place, liga):
    first = with_liga(place, liga, ANNA)
    liga.says(first.token, "Sveiki!")
    second = come(place)
    former = second.token
    found = confirm(place, second, ANNA)
    assert found["resumed"]
    second.use(former)
    assert second.call("GET", "conversation").status_code == 401
    second.use(found["token"])
    assert texts(second) == texts(first)
    assert "Sveiki!" in texts(second)
    assert first.state() == second.state()
    assert second.call("DELETE", "conversation").status_code == 204  # logs out on both
    assert first.call("GET", "conversation").status_code == 401


def test_an_answer_that_was_not_seen_is_found_after_the_conversation_was_closed(place, liga):
    first = with_liga(place, liga, GUNA)
    answer = liga.says(first.token, "Sveiki!")
    liga.closes(first.token)
    second = come(place)
    found = confirm(place, second, GUNA)
    second.use(found["token"])
    assert "Sveiki!" in texts(second)
    assert second.call("POST", "conversation/seen", {"id": answer}).status_code == 204
    assert not confirm(place, come(place), GUNA)["resumed"]
    second.call("DELETE", "conversation")


def test_what_another_customer_has_confirmed_or_nobody_waits_for_is_not_found(place, liga):
    first = with_liga(place, liga, ANNA)
    left = {"client_id": "client-0001", "email": GUNA, "text": "?"}  # somebody else's address
    assert first.call("POST", "conversation/ticket", left).status_code == 204
    assert not confirm(place, come(place), GUNA)["resumed"]
    liga.gives_back(first.token)
    assert not confirm(place, come(place), ANNA)["resumed"]
    first.call("DELETE", "conversation")


def test_who_talks_with_a_person_is_not_moved(place, liga):
    first, second = with_liga(place, liga, ANNA), come(place)
    assert second.call("POST", "conversation/person").status_code == 204
    assert not confirm(place, second, ANNA)["resumed"]
    for one in (first, second):
        one.call("DELETE", "conversation")

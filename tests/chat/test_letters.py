"""A customer whose code cannot be sent is told at once, in the form and in the chat."""

import uuid

import pytest

from bot.conversations import identity
from tests.agent import Agent
from tests.backend.conftest import ANNA, KEY, start_backend
from tests.conftest import free_ports, stop_process
from tests.customer import Customer

WORDS = {"lv": "E-pastu pašlaik nevar nosūtīt", "en": "E-mail cannot be sent at the moment"}


@pytest.fixture(scope="module")
def web_without_mail(start_web, tmp_path_factory):
    """The chat, and an account system whose mail server is down."""
    given = {"smtp_host": "127.0.0.1", "smtp_port": str(free_ports(1)[0]), "smtp_tls": "none"}
    backend, process = start_backend(tmp_path_factory.mktemp("accounts"), **given)
    yield start_web(backend_url=backend.address, backend_key=KEY)
    stop_process(process)


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("email", [ANNA, "nobody@example.com"])
@pytest.mark.parametrize("typed", [False, True])
def test_a_code_that_cannot_be_sent_is_said_at_once_whoever_asks(web_without_mail, language, email, typed):
    web = web_without_mail
    customer = Customer(web.web, language, is_greeted=False)
    Agent(web.folder).do(customer.token, lambda _, mine: identity.ask_identity(mine, "/ask_my_points"))
    if typed:
        given = {"client_id": str(uuid.uuid4()), "text": email}
        assert customer.call("POST", "conversation/messages", given).status_code == 201
    else:
        assert customer.call("POST", "conversation/identity/email", {"email": email}).status_code == 204
    messages, state = customer.events()
    said = [message["text"] for message in messages]
    assert not any("sešu ciparu kods" in one or "six-digit code" in one for one in said)
    told = [message for message in messages if WORDS[language] in message["text"]]
    assert [choice["command"] for choice in told[0]["choices"]] == ["ask_person"]
    assert state["identity"]["state"] == "code", "it is sent again, and can then be entered"

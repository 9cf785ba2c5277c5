"""The account system's events are taken if they are signed, and the links in e-mails let customers agree and end it."""

import json
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from sqlalchemy import select

from bot.conversations import identity
from bot.conversations.contacts import Contacts
from bot.conversations.notices import add_notice
from bot.conversations.notification_models import Notification, Subscription
from bot.conversations.subscriptions import COMMAND
from bot.database import Database, now
from bot.settings import Settings
from bot.webhooks import TOLERANCE, signed
from tests.agent import Agent
from tests.conftest import Web, wait_for
from tests.customer import Customer
from tests.mail import SmtpServer, text_of

KEY = "events-key-of-the-tests-32-letters"
PUBLIC = "https://chat.example.com"
GUESS = "A" * 43


@pytest.fixture(scope="module")
def server() -> Iterator[SmtpServer]:
    started = SmtpServer()
    yield started
    started.close()


@pytest.fixture(scope="module")
def telling(start_web, server) -> Web:
    """The website side alone, which tells customers at any hour."""
    given = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none", "public_url": PUBLIC}
    return start_web(events_key=KEY, email_key="k" * 32, notify_from=0, notify_until=24, **given)


@pytest.fixture
def email() -> str:
    return f"{uuid.uuid4().hex}@example.com"


def confirmed(web: Web, email: str, language: str) -> Customer:
    customer = Customer(web.web, language, is_greeted=False)
    contacts = Contacts(Settings(email_key="k" * 32))

    def confirm(session, mine) -> None:
        identity.confirmed(mine, "t", now() + timedelta(hours=1), "Anna", email)
        contacts.note(session, mine, email)
        add_notice(session, mine, "notify_offer", COMMAND)

    Agent(web.folder).do(customer.token, confirm)
    return customer


def press(customer: Customer) -> str:
    """Press the button under the offer; return what follows, perhaps with the words that Rasa is away."""
    messages, _ = customer.events()
    (choice,) = [one for message in messages for one in message["choices"] if one["command"] == COMMAND]
    body = {"client_id": str(uuid.uuid4()), "choice": choice["id"]}
    sent = customer.call("POST", "conversation/choices", body)
    assert sent.status_code == 201, sent.text
    return "\n".join(message["text"] for message in customer.events(sent.json()["id"])[0])


def letters_to(server: SmtpServer, email: str) -> list:
    return [letter for letter in server.letters if letter["to"] == email]


def subscribed(web: Web, server: SmtpServer, email: str, language: str = "lv") -> tuple[Customer, str]:
    """Agree in the chat and on the page; return the customer and the address of the page."""
    customer = confirmed(web, email, language)
    press(customer)
    (letter,) = wait_for(lambda: letters_to(server, email))
    (address,) = [word for word in text_of(letter).split() if word.startswith(PUBLIC)]
    page = address.replace(PUBLIC, web.web).partition("?")[0]
    assert requests.post(f"{page}/confirm", timeout=30).status_code == 200
    return customer, page


def post(web: Web, event: dict | bytes, key: str = KEY, event_id: str = "", age: int = 0, **headers: str):
    content = event if isinstance(event, bytes) else json.dumps(event).encode()
    given = signed(event_id or uuid.uuid4().hex, content, key, int(time.time()) - age) | headers
    return requests.post(f"{web.web}/api/account-events", data=content, headers=given, timeout=30)


def kept(web: Web, email: str) -> list[str]:
    mine = Contacts(Settings(email_key="k" * 32)).hash(email)
    with Database(f"sqlite:///{web.folder / 'chat.db'}").read() as session:
        return list(session.scalars(select(Notification.kind).where(Notification.email_hash == mine)))


OFFER = {"lv": "Uz Jūsu apstiprināto e-pasta adresi", "en": "A link is on its way"}
QUESTION = {"lv": "Vai vēlaties saņemt paziņojumus?", "en": "Do you want to be kept informed?"}
YES = {"lv": "Jūs saņemat paziņojumus", "en": "You are kept informed"}
ENDED = {"lv": "Paziņojumu vairs nebūs", "en": "You will get no more messages"}
UNKNOWN = {"lv": "Šī saite vairs neder", "en": "This link is no longer valid"}
KNOWN = {"lv": "Jums jau tiek paziņots", "en": "You are kept informed already"}


@pytest.mark.parametrize("language", ["lv", "en"])
def test_a_customer_agrees_in_the_chat_and_by_e_mail_and_is_told_and_ends_it(telling, server, email, language):
    customer = confirmed(telling, email, language)
    assert OFFER[language] in press(customer)
    (letter,) = wait_for(lambda: letters_to(server, email))
    (address,) = [word for word in text_of(letter).split() if word.startswith(PUBLIC)]
    address = address.replace(PUBLIC, telling.web)
    page = address.partition("?")[0]
    assert QUESTION[language] in requests.get(address, timeout=30).text
    post(telling, {"type": "points.reached", "email": email})
    assert kept(telling, email) == []  # to look at the page is not to agree
    assert YES[language] in requests.post(f"{page}/confirm?language={language}", timeout=30).text
    assert KNOWN[language] in press(customer)
    before = customer.events()[0][-1]["id"]
    assert post(telling, {"type": "points.reached", "email": email}).status_code == 204
    (told,) = wait_for(lambda: [one for one in customer.events(before)[0] if one["author"] == "assistant"])
    assert "500" in told["text"]
    assert len(told["choices"]) == 1
    name = {"lv": "Sasniegti 500 punkti", "en": "500 points are reached"}[language]
    assert requests.get(address, timeout=30).text.count(name) == 2  # what one gets, and what was told
    for _ in range(2):
        ended = requests.post(f"{page}/end?language={language}", data={"List-Unsubscribe": "One-Click"}, timeout=30)
        assert (ended.status_code, ENDED[language] in ended.text) == (200, True)
    gone = requests.get(address, timeout=30)
    assert (gone.status_code, UNKNOWN[language] in gone.text) == (404, True)
    post(telling, {"type": "invoice.issued", "email": email, "due_on": "2026-12-05"})
    assert kept(telling, email) == ["points.reached"]


def test_who_is_gone_gets_the_e_mail(telling, server, email):
    customer, page = subscribed(telling, server, email)
    assert customer.call("DELETE", "conversation/identity").status_code == 204
    post(telling, {"type": "invoice.overdue", "email": email.upper(), "due_on": "2026-12-05"})
    letter = wait_for(lambda: letters_to(server, email)[1:])[0]
    assert "2026. gada 5. decembris" in text_of(letter)
    assert letter["list-unsubscribe"] == f"<{page.replace(telling.web, PUBLIC)}/end>"


EVENT = {"type": "points.reached", "email": "nobody@example.com"}


def test_the_answer_does_not_tell_whether_somebody_agreed(telling, server, email):
    subscribed(telling, server, email)
    answers = [post(telling, {"type": "points.reached", "email": one}) for one in (email, "nobody@example.com")]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2


def test_a_replay_does_nothing(telling, server, email):
    subscribed(telling, server, email)
    event = {"type": "application.documents_missing", "email": email}
    answers = [post(telling, event, event_id=f"event of {email}").status_code for _ in range(3)]
    assert answers == [204] * 3
    assert kept(telling, email) == ["application.documents_missing"]


@pytest.mark.parametrize(
    ("headers", "age", "key"),
    [
        ({}, 0, "another-key-of-the-tests-32-letters"),
        ({}, TOLERANCE + 60, KEY),
        ({}, -TOLERANCE - 60, KEY),
        ({"webhook-id": "another"}, 0, KEY),
        ({"webhook-id": ""}, 0, KEY),
        ({"webhook-id": "x" * 201}, 0, KEY),
        ({"webhook-timestamp": "now"}, 0, KEY),
        ({"webhook-timestamp": "9" * 40}, 0, KEY),
        ({"webhook-signature": ""}, 0, KEY),
        ({"webhook-signature": "v1,"}, 0, KEY),
        ({"webhook-signature": "v1, ā".encode().decode("latin-1")}, 0, KEY),
    ],
)
def test_what_is_not_signed_just_now_is_refused(telling, headers, age, key):
    refused = post(telling, EVENT, key=key, age=age, **headers)
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:cps:wrong-signature")


def test_a_former_signature_beside_the_right_one_does_no_harm(telling):
    content, event_id, moment = json.dumps(EVENT).encode(), uuid.uuid4().hex, int(time.time())
    both = [signed(event_id, content, key, moment)["webhook-signature"] for key in ("f" * 32, KEY)]
    assert post(telling, content, event_id=event_id, **{"webhook-signature": " ".join(both)}).status_code == 204


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (b"", 422),
        (b"[]", 422),
        (b"\xff", 422),
        ({"type": "points.reached"}, 422),
        ({"type": "invoice.issued", "email": "nobody@example.com"}, 422),
        ({"type": "points.lost", "email": "nobody@example.com"}, 422),
        (b"x" * 20_000, 413),
        (EVENT | {"more": "a later release knows it"}, 204),
    ],
)
def test_events_are_bounded_and_well_formed(telling, event, status):
    refused = post(telling, event)
    assert refused.status_code == status
    assert "nobody@example.com" not in refused.text


def test_without_the_key_there_is_nothing_to_post_to(web, email):
    assert post(web, EVENT).status_code == 404
    assert requests.get(f"{web.web}/notifications/{GUESS}", timeout=30).status_code == 404


@pytest.mark.parametrize("path", ["", "/confirm", "/end"])
@pytest.mark.parametrize("token", [GUESS, "x", "%00", "a" * 5000, "%F0%9F%98%80", '"><script>'])
def test_a_guess_opens_nothing(telling, path, token):
    method = "POST" if path else "GET"
    answer = requests.request(method, f"{telling.web}/notifications/{token}{path}", timeout=30)
    assert answer.status_code == (200 if path == "/end" else 404)
    assert "<script>" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_addresses_are_in_no_log(telling, server, email):
    subscribed(telling, server, email)
    post(telling, {"type": "points.reached", "email": email})
    with Database(f"sqlite:///{telling.folder / 'chat.db'}").read() as session:
        assert email not in "".join(session.scalars(select(Subscription.email)))
    assert email not in (telling.folder / "log").read_text()

"""The way to a person over HTTP: the website side alone, with an agent but without Rasa."""

import uuid
from datetime import timedelta

import pytest
import requests
from sqlalchemy import select

from bot.conversations import handoff, identity, lifecycle, messages, queue
from bot.conversations.masking import DOTS
from bot.conversations.models import Message, Ticket
from bot.conversations.support_hours import SupportHours
from bot.database import now
from bot.settings import Settings
from bot.web.limits import POLLS, SIGNALS, TICKETS, WINDOWS
from tests.agent import Agent
from tests.conftest import Web, wait_for
from tests.customer import Customer
from tests.mail import SmtpServer, text_of

ANNA = "anna.berzina@example.com"


def new_customer(web: Web, language: str = "lv") -> Customer:
    return Customer(web.web, language, is_greeted=False)


@pytest.fixture
def liga(web: Web) -> Agent:
    return Agent(web.folder)


@pytest.fixture
def customer(web) -> Customer:
    return new_customer(web)


def in_queue(web: Web, language: str = "lv") -> Customer:
    customer = new_customer(web, language)
    assert customer.call("POST", "conversation/person").status_code == 204
    return customer


def notices(customer: Customer) -> list[dict]:
    """Return the notices to the customer, except the one that Rasa is down, which comes at any time."""
    told = [message for message in customer.events()[0] if message["author"] == "notice"]
    return [message for message in told if [choice["command"] for choice in message["choices"]] != ["ask_person"]]


def test_a_customer_waits_in_the_queue_and_leaves_it(web):
    first, second = in_queue(web), in_queue(web)
    places = [customer.state()["queue"]["place"] for customer in (first, second)]
    assert places[1] == places[0] + 1
    assert first.call("DELETE", "conversation/person").status_code == 204
    assert first.state()["owner"] == "assistant"
    assert first.state()["queue"] is None
    assert second.state()["queue"]["place"] == places[0]
    second.call("DELETE", "conversation/person")


def from_address(web: Web, address: str, language: str = "lv") -> Customer:
    customer = new_customer(web)
    customer.session.headers["x-forwarded-for"] = address
    customer.begin(language)
    return customer


@pytest.mark.parametrize(
    ("near", "far", "language", "words"),
    [
        ("9.9.9.9", "9.9.9.10", "lv", "no tās pašas vietas"),
        ("2606:4700:1:1::{:x}", "2606:4700:1:2::1", "en", "from the same place"),
    ],
)
def test_of_one_network_so_many_wait_at_the_same_time(web, near, far, language, words):
    customers = [from_address(web, near.format(number + 1), language) for number in range(queue.MAX_WAITING + 1)]
    for customer in customers[:-1]:
        assert customer.call("POST", "conversation/person").status_code == 204
        assert customer.state()["owner"] == "waiting"
    last, elsewhere = customers[-1], from_address(web, far)
    refused = last.call("POST", "conversation/person")
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == str(queue.FULL)
    assert words in refused.json()["detail"]
    assert customers[0].call("POST", "conversation/person").status_code == 204  # who waits is told the place again
    assert elsewhere.call("POST", "conversation/person").status_code == 204
    customers[0].call("DELETE", "conversation/person")
    assert last.call("POST", "conversation/person").status_code == 204
    for customer in (*customers, elsewhere):
        customer.call("DELETE", "conversation/person")


def test_behind_an_address_that_may_be_a_proxys_any_number_waits(web):
    customers = [from_address(web, "10.0.0.1") for _ in range(queue.MAX_WAITING + 1)]
    for customer in customers:
        assert customer.call("POST", "conversation/person").status_code == 204
    for customer in customers:
        customer.call("DELETE", "conversation/person")


@pytest.mark.parametrize(("language", "words"), [("lv", "no tās pašas vietas"), ("en", "from the same place")])
def test_a_conversation_calls_a_person_so_often_an_hour_and_is_then_told(web, liga, language, words):
    customer = new_customer(web, language)
    for _ in range(queue.MAX_CALLS):
        assert customer.call("POST", "conversation/person").status_code == 204
        customer.call("DELETE", "conversation/person")
    refused = customer.call("POST", "conversation/person")
    assert refused.status_code == 429
    assert 3000 < int(refused.headers["retry-after"]) <= 3600
    assert words in refused.json()["detail"]
    liga.do(
        customer.token, queue.ask, "anger", SupportHours(Settings(opening_hours="24/7"))
    )  # in words, by way of Rasa
    assert customer.state()["owner"] == "assistant"
    liga.do(customer.token, queue.ask, "asked", SupportHours(Settings(opening_hours="24/7")))
    assert words in notices(customer)[-1]["text"]
    assert [choice["command"] for choice in notices(customer)[-1]["choices"]] == ["leave_message"]


@pytest.mark.parametrize(("language", "words"), [("lv", "varēsiet atstāt vēlāk"), ("en", "leave another one later")])
def test_a_conversation_leaves_so_many_messages_an_hour(web, language, words):
    customer, other = new_customer(web, language), new_customer(web)

    def leave(one: Customer) -> requests.Response:
        ticket = {"client_id": str(uuid.uuid4()), "email": ANNA, "text": "help"}
        return one.call("POST", "conversation/ticket", ticket)

    assert [leave(customer).status_code for _ in range(TICKETS)] == [204] * TICKETS
    refused = leave(customer)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert words in refused.json()["detail"]
    assert leave(other).status_code == 204


def test_asking_again_tells_the_place_again_and_keeps_it(web):
    customer = in_queue(web)
    place = customer.state()["queue"]["place"]
    assert customer.call("POST", "conversation/person").status_code == 204
    assert customer.state()["queue"]["place"] == place
    assert len(notices(customer)) == 2
    customer.call("DELETE", "conversation/person")


@pytest.mark.parametrize(("language", "words"), [("lv", "negaidāt"), ("en", "not waiting")])
def test_who_does_not_wait_cannot_stop_waiting(web, language, words):
    refused = new_customer(web, language).call("DELETE", "conversation/person")
    assert refused.status_code == 409
    assert words in refused.json()["detail"]
    assert "request_failed" not in (web.folder / "log").read_text()  # a refusal does not count as a failure


def test_the_buttons_of_a_notice_tell_what_they_do_and_do_it(web):
    customer = in_queue(web)
    stop, leave = notices(customer)[-1]["choices"]
    assert (stop["command"], leave["command"]) == ("cancel_person", "leave_message")
    body = {"client_id": str(uuid.uuid4()), "choice": stop["id"]}
    assert customer.call("POST", "conversation/choices", body).status_code == 201
    assert customer.call("POST", "conversation/choices", body).status_code == 200
    assert customer.state()["owner"] == "assistant"


@pytest.mark.parametrize(("language", "words"), [("lv", "nestrādā"), ("en", "closed")])
def test_after_hours_the_customer_may_leave_a_message(closed_web, language, words):
    customer = new_customer(closed_web, language)
    assert customer.call("POST", "conversation/person").status_code == 204
    notice = notices(customer)[-1]
    assert words in notice["text"]
    assert [choice["command"] for choice in notice["choices"]] == ["leave_message"]
    assert customer.state()["owner"] == "assistant"
    chosen = {"client_id": str(uuid.uuid4()), "choice": notice["choices"][0]["id"]}
    customer.call("POST", "conversation/choices", chosen)
    assert customer.state()["wants_ticket"]


def ticket(text: str = "help", email: str = ANNA, client_id: str | None = None) -> dict:
    return {"client_id": client_id or str(uuid.uuid4()), "email": email, "text": text}


def test_a_message_that_was_left_is_kept_once_and_ends_the_waiting(web, liga):
    customer = in_queue(web)
    body = ticket("Kur ir mans rēķins?")
    assert [customer.call("POST", "conversation/ticket", body).status_code for _ in range(2)] == [204, 204]
    with liga.database.read() as session:
        kept = session.scalars(select(Ticket).where(Ticket.client_id == body["client_id"])).all()
    assert [(one.email, one.text) for one in kept] == [(ANNA, "Kur ir mans rēķins?")]
    assert customer.state()["owner"] == "assistant"
    assert not customer.state()["wants_ticket"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (ticket(email="anna"), 422, {"lv": "e-pasta adreses", "en": "e-mail address"}),
        (ticket(email="a@b"), 422, {"lv": "e-pasta adreses", "en": "e-mail address"}),
        (ticket(email=f"{'x' * 300}@example.com"), 422, {"lv": "e-pasta adreses", "en": "e-mail address"}),
        (ticket(" \n\x00"), 422, {"lv": "tukša", "en": "empty"}),
        (ticket("a" * 2001), 413, {"lv": "2001", "en": "2001"}),
    ],
)
@pytest.mark.parametrize("language", ["lv", "en"])
def test_what_is_wrong_with_a_message_to_leave_is_told(web, body, status, words, language):
    refused = new_customer(web, language).call("POST", "conversation/ticket", body)
    assert refused.status_code == status
    assert words[language] in refused.json()["detail"]


def test_the_form_for_a_message_can_be_closed(closed_web):
    customer = new_customer(closed_web)
    customer.call("POST", "conversation/person")
    (leave,) = notices(customer)[-1]["choices"]
    customer.call("POST", "conversation/choices", {"client_id": str(uuid.uuid4()), "choice": leave["id"]})
    assert customer.call("DELETE", "conversation/ticket").status_code == 204
    assert not customer.state()["wants_ticket"]


def test_an_agents_message_carries_their_first_name_and_a_note_is_not_shown(web, liga):
    customer = in_queue(web)
    liga.takes(customer.token)
    liga.says(customer.token, "Sveiki! **Kā** varu palīdzēt?")
    liga.do(customer.token, handoff.add_note, "Līga", "a note among agents")
    messages, state = customer.events()
    assert (state["owner"], state["speaker"]) == ("agent", "Līga")
    assert [(m["speaker"], m["text"]) for m in messages if m["author"] == "agent"] == [
        ("Līga", "Sveiki! **Kā** varu palīdzēt?")
    ]
    assert "among agents" not in str(messages)


def typed(customer: Customer, text: str) -> int:
    sent = customer.call("POST", "conversation/messages", {"client_id": str(uuid.uuid4()), "text": text})
    assert sent.status_code == 201, sent.text
    return sent.json()["id"]


def kept(liga: Agent, *ids: int) -> list[tuple[str, str | None]]:
    """Return the stored messages: the text, and the text for Rasa."""
    with liga.database.read() as session:
        return [(message.text, message.for_rasa) for message in (session.get_one(Message, one) for one in ids)]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("lv", "mans e-pasts ir {}, zvaniet {}, personas kods {}"),
        ("en", "my e-mail is {}, call {}, personal code {}"),
    ],
)
def test_what_is_typed_for_a_person_is_read_by_them_until_they_are_done_and_never_by_the_assistant(
    web, liga, language, words
):
    customer = new_customer(web, language)
    full, masked = words.format(ANNA, "29 123 456", "010190-12345"), words.format(*[DOTS] * 3)
    before = typed(customer, full)
    customer.call("POST", "conversation/person")
    waiting = typed(customer, full)
    liga.takes(customer.token)
    held = typed(customer, full)
    assert kept(liga, before, waiting, held) == [(masked, masked), (full, masked), (full, masked)]
    assert [message["text"] for message in customer.events()[0] if message["id"] == held] == [full]
    liga.closes(customer.token)
    after = typed(customer, full)
    assert {text for text, _ in kept(liga, before, waiting, held, after)} == {masked}
    assert ANNA not in customer.call("GET", "conversation/transcript").text


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("leave", ["cancelled", "restarted", "given back"])
def test_what_was_typed_for_a_person_is_masked_whichever_way_it_leaves_their_hands(web, liga, leave, language):
    customer = in_queue(web, language)
    message = typed(customer, f"{ANNA} +371 29123456")
    if leave == "cancelled":
        customer.call("DELETE", "conversation/person")
    elif leave == "restarted":
        customer.call("POST", "conversation/restart")
    else:
        liga.takes(customer.token)
        liga.gives_back(customer.token)
    assert kept(liga, message)[0][0] == f"{DOTS} {DOTS}"


@pytest.mark.parametrize("is_taken", [False, True])
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("lv", ["Vai RF 100-500 dod punktus?", "rēķins Nr. 202611", "abonementa numurs 654321", "123456"]),
        ("en", ["do 100-400 and 200-800 give points?", "invoice no. 202611", "membership number 654321", "123456"]),
    ],
)
def test_figures_that_are_no_code_are_never_eaten(web, liga, language, words, is_taken):
    for state in ("none", "email", "confirmed", "code"):
        customer = new_customer(web, language)
        if is_taken:
            customer.call("POST", "conversation/person")
            liga.takes(customer.token)
        liga.do(customer.token, lambda _, mine, state=state: setattr(mine, "identity", state))
        said = words if state != "code" else words[:-1]
        assert [text for text, _ in kept(liga, *[typed(customer, one) for one in said])] == said
        assert customer.state()["owner"] == ("agent" if is_taken else "assistant")


@pytest.mark.parametrize(("language", "words"), [("lv", "kods {}, bet neder"), ("en", "the code {} does not work")])
def test_a_code_that_is_told_in_a_message_is_shown_to_nobody(web, liga, language, words):
    customer = in_queue(web, language)
    liga.do(customer.token, lambda _, mine: identity.code_sent(mine, "a-verification", ANNA))
    message = typed(customer, words.format("123 456"))
    assert kept(liga, message) == [(words.format(DOTS), words.format(DOTS))]


def test_after_the_closing_it_is_still_known_who_it_was_and_one_rating_is_taken(web, liga):
    customer = in_queue(web)
    good = {"score": 5, "comment": f" {ANNA} paldies " + "a" * 2000}
    assert customer.call("POST", "conversation/rating", good).status_code == 409
    liga.takes(customer.token)
    liga.closes(customer.token)
    state = customer.state()
    assert (state["owner"], state["speaker"], state["may_rate"]) == ("closed", "Līga", True)
    odd = [customer.call("POST", "conversation/rating", {"score": one}).status_code for one in (0, 6, True, "5")]
    assert odd == [422] * 4
    assert customer.call("POST", "conversation/rating", good).status_code == 204
    assert not customer.state()["may_rate"]
    refused = customer.call("POST", "conversation/rating", {"score": 1})
    assert refused.status_code == 409
    assert "novērtēt" in refused.json()["detail"]
    with liga.database.read() as session:
        closing = handoff.last_closing(session, lifecycle.find_conversation(session, customer.token))
    assert (closing.score, closing.comment) == (5, (f"{DOTS} paldies " + "a" * 2000)[: 1000 - len(ANNA) + len(DOTS)])


def seen(liga: Agent, customer: Customer) -> tuple[int, int]:
    with liga.database.read() as session:
        conversation = lifecycle.find_conversation(session, customer.token)
        return conversation.delivered_id, conversation.seen_id


def test_what_was_seen_counts_as_delivered_and_nothing_more_can_be_seen_than_was_said(web, liga):
    customer = in_queue(web)
    liga.takes(customer.token)
    first, last = (liga.says(customer.token, text) for text in ("Sveiki!", "Kā varu palīdzēt?"))
    assert customer.call("POST", "conversation/seen", {"id": first}).status_code == 204
    assert seen(liga, customer) == (first, first)
    assert customer.call("POST", "conversation/seen", {"id": 2**53}).status_code == 204
    assert customer.call("POST", "conversation/seen", {"id": first}).status_code == 204
    assert seen(liga, customer) == (last, last)
    assert customer.call("POST", "conversation/seen", {"id": -1}).status_code == 422


def test_what_reached_a_browser_counts_as_delivered(web, liga):
    customer = in_queue(web)
    liga.takes(customer.token)
    last = liga.says(customer.token, "Sveiki!")
    customer.events()
    assert wait_for(lambda: seen(liga, customer)[0] >= last)
    assert seen(liga, customer)[1] == 0


def page_of(liga: Agent, customer: Customer) -> tuple[str, str]:
    with liga.database.read() as session:
        conversation = lifecycle.find_conversation(session, customer.token)
        return conversation.page_address, conversation.page_title


@pytest.mark.parametrize(
    ("url", "title", "kept"),
    [
        ("https://www.example.com/a/b?key=1#c", "Rēķini", ("https://www.example.com/a/b", "Rēķini")),
        ("http://u:p@localhost:8080", " a\n\tb\u202e ", ("http://localhost:8080", "a b")),
        (f"https://example.com/{ANNA}", f"{ANNA} ", (f"https://example.com/{DOTS}", DOTS)),
        ("https://example.com/" + "a" * 1900, "", ("https://example.com/" + "a" * 279 + "…", None)),
    ],
)
def test_an_agent_gets_the_page_without_its_query_and_masked(web, liga, url, title, kept):
    customer = new_customer(web)
    assert customer.call("PUT", "conversation/page", {"url": url, "title": title}).status_code == 204
    assert page_of(liga, customer) == kept


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "https://", "/a", "https://[", "x" * 2001])
def test_only_the_address_of_a_page_is_noted(web, liga, url):
    customer = new_customer(web)
    assert customer.call("PUT", "conversation/page", {"url": url}).status_code == 422
    assert page_of(liga, customer) == (None, None)


def test_who_has_not_seen_a_message_is_told_how_many(web, liga):
    customer = in_queue(web)
    liga.takes(customer.token)
    assert customer.call("GET", "conversation/unread").json() == {"count": 0}  # nothing was ever shown
    first, *_ = (liga.says(customer.token, text) for text in ("Sveiki!", "Kā varu palīdzēt?", "Vai redzat?"))
    customer.call("POST", "conversation/seen", {"id": first})
    assert customer.call("GET", "conversation/unread").json() == {"count": 2}
    assert customer.state()["seen"] == first


def test_who_polls_hears_what_the_stream_says(web, liga):
    customer = in_queue(web)
    liga.takes(customer.token)
    last = liga.says(customer.token, "Sveiki!")
    messages, state = customer.events()
    assert customer.call("GET", "conversation/news").json() == {"messages": messages, "state": state}
    assert customer.call("GET", f"conversation/news?after={last}").json()["messages"] == []
    assert customer.call("GET", "conversation/news?after=-1").status_code == 422


def test_a_poll_delivers_an_agents_message(web, liga):
    customer = in_queue(web)
    liga.takes(customer.token)
    last = liga.says(customer.token, "Sveiki!")
    customer.call("GET", "conversation/news")
    assert seen(liga, customer) == (last, 0)


@pytest.mark.parametrize("path", ["news", "unread"])
def test_polls_are_limited(web, path):
    customer = new_customer(web)
    codes = {customer.call("GET", f"conversation/{path}").status_code for _ in range(POLLS * WINDOWS + 1)}
    assert codes == {200, 429}


@pytest.mark.parametrize(("path", "body"), [("typing", None), ("seen", {"id": 0})])
def test_signs_of_life_are_limited(web, path, body):
    customer = new_customer(web)
    codes = [customer.call("POST", f"conversation/{path}", body).status_code for _ in range(SIGNALS + 1)]
    assert codes == [204] * SIGNALS + [429]


def test_a_transcript_tells_who_said_what_to_its_customer_alone(web, liga):
    customer, other = in_queue(web, "en"), in_queue(web, "lv")
    other.call("POST", "conversation/messages", {"client_id": str(uuid.uuid4()), "text": "noslēpums"})
    liga.takes(customer.token)
    liga.says(customer.token, "Hello, **stars** stay")
    liga.do(customer.token, handoff.add_note, "Līga", "a note among agents")
    liga.do(
        customer.token,
        messages.add_message,
        "assistant",
        "**500** points, see [the form](https://example.com/form)",
        picture="green_tick.en",
    )
    customer.call("POST", "conversation/messages", {"client_id": str(uuid.uuid4()), "text": "and **mine** too"})
    kept = customer.call("GET", "conversation/transcript")
    assert kept.headers["content-type"] == "text/plain; charset=utf-8"
    assert kept.text.startswith("Conversation with the CPS assistant\n")
    spoken = [part.partition("\n") for part in kept.text.strip().split("\n\n")]
    said = {head.split(" ")[-1]: text for head, _, text in spoken}
    assert said["Līga"] == "Hello, **stars** stay"
    assert said["You"] == "and **mine** too"
    assert said["Assistant"].startswith("500 points, see the form: https://example.com/form\nDrawing:")
    assert "of CPS priority support is with you now" in said["Notice"]
    assert "among agents" not in kept.text
    assert "noslēpums" not in kept.text


def confirm(agent: Agent, customer: Customer) -> None:
    """Confirm the customer."""
    until = now() + timedelta(hours=1)
    agent.do(customer.token, lambda _, mine: identity.confirmed(mine, "token", until, "Anna", ANNA))


@pytest.mark.parametrize(("language", "words"), [("lv", "apstipriniet"), ("en", "confirm who you are")])
def test_nobody_is_sent_a_transcript_who_has_not_shown_who_they_are(web, language, words):
    refused = new_customer(web, language).call("POST", "conversation/transcript/letter")
    assert refused.status_code == 403
    assert words in refused.json()["detail"]


@pytest.mark.parametrize(("language", "words"), [("lv", "lejupielādēt"), ("en", "download")])
def test_where_no_mail_leaves_it_is_said_and_not_offered(web, liga, language, words):
    customer = new_customer(web, language)
    confirm(liga, customer)
    assert not customer.state()["may_mail"]
    refused = customer.call("POST", "conversation/transcript/letter")
    assert refused.status_code == 503
    assert words in refused.json()["detail"]


def test_a_confirmed_customer_is_sent_the_transcript(start_web):
    server = SmtpServer()
    web = start_web(smtp_host="127.0.0.1", smtp_port=str(server.port), smtp_tls="none")
    customer = new_customer(web)
    assert not customer.state()["may_mail"]
    confirm(Agent(web.folder), customer)
    assert customer.state()["may_mail"]
    customer.call("POST", "conversation/messages", {"client_id": str(uuid.uuid4()), "text": "kur ir mans rēķins?"})
    assert customer.call("POST", "conversation/transcript/letter").status_code == 204
    letter = wait_for(lambda: server.letters and server.letters[0], 15)
    server.close()
    assert letter["To"] == ANNA
    assert "kur ir mans rēķins?" in text_of(letter)


def test_who_starts_anew_leaves_the_queue(web):
    first, second = in_queue(web), in_queue(web)
    place = first.state()["queue"]["place"]
    assert first.call("POST", "conversation/restart").status_code == 201
    assert second.state()["queue"]["place"] == place
    assert first.call("DELETE", "conversation/person").status_code == 401

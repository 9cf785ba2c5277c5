"""What is taken out of a message, what happens to an outdated confirmation, and how many codes are sent."""

import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from bot.app import create_app
from bot.conversations import lifecycle
from bot.conversations.identity import ask_identity, confirmed, forget_identity, given
from bot.conversations.models import Conversation
from bot.conversations.timeouts import Timeouts
from bot.database import Database, now
from bot.settings import Settings
from bot.web import limits
from bot.web.account_access import Access
from tests.backend.conftest import ANNA, KEY, start_backend
from tests.conftest import stop_process
from tests.customer import Customer, code_for, letters_to
from tests.databases import make_chat
from tests.servers import Server

CODES, WRONG, A_DAY = 12, 8, 18  # the limits for one address here, and for one account
LAURA, GUNA = "laura.vitola@example.com", "guna.lace@example.com"
TOO_MANY = {"lv": "pārāk daudz kodu", "en": "Too many codes"}
PAUSE = {"lv": "pēc ceturtdaļstundas", "en": "in a quarter of an hour"}


@pytest.mark.parametrize(
    ("state", "typed", "used"),
    [
        ("email", "anna@example.com", "anna@example.com"),
        ("email", " <anna@example.com>. ", "anna@example.com"),
        ("email", "mans e-pasts: anna@example.com.", "anna@example.com"),
        ("email", "Mana e-pasta adrese ir anna@example.com", "anna@example.com"),
        ("email", "my e-mail address is anna@example.com", "anna@example.com"),
        ("code", "anna@example.com", "anna@example.com"),
        ("code", "123456", "123456"),
        ("code", " 123 456. ", "123 456"),
        ("code", "123-456", "123-456"),
        ("code", "kods 123 456", "123 456"),
        ("code", "mans kods ir 123456", "123456"),
        ("code", "The code is: 123456", "123456"),
        # More than an address or a code, or not asked for.
        ("none", "anna@example.com", None),
        ("none", "123456", None),
        ("email", "123456", None),
        ("confirmed", "123456", None),
        ("confirmed", "anna@example.com", None),
        ("email", "a@example.com or b@example.lv", None),
        ("email", "a@example.com,b@example.lv", None),
        ("email", "anna@example", None),
        ("email", "vakar rakstīju uz peter.smith@example.com, kāpēc neviens neatbild?", None),
        ("email", "yesterday I wrote to peter.smith@example.com, why does nobody answer?", None),
        ("code", "mans vecais e-pasts bija inga.kruze@example.com, vai tas der?", None),
        ("code", "my old e-mail was inga.kruze@example.com", None),
        ("code", "anna@example.com 123456", None),
        ("code", "Vai RF 100-500 dod punktus?", None),
        ("code", "RF 100-500", None),
        ("code", "cik dod 100-400 un 200-800?", None),
        ("code", "mans telefons +371 29 123 456", None),
        ("code", "+371 29 123 456", None),
        ("code", "29 123 456", None),
        ("code", "rēķins Nr. 202611", None),
        ("code", "invoice no. 202611", None),
        ("code", "abonementa numurs 654321", None),
        ("code", "membership number 654321", None),
        ("code", "kods 123456 neder", None),
        ("code", "the code 123456 does not work", None),
        ("code", "1234567", None),
        ("code", "12345", None),
        ("code", "12 34 56", None),
    ],
)
def test_only_a_message_that_is_nothing_else_feeds_the_confirmation(state, typed, used):
    assert given(Conversation(identity=state, owner="assistant"), typed) == used


@pytest.mark.parametrize("owner", ["waiting", "agent"])
def test_an_address_that_is_written_to_a_person_is_for_that_person(owner):
    assert given(Conversation(identity="email", owner=owner), "anna@example.com") is None
    assert given(Conversation(identity="code", owner=owner), "anna@example.com") is None
    assert given(Conversation(identity="code", owner=owner), "123456") == "123456"


def test_a_code_that_is_on_its_way_stays_good_when_the_question_is_asked_again():
    conversation = Conversation(identity="code", verification_id="v", identity_then="/one")
    ask_identity(conversation, "/two")
    assert (conversation.identity, conversation.verification_id, conversation.identity_then) == ("code", "v", "/two")


@pytest.mark.parametrize(
    ("identity", "seen", "ends", "is_kept"),
    [
        ("confirmed", 5, 5, True),
        ("confirmed", 31, 5, False),
        ("confirmed", 5, -1, False),
        ("code", 5, None, True),
        ("code", 31, None, False),
    ],
)
def test_who_a_customer_was_is_forgotten_once_it_no_longer_counts(tmp_path, identity, seen, ends, is_kept):
    database = Database(f"sqlite:///{tmp_path / 'chat.db'}")
    make_chat(str(database.engine.url))
    with database.write() as session:
        conversation = lifecycle.open_conversation(session, "lv")[1]
        conversation.identity, conversation.customer_email = identity, "anna@example.com"
        conversation.identity_seen_at = now() - timedelta(minutes=seen)
        conversation.access_expires_at = ends and now() + timedelta(minutes=ends)
    settings = Settings(access_idle=30 * 60)
    assert Timeouts(settings, database).forget_expired() == ([] if is_kept else [conversation.id])
    with database.read() as session:
        kept = session.get_one(Conversation, conversation.id)
    assert (kept.customer_email, kept.identity) == (("anna@example.com", identity) if is_kept else (None, "none"))


def test_asking_anew_drops_what_was_confirmed_before():
    conversation = Conversation(identity="confirmed", access_token="t", customer_name="Anna")
    ask_identity(conversation, "/one")
    assert (conversation.identity, conversation.access_token, conversation.customer_name) == ("email", None, None)


def test_nothing_is_left_of_a_forgotten_identity():
    conversation = Conversation(identity="confirmed", access_token="t", customer_name="Anna", identity_then="/x")
    forget_identity(conversation)
    assert conversation.identity == "none"
    assert conversation.access_token is conversation.customer_name is conversation.identity_then is None


def test_a_name_is_kept_as_a_database_takes_it():
    assert Access(token="t", expires_at="2026-11-16T09:30:00Z", name="A\x00" * 300).name == "A" * 200


def test_a_name_that_turns_what_follows_around_does_not():
    conversation = Conversation(id="1")
    confirmed(conversation, "t", now(), "Anna\u202e\u2067 B\u0113rzi\u0146a", "anna@example.com")
    assert conversation.customer_name == "Anna B\u0113rzi\u0146a"


class Rasa(BaseHTTPRequestHandler):
    """An assistant that asks every customer to confirm who they are, whatever they say."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        said = [{"text": "Who are you?", "custom": {"confirm_identity": {"then": "/ask_my_points"}}}]
        content = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def arrive(tmp_path_factory) -> Iterator[Callable[..., list[Customer]]]:
    """Return a function that brings customers from a new address to a chat with small limits."""
    folder = tmp_path_factory.mktemp("limits")
    rasa = ThreadingHTTPServer(("127.0.0.1", 0), Rasa)
    threading.Thread(target=rasa.serve_forever, daemon=True).start()
    backend, accounts = start_backend(folder)
    database = f"sqlite:///{folder / 'chat.db'}"
    make_chat(database)
    server = Server(
        create_app,
        folder / "log",
        data_dir=folder,
        chat_database=database,
        rasa_port=rasa.server_port,
        backend_url=backend.address,
        backend_key=KEY,
        codes_an_hour_address=CODES,
        replays_a_minute=10_000,
        wrong_codes_address=WRONG,
        wrong_codes_a_day=A_DAY,
    )
    numbers = itertools.count(1)

    def come(count: int, language: str = "lv", address: str = "") -> list[Customer]:
        address = address or f"203.0.113.{next(numbers)}"
        customers = [Customer(server.address, language) for _ in range(count)]
        for customer in customers:
            customer.backend = backend.address
            customer.session.headers["x-forwarded-for"] = address
        return customers

    try:
        yield come
    finally:
        stop_process(server)
        stop_process(accounts)
        rasa.shutdown()
        rasa.server_close()


def ask_for_code(customer: Customer, email: str) -> requests.Response:
    return customer.call("POST", "conversation/identity/email", {"email": email})


def guess(customer: Customer, code: str = "000000") -> requests.Response:
    return customer.call("POST", "conversation/identity/code", {"code": code})


def at_once(work: Callable[[Customer], requests.Response], customers: list[Customer]) -> list[requests.Response]:
    with ThreadPoolExecutor(len(customers)) as pool:
        return list(pool.map(work, customers))


def refused(answer: requests.Response, words: dict[str, str], language: str) -> bool:
    return answer.status_code == 429 and words[language] in answer.json()["detail"]


@pytest.mark.parametrize("language", ["lv", "en"])
def test_one_address_gets_so_many_codes_whoever_asks_and_however_many_ask_at_once(arrive, language):
    customers, (other,) = arrive(CODES + 8, language), arrive(1)
    numbers = iter(range(1000))
    asked = at_once(lambda one: ask_for_code(one, f"{language}-{next(numbers)}@example.com"), customers)
    assert Counter(answer.status_code for answer in asked) == {204: CODES, 429: 8}
    assert all(refused(answer, TOO_MANY, language) for answer in asked if answer.status_code == 429)
    customers[0].say("somebody.else@example.com")  # typed into the chat
    assert TOO_MANY[language] in customers[0].events()[0][-1]["text"]
    assert ask_for_code(other, f"other-{language}@example.com").status_code == 204


@pytest.mark.parametrize("language", ["lv", "en"])
def test_one_address_may_guess_so_often_from_however_many_conversations_at_once(arrive, language):
    customers, (other,) = arrive(CODES - 1, language), arrive(1)
    for number, customer in enumerate(customers):
        assert ask_for_code(customer, f"guess-{language}-{number}@example.com").status_code == 204
    guessed = at_once(guess, customers * 4)
    assert Counter(answer.status_code for answer in guessed) == {422: WRONG, 429: 4 * len(customers) - WRONG}
    assert all(refused(answer, PAUSE, language) for answer in guessed if answer.status_code == 429)
    assert refused(ask_for_code(customers[0], ANNA), PAUSE, language)
    customers[1].say("123456")  # typed into the chat
    assert PAUSE[language] in customers[1].events()[0][-1]["text"]
    ask_for_code(other, f"other-guess-{language}@example.com")
    assert guess(other).status_code == 422


def test_right_codes_are_no_wrong_ones(arrive):
    customers = arrive(WRONG + 2)
    names = ["anna.berzina", "ilze.ozola", "janis.kalnins", "martins.liepa", "peter.smith"]
    for customer, name in zip(customers, names * 2, strict=True):
        customer.confirm(customer.backend, f"{name}@example.com")  # asserts that the code was accepted


def test_a_conversation_reaches_its_limit_before_others_at_its_address_are_refused(arrive):
    customer, other = arrive(2)
    asked = [ask_for_code(customer, f"greedy-{number}@example.com") for number in range(CODES)]
    assert [answer.status_code for answer in asked] == [204] * limits.CODES + [429] * (CODES - limits.CODES)
    assert 0 < int(asked[-1].headers["retry-after"]) <= limits.HOUR
    assert ask_for_code(other, "modest@example.com").status_code == 204
    guessed = [guess(customer) for _ in range(WRONG)]
    assert [answer.status_code for answer in guessed] == [422] * limits.WRONG_CODES + [429] * (
        WRONG - limits.WRONG_CODES
    )
    assert 0 < int(guessed[-1].headers["retry-after"]) <= limits.PAUSE
    assert guess(other).status_code == 422


def test_an_ipv6_network_of_one_subscriber_counts_as_one_address(arrive):
    first = arrive(1, address="2001:db8:1:1::1")
    near = [arrive(1, address=f"2001:db8:1:1:{number}::1")[0] for number in range(1, CODES + 1)]
    (far,) = arrive(1, address="2001:db8:1:2::1")
    (plain,), (mapped,) = arrive(1, address="198.51.100.7"), arrive(1, address="::ffff:198.51.100.8")
    asked = [ask_for_code(one, f"v6-{number}@example.com") for number, one in enumerate([*first, *near])]
    assert [answer.status_code for answer in asked] == [204] * CODES + [429]
    for number, one in enumerate((far, plain, mapped)):
        assert ask_for_code(one, f"elsewhere-{number}@example.com").status_code == 204


def test_nobody_keeps_a_customer_out_by_asking_for_codes_in_their_name(arrive):
    (customer,), strangers = arrive(1), arrive(9)
    seen = letters_to(customer.backend, LAURA)
    assert ask_for_code(customer, LAURA).status_code == 204
    code = code_for(customer.backend, LAURA, seen)
    assert {ask_for_code(one, LAURA).status_code for one in strangers} == {204}
    assert guess(customer, code).status_code == 200
    (again,) = arrive(1)
    assert ask_for_code(again, LAURA).status_code == 204
    assert guess(again, code_for(customer.backend, LAURA)).status_code == 200  # of the newest letter


def use_up_tries(guessers: list[Customer]) -> requests.Response:
    """Enter wrong codes from two conversations at one address until the account's tries are refused."""
    for one in guessers:
        assert ask_for_code(one, GUNA.upper()).status_code == 204
    tries = [guess(guessers[number % 2]) for number in range(A_DAY // 3 + 1)]
    assert [answer.status_code for answer in tries] == [422] * (A_DAY // 3) + [429]
    assert limits.PAUSE < int(tries[-1].headers["retry-after"]) <= limits.DAY
    return tries[-1]


def test_tries_for_one_account_end_for_the_day_but_one_address_alone_does_not_use_them_up(arrive):
    (customer,), (late,) = arrive(1), arrive(1, "en")
    seen = letters_to(customer.backend, GUNA)
    assert ask_for_code(customer, GUNA).status_code == 204
    code = code_for(customer.backend, GUNA, seen)
    assert "tomorrow" in use_up_tries(arrive(2, "en")).json()["detail"]
    assert guess(customer, code).status_code == 200
    assert "rīt" in use_up_tries(arrive(2, "lv")).json()["detail"]
    use_up_tries(arrive(2))
    assert ask_for_code(late, GUNA).status_code == 204
    assert "tomorrow" in guess(late, code_for(late.backend, GUNA)).json()["detail"]

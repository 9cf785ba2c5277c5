"""The chat's HTTP interface: whose conversation it is, what is stored, what is refused."""

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import requests

from bot.conversations.messages import MAX_OPEN
from bot.database import migrate
from bot.settings import ROOT
from tests.conftest import free_ports, start_stack, stop_process, wait_for, wait_until_ready
from tests.customer import Customer


@pytest.fixture
def customer(stack) -> Customer:
    return Customer(stack.web)


@pytest.fixture(scope="module")
def trackers(new_postgresql) -> str:
    """The database of Rasa's trackers."""
    return new_postgresql("postgresql")


@pytest.fixture(scope="module")
def strict(tmp_path_factory, new_postgresql, trackers):
    """The whole assistant on PostgreSQL, with small limits that no other tests use up."""
    started = start_stack(
        tmp_path_factory.mktemp("strict"),
        chat_database=new_postgresql(),
        backend_database=new_postgresql(),
        tracker_database=trackers,
        messages_a_minute="3",
        replays_a_minute="10000",
        conversations_an_hour_address="5",
        demo="false",
        smtp_host="127.0.0.1",
        smtp_port="9",  # nobody listens there
        frame_ancestors="https://www.example.com",
    )
    wait_until_ready(started)
    yield started
    stop_process(started.process)


@pytest.fixture(scope="module")
def strict_web(strict) -> str:
    return strict.web


def message(text: str, client_id: str | None = None) -> dict:
    return {"client_id": client_id or str(uuid.uuid4()), "text": text}


@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer made-up", "Basic abc", "Bearer " + "x" * 4000])
def test_a_conversation_opens_to_its_token_alone(stack, token):
    for method, path, body in (
        ("GET", "conversation", None),
        ("DELETE", "conversation", None),
        ("GET", "conversation/events", None),
        ("POST", "conversation/messages", message("hello")),
        ("POST", "conversation/choices", {"client_id": str(uuid.uuid4()), "choice": "x"}),
        ("PUT", "conversation/language", {"language": "en"}),
        ("POST", "conversation/restart", None),
        ("POST", "conversation/identity/email", {"email": "anna.berzina@example.com"}),
        ("POST", "conversation/identity/code", {"code": "123456"}),
        ("DELETE", "conversation/identity", None),
        ("POST", "conversation/person", None),
        ("DELETE", "conversation/person", None),
        ("POST", "conversation/ticket", {"client_id": str(uuid.uuid4()), "email": "a@example.com", "text": "help"}),
        ("DELETE", "conversation/ticket", None),
        ("POST", "conversation/typing", None),
        ("POST", "conversation/seen", {"id": 1}),
        ("POST", "conversation/rating", {"score": 5}),
        ("GET", "conversation/transcript", None),
        ("POST", "conversation/transcript/letter", None),
    ):
        answer = requests.request(
            method, f"{stack.web}/api/{path}", headers={"authorization": token}, timeout=10, json=body
        )
        assert answer.status_code == 401, (method, path)
        assert answer.headers["content-type"] == "application/problem+json"


def test_the_conversations_id_is_no_key_to_it(stack, customer):
    with sqlite3.connect(stack.folder / "chat.db") as database:
        ids = [row[0] for row in database.execute("SELECT id FROM conversations")]
        kept = str(database.execute("SELECT * FROM conversations").fetchall())
    assert ids
    assert customer.token not in kept
    for one in ids:
        answer = requests.get(f"{stack.web}/api/conversation", headers={"authorization": f"Bearer {one}"}, timeout=10)
        assert answer.status_code == 401


def test_a_repeated_message_is_stored_and_answered_once(customer):
    body = message("cik punktu vajag?")
    first = customer.call("POST", "conversation/messages", body)
    with ThreadPoolExecutor(8) as pool:
        again = list(pool.map(lambda _: customer.call("POST", "conversation/messages", body), range(8)))
    assert first.status_code == 201
    assert {answer.status_code for answer in again} == {200}
    assert {answer.json()["id"] for answer in again} == {first.json()["id"]}
    customer.hear(first.json()["id"])
    messages = customer.events(first.json()["id"] - 1)[0]
    assert [m["author"] for m in messages] == ["customer", "assistant"]


def test_the_same_message_sent_many_times_at_once_is_stored_once(customer):
    body = message("cik punktu vajag?")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: customer.call("POST", "conversation/messages", body), range(8)))
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]


def test_a_browser_that_comes_back_hears_only_what_it_missed(customer):
    customer.say("cik punktu vajag?")
    seen = customer.events()[0]
    customer.say("paldies")
    missed = customer.events(seen[-1]["id"])[0]
    assert seen + missed == customer.events()[0]
    assert [m["author"] for m in missed] == ["customer", "assistant"]


@pytest.mark.parametrize("last", ["-1", "abc", "9" * 20, "9" * 18, "1.5", "\u0661"])
def test_an_odd_last_event_id_does_no_harm(customer, last):
    answer = customer.session.get(
        f"{customer.web}/api/conversation/events",
        headers={"last-event-id": last.encode()},
        stream=True,
        timeout=10,
    )
    assert answer.status_code == 200
    assert next(answer.iter_lines()).startswith(b"event: ")
    answer.close()


def test_a_listening_browser_hears_a_new_message_at_once(customer):
    heard: list[dict] = []

    def listen() -> None:
        with customer.session.get(f"{customer.web}/api/conversation/events", stream=True, timeout=30) as stream:
            stream.encoding = "utf-8"
            for line in stream.iter_lines(decode_unicode=True):
                if line.startswith("data: ") and '"text"' in line:
                    heard.append(json.loads(line.removeprefix("data: ")))
                    if "500" in heard[-1]["text"]:
                        return

    listener = threading.Thread(target=listen)
    listener.start()
    requests.post(
        f"{customer.web}/api/conversation/messages",
        json=message("cik punktu vajag?"),
        headers={"authorization": f"Bearer {customer.token}"},
        timeout=10,
    )
    listener.join(30)
    assert not listener.is_alive()
    assert [m["id"] for m in heard] == sorted({m["id"] for m in heard})


@pytest.mark.parametrize(
    ("language", "words"), [("lv", "Rakstzīmju skaits: 10000, atļauts: 2000"), ("en", "10000 characters")]
)
def test_a_message_that_is_too_long_is_refused_with_its_length(stack, language, words):
    customer = Customer(stack.web, language)
    refused = customer.call("POST", "conversation/messages", message("a" * 10_000))
    assert refused.status_code == 413
    assert words in refused.json()["detail"]


@pytest.mark.parametrize(("language", "words"), [("lv", "vēl nav atbildēts"), ("en", "not been answered yet")])
def test_a_conversation_has_room_for_some_open_messages_and_one_too_many_is_refused(web, language, words):
    customer = Customer(web.web, language, is_greeted=False)  # Rasa is down: all messages stay open, the greeting too
    bodies = [message("vai / is it?") for _ in range(MAX_OPEN - 1)]
    for body in bodies:
        assert customer.call("POST", "conversation/messages", body).status_code == 201
    refused = customer.call("POST", "conversation/messages", message("vai / is it?"))
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "10"
    assert words in refused.json()["detail"]
    other = {"lv": "en", "en": "lv"}[language]
    assert customer.call("PUT", "conversation/language", {"language": other}).status_code == 429
    assert customer.call("POST", "conversation/messages", bodies[0]).status_code == 200, "a repeat needs no room"
    assert customer.call("POST", "conversation/person").ok, "a person can be asked for at any time"
    assert customer.call("POST", "conversation/messages", message("kas / who?")).status_code == 201
    assert Customer(web.web, language, is_greeted=False).call("POST", "conversation/messages", bodies[0]).ok


@pytest.mark.parametrize(("language", "words"), [("lv", "tukša"), ("en", "empty")])
@pytest.mark.parametrize("text", ["", "   \n\t", "\x00"])
def test_an_empty_message_is_refused(stack, language, words, text):
    refused = Customer(stack.web, language).call("POST", "conversation/messages", message(text))
    assert refused.status_code == 422
    assert words in refused.json()["detail"]


def test_a_huge_body_is_refused(customer):
    refused = customer.call("POST", "conversation/messages", message("a" * 200_000))
    assert refused.status_code == 413
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"null", b"\xff\xfe", b'{"text": 5}', b'{"client_id": "x", "text": "a"}']
)
def test_a_malformed_body_is_a_problem_and_is_not_sent_back(customer, body):
    answer = customer.session.post(
        f"{customer.web}/api/conversation/messages", data=body, headers={"content-type": "application/json"}, timeout=10
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "input" not in answer.text.replace("input should be", "").replace("Input should be", "")


def test_halves_of_characters_are_left_out(customer):
    body = b'{"client_id": "12345678-halves", "text": "cik punktu vajag \\ud800?"}'
    headers = {"content-type": "application/json"}
    sent = customer.session.post(f"{customer.web}/api/conversation/messages", data=body, headers=headers, timeout=10)
    assert sent.status_code == 201
    assert "500" in customer.hear(sent.json()["id"])


def test_what_breaks_here_is_not_told(tmp_path):
    port, database, log = free_ports(1)[0], f"sqlite:///{tmp_path / 'empty.db'}", tmp_path / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "--factory", "bot.app:create_app", "--port", str(port)],
            env=os.environ | {"CPS_CHAT_DATABASE": database, "CPS_SERVICE_KEY": "k"},
            stderr=out,
        )
    try:
        migrate(database, ROOT / "bot" / "conversations" / "migrations")
        wait_for(lambda: requests.get(f"http://127.0.0.1:{port}/health", timeout=5).ok)
        with sqlite3.connect(tmp_path / "empty.db") as broken:
            broken.execute("DROP TABLE conversations")
        headers = {"authorization": "Bearer secret-token"}
        answer = requests.get(f"http://127.0.0.1:{port}/api/conversation", headers=headers, timeout=10)
    finally:
        stop_process(process)
    assert answer.status_code == 500
    assert answer.json() == {"type": "urn:cps:broken", "title": "Something went wrong here", "status": 500}
    assert "no such table" in log.read_text()
    hashed = hashlib.sha256(b"secret-token").hexdigest()
    assert "secret-token" not in log.read_text()
    assert hashed not in log.read_text()


def test_a_choice_of_another_conversation_is_none(stack, customer):
    other = Customer(stack.web)
    body = {"client_id": str(uuid.uuid4()), "choice": other.choices[0]["id"]}
    refused = customer.call("POST", "conversation/choices", body)
    assert refused.status_code == 404
    assert "poga" in refused.json()["detail"]


def test_the_browser_never_sees_a_payload(customer):
    answer = json.dumps(customer.events()[0])
    assert customer.choices
    assert "/ask_" not in answer
    assert "payload" not in answer


def test_a_restart_ends_the_old_conversation_and_begins_a_new_one(customer):
    customer.say("cik punktu vajag?")
    old = customer.token
    begun = customer.call("POST", "conversation/restart")
    assert begun.status_code == 201
    assert customer.call("GET", "conversation").status_code == 401
    customer.use(begun.json()["token"])
    assert customer.token != old
    assert "automatizēt" in customer.hear(0)
    assert not [m for m in customer.events()[0] if m["author"] == "customer"]


def test_nothing_can_be_confirmed_that_was_not_asked_for(customer):
    for path, body in (("email", {"email": "anna.berzina@example.com"}), ("code", {"code": "123456"})):
        assert customer.call("POST", f"conversation/identity/{path}", body).status_code == 409


@pytest.mark.parametrize("email", ["", "anna", "anna@", "@example.com", "a b@example.com", "a@b", "x" * 300 + "@e.lv"])
def test_what_is_no_address_is_said_to_be_none(customer, email):
    customer.say("cik man ir punktu?")
    refused = customer.call("POST", "conversation/identity/email", {"email": email})
    assert refused.status_code == 422
    assert "e-pasta" in refused.json()["detail"]


@pytest.mark.parametrize("key", [None, "", "wrong"])
def test_only_our_actions_learn_on_whose_behalf_a_conversation_speaks(stack, key):
    headers = {"x-service-key": key} if key is not None else {}
    answer = requests.get(f"{stack.web}/internal/conversations/{'0' * 32}/access", headers=headers, timeout=10)
    assert answer.status_code == 401


def test_an_unconfirmed_conversation_opens_no_account(stack):
    headers = {"x-service-key": stack.service_key}
    answer = requests.get(f"{stack.web}/internal/conversations/{'0' * 32}/access", headers=headers, timeout=10)
    assert answer.status_code == 404


def test_on_postgresql_a_conversation_goes_on_just_the_same(strict_web):
    customer = Customer(strict_web)
    assert "500" in customer.say("cik punktu vajag, lai pievienotos?")
    assert "500" in customer.choose("Pastāstīt vairāk")
    assert [message["author"] for message in customer.events()[0]].count("customer") == 2


def test_a_connection_that_the_database_ended_loses_no_place_in_the_walkthrough(strict_web, trackers):
    customer = Customer(strict_web, "en")
    assert "Step 1" in customer.choose("Go through it step by step")
    with psycopg.connect(trackers) as connection:
        ended = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    assert ended[0] > 0
    assert "Step 2" in customer.say("next")


def test_one_conversation_may_not_flood(strict_web):
    customer = Customer(strict_web)
    answers = [customer.call("POST", "conversation/messages", message("ok")) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert "uzgaidiet" in answers[-1].json()["detail"]


def test_one_address_may_not_open_conversations_without_end(strict_web):
    opened = [requests.post(f"{strict_web}/api/conversations", json={"language": "en"}, timeout=10) for _ in range(5)]
    assert opened[-1].status_code == 429
    assert "wait a minute" in opened[-1].json()["detail"]


def test_the_demo_page_can_be_switched_off(strict_web):
    assert requests.get(strict_web + "/", timeout=10).status_code == 404


def test_only_the_sites_of_the_setting_may_embed_the_chat(strict_web, stack):
    strict = requests.get(strict_web + "/chat", timeout=10).headers["content-security-policy"]
    usual = requests.get(stack.web + "/chat", timeout=10).headers["content-security-policy"]
    assert "frame-ancestors https://www.example.com" in strict
    assert "frame-ancestors 'self'" in usual


def test_every_answer_carries_the_security_headers(stack):
    for path in ("/", "/chat", "/widget.js", "/health", "/nothing-here", "/api/conversation"):
        headers = requests.get(stack.web + path, timeout=10).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer", path


def test_the_script_policy_is_strict_and_its_nonce_is_new_each_time(stack):
    policies = [requests.get(stack.web + "/chat", timeout=10).headers["content-security-policy"] for _ in range(2)]
    assert policies[0] != policies[1]
    assert "unsafe" not in policies[0]
    assert "default-src 'none'" in policies[0]


def test_nothing_beyond_the_listed_files_is_served(stack):
    for path in ("/assets/../../settings.py", "/assets/words.yml", "/assets/%2e%2e/pages.py", "/docs", "/redoc"):
        assert requests.get(stack.web + path, timeout=10).status_code == 404, path


def test_the_health_check_answers(stack):
    assert requests.get(stack.web + "/health", timeout=5).json() == {"status": "ok", "rasa": "ok"}


@pytest.mark.parametrize("key", [None, "", "wrong", "\u0101"])
def test_rasa_and_the_actions_answer_to_their_keys_alone(strict, key):
    hello, action = {"sender": "x", "message": "hello"}, {"next_action": "action_fallback", "tracker": {}}
    for service, path, body in (
        ("rasa", "/webhooks/rest/webhook", hello),
        ("actions", "/webhook", action),
    ):
        headers = {} if key is None else {f"x-{service}-key": key.encode()}
        answer = requests.post(getattr(strict, service) + path, json=body, headers=headers, timeout=30)
        assert answer.status_code == 401, service


def test_in_the_demo_tools_that_measure_ask_rasa_without_a_key_but_nobody_asks_the_actions(stack):
    hello = {"sender": "x", "message": "hello"}
    assert requests.post(f"{stack.rasa}/webhooks/rest/webhook", json=hello, timeout=30).json()[0]["text"]
    assert requests.post(f"{stack.actions}/webhook", json={}, timeout=30).status_code == 401
    assert requests.get(f"{stack.actions}/actions", timeout=30).status_code == 401

"""Confirming a customer by a code that is sent by e-mail."""

import re
import socket
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

import pytest
import requests

from tests.backend.conftest import start_backend
from tests.conftest import free_ports, stop_process, wait_for
from tests.customer import code_for, letters_to
from tests.mail import SmtpServer, make_certificate, text_of

ANNA = "anna.berzina@example.com"


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def opened(backend) -> tuple[str, str]:
    """Open a verification; return it and its code."""
    seen = letters_to(backend.address, ANNA)
    return backend.open(ANNA), code_for(backend.address, ANNA, seen)


def test_the_right_code_opens_the_account_once(backend):
    verification, code = opened(backend)
    first, second = backend.confirm(verification, code), backend.confirm(verification, code)
    assert first.status_code == 200
    assert first.json()["name"] == "Anna Bērziņa"
    assert second.status_code == 410


def test_the_answer_is_the_same_for_an_unknown_address(backend):
    known = backend.call("POST", "/v1/verifications", {"email": ANNA})
    unknown = backend.call("POST", "/v1/verifications", {"email": "nobody@example.com"})
    assert known.status_code == unknown.status_code == 202
    assert known.json().keys() == unknown.json().keys()
    refused = [backend.confirm(answer.json()["id"], "000000").json() for answer in (known, unknown)]
    assert refused[0] == refused[1]


def test_an_unknown_address_gets_no_letter(backend):
    backend.open("nobody@example.com")
    backend.open(ANNA)
    code_for(backend.address, ANNA)
    assert "nobody@example.com" not in requests.get(backend.address + "/mailbox", timeout=10).text


def test_five_wrong_codes_spend_it(backend):
    verification, code = opened(backend)
    left = [backend.confirm(verification, wrong(code)).json().get("tries_left") for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    assert backend.confirm(verification, code).status_code == 410


def test_guesses_made_side_by_side_are_all_counted(backend):
    verification, code = opened(backend)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: backend.confirm(verification, wrong(code)).status_code, range(40)))
    assert sorted(answers) == [410] * 35 + [422] * 5


def test_a_right_code_sent_twice_at_once_opens_one_access(backend):
    verification, code = opened(backend)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: backend.confirm(verification, code).status_code, range(4)))
    assert sorted(answers) == [200, 410, 410, 410]


def test_nobody_makes_a_code_worthless_by_asking_for_another(backend):
    mine, my_code = opened(backend)
    for _ in range(3):
        backend.open(ANNA)
    assert backend.confirm(mine, my_code).status_code == 200


def test_a_code_is_good_for_what_was_asked_later_but_not_earlier(backend):
    first, _ = opened(backend)
    second, code = opened(backend)
    third, _ = opened(backend)
    assert backend.confirm(first, code).status_code == 422
    assert backend.confirm(third, code).status_code == 200
    assert backend.confirm(second, code).status_code == 410  # used


def test_one_code_opens_one_access_whatever_it_is_tried_for(backend):
    first, code = opened(backend)
    asked = [first, *(backend.open(ANNA) for _ in range(3))]
    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(lambda one: backend.confirm(one, code).status_code, asked))
    assert answers[0] == 200
    assert set(answers[1:]) <= {410, 422}


def test_a_code_is_good_for_its_address_alone(backend):
    _, code = opened(backend)
    assert backend.confirm(backend.open("peter.smith@example.com"), code).status_code == 422


@pytest.mark.parametrize("email", [ANNA, "nobody@example.com"])
def test_an_address_gets_so_many_letters_an_hour_and_its_newest_code_stays_good(tmp_path, email):
    backend, process = start_backend(tmp_path)
    try:
        answers = [backend.call("POST", "/v1/verifications", {"email": email}) for _ in range(8)]
        assert [answer.status_code for answer in answers] == [202] * 8
        assert all(answer.json().keys() == answers[0].json().keys() for answer in answers)
        assert len(letters_to(backend.address, email)) == (5 if email == ANNA else 0)
        with sqlite3.connect(tmp_path / "backend.db") as database:
            database.execute("UPDATE verifications SET expires_at = '2020-01-01 00:00:00'")
        late = backend.open(email)
        code = code_for(backend.address, ANNA) if email == ANNA else "123456"
        assert backend.confirm(late, code).status_code == (200 if email == ANNA else 422)
    finally:
        stop_process(process)


def test_whoever_has_used_all_codes_of_an_hour_has_to_wait(strict_backend):
    for _ in range(5):
        strict_backend.log_in(ANNA)
    assert strict_backend.call("POST", "/v1/verifications", {"email": ANNA}).status_code == 429


def test_a_code_gets_too_old(tmp_path):
    backend, process = start_backend(tmp_path)
    try:
        verification, code = opened(backend)
        with sqlite3.connect(tmp_path / "backend.db") as database:
            database.execute("UPDATE verifications SET expires_at = '2020-01-01 00:00:00'")
        assert backend.confirm(verification, code).status_code == 410
    finally:
        stop_process(process)


def test_neither_code_nor_token_lies_in_the_database(tmp_path):
    backend, process = start_backend(tmp_path)
    try:
        verification, code = opened(backend)
        token = backend.confirm(verification, code).json()["token"]
        with sqlite3.connect(tmp_path / "backend.db") as database:
            rows = [
                str(row)
                for table in ("verifications", "accesses")
                for row in database.execute(f"SELECT * FROM {table}")
            ]
        assert rows
        assert not any(secret in row for row in rows for secret in (code, token, ANNA))
    finally:
        stop_process(process)


@pytest.mark.parametrize("key", ["", "wrong"])
def test_nobody_sends_letters_without_the_key(backend, key):
    assert backend.call("POST", "/v1/verifications", {"email": ANNA}, key=key).status_code == 401


@pytest.mark.parametrize("language", ["lv", "en"])
def test_the_letter_is_in_the_customers_language(backend, language):
    seen = letters_to(backend.address, ANNA)
    backend.open(ANNA, language)
    code_for(backend.address, ANNA, seen)
    words = {"lv": "apstiprinājuma kods", "en": "confirmation code"}
    assert words[language] in letters_to(backend.address, ANNA)[0]


def test_the_mailbox_is_not_shown_under_another_name(backend):
    page = requests.get(backend.address + "/mailbox", headers={"host": "evil.example:80"}, timeout=10)
    assert page.status_code == 404


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-forwarded-proto", "forwarded", "via", "x-real-ip"])
def test_the_mailbox_is_not_shown_through_a_proxy(backend, header):
    page = requests.get(backend.address + "/mailbox", headers={header: "127.0.0.1"}, timeout=10)
    assert page.status_code == 404


def test_with_a_mail_server_letters_leave_by_smtp_and_the_mailbox_is_gone(tmp_path):
    server = SmtpServer()
    backend, process = start_backend(
        tmp_path, smtp_host="127.0.0.1", smtp_port=str(server.port), smtp_tls="none", smtp_from="cps@example.com"
    )
    try:
        verification = backend.open(ANNA)
        letter = wait_for(lambda: server.letters and server.letters[0], 15)
        assert letter["To"] == ANNA
        assert letter["From"] == "cps@example.com"
        code = code_in(letter)
        assert code not in str(letter["Subject"]), "locked screens show it"
        assert code in text_of(letter, "html")
        assert backend.confirm(verification, code).status_code == 200
        assert requests.get(backend.address + "/mailbox", timeout=10).status_code == 404
    finally:
        stop_process(process)
        server.close()


def test_a_dead_mail_server_is_logged_without_the_address_and_not_told_to_the_asker(tmp_path):
    log = tmp_path / "log"
    backend, process = start_backend(tmp_path, log=log, smtp_host="127.0.0.1", smtp_port="9", smtp_tls="none")
    try:
        backend.open(ANNA)
        backend.open("nobody@example.com")
        wait_for(lambda: "letter_not_sent" in log.read_text())
    finally:
        stop_process(process)
    assert log.read_text().count("letter_not_sent") == 1
    assert ANNA not in log.read_text()


def code_in(letter: EmailMessage) -> str:
    return re.search(r"\b\d{6}\b", text_of(letter))[0]


def ask(backend, email: str) -> dict:
    answer = backend.call("POST", "/v1/verifications", {"email": email})
    assert answer.status_code == 202
    return answer.json()


def with_mail_server(folder, port: int, **more: str):
    given = {"smtp_host": "127.0.0.1", "smtp_port": str(port), "smtp_tls": "none", "smtp_from": "cps@example.com"}
    return start_backend(folder, **given | more)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_code_leaves_over_either_kind_of_tls(tmp_path, monkeypatch, tls):
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = SmtpServer(tls, certificate)
    backend, process = with_mail_server(tmp_path, server.port, smtp_tls=tls)
    try:
        asked = ask(backend, ANNA)
        letter = wait_for(lambda: server.letters and server.letters[0], 15)
        assert not asked["delayed"]
        assert backend.confirm(asked["id"], code_in(letter)).status_code == 200
    finally:
        stop_process(process)
        server.close()


def test_a_code_that_the_mail_server_does_not_take_is_said_at_once_to_everybody_and_sent_again(tmp_path):
    (port,) = free_ports(1)
    backend, process = with_mail_server(tmp_path, port)
    server = None
    try:
        asked = ask(backend, ANNA)
        assert [asked["delayed"], ask(backend, "nobody@example.com")["delayed"]] == [True, True]
        server = SmtpServer(port=port)
        letter = wait_for(lambda: server.letters and server.letters[0], 30)
        assert backend.confirm(asked["id"], code_in(letter)).status_code == 200
        assert not ask(backend, "nobody@example.com")["delayed"]
    finally:
        stop_process(process)
        if server:
            server.close()
    assert [letter["To"] for letter in server.letters] == [ANNA]


@pytest.mark.parametrize(
    ("refuses", "delayed"), [("sender_answer", True), ("letter_answer", True), ("recipient_answer", False)]
)
def test_what_fails_for_one_address_alone_is_told_to_nobody(tmp_path, refuses, delayed):
    server, log = SmtpServer(), tmp_path / "log"
    setattr(server, refuses, "550 no")
    backend, process = with_mail_server(tmp_path, server.port, log=log)
    try:
        ask(backend, ANNA)
        wait_for(lambda: "letter_not_sent" in log.read_text())
        assert [ask(backend, email)["delayed"] for email in (ANNA, "nobody@example.com")] == [delayed, delayed]
    finally:
        stop_process(process)
        server.close()


def test_a_mail_server_that_never_answers_delays_the_answer_a_little_for_known_and_unknown(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        backend, process = with_mail_server(tmp_path, silent.getsockname()[1])
        try:
            assert [ask(backend, email)["delayed"] for email in (ANNA, "nobody@example.com")] == [True, True]
        finally:
            stop_process(process)


def test_codes_asked_for_side_by_side_stay_within_the_limit(tmp_path, new_postgresql):
    backend, process = start_backend(tmp_path, new_postgresql())
    try:
        with ThreadPoolExecutor(10) as pool:
            list(pool.map(lambda _: backend.open(ANNA), range(10)))
        assert len(wait_for(lambda: letters_to(backend.address, ANNA))) == 5
    finally:
        stop_process(process)

"""An agent who forgot the password sets a new one with a code that comes by e-mail."""

import re
from collections.abc import Iterator

import pytest

from bot.desk import forgotten
from tests.conftest import stop_process, wait_for
from tests.desk.conftest import Desk, start_desk
from tests.mail import SmtpServer

LANGUAGES = pytest.mark.parametrize("language", ["lv", "en"])
NEW = "a new and long one"


@pytest.fixture(scope="module")
def server() -> Iterator[SmtpServer]:
    started = SmtpServer()
    yield started
    started.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory, server) -> Iterator[Desk]:
    mail = {"smtp_host": "127.0.0.1", "smtp_port": str(server.port), "smtp_tls": "none"}
    started = start_desk(tmp_path_factory.mktemp("forgotten"), access_key="k" * 40, **mail)
    yield started
    stop_process(started.process)


def asks(desk: Desk, email: str, language: str = "lv"):
    """Return the browser of somebody who asks for a code, and the answer."""
    browser = desk.visit()
    browser.get(f"/desk/sign-in/forgotten?language={language}")
    return browser, browser.post("/desk/sign-in/forgotten", {"email": email}, csrf="")


def code_for(server: SmtpServer, email: str) -> str:
    def sent() -> str | None:
        letters = [one for one in server.letters if one["To"] == email]
        return letters and letters[-1].get_body(("plain",)).get_content()

    return re.search(r"\b[A-Z2-7]{10}\b", wait_for(sent))[0]


def sets(browser, email: str, code: str, password: str = NEW):
    return browser.post("/desk/sign-in/forgotten/new", {"email": email, "code": code, "password": password}, csrf="")


@LANGUAGES
def test_the_code_of_the_letter_sets_a_new_password_once(desk, server, language):
    agent = desk.add(language=language)
    old = desk.sign_in(agent.email)
    assert 'href="/desk/sign-in/forgotten"' in desk.visit().get("/desk/sign-in").text
    browser, answer = asks(desk, f" {agent.email.upper()}", language)
    assert {"lv": "ir nosūtīts kods", "en": "a code has been sent"}[language] in answer.text
    code = code_for(server, agent.email)
    assert {"lv": "jauna parole", "en": "a new password"}[language] in server.letters[-1]["Subject"]
    short = sets(browser, agent.email, code, "short")
    assert (short.status_code, old.is_in) == (422, True)
    assert sets(browser, agent.email, f"{code[:5].lower()} {code[5:]}").headers["location"].endswith("password_set")
    assert not old.is_in
    assert desk.sign_in(agent.email, NEW).is_in
    again = sets(browser, agent.email, code, "yet another one")
    assert again.status_code == 422
    assert {"lv": "Kods nav pareizs", "en": "The code is not right"}[language] in again.text
    assert code not in desk.log.read_text()
    assert agent.email in desk.signed_in("supervisor").get("/desk/team").text


def test_nobody_learns_whether_an_address_has_an_account_and_only_agents_get_letters(desk, server):
    known = desk.add()
    shown = []
    for email in ("nobody@example.com", desk.add(password_hash=None).email, known.email):  # whose letter comes last
        answer = asks(desk, email)[1]
        shown.append((answer.status_code, answer.text.replace(email, "")))
    assert len(set(shown)) == 1
    code_for(server, known.email)
    assert {one["To"] for one in server.letters} & {"nobody@example.com"} == set()
    assert asks(desk, "not an address")[1].status_code == 422


def test_a_code_is_good_for_its_agent_and_its_time_alone(desk, server, monkeypatch):
    agent, other = desk.add(), desk.add()
    browser, _ = asks(desk, agent.email)
    code = code_for(server, agent.email)
    assert sets(browser, other.email, code).status_code == 422
    present = forgotten._slot()
    monkeypatch.setattr(forgotten, "_slot", lambda: present + 3)
    assert sets(browser, agent.email, code).status_code == 422


def test_letters_and_guesses_are_counted(desk, server):
    agent = desk.add()
    answers = [asks(desk, agent.email)[1].status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    browser = desk.visit()
    code = code_for(server, agent.email)
    assert [sets(browser, agent.email, guess).status_code for guess in ("", "x", "A" * 10, "\u0100", code[:9])] == [
        422
    ] * 5
    assert sets(browser, agent.email, code).status_code == 429


def test_without_a_mail_server_it_is_not_offered(tmp_path):
    desk = start_desk(tmp_path)
    try:
        assert "forgotten" not in desk.visit().get("/desk/sign-in").text
        assert desk.visit().get("/desk/sign-in/forgotten").status_code == 404
    finally:
        stop_process(desk.process)

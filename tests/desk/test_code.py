"""Signing in with a code of an authenticator app besides the password."""

import base64
import re
import time
from collections.abc import Iterator

import pytest

from bot.desk import totp
from bot.keys import Cipher
from tests.conftest import stop_process
from tests.desk.conftest import PASSWORD, Browser, Desk, start_desk

LANGUAGES = pytest.mark.parametrize("language", ["lv", "en"])


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    """A desk at which supervisors need a code."""
    started = start_desk(tmp_path_factory.mktemp("code"), desk_second_factor="supervisors")
    yield started
    stop_process(started.process)


def half_in(desk: Desk, language: str = "lv", email: str = "") -> Browser:
    """Return the browser of a supervisor who has given the password."""
    browser = desk.visit()
    browser.get(f"/desk/sign-in?language={language}")
    email = email or desk.add(role="supervisor", language=language).email
    answer = browser.sign_in(email, then="/desk/team")
    assert answer.headers["location"] == "/desk/sign-in/code?then=%2Fdesk%2Fteam"
    return browser


def secret_on(browser: Browser) -> str:
    """Return the key that the page shows for the app."""
    page = browser.get("/desk/sign-in/code").text
    return re.sub(r"\s", "", re.search(r"<code>(.*?)</code>", page)[1])


def code_of(secret: str, later: int = 0) -> str:
    return totp.code_at(secret, int(time.time()) // totp.STEP + later)


def enter(browser: Browser, code: str):
    return browser.post("/desk/sign-in/code", {"code": code, "then": "/desk/team"}, csrf="")


def test_codes_are_those_of_the_standard():
    secret = base64.b32encode(b"12345678901234567890").decode()
    codes = [totp.code_at(secret, moment // totp.STEP) for moment in (59, 1111111109, 20000000000)]
    assert codes == ["287082", "081804", "353130"]


@LANGUAGES
def test_a_supervisor_sets_an_app_up_at_the_first_sign_in_and_needs_its_code_at_the_next(desk, language):
    browser = half_in(desk, language)
    secret = secret_on(browser)
    page = browser.get("/desk/sign-in/code").text
    assert {"lv": "Pieteikšanās kods", "en": "Sign-in code"}[language] in page
    assert f"otpauth://totp/CPS:{browser.email.replace('@', '%40')}?secret={secret}" in page
    assert secret not in (desk.get(browser.email).totp_secret or "")
    first = code_of(secret)
    assert enter(browser, f" {first[:3]} {first[3:]} ").headers["location"] == "/desk/team"
    assert browser.is_in
    again = half_in(desk, language, browser.email)
    assert "<code>" not in again.get("/desk/sign-in/code").text
    refused = enter(again, first)
    assert refused.status_code == 403
    assert {"lv": "jau ir izmantots", "en": "used already"}[language] in refused.text
    assert not again.is_in
    assert enter(again, code_of(secret, 1)).status_code == 303
    assert again.is_in


def test_the_password_alone_opens_nothing(desk):
    browser = half_in(desk)
    for path in ("/desk", "/desk/team", "/desk/account", "/desk/past"):
        assert browser.get(path).status_code == 303
    assert browser.get("/desk/events", accept="text/event-stream").status_code == 401
    assert browser.post("/desk/here", csrf="x").status_code in (303, 401)
    stranger = desk.visit()
    assert stranger.get("/desk/sign-in/code").headers["location"] == "/desk/sign-in"
    assert enter(stranger, "123456").headers["location"] == "/desk/sign-in"


def test_agents_for_whom_it_is_not_required_sign_in_by_password(desk):
    assert desk.signed_in().is_in


def test_whoever_guesses_codes_has_to_wait_wherever_they_come_from(desk):
    browser = half_in(desk)
    secret = secret_on(browser)
    answers = [enter(browser, code).status_code for code in ("", "1234567", "abcdef", "\u0661" * 6, "-00001")]
    assert answers == [403] * 5
    assert enter(browser, code_of(secret)).status_code == 429
    other = half_in(desk, email=browser.email)
    assert enter(other, code_of(secret)).status_code == 429
    assert not other.is_in


@LANGUAGES
def test_with_another_key_nobody_gets_a_new_secret_by_the_password_alone(desk, monkeypatch, language):
    browser = half_in(desk, language)
    assert enter(browser, code_of(secret_on(browser))).status_code == 303
    kept = desk.get(browser.email).totp_secret
    monkeypatch.setattr(desk.process.app.state.sign_in_state, "cipher", Cipher("another key"))
    again = half_in(desk, language, browser.email)
    page = again.get("/desk/sign-in/code")
    assert {"lv": "Lūdziet vadītājam to noņemt", "en": "Ask a supervisor to remove it"}[language] in page.text
    assert "otpauth://" not in page.text
    assert (enter(again, "123456").status_code, again.is_in) == (403, False)
    assert desk.get(browser.email).totp_secret == kept


@LANGUAGES
def test_a_supervisor_lets_a_colleague_who_lost_the_telephone_set_another_up(desk, language):
    boss, lost = half_in(desk, language), half_in(desk)
    for browser in (boss, lost):
        assert enter(browser, code_of(secret_on(browser))).status_code == 303
    path = f"/desk/team/{desk.get(lost.email).id}"
    assert f'action="{path}/code"' in boss.get(path).text
    assert boss.post(f"{path}/code").headers["location"] == "/desk/team?done=app_forgotten"
    assert not lost.is_in
    assert {"lv": "noņemta autentifikācijas lietotne", "en": "authenticator app removed"}[language] in boss.get(
        "/desk/team"
    ).text
    again = half_in(desk, email=lost.email)
    assert enter(again, code_of(secret_on(again))).status_code == 303
    assert PASSWORD not in desk.log.read_text()

"""Signing in to the desk by password, and signing out; what happens after wrong guesses."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
from argon2 import PasswordHasher
from sqlalchemy import select

from bot.conversations.models import RateLimitHit
from bot.database import now
from bot.desk import passwords
from bot.desk.limits import ATTEMPTS, WRONG_PASSWORDS
from bot.desk.passwords import MAX_QUEUE
from tests.desk.conftest import PASSWORD, Browser, moved

WRONG = "a wrong password"


def said(answer) -> str:
    """Return the error on the sign-in page."""
    return re.search(r'id="wrong" role="alert">([^<]+)', answer.text)[1]


def test_an_agent_signs_in_and_out(desk):
    browser = desk.signed_in()
    assert "Rinda" in browser.get("/desk").text
    assert browser.post("/desk/sign-out").headers["location"] == "/desk/sign-in?done=signed_out"
    assert not browser.is_in


def test_an_address_is_the_same_in_capitals_and_between_spaces(desk):
    desk.add("capitals@example.com")
    assert desk.visit().sign_in(" Capitals@Example.COM ").status_code == 303


def test_the_cookie_is_for_the_desk_alone_and_out_of_reach_of_scripts(desk):
    desk.add("cookie@example.com")
    browser = desk.visit()
    session, device = browser.sign_in("cookie@example.com").raw.headers.getlist("set-cookie")
    assert re.fullmatch(r"desk_session=[\w-]{43}; HttpOnly; Path=/desk; SameSite=lax", session)
    assert re.fullmatch(
        r"desk_device=[\w-]{22}\.\w{64}; HttpOnly; Max-Age=31536000; Path=/desk/sign-in; SameSite=lax", device
    )
    secure = desk.visit()
    secure.session.headers["x-forwarded-proto"] = "https"
    form = {"email": "cookie@example.com", "password": PASSWORD}
    answer = secure.post("/desk/sign-in", form, "", origin=desk.address.replace("http:", "https:"))
    assert all(cookie.endswith("; Secure") for cookie in answer.raw.headers.getlist("set-cookie"))


def test_neither_the_cookie_nor_the_password_is_kept(desk):
    browser = desk.signed_in()
    with desk.database.engine.connect() as connection:
        kept = str(
            [connection.exec_driver_sql(f"SELECT * FROM {table}").all() for table in ("agents", "agent_sessions")]
        )
    assert browser.email in kept
    assert browser.token not in kept
    assert PASSWORD not in kept


def test_every_sign_in_begins_a_new_session_and_ends_the_one_before(desk):
    browser = desk.signed_in()
    before = browser.token
    browser.sign_in(browser.email)
    assert browser.token != before
    other = desk.visit()
    other.session.cookies.set("desk_session", before, path="/desk")
    assert not other.is_in


def test_a_token_that_was_planted_is_not_taken_over(desk):
    desk.add("planted@example.com")
    browser = desk.visit()
    browser.session.cookies.set("desk_session", "planted-by-somebody", domain="127.0.0.1", path="/desk")
    browser.sign_in("planted@example.com")
    assert [cookie.value for cookie in browser.session.cookies if cookie.name == "desk_session"] != [
        "planted-by-somebody"
    ]
    thief = desk.visit()
    thief.session.cookies.set("desk_session", "planted-by-somebody", path="/desk")
    assert not thief.is_in


def test_a_session_ends_when_nothing_is_asked_for_so_long_and_lasts_while_it_is(desk):
    browser = desk.signed_in()
    for _ in range(3):
        moved(desk, 7 * 3600)
        assert browser.is_in
    moved(desk, 8 * 3600 + 1)
    assert not browser.is_in


def test_a_session_ends_after_a_day_however_busy_one_is(desk):
    browser = desk.signed_in()
    for _ in range(3):
        moved(desk, 6 * 3600)
        assert browser.is_in
    moved(desk, 6 * 3600)
    assert not browser.is_in


def test_a_stream_that_is_left_open_keeps_nobody_signed_in(desk):
    browser = desk.signed_in()
    moved(desk, 7 * 3600)
    assert browser.get("/desk", accept="text/event-stream").status_code == 200
    moved(desk, 3601)
    assert browser.get("/desk", accept="text/event-stream").status_code == 401


def test_wrong_name_wrong_password_and_disabled_sound_the_same(desk):
    desk.add("sounds@example.com")
    desk.add("disabled.sounds@example.com", disabled_at=now())
    desk.add("issuers.sounds@example.com", password_hash=None)
    answers = [
        desk.visit().sign_in("nobody@example.com"),
        desk.visit().sign_in("sounds@example.com", WRONG),
        desk.visit().sign_in("sounds@example.com", PASSWORD * 20),
        desk.visit().sign_in("sounds@example.com", ""),
        desk.visit().sign_in("disabled.sounds@example.com"),
        desk.visit().sign_in("issuers.sounds@example.com"),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({said(answer) for answer in answers}) == 1
    assert "jāpagaida, katru reizi ilgāk" in said(answers[0])


def test_an_unknown_name_costs_a_check_like_any_other(desk, monkeypatch):
    looked_at = []
    real = passwords.fits
    monkeypatch.setattr(passwords, "fits", lambda *given: looked_at.append(given) or real(*given))
    assert passwords._check(desk.database, "nobody@example.com", WRONG) is None
    assert len(looked_at) == 1
    assert looked_at[0][0].startswith("$argon2id$")


@pytest.mark.usefixtures("usual_hasher")
def test_a_hash_with_old_parameters_is_renewed(desk):
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    desk.add("old.hash@example.com", password_hash=old)
    desk.sign_in("old.hash@example.com")
    renewed = desk.get("old.hash@example.com").password_hash
    assert renewed != old
    assert "m=65536,t=3,p=4" in renewed
    desk.sign_in("old.hash@example.com")
    assert desk.get("old.hash@example.com").password_hash == renewed


def test_wrong_passwords_pause_their_address_in_every_process_and_lock_nobody_out(two_desks):
    first, second = two_desks
    agent, guesser, elsewhere = first.add(), first.visit(), second.visit()
    near = second.visit()
    near.session.headers["x-forwarded-for"] = guesser.session.headers["x-forwarded-for"] + "2"  # the same network
    for browser in (guesser, near, guesser, near, guesser):
        assert browser.sign_in(agent.email, WRONG).status_code == 403
    for browser in (guesser, near):
        refused = browser.sign_in(agent.email)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 300
    assert elsewhere.sign_in(agent.email).status_code == 303
    other = first.add()
    assert guesser.sign_in(other.email).status_code == 303


def test_an_account_that_does_not_exist_is_paused_like_any_other(desk):
    guesser = desk.visit()
    answers = [guesser.sign_in("nobody.there@example.com", WRONG).status_code for _ in range(6)]
    assert answers == [403] * 5 + [429]


def test_the_pause_grows(desk):
    agent, guesser = desk.add(), desk.visit()

    def pause(passes: int) -> int:
        """Guess until it is refused; return the seconds to wait, and let some seconds pass."""
        answers = [guesser.sign_in(agent.email, WRONG) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [403] * 5 + [429]
        with desk.database.write() as session:
            for hit in session.scalars(select(RateLimitHit)):
                hit.expires_at -= timedelta(seconds=passes)
        return int(answers[-1].headers["retry-after"])

    (_, some), (_, many), _ = WRONG_PASSWORDS
    pauses = [pause(some), pause(many), pause(some), pause(0)]
    assert 0 < pauses[0] <= some < pauses[1] <= many
    assert 0 < pauses[2] <= some
    assert pauses[3] > many


def test_a_right_password_forgives_the_wrong_ones_before(desk):
    agent, browser = desk.add("forgiven@example.com"), desk.visit()
    for _ in range(3):
        for _ in range(4):
            browser.sign_in(agent.email, WRONG)
        assert browser.sign_in(agent.email).status_code == 303


def test_a_device_that_signed_in_before_is_not_paused_by_its_neighbours(desk):
    browser = desk.signed_in()
    address = browser.session.headers["x-forwarded-for"]
    guesser, stolen = desk.visit(), desk.visit()
    for one in (guesser, stolen):
        one.session.headers["x-forwarded-for"] = address
    for _ in range(5):
        guesser.sign_in(browser.email, WRONG)
    assert guesser.sign_in(browser.email).status_code == 429
    other = desk.signed_in()  # whose cookie is good for another account alone
    stolen.session.cookies.set("desk_device", other.session.cookies["desk_device"], path="/desk/sign-in")
    assert stolen.sign_in(browser.email).status_code == 429
    assert browser.sign_in(browser.email).status_code == 303
    answers = [browser.sign_in(browser.email, WRONG).status_code for _ in range(6)]
    assert answers == [403] * 5 + [429]  # a device that is known may guess no more than others


def test_wrong_passwords_do_not_end_the_sessions_that_are_open(desk):
    browser = desk.signed_in()
    for _ in range(6):
        desk.visit().sign_in(browser.email, WRONG)
    assert browser.is_in


def test_of_many_guesses_at_once_only_five_are_looked_at(two_desks):
    agent = two_desks[0].add("parallel@example.com")
    browsers = [Browser(two_desks[number % 2].address) for number in range(16)]
    for browser in browsers:
        browser.session.headers["x-forwarded-for"] = "203.0.113.77"
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda one: one.sign_in(agent.email, WRONG).status_code, browsers))
    assert sorted(answers) == [403] * 5 + [429] * 11


@pytest.mark.usefixtures("usual_hasher")
def test_checks_of_passwords_wait_in_a_queue_with_an_end_and_known_devices_in_another(desk):
    known, browsers = desk.signed_in(), [desk.visit() for _ in range(3 * MAX_QUEUE)]

    def guess(number: int) -> requests.Response:
        return browsers[number].sign_in(f"flood.{number}@example.com", WRONG)

    with ThreadPoolExecutor(len(browsers)) as pool:
        flood = pool.map(guess, range(len(browsers)))
        assert known.sign_in(known.email).status_code == 303
        answers = list(flood)
    assert {answer.status_code for answer in answers} == {403, 503}
    number, busy = next((number, answer) for number, answer in enumerate(answers) if answer.status_code == 503)
    assert busy.headers["retry-after"] == "5"
    assert "Pašlaik piesakās pārāk daudzi" in busy.text
    assert [guess(number).status_code for _ in range(6)] == [403] * 5 + [429]  # what was not looked at does not count


def test_one_address_may_not_try_for_ever(desk):
    browser, agent = desk.visit(), desk.add()
    for number in range(ATTEMPTS.amount):
        assert browser.sign_in(f"x{number}", "x" * 201).status_code == 403
    refused = browser.sign_in(agent.email)
    assert refused.status_code == 429
    assert 800 < int(refused.headers["retry-after"]) <= 900
    assert "Pārāk daudz mēģinājumu" in refused.text
    assert desk.visit().sign_in(agent.email).status_code == 303  # from another address


def test_a_form_of_another_website_signs_nobody_in(desk):
    desk.add("login.csrf@example.com")
    browser = desk.visit()
    form = {"email": "login.csrf@example.com", "password": PASSWORD}
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": desk.address, "sec_fetch_site": "cross-site"},
        {"origin": desk.address, "sec_fetch_site": "same-site"},
        {"origin": desk.address.replace("http:", "https:")},
    ):
        assert browser.post("/desk/sign-in", form, "", **headers).status_code == 403, headers
    browser.session.headers.pop("origin", None)
    nameless = browser.session.post(f"{desk.address}/desk/sign-in", data=form, allow_redirects=False, timeout=30)
    assert nameless.status_code == 403
    assert not browser.is_in
    assert browser.post("/desk/sign-in", form, "", sec_fetch_site="same-origin", origin="null").status_code == 303


@pytest.mark.parametrize(
    ("then", "goes_to"),
    [
        ("/desk/team", "/desk/team"),
        ("/desk/script?step=3", "/desk/script?step=3"),
        ("https://evil.example/", "/desk"),
        ("//evil.example/desk", "/desk"),
        ("/\\evil.example", "/desk"),
        ("/desk\\@evil.example", "/desk"),
        ("/deskevil", "/desk"),
        ("/desk/\r\nset-cookie: x=1", "/desk"),
        ("javascript:alert(1)", "/desk"),
        ("/", "/desk"),
        ("", "/desk"),
    ],
)
def test_after_signing_in_one_goes_on_to_pages_of_the_desk_only(desk, then, goes_to):
    browser = desk.visit()
    agent = desk.add()
    shown = browser.session.get(f"{desk.address}/desk/sign-in", params={"then": then}, timeout=30)
    assert f'name="then" value="{goes_to}"' in shown.text
    assert browser.sign_in(agent.email, then=then).headers["location"] == goes_to
    again = browser.session.get(
        f"{desk.address}/desk/sign-in", params={"then": then}, timeout=30, allow_redirects=False
    )
    assert (again.status_code, again.headers["location"]) == (303, goes_to)


@pytest.mark.parametrize("typed", ['"><script>alert(1)</script>', "a\x00b@example.com", "\u0101" * 3000, "'--"])
def test_odd_input_is_taken_for_text(desk, typed):
    answer = desk.visit().sign_in(typed, typed)
    assert answer.status_code == 403
    assert "<script>alert" not in answer.text


def test_the_sign_in_page_speaks_both_languages_and_remembers(desk):
    browser = desk.visit()
    assert "Pieteikties darbvietā" in browser.get("/desk/sign-in").text
    english = browser.get("/desk/sign-in?then=/desk/team&language=en")
    assert "Sign in to the desk" in english.text
    assert 'href="?then=%2Fdesk%2Fteam&amp;language=lv"' in english.text.replace("/desk/team", "%2Fdesk%2Fteam")
    assert 'lang="en"' in browser.get("/desk/sign-in").text


def test_logs_tell_who_signed_in_by_number_only(desk):
    browser = desk.signed_in()
    desk.visit().sign_in("nobody.at.all@example.com", WRONG)
    log = desk.log.read_text()
    assert '"event": "agent_signed_in"' in log
    for secret in (browser.email, browser.token, "nobody.at.all", PASSWORD, WRONG):
        assert secret not in log

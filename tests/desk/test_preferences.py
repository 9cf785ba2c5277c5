"""What agents set for themselves: presence, language, how many conversations, password."""

import pytest

from bot.desk.limits import WRONG_PASSWORDS
from tests.desk.conftest import PASSWORD

NEW = "another long password"


def change(browser, old: str = PASSWORD, new: str = NEW, again: str | None = None):
    form = {"old": old, "new": new, "again": new if again is None else again}
    return browser.post("/desk/account/password", form)


@pytest.mark.parametrize("presence", ["available", "busy", "away"])
def test_an_agent_says_whether_they_are_there_and_comes_back_to_the_page(desk, presence):
    browser = desk.signed_in()
    answer = browser.post("/desk/presence", {"presence": presence, "then": "/desk/account"})
    assert answer.headers["location"] == "/desk/account"
    assert desk.get(browser.email).presence == presence
    assert f'<option value="{presence}" selected>' in browser.get("/desk").text


def test_who_signs_out_is_away_unless_they_are_signed_in_elsewhere(desk):
    browser, elsewhere = desk.signed_in(presence="available"), desk.visit()
    elsewhere.sign_in(browser.email)
    browser.post("/desk/sign-out")
    assert desk.get(browser.email).presence == "available"
    elsewhere.post("/desk/sign-out")
    assert desk.get(browser.email).presence == "away"


def test_the_desk_speaks_the_language_that_the_agent_chose_wherever_they_sign_in(desk):
    browser = desk.signed_in()
    assert "Rinda" in browser.get("/desk").text
    browser.post("/desk/language", {"language": "en"})
    assert "Queue" in browser.get("/desk").text
    assert "Queue" in desk.sign_in(browser.email).get("/desk").text


def test_an_agent_sets_how_many_conversations_come_at_once(desk):
    browser = desk.signed_in()
    answer = browser.post("/desk/account", {"language": "en", "at_once": "7"})
    assert "The changes have been saved" in browser.get(answer.headers["location"]).text
    assert desk.get(browser.email).at_once == 7
    for odd in ("0", "11", "-1", "many", ""):
        assert browser.post("/desk/account", {"language": "en", "at_once": odd}).status_code == 422
    assert desk.get(browser.email).at_once == 7


def test_a_new_password_replaces_the_old_one_and_ends_all_other_sessions(desk):
    browser, elsewhere = desk.signed_in(), desk.visit()
    elsewhere.sign_in(browser.email)
    before = browser.token
    answer = change(browser)
    assert "Parole ir nomainīta" in browser.get(answer.headers["location"]).text
    assert browser.token != before
    assert not elsewhere.is_in
    assert desk.visit().sign_in(browser.email, PASSWORD).status_code == 403
    assert desk.visit().sign_in(browser.email, NEW).status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("not the old one", NEW, None, "Parole nav pareiza"),
        ("", NEW, None, "Parole nav pareiza"),
        (PASSWORD, "eleven char", None, "Parolē jābūt vismaz 12 rakstzīmēm"),
        (PASSWORD, "x" * 201, None, "Parole ir pārāk gara"),
        (PASSWORD, NEW, NEW + "!", "Paroles nesakrīt"),
    ],
)
def test_a_password_that_cannot_be_taken_is_named_and_changes_nothing(desk, old, new, again, said):
    browser = desk.signed_in()
    answer = change(browser, old, new, again)
    assert answer.status_code == 422
    assert said in answer.text
    assert "<title>Kļūda: " in answer.text
    assert browser.is_in
    assert desk.visit().sign_in(browser.email).status_code == 303


def test_the_old_password_is_guessed_no_oftener_here_than_at_the_door_which_stays_open(desk):
    browser = desk.signed_in()
    for _ in range(WRONG_PASSWORDS[0][0]):
        change(browser, "not the old one")
    assert "Parole nav pareiza" in change(browser).text
    assert browser.is_in
    assert desk.visit().sign_in(browser.email).status_code == 303


def test_a_name_is_text(desk):
    shown = desk.signed_in(name="<b>Anna</b> <script>").get("/desk/account").text
    assert "<b>Anna" not in shown
    assert "&lt;b&gt;Anna&lt;/b&gt; &lt;script&gt;" in shown

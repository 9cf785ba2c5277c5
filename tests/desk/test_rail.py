"""The conversations beside the open one: each told apart, with no more of it than the agent may read."""

import re
from datetime import timedelta

import pytest

from bot.conversations import identity
from bot.conversations.models import Conversation
from bot.database import now
from bot.desk.presentation import topic
from tests.desk.conftest import Browser, Desk
from tests.desk.test_conversation import Guest, client_id, taken
from tests.desk.test_live import Stream

# Words of these tests alone, as all tests share the desk.
NAME, SECRET = "Ralfs Sarakstnieks", "mana soma ir dzeltena"


def rail(browser: Browser, guest: Guest) -> dict[str, str]:
    """Return the lists that stand beside a conversation, by name."""
    page = browser.get(guest.path).text
    shown = page[page.index('id="rail"') : page.index("</nav>", page.index('id="rail"'))]
    return dict(re.findall(r'<section data-group="(\w+)"(.*?)</section>', shown, re.S))


def confirm(desk: Desk, guest: Guest) -> None:
    with desk.database.write() as session:
        ends = now() + timedelta(hours=1)
        identity.confirmed(session.get_one(Conversation, guest.id), "token", ends, NAME, "ralfs@example.com")


def held(desk: Desk, language: str) -> tuple[Guest, Browser]:
    """Return a customer, and an agent of a language who has taken the conversation."""
    browser, guest = desk.signed_in(language=language), Guest(desk).asks_for_a_person()
    assert browser.post(f"{guest.path}/take").status_code == 303
    return guest, browser


def name_of(guest: Guest, language: str) -> str:
    return f"{ {'lv': 'Klients', 'en': 'Customer'}[language] } {guest.id[:4].upper()}"


@pytest.mark.parametrize("language", ["lv", "en"])
def test_two_conversations_have_two_names_in_the_rail_and_in_the_queue(desk: Desk, language: str):
    guest, browser = held(desk, language)
    other = Guest(desk).asks_for_a_person()
    browser.post(f"{other.path}/take")
    confirm(desk, other)
    for shown in (rail(browser, guest)["mine"], browser.get("/desk").text):
        assert f"<strong>{name_of(guest, language)}</strong>" in shown
        assert f"<strong>{NAME}</strong>" in shown
    assert f'<h1 id="talk-title">{NAME}</h1>' in browser.get(other.path).text


@pytest.mark.parametrize("language", ["lv", "en"])
def test_the_rail_shows_what_was_asked_last_how_much_is_unanswered_and_who_may_be_taken(desk: Desk, language: str):
    guest, browser = held(desk, language)
    waiting = Guest(desk, "en")
    waiting.writes("where is my button?")
    waiting.hears_from_rasa("There", "ask_my_points")
    waiting.asks_for_a_person()
    for text in ("one", "two"):
        guest.writes(text)
    lists = rail(browser, guest)
    assert {"lv": "neatbildētas ziņas: 2", "en": "unanswered messages: 2"}[language] in lists["mine"]
    assert '<span class="last">two</span>' in lists["mine"]
    assert 'aria-current="page"' in lists["mine"]
    row = next(one for one in lists["waiting"].split("<li") if waiting.id in one)
    for part in (
        "where is my button?",
        "EN",
        topic("ask_my_points", language),
        f"{waiting.path}/take",
    ):
        assert part in row
    browser.post(f"{guest.path}/messages", {"text": "three", **client_id()})
    assert 'class="new"' not in rail(browser, guest)["mine"]


def test_a_colleagues_conversation_stands_in_the_rail_without_what_was_said(desk: Desk):
    guest, _ = taken(desk, name="Jana Divi")
    guest.writes(SECRET)
    confirm(desk, guest)
    mine, browser = taken(desk)
    lists = rail(browser, mine)
    assert name_of(guest, "lv") in lists["others"]
    assert "Atbild Jana" in lists["others"]
    assert SECRET not in "".join(lists.values())
    assert NAME not in lists["others"]


def test_who_closed_a_conversation_finds_it_with_its_rating_and_supervisors_do_without_the_line(desk: Desk):
    guest, holder = taken(desk)
    holder.post(f"{guest.path}/close", {"outcome": "solved", "line": "explained it"})
    guest.call("POST", "conversation/rating", {"score": 4})

    def closed(role: str) -> str:
        browser = desk.signed_in(role)
        mine = Guest(desk).asks_for_a_person()
        browser.post(f"{mine.path}/take")
        return rail(browser, mine).get("closed", "")

    mine = Guest(desk).asks_for_a_person()
    holder.post(f"{mine.path}/take")
    for part in (guest.path, "Atrisināts", "vērtējums 4 no 5", "explained it"):
        assert part in rail(holder, mine)["closed"]
    assert guest.path not in closed("agent")
    for_supervisors = next(one for one in closed("supervisor").split("<li") if guest.path in one)
    assert "vērtējums 4 no 5" in for_supervisors
    assert "explained it" not in for_supervisors


def test_rail_and_summary_keep_up_with_the_talk(desk: Desk):
    guest, browser = taken(desk)
    stream = Stream(browser, f"{guest.path}/events")
    stream.hears("rail", guest.id)
    guest.writes("a new <question>")
    stream.hears("summary", "a new &lt;question&gt;")
    stream.hears("rail", "a new &lt;question&gt;")
    other = Guest(desk).asks_for_a_person()
    stream.hears("rail", f"{other.path}/take")

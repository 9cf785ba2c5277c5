"""For some seconds, agents undo that they close a conversation or give it back; the customer hears of it afterwards."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.conversations import lifecycle
from bot.conversations.models import Conversation
from bot.database import now
from tests.chat.test_files import send
from tests.conftest import stop_process, wait_for
from tests.conversations.test_files import png
from tests.desk.conftest import Desk, start_desk
from tests.desk.test_conversation import Guest, client_id, taken

ENDINGS = pytest.mark.parametrize(
    ("action", "form", "owner", "done"),
    [
        ("close", {"outcome": "solved", "line": "explained"}, "closed", "closed"),
        ("return-to-bot", {}, "assistant", "returned_to_bot"),
    ],
    ids=["close", "give back"],
)
LANGUAGES = pytest.mark.parametrize(("language", "undo"), [("lv", "Atsaukt"), ("en", "Undo")])


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    """A desk at which there is more time to undo than a test takes."""
    started = start_desk(tmp_path_factory.mktemp("endings"), desk_undo="60")
    yield started
    stop_process(started.process)


def time_is_over(desk: Desk, guest: Guest) -> None:
    with desk.database.write() as session:
        session.get_one(Conversation, guest.id).ending_at = now()


@ENDINGS
@LANGUAGES
def test_what_is_undone_in_time_the_customer_never_hears(desk, language, undo, action, form, owner, done):
    guest, browser = Guest(desk, language).asks_for_a_person(), desk.signed_in(language=language)
    browser.post(f"{guest.path}/take")
    before = guest.events()[0]
    assert browser.post(f"{guest.path}/{action}", form).headers["location"] == guest.path
    page = browser.get(guest.path).text
    assert f'action="{guest.path}/undo"' in page
    assert undo in page
    assert 'id="reply"' not in page
    assert browser.post(f"{guest.path}/undo").headers["location"] == guest.path
    assert 'id="reply"' in browser.get(guest.path).text
    assert guest.events()[0] == before
    assert guest.state()["owner"] == "agent"


@ENDINGS
@pytest.mark.parametrize("language", ["lv", "en"])
def test_what_is_not_undone_happens(desk, language, action, form, owner, done):
    guest, browser = taken(desk, language)
    browser.post(f"{guest.path}/{action}", form)
    time_is_over(desk, guest)
    wait_for(lambda: guest.state()["owner"] == owner, 30)
    assert len(guest.heard("notice")) >= 2
    assert browser.post(f"{guest.path}/undo").status_code == 409
    if owner == "closed":
        assert "explained" in browser.get(guest.path).text


@ENDINGS
@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("who", ["customer", "customer's file", "agent"])
def test_who_writes_meanwhile_goes_on_with_the_person(desk, language, who, action, form, owner, done):
    guest, browser = taken(desk, language)
    browser.post(f"{guest.path}/{action}", form)
    if who == "customer":
        guest.writes("one more thing")
    elif who == "customer's file":
        sent = send(guest, png(), "one more thing.png")
        assert sent.status_code == 201, sent.text
    else:
        browser.post(f"{guest.path}/messages", {"text": "one more thing", **client_id()})
    assert f'action="{guest.path}/undo"' not in browser.get(guest.path).text
    with desk.database.read() as session:
        assert session.get_one(Conversation, guest.id).ending_at is None


@ENDINGS
def test_an_agent_who_ends_one_takes_the_next(desk, action, form, owner, done):
    guest, browser = taken(desk, at_once=1)
    other = Guest(desk).asks_for_a_person()
    assert browser.post(f"{other.path}/take").status_code == 409
    browser.post(f"{guest.path}/{action}", form)
    assert "<button disabled" not in browser.get("/desk").text
    assert browser.post(f"{other.path}/take").status_code == 303
    assert browser.post(f"{guest.path}/undo").status_code == 409
    browser.post(f"{other.path}/requeue")
    assert browser.post(f"{guest.path}/undo").status_code == 303


@ENDINGS
def test_an_agent_who_leaves_after_that_has_ended_it(desk, action, form, owner, done):
    guest, browser = taken(desk)
    browser.post(f"{guest.path}/{action}", form)
    with desk.database.write() as session:
        conversation = lifecycle.lock(session, guest.id)
        conversation.agent_seen_at = None
        conversation.ending_at = now() + timedelta(hours=1)
    wait_for(lambda: guest.state()["owner"] == owner, 30)

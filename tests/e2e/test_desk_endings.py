"""Undoing that a conversation is closed or given back, by keyboard, where it was pressed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.conftest import stop_process
from tests.desk.conftest import Desk, start_desk
from tests.desk.test_conversation import Guest
from tests.desk.test_endings import time_is_over
from tests.e2e.customer_page import ANSWER
from tests.e2e.test_desk_screen import LANGUAGES, SIZES, looks_right

TAKES = {"lv": "Sarunu turpinās asistents", "en": "The assistant will go on"}
CLOSES = {"lv": "Saruna tiks noslēgta", "en": "The conversation will be closed"}
CLOSED = {"lv": "Saruna ir noslēgta.", "en": "The conversation is closed."}
STAYS = {"lv": "Saruna paliek pie Jums.", "en": "The conversation stays with you."}


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    """A desk at which there is more time to undo than a test takes."""
    started = start_desk(tmp_path_factory.mktemp("desk"), desk_undo="60", agent_timeout="3600")
    yield started
    stop_process(started.process)


def sits_down(arrive, desk, language, size=(1280, 800)):
    """Return a customer, and the page of the agent who has taken the conversation."""
    guest, page = Guest(desk, language).asks_for_a_person(), arrive(language, size=size)
    assert page.agent.post(f"{guest.path}/take").status_code == 303
    page.goto(f"{desk.address}{guest.path}")
    expect(page.locator("#text")).to_be_focused()
    return guest, page


@SIZES
@LANGUAGES
def test_giving_back_is_undone_by_the_next_key(arrive, desk, language, size) -> None:
    guest, page = sits_down(arrive, desk, language, size)
    page.locator("#text").fill("half a reply")
    page.locator("form[action$='/return-to-bot'] button").focus()
    page.keyboard.press("Enter")
    undo = page.locator("form[action$='/undo'] button")
    expect(undo).to_be_focused()
    expect(undo).to_have_accessible_description(page.locator("#ending").inner_text())
    expect(page.locator("#ending")).to_contain_text(TAKES[language])
    looks_right(page)
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#text")).to_have_value("half a reply")
    assert guest.state()["owner"] == "agent"


@LANGUAGES
def test_closing_leads_to_the_queue_when_it_can_no_longer_be_undone(arrive, desk, language) -> None:
    guest, page = sits_down(arrive, desk, language)
    page.locator("details.drop", has=page.locator("[name=outcome]")).locator("summary").click()
    page.locator("form[action$='/close'] button").click()
    expect(page.locator("#ending")).to_contain_text(CLOSES[language])
    time_is_over(desk, guest)
    expect(page.locator("#lists")).to_be_visible(timeout=ANSWER)
    expect(page.locator("main > .notice")).to_have_text(CLOSED[language])
    assert guest.state()["owner"] == "closed"


@LANGUAGES
def test_who_writes_meanwhile_keeps_the_conversation_with_the_agent(arrive, desk, language) -> None:
    guest, page = sits_down(arrive, desk, language)
    page.locator("form[action$='/return-to-bot'] button").click()
    expect(page.locator("#ending")).to_be_visible()
    guest.writes("one more thing")
    expect(page.locator("main > .notice")).to_have_text(STAYS[language], timeout=ANSWER)
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#transcript")).to_contain_text("one more thing")

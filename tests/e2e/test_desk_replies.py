"""Ready replies in a real browser: "/" in the composer, and the page on which agents write them."""

import pytest
from playwright.sync_api import Page, expect

from bot.desk.models import ReadyReply
from tests.conftest import wait_for
from tests.desk.conftest import Desk
from tests.desk.test_conversation import Guest
from tests.e2e.customer_page import ANSWER, violations
from tests.e2e.test_desk_screen import BOTH, LANGUAGES, looks_right

DOCUMENTS = {"lv": "PVN maksātāja numurs", "en": "the VAT number"}  # in one of the first replies
SOUGHT = {"lv": "dok pvn", "en": "doc vat"}  # its title, in part


@pytest.fixture
def composer(arrive, desk):
    """Return a function that opens a conversation in which an agent writes."""

    def open_one(language: str, size: tuple[int, int], agents_language: str = "") -> Page:
        guest, page = Guest(desk, language).asks_for_a_person(), arrive(agents_language or language, size=size)
        page.agent.post(f"{guest.path}/take")
        page.goto(f"{desk.address}{guest.path}")
        expect(page.locator("#text")).to_be_focused()
        return page

    return open_one


def uses(desk: Desk, text: str) -> int:
    with desk.database.read() as session:
        return sum(one.uses for one in session.query(ReadyReply) if text in one.text_lv + one.text_en)


@BOTH
@LANGUAGES
def test_a_slash_finds_a_reply_in_the_customers_language_by_keyboard_alone(desk, composer, language, size) -> None:
    other = {"lv": "en", "en": "lv"}[language]
    page, before = composer(language, size, agents_language=other), uses(desk, DOCUMENTS[language])
    box, search = page.locator("#text"), page.get_by_role("combobox", name={"lv": "Search", "en": "Meklēt"}[language])
    page.keyboard.type("Hello /")
    expect(search).to_be_focused()
    expect(page.get_by_role("listbox").get_by_role("option").nth(1)).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#slash-1")).to_have_attribute("aria-selected", "true")
    expect(search).to_have_attribute("aria-activedescendant", "slash-1")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#slash-0")).to_have_attribute("aria-selected", "true")
    looks_right(page)
    page.keyboard.type(SOUGHT[language])
    expect(page.locator("#slash-0")).to_contain_text(DOCUMENTS[language])
    page.keyboard.press("Enter")
    expect(box).to_be_focused()
    text = box.input_value()
    assert text.startswith("Hello ")
    assert DOCUMENTS[language] in text
    assert "/" not in text
    expect(page.get_by_role("listbox")).to_be_hidden()
    wait_for(lambda: uses(desk, DOCUMENTS[language]) == before + 1)
    page.keyboard.press("Enter")
    expect(page.locator("#transcript .message.agent")).to_contain_text(DOCUMENTS[language], timeout=ANSWER)


@LANGUAGES
def test_escape_leaves_what_was_typed_and_a_slash_within_a_word_opens_nothing(composer, language) -> None:
    page = composer(language, (1280, 800))
    box, options = page.locator("#text"), page.get_by_role("listbox")
    page.keyboard.type("un/vai /zzzz")
    expect(page.locator("#slash [role=status]")).to_have_text(
        {"lv": "Nekas nav atrasts.", "en": "Nothing found."}[language]
    )
    page.keyboard.press("Enter")  # there is nothing to insert, and nothing is sent
    page.keyboard.press("Escape")
    expect(options).to_be_hidden()
    expect(box).to_be_focused()
    expect(box).to_have_value("un/vai /zzzz")
    page.keyboard.type(" /")
    page.keyboard.press("Backspace")
    expect(options).to_be_hidden()
    expect(box).to_have_value("un/vai /zzzz ")
    page.keyboard.type("/")
    page.get_by_role("listbox").get_by_role("option").first.click()
    expect(box).to_be_focused()
    assert len(box.input_value()) > len("un/vai /zzzz ")


@BOTH
@LANGUAGES
def test_an_agent_writes_a_reply_at_the_desk_and_finds_it_in_the_composer(desk, composer, language, size) -> None:
    page = composer(language, size)
    conversation = page.url
    page.goto(f"{desk.address}/desk/replies")
    looks(page)
    page.locator("details", has=page.locator("#title-lv-new")).locator("summary").click()
    page.locator(f"#title-{language}-new").fill("Zirgs")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    looks(page)
    page.locator(f"#text-{language}-new").fill("A horse, {agent}!")
    page.locator("form", has=page.locator("#title-lv-new")).get_by_role("button").click()
    expect(page.locator(".notice")).to_be_visible()
    page.goto(conversation)
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("/zirgs")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_have_value("A horse, Anna!")


def looks(page: Page) -> None:
    """Check that axe finds nothing on the page, and that it is not too wide."""
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0

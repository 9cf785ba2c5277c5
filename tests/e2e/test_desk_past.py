"""All conversations in a browser: looked for by words and filters, and read with a reason."""

import pytest
from playwright.sync_api import expect

from tests.desk.test_past import alone, helped
from tests.e2e.customer_page import DESKTOP, overflow, violations
from tests.e2e.test_desk_screen import LANGUAGES, PHONE, TABLET

SIZES = pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE], ids=lambda size: str(size[0]))
WORDS = {"lv": ("Kur palika mana žirafe?", "ZIRAF"), "en": ("Where is my giraffe?", "GIRAFF")}
NONE = {"lv": "Neviena saruna neatbilst.", "en": "No conversation fits."}


@SIZES
@LANGUAGES
def test_a_supervisor_finds_a_conversation_by_words_and_reads_it_with_a_reason(arrive, desk, language, size) -> None:
    said, part = WORDS[language]
    guest, page = alone(desk, language, said), arrive(language, size=size, role="supervisor")
    page.goto(f"{desk.address}/desk/past")
    page.locator("[name=words]").fill(part)
    page.keyboard.press("Enter")
    link = page.locator(f"tbody a[href='{guest.path}']")
    expect(link).to_be_visible()
    page.locator("details summary", has_text={"lv": "Citi filtri", "en": "More filters"}[language]).click()
    assert violations(page) == []
    assert overflow(page) <= 0
    page.locator("[name=outcome]").select_option("solved")
    page.locator("form.search button").click()
    expect(page.locator(".empty")).to_have_text(NONE[language])
    expect(page.locator("[name=outcome]")).to_be_visible()  # what is chosen stays in sight
    page.go_back()
    link.click()
    page.locator("[name=reason]").fill("a complaint about the giraffe")
    page.keyboard.press("Enter")
    expect(page.locator("#transcript")).to_contain_text(said)


@LANGUAGES
def test_an_agent_reopens_a_conversation(arrive, desk, language) -> None:
    page = arrive(language)
    guest = helped(desk, page.agent, language)
    page.goto(f"{desk.address}{guest.path}")
    page.locator("form[action$='/reopen'] button").click()
    expect(page.locator("#text")).to_be_focused()
    assert guest.state()["owner"] == "agent"
    assert violations(page) == []

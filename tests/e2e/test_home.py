"""What the window offers before the first message, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.customer_page import ANSWER, DESKTOP, CustomerPage

Arrive = Callable[..., CustomerPage]
SIZES = pytest.mark.parametrize("size", [(320, 568), (375, 667), DESKTOP], ids=["320", "375", "1280"])
LANGUAGES = pytest.mark.parametrize("language", ["lv", "en"])
WORDS = {
    "lv": {
        "begun": "kad atnāks rēķ",
        "meant": "Kad atnāks rēķins?",
        "found": "Līdzīgi jautājumi",
        "hears": "dažu stundu laikā",
        "start": "Sākt soli pa solim",
        "step": "Reģistrācija: 1. solis no 9",
        "go on": "Turpināt",
        "where": "1. solis no 9",
        "other": "paldies",
    },
    "en": {
        "begun": "when does the inv",
        "meant": "When does the invoice arrive?",
        "found": "Similar questions",
        "hears": "within a few hours",
        "start": "Go through it step by step",
        "step": "Registration: step 1 of 9",
        "go on": "Continue",
        "where": "Step 1 of 9",
        "other": "thank you",
    },
}


@SIZES
@LANGUAGES
def test_a_question_is_found_as_one_types_and_asked_by_the_keyboard(
    visit: Arrive, language: str, size: tuple[int, int]
) -> None:
    words, customer = WORDS[language], visit(size, language)
    customer.open()
    home = customer.chat.locator(".home li")
    expect(home).to_have_count(6)
    assert customer.violations() == []
    assert customer.overflow() == 0
    customer.box.focus()
    customer.page.keyboard.type(words["begun"])
    told = customer.chat.locator(".home [role=status]")
    expect(told).to_contain_text(words["found"])
    expect(home.first).to_have_text(words["meant"])
    expect(customer.box).to_have_value(words["begun"])
    expect(customer.box).to_be_focused()
    expect(told).to_contain_text(str(home.count()))
    assert customer.violations() == []
    customer.tab_to(home.first.get_by_role("button"), "Shift+Tab")
    customer.page.keyboard.press("Enter")
    customer.hears(words["hears"])
    expect(customer.box).to_have_value("")
    expect(home).to_have_count(0)


@LANGUAGES
def test_enter_sends_what_is_typed_and_what_was_not_found_stands_in_nobodys_way(visit: Arrive, language: str) -> None:
    words, customer = WORDS[language], visit(language=language)
    customer.open()
    home = customer.chat.locator(".home li")
    expect(home).to_have_count(6)
    customer.page.route("**/api/conversation/questions*", lambda route: route.abort())
    customer.box.press_sequentially("xyzzyq")
    expect(home).to_have_count(0)
    customer.box.fill("")
    expect(home).to_have_count(6)
    customer.say(words["other"])
    expect(customer.message(words["other"])).to_be_visible()
    expect(home).to_have_count(0)
    searched: list[str] = []
    customer.page.on("request", lambda request: searched.append(request.url) if "/questions" in request.url else None)
    customer.box.press_sequentially(words["begun"][:6], delay=400)  # slower than the search waits
    before = customer.chat.locator(".message.assistant").count()
    customer.box.press("Enter")
    expect(customer.chat.locator(".message.assistant").nth(before)).to_be_visible(timeout=ANSWER)
    assert searched == [], "what is typed in the middle of a conversation is looked for nowhere"


@LANGUAGES
def test_who_comes_back_sees_their_conversation_and_goes_on_at_their_step(visit: Arrive, language: str) -> None:
    words, customer = WORDS[language], visit((375, 667), language)
    customer.open()
    customer.suggested(words["start"]).click()
    customer.hears(words["where"])
    step = customer.chat.locator(".home .step")
    expect(step).to_have_count(0)  # the conversation is under way
    customer.page.reload()
    customer.open()
    expect(customer.message(words["where"])).to_be_visible()
    expect(step).to_contain_text(words["step"], timeout=ANSWER)
    expect(customer.chat.locator(".home li")).to_have_count(0)
    assert customer.violations() == []
    step.get_by_role("button", name=words["go on"]).click()
    expect(customer.chat.locator(".message.assistant").filter(has_text=words["where"])).to_have_count(2, timeout=ANSWER)
    expect(step).to_have_count(0)

"""A supervisor decides about what was not understood, with the keyboard alone, on any screen."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import stop_process
from tests.desk.conftest import PASSWORD, Desk, start_desk
from tests.desk.test_judging import kept, talked
from tests.desk.test_quality import missed, word
from tests.e2e.customer_page import DESKTOP, overflow, violations

PHONE = (375, 740)
KEPT = {"lv": "Lēmums ir saglabāts.", "en": "The decision has been saved."}


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    started = start_desk(tmp_path_factory.mktemp("desk"))
    yield started
    stop_process(started.process)


@pytest.fixture
def arrive(browser: Browser, desk: Desk) -> Iterator[Callable[..., Page]]:
    """Return a function that signs a supervisor in with a new browser profile; no script may fail or be blocked."""
    contexts, complaints = [], []

    def sign_in(language: str, size: tuple[int, int]) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{desk.address}/desk/sign-in")
        page.locator("[name=email]").fill(desk.add(role="supervisor", language=language).email)
        page.locator("[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("#lists")).to_be_visible()
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert complaints == []


def looks_right(page: Page) -> None:
    assert violations(page) == []
    assert overflow(page) == 0


def press(page: Page, name: str) -> None:
    """Go to a link or a button by Tab, and press Enter."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in page.evaluate("document.activeElement.textContent"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"Tab does not lead to {name}")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("language", ["lv", "en"])
def test_two_presses_file_a_message_and_one_takes_it_back(desk: Desk, arrive: Callable[..., Page], language, size):
    text = f"{word()} {word()}"
    missed(desk, text, language=language)
    page = arrive(language, size)
    press(page, {"lv": "Kvalitāte", "en": "Quality"}[language])
    listed = page.locator("h2", has_text=text)
    expect(listed).to_be_visible()
    looks_right(page)
    press(page, text)
    page.locator("#q").fill({"lv": "zilā poga", "en": "blue button"}[language])
    page.keyboard.press("Enter")
    expect(page.locator(".candidates li").first).to_be_visible()
    looks_right(page)
    press(page, {"lv": "Šī atbilde", "en": "This answer"}[language])
    expect(page.get_by_role("status").filter(has_text=KEPT[language])).to_be_visible()
    expect(listed).to_have_count(0)
    looks_right(page)
    page.get_by_role("row").filter(has_text=text).get_by_role("button").press("Enter")
    expect(listed).to_be_visible()
    press(page, {"lv": "Rādītāji", "en": "Measures"}[language])
    expect(page.get_by_role("row").filter(has_text=text)).to_be_visible()
    looks_right(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("language", ["lv", "en"])
def test_one_key_marks_an_answer_and_leads_to_the_next(desk: Desk, arrive: Callable[..., Page], language, size):
    words = [word() for _ in range(3)]
    talk, ids = talked(desk, *words, language=language)
    page = arrive(language, size)
    judging = {"lv": "Vērtēšana", "en": "Judging"}[language]
    press(page, {"lv": "Kvalitāte", "en": "Quality"}[language])
    expect(page.get_by_role("link", name=judging)).to_be_visible()
    press(page, judging)
    expect(page.get_by_role("heading", name=judging)).to_be_visible()
    looks_right(page)
    press(page, {"lv": "Vērtēt jaunāko", "en": "Judge the newest"}[language])
    steps = page.locator(".step")
    expect(steps.nth(0)).to_be_focused()
    expect(steps.nth(0)).to_contain_text(words[0])
    looks_right(page)
    page.keyboard.press("1")
    expect(steps.nth(1)).to_be_focused()
    good = {"lv": "Laba", "en": "Good"}[language]
    expect(steps.nth(0).locator("[aria-pressed=true]")).to_contain_text(good)
    page.keyboard.press("x")
    page.keyboard.press("Tab")
    page.keyboard.press("3")
    expect(steps.nth(2)).to_be_focused()
    steps.nth(2).locator("summary").click()
    facts = steps.nth(2).locator("textarea")
    facts.fill("1")
    facts.press("2")  # a figure, and no mark
    steps.nth(2).get_by_role("button", name={"lv": "Pieņemama", "en": "Acceptable"}[language]).click()
    expect(page.locator("#next")).to_be_focused()
    looks_right(page)
    assert [mark[1:] for mark in kept(desk, talk)] == [("good", None), ("bad", None), ("acceptable", "12")]
    page.reload()
    expect(steps.nth(1).locator("[aria-pressed=true]")).to_contain_text({"lv": "Slikta", "en": "Bad"}[language])
    page.goto(f"{desk.address}/desk/quality?kind=bad")
    expect(page.locator("h2", has_text=words[1])).to_be_visible()
    page.locator("li", has_text=words[1]).get_by_role("link", name={"lv": "vērtēt", "en": "judge"}[language]).click()
    expect(page.locator(f"#m{ids[1]}")).to_be_focused()

"""A supervisor decides about what was not understood, with the keyboard alone, on any screen."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete

from bot.conversations import trials
from bot.conversations.learning_models import ModelChoice, Trial
from bot.database import now
from bot.desk.trials import PARTS
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


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("language", ["lv", "en"])
def test_a_trial_is_followed_and_its_model_is_used_and_left(desk: Desk, arrive: Callable[..., Page], language, size):
    with desk.database.write() as session:
        for table in (Trial, ModelChoice):
            session.execute(delete(table))
        about = {"at": now(), "who": "Marta Liela", "seen_at": now() + timedelta(hours=1)}
        session.add(Trial(**about, state="asking", is_open=True, asked=30, questions=400))
    page = arrive(language, size)
    press(page, {"lv": "Kvalitāte", "en": "Quality"}[language])
    expect(page.get_by_role("link", name={"lv": "Izmēģināšana", "en": "Trials"}[language])).to_be_visible()
    press(page, {"lv": "Izmēģināšana", "en": "Trials"}[language])
    expect(page.locator("#progress")).to_have_js_property("value", 30)
    looks_right(page)
    with desk.database.write() as session:
        trials.under_way(session).asked = 200
    expect(page.locator("#progress")).to_have_js_property("value", 200, timeout=30_000)
    asked, other = f"{word()} {word()}", "a1b2c3d4e5f60718"
    changed = [
        {"part": "told", "language": language, "gained": gained, "text": f"{asked}?", "before": before, "after": after}
        for gained, before, after in ((False, "To es nezinu. " * 20, ""), (True, "x" * 300, "**500** punkti"))
    ]
    counts = {part: {"questions": 1116, "before": 944, "after": 940, "gained": 1, "lost": 1} for part in PARTS}
    with desk.database.write() as session:
        trial = trials.under_way(session)
        trial.model, trial.base = other, "0" * 16
        trials.end(trial, "done", result={"counts": counts, "changed": changed})
    expect(page.locator("#lost")).to_be_visible(timeout=30_000)
    looks_right(page)
    press(page, {"lv": "Lietot jauno modeli", "en": "Use the new model"}[language])
    expect(page.locator("#choice")).to_contain_text({"lv": "Notiek pāreja", "en": "changing over"}[language])
    looks_right(page)
    with desk.database.write() as session:
        trials.choice(session).used_at = now()
    expect(page.locator("#choice")).to_be_empty(timeout=30_000)
    press(page, {"lv": "Atgriezties pie iepriekšējā", "en": "Back to the former one"}[language])
    expect(page.get_by_role("row").filter(has_text="Anna Agent")).to_have_count(2)
    with desk.database.write() as session:
        trials.choice(session).problem = "missing"
    expect(page.locator("#choice.error")).to_be_visible(timeout=30_000)
    looks_right(page)

"""Agents sign in to the desk in a real browser: by keyboard alone, on every screen, with and without scripts."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.database import now
from bot.desk import agents
from tests.conftest import stop_process
from tests.desk.conftest import PASSWORD, Desk, start_desk
from tests.e2e.customer_page import DESKTOP, PHONE, look

TABLET = (768, 1024)
EMAIL = "liga.paraudzina@example.com"
OUTLINE = "e => getComputedStyle(e).outlineStyle"


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    """A desk with a team."""
    started = start_desk(tmp_path_factory.mktemp("desk"))
    started.add(EMAIL, "supervisor", "Līga Paraudziņa")
    started.add(name="Jānis Kalniņš-Garaisuzvārds", presence="busy", seen_at=now())
    started.add(name="Anna Ozola", presence="available", seen_at=now() - timedelta(minutes=2))
    started.add(name="Pēteris Vecais", disabled_at=now(), seen_at=now() - timedelta(days=40))
    yield started
    stop_process(started.process)


@pytest.fixture
def open_desk(browser: Browser, desk: Desk) -> Iterator[Any]:
    """Return a function that opens the desk in a new browser profile; no page may violate its policy."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def arrive(size: tuple[int, int] = DESKTOP, path: str = "/desk", **more: Any) -> Page:
        contexts.append(browser.new_context(viewport={"width": size[0], "height": size[1]}, **more))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(f"uncaught: {error.stack}"))
        page.goto(desk.address + path)
        return page

    yield arrive
    for context in contexts:
        context.close()
    # Browsers log refused requests in the console themselves.
    assert [text for text in complaints if not text.startswith("Failed to load resource")] == []


def sign_in(page: Page, email: str = EMAIL, password: str = PASSWORD) -> None:
    page.locator("#email").fill(email)
    page.locator("#password").fill(password)
    page.locator("#password").press("Enter")


def speak(page: Page, language: str) -> None:
    """Switch the desk to a language, unless it has that language already."""
    if page.locator("html").get_attribute("lang") != language:
        page.goto(re.sub(r"/desk.*", "/desk/account", page.url))
        page.locator("#language").select_option(language)
        page.locator("form[action='/desk/account'] button").click()
    expect(page.locator("html")).to_have_attribute("lang", language)


@pytest.mark.parametrize(("language", "size"), [("lv", DESKTOP), ("lv", PHONE), ("en", TABLET), ("en", PHONE)], ids=str)
def test_every_page_is_in_order_on_every_screen(open_desk, desk, language, size):
    page = open_desk(size, f"/desk/sign-in?language={language}&then=/desk/team")
    look(page)
    sign_in(page, password="a wrong password")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#password")).to_be_focused()
    look(page)
    sign_in(page)
    expect(page.get_by_role("table")).to_be_visible()
    speak(page, language)
    for path in ("/desk", "/desk/team", "/desk/team?done=added", "/desk/account", "/desk/nothing"):
        page.goto(desk.address + path)
        look(page)
    page.get_by_text("Līga", exact=True).click()
    look(page)
    page.goto(f"{desk.address}/desk/account")
    for name in ("old", "new", "again"):
        page.locator(f"#{name}").fill("short")
    page.locator("#again").press("Enter")
    expect(page.locator("#new")).to_be_focused()
    expect(page.locator("#new")).to_have_attribute("aria-describedby", "new-error new-hint")
    look(page)
    page.goto(f"{desk.address}/desk/team")
    page.locator("#name").fill("Name")
    page.locator("#email").fill(EMAIL)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    expect(page.locator("#email-error")).to_be_visible()
    look(page)


def test_an_agent_needs_no_mouse(open_desk, desk):
    page = open_desk(path="/desk/team")
    expect(page.locator("#email")).to_be_focused()
    page.keyboard.type(EMAIL)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("table")).to_be_visible()
    page.wait_for_load_state()  # Escape is heard by a script
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.locator("header summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("details.menu form button")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("details.menu form button")).to_be_hidden()
    expect(page.locator("header summary")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(page.locator("details.menu :is(a, button)").count()):  # to the last of them
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text=re.compile("pabeigta|signed out"))).to_be_visible()
    page.goto(f"{desk.address}/desk")
    expect(page.locator("#password")).to_be_visible()


def test_it_always_shows_where_the_focus_is(open_desk):
    page = open_desk(path="/desk/team")
    sign_in(page)
    expect(page.get_by_role("table")).to_be_visible()
    passed = []
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if not focused.count():
            break
        passed.append(focused.evaluate("e => e.outerHTML.slice(0, 80)"))
        assert focused.evaluate(OUTLINE) == "solid", passed[-1]
    assert len(passed) > 15


def test_a_presence_chosen_before_the_scripts_have_come_is_saved_too(open_desk, desk):
    page = open_desk()
    sign_in(page)
    speak(page, "lv")
    scripts: list[Any] = []
    page.route("**/desk*.js*", lambda route: scripts.append(route))
    page.reload(wait_until="commit")
    presence = page.get_by_label("Statuss")
    wanted = "busy" if desk.get(EMAIL).presence == "away" else "away"
    presence.select_option(wanted)
    for script in scripts:
        script.continue_()
    page.unroute("**/desk*.js*")
    expect(page.locator("#said")).to_have_text("Prombūtnē" if wanted == "away" else "Aizņemts")
    assert desk.get(EMAIL).presence == wanted


def test_the_presence_changes_without_leaving_the_page_and_is_read_out(open_desk, desk):
    page = open_desk()
    sign_in(page)
    speak(page, "lv")
    presence = page.get_by_label("Statuss")
    page.evaluate("window.same = true")
    presence.select_option("busy")  # a sign-in makes an agent available
    expect(page.locator("#said")).to_have_text("Aizņemts")
    assert page.evaluate("window.same")
    assert desk.get(EMAIL).presence == "busy"
    page.reload()
    expect(presence).to_have_value("busy")
    with desk.database.write() as session:
        agents.sign_out_everywhere(session, desk.get(EMAIL).id)
    presence.select_option("away")
    expect(page.locator("#said")).to_be_visible()
    expect(page.locator("#said")).to_contain_text("neizdevās saglabāt")
    expect(presence).to_have_value("busy")
    look(page)


def test_without_scripts_everything_works_too(open_desk, desk):
    page = open_desk(path="/desk/account", java_script_enabled=False)
    sign_in(page)
    page.locator("#presence select").select_option("busy")
    page.locator("#presence button").click()
    assert page.url == f"{desk.address}/desk/account"
    assert desk.get(EMAIL).presence == "busy"
    page.locator("header summary").click()
    page.locator("header form[action='/desk/sign-out'] button").click()
    expect(page.locator("#password")).to_be_visible()


def test_a_supervisor_adds_an_agent_who_can_work_at_once(open_desk, desk):
    page = open_desk(path="/desk/team")
    sign_in(page)
    speak(page, "lv")
    page.goto(f"{desk.address}/desk/team")
    page.locator("#name").fill("Jauna Aģente")
    page.locator("#email").fill("jauna@example.com")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Pievienot darbinieku").click()
    expect(page.get_by_role("status").filter(has_text="Darbinieks ir pievienots")).to_be_visible()
    hers = open_desk()
    sign_in(hers, "jauna@example.com")
    expect(hers.get_by_role("heading", name="Rinda")).to_be_visible()
    expect(hers.get_by_role("link", name="Komanda")).to_have_count(0)
    page.get_by_role("button", name="Slēgt piekļuvi - Jauna Aģente").click()
    expect(page.get_by_role("row", name="Jauna Aģente")).to_contain_text("Piekļuve slēgta")
    hers.reload()
    expect(hers.locator("#password")).to_be_visible()

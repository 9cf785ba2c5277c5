"""Browsers for the browser tests, with a profile for each customer and each agent."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bot.settings import get_settings
from tests.agent import Agent
from tests.backend.conftest import AGENTS_KEY, KEY, Backend, start_backend
from tests.conftest import GENEROUS, stop_process
from tests.desk.conftest import Desk, start_desk
from tests.desk.test_script_pages import seated
from tests.e2e.customer_page import DESKTOP, CustomerPage
from tests.e2e.desk_page import LIGA, DeskPage

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., CustomerPage]]:
    """Return a function that opens the demo page for a customer in a new browser profile without CSP violations."""
    visits: list[CustomerPage] = []

    def arrive(size: tuple[int, int] = DESKTOP, language: str = "lv", at: Any = None, **more: Any) -> CustomerPage:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **more)
        visits.append(CustomerPage(context, at or request.getfixturevalue("stack"), language))
        return visits[-1]

    yield arrive
    for one in visits:
        one.context.close()
    _check([text for visit in visits for text in visit.complaints])


@pytest.fixture
def sit(browser: Browser, stack: Any) -> Iterator[Callable[..., DeskPage]]:
    """Return a function that signs an agent in to the desk, with an empty queue, in a new browser profile."""
    Agent(stack.folder).lets_all_go()
    seats: list[DeskPage] = []

    def take_seat(
        language: str = "lv", email: str = LIGA, size: tuple[int, int] = DESKTOP, at: Any = None, **more: Any
    ) -> DeskPage:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **more)
        seats.append(DeskPage(context, at or stack, language, email))
        return seats[-1]

    yield take_seat
    for one in seats:
        one.context.close()
    _check([text for seat in seats for text in seat.complaints])


@pytest.fixture(scope="module")
def backend(tmp_path_factory) -> Iterator[Backend]:
    started, process = start_backend(tmp_path_factory.mktemp("backend"))
    yield started
    stop_process(process)


@pytest.fixture(scope="module")
def desk(tmp_path_factory, backend) -> Iterator[Desk]:
    keys = {"backend_url": backend.address, "backend_key": KEY, "agents_key": AGENTS_KEY}
    # Conversations stay with the agents of earlier tests, and do not fill the queue.
    started = start_desk(tmp_path_factory.mktemp("desk"), **keys, **GENEROUS, agent_timeout="3600")
    yield started
    stop_process(started.process)


@pytest.fixture
def arrive(browser: Browser, desk: Desk) -> Iterator[Callable[..., Page]]:
    """Return a function that signs an agent in and opens the script in a new browser profile without CSP violations."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def sit_down(
        language: str = "lv", path: str = "", size: tuple[int, int] = DESKTOP, role: str = "agent", **more
    ) -> Page:
        agent = seated(desk, role, language)
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **more)
        contexts.append(context)
        for cookie in agent.session.cookies:
            context.add_cookies([{"name": cookie.name, "value": cookie.value, "url": f"{desk.address}/desk"}])
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
        page.agent = agent
        page.goto(f"{desk.address}/desk/script{path}")
        return page

    yield sit_down
    for context in contexts:
        context.close()
    _check(complaints)


def _check(complaints: list[str]) -> None:
    """Check that no script was blocked, and that none failed."""
    assert [text for text in complaints if "Content Security Policy" in text or text.startswith("uncaught")] == []


def chromium() -> str:
    name = get_settings().chromium
    path = shutil.which(name)
    if not path:
        pytest.fail(f"{name} is not on the PATH; install Chromium, or set CPS_CHROMIUM")
    return path

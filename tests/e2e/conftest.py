"""Browsers for the browser tests, with a profile for each customer and each agent."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from bot.settings import get_settings
from tests.agent import Agent
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


def _check(complaints: list[str]) -> None:
    """Check that no script was blocked, and that none failed."""
    assert [text for text in complaints if "Content Security Policy" in text or text.startswith("uncaught")] == []


def chromium() -> str:
    name = get_settings().chromium
    path = shutil.which(name)
    if not path:
        pytest.fail(f"{name} is not on the PATH; install Chromium, or set CPS_CHROMIUM")
    return path

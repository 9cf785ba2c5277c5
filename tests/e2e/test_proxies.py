"""The chat behind proxies that hold its event stream back, in a real browser: nobody notices."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.conftest import Web
from tests.e2e.customer_page import ANSWER, DESKTOP, PHONE, CustomerPage
from tests.e2e.test_person import WORDS, Liga, speaks, with_liga
from tests.proxies import Proxied, proxy

Arrive = Callable[..., CustomerPage]
LANGUAGES = pytest.mark.parametrize("language", ["lv", "en"])
PROBLEM = "#line:not(:empty), #problem:not([hidden])"


@pytest.fixture
def liga(web: Web) -> Liga:
    return Liga(web)


def polls(customer: CustomerPage) -> int:
    return sum("/api/conversation/news" in request.url for request in customer.requested)


def talks(customer: CustomerPage, liga: Liga) -> None:
    """Let an agent and the customer say something in turn, and check that each hears the other one once."""
    liga.says(customer.token, "Labdien, te Līga.")
    customer.hears("te Līga")
    customer.say("un te es")
    expect(customer.messages.filter(has_text="un te es")).to_have_count(1)
    liga.says(customer.token, "Redzu Jūs.")
    customer.hears("Redzu Jūs")
    expect(customer.messages.filter(has_text="te Līga")).to_have_count(1)
    expect(customer.messages.filter(has_text="un te es")).to_have_count(1)
    expect(customer.chat.locator(PROBLEM)).to_have_count(0)


@LANGUAGES
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_where_whole_answers_are_buffered_the_window_polls(
    visit: Arrive, web: Web, liga: Liga, language: str, size: tuple[int, int]
) -> None:
    with proxy(web.web, buffers=True) as address:
        customer = visit(size, language, at=Proxied(address, web.backend))
        words = with_liga(customer, liga)
        talks(customer, liga)
        expect(customer.chat.locator("#speaking")).to_have_text(words["agent"])
        assert polls(customer)
        assert customer.violations() == []


def test_a_person_can_be_called_before_anything_has_arrived(visit: Arrive, web: Web) -> None:
    with proxy(web.web, buffers=True) as address:
        customer = visit(at=Proxied(address, web.backend))
        held: list[Route] = []
        customer.page.route("**/api/conversations", lambda route: held.append(route))
        customer.launcher.click()
        customer.button("Runāt ar cilvēku").click()
        assert not polls(customer)
        held[0].continue_()
        speaks(customer, WORDS["lv"]["queue"])


def test_where_connections_are_cut_the_window_comes_back_and_says_nothing(visit: Arrive, web: Web, liga: Liga) -> None:
    with proxy(web.web, cuts_after=2) as address:
        customer = visit(at=Proxied(address, web.backend))
        with_liga(customer, liga)
        for _ in range(3):
            with customer.page.expect_request(lambda request: request.url.endswith("/events")):
                pass
        talks(customer, liga)


def test_where_heartbeats_stop_the_window_polls_until_they_are_back(visit: Arrive, web: Web, liga: Liga) -> None:
    with proxy(web.web, idle=1) as address:
        customer = visit(at=Proxied(address, web.backend))
        customer.page.clock.install()
        with_liga(customer, liga)
        customer.page.wait_for_timeout(1500)  # the proxy has forgotten the stream
        liga.says(customer.token, "Labdien, te Līga.")
        customer.page.clock.fast_forward(60_000)
        customer.hears("te Līga")
        expect(customer.chat.locator(PROBLEM)).to_have_count(0)
        assert polls(customer)


def test_where_streams_are_refused_the_window_polls_and_listens_again_once_it_can(
    visit: Arrive, web: Web, liga: Liga
) -> None:
    customer = visit(at=web)
    customer.page.route("**/events", lambda route: route.abort())
    with_liga(customer, liga)
    talks(customer, liga)
    customer.page.unroute("**/events")
    with customer.page.expect_response(re.compile("/events$"), timeout=ANSWER):
        pass
    customer.page.wait_for_timeout(500)
    before = polls(customer)
    customer.page.wait_for_timeout(4000)  # in which a window that polled would have done so
    assert polls(customer) == before

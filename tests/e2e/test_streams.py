"""A conversation that is open in more windows than there may be streams."""

import requests
from playwright.sync_api import Browser

from bot.chat.streams import MAX_STREAMS
from tests.conftest import Web
from tests.e2e.customer_page import CustomerPage


def test_a_window_whose_stream_was_replaced_stays_quiet_until_it_is_looked_at(browser: Browser, web: Web) -> None:
    customer = CustomerPage(browser.new_context(), web, "lv")
    ended: list[str] = []
    for way in ("requestfinished", "requestfailed"):  # the page gives the request up when it hears that it was replaced
        customer.page.on(way, lambda request: ended.append(request.url))
    with customer.page.expect_request(lambda request: request.url.endswith("/events")):
        customer.launcher.click()
    customer.person.wait_for()
    headers = {"authorization": f"Bearer {customer.token}"}
    address = f"{web.web}/api/conversation/events"
    others = [requests.get(address, headers=headers, stream=True, timeout=30) for _ in range(MAX_STREAMS)]
    while not [url for url in ended if url.endswith("/events")]:
        customer.page.wait_for_timeout(100)
    requested = len(customer.requested)
    customer.page.wait_for_timeout(2000)
    assert not [request for request in customer.requested[requested:] if request.url.endswith("/events")]
    with customer.page.expect_request(lambda request: request.url.endswith("/events")):
        customer.page.frames[1].evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    customer.context.close()
    for other in others:
        other.close()

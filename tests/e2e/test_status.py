"""A supervisor looks at the page System status and sends again what failed, with the keyboard, on any screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import free_ports, stop_process, wait_for
from tests.customer import Customer
from tests.desk.conftest import PASSWORD, Desk, start_desk
from tests.e2e.customer_page import DESKTOP, overflow, violations

PHONE = (375, 740)
TITLE = {"lv": "Sistēmas stāvoklis", "en": "System status"}
AGAIN = {"lv": "Sūtīt vēlreiz", "en": "Send again"}
FAILED = {"lv": "Arī šoreiz neizdevās nosūtīt", "en": "It could not be sent this time either"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    """A desk whose helpdesk and mail server are gone."""
    helpdesk, mail = free_ports(2)
    given = {"smtp_host": "127.0.0.1", "smtp_port": str(mail), "smtp_tls": "none", "support_email": "s@example.com"}
    given |= {"webhook_url": f"http://127.0.0.1:{helpdesk}/", "webhook_secret": "secret of the tests"}
    started = start_desk(tmp_path_factory.mktemp("desk"), **given)
    yield started
    stop_process(started.process)


@pytest.mark.parametrize("language", TITLE)
def test_it_is_read_and_used_on_any_screen(browser: Browser, desk: Desk, language: str) -> None:
    customer = Customer(desk.address, language, is_greeted=False)
    customer.call("POST", "conversation/person")
    customer.call("POST", "conversation/ticket", {"client_id": "ticket-1", "email": "anna@example.com", "text": "?"})
    context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
    try:
        page = context.new_page()
        page.goto(f"{desk.address}/desk/sign-in")
        page.locator("[name=email]").fill(desk.add(role="supervisor", language=language).email)
        page.locator("[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.locator("details.menu summary").press("Enter")
        page.get_by_role("link", name=TITLE[language]).press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(TITLE[language])
        again = page.get_by_role("button", name=AGAIN[language])
        wait_for(lambda: page.reload() and again.count() >= 2)  # the job has tried
        for size in (DESKTOP, PHONE):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            assert violations(page) == []
            assert overflow(page) == 0
        again.first.press("Enter")
        expect(page.get_by_role("status").filter(has_text=FAILED[language])).to_be_visible()
        assert violations(page) == []
    finally:
        context.close()

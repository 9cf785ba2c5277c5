"""The page to which the links of e-mails lead, in a real browser: to agree, to see what one gets, and to end it."""

import uuid

import pytest
from playwright.sync_api import Browser, Page

from bot.conversations import subscriptions
from bot.conversations.contacts import Contacts
from bot.conversations.notification_models import Notification, Subscription
from bot.conversations.subscriptions import Subscriptions
from bot.database import Database, now
from bot.settings import Settings
from tests.agent import Agent
from tests.conftest import Web
from tests.customer import Customer
from tests.e2e.customer_page import look

KEY, KEPT = "events-key-of-the-tests-32-letters", "k" * 32
AGREE = {"lv": "Jā, paziņojiet man", "en": "Yes, keep me informed"}
END = {"lv": "Vairs nepaziņot", "en": "Stop these messages"}
TITLES = {
    "lv": ["Vai vēlaties saņemt paziņojumus?", "Jūs saņemat paziņojumus", "Paziņojumu vairs nebūs"],
    "en": ["Do you want to be kept informed?", "You are kept informed", "You will get no more messages"],
}


@pytest.fixture(scope="module")
def telling(start_web) -> Web:
    # A mail server that nothing listens on: the tests take the links from the database.
    given = {"smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_tls": "none", "public_url": "https://chat.example.com"}
    return start_web(events_key=KEY, email_key=KEPT, access_key=KEPT, **given)


def asked(web: Web, language: str) -> str:
    """Ask in the chat to be told; return the address of the page in the e-mail."""
    settings = Settings(events_key=KEY, email_key=KEPT, access_key=KEPT)
    contacts, email = Contacts(settings), f"{uuid.uuid4().hex}@example.com"
    subscribed = Subscriptions(settings, contacts)
    customer = Customer(web.web, language, is_greeted=False)
    Agent(web.folder).do(customer.token, subscribed.ask, email)
    with Database(f"sqlite:///{web.folder / 'chat.db'}").write() as session:
        token = subscribed.opened(session.get_one(Subscription, contacts.hash(email)))[1]
        product = {"product": "EOS R5 " + "long name " * 15}
        told = {"email_hash": contacts.hash(email), "kind": "product.incomplete", "facts": product, "attempts": 1}
        session.add(Notification(event_hash=token, created_at=now(), told_at=now(), told_by="email", **told))
        assert subscriptions.find(session, token)
    return f"{web.web}/notifications/{token}?language={language}"


@pytest.mark.parametrize("language", ["lv", "en"])
def test_one_agrees_and_ends_it_by_the_keyboard_alone(telling, browser: Browser, language, tmp_path):
    context = browser.new_context(viewport={"width": 320, "height": 700})
    page: Page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(asked(telling, language))
    for title, button in zip(TITLES[language], (AGREE, END, None), strict=True):
        page.get_by_role("heading", level=1, name=title).wait_for()
        assert page.title() == title
        assert page.locator("html").get_attribute("lang") == language
        look(page)
        page.screenshot(path=tmp_path / f"{title[:12]}.png", full_page=True)
        if button:
            wanted = page.get_by_role("button", name=button[language])
            for _ in range(10):
                page.keyboard.press("Tab")
                if wanted.evaluate("one => one === document.activeElement"):
                    break
            page.keyboard.press("Enter")
    assert complaints == []
    context.close()


def test_the_other_language_is_one_click_away(telling, browser: Browser):
    context = browser.new_context()
    page = context.new_page()
    page.goto(asked(telling, "lv"))
    page.get_by_role("link", name="English").click()
    page.get_by_role("heading", level=1, name=TITLES["en"][0]).wait_for()
    context.close()

"""The way to a person and back, in a real browser, from the customer's side."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect
from sqlalchemy import select

from bot.conversations import handoff, identity, lifecycle, messages
from bot.conversations.models import Ticket
from bot.database import now
from tests.agent import Agent
from tests.conftest import Web
from tests.e2e.customer_page import ANSWER, DESKTOP, PHONE, CustomerPage
from tests.mail import SmtpServer

Arrive = Callable[..., CustomerPage]
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
LANGUAGES = pytest.mark.parametrize("language", ["lv", "en"])
WORDS = {
    "lv": {
        "assistant": "Jūs runājat ar automatizētu asistentu",
        "call": "Runāt ar cilvēku",
        "queue": re.compile(r"CPS prioritāro atbalsta dienestu: \d+\. vieta rindā"),
        "stop": "Negaidīt",
        "stop_here": "Negaidīt, turpināt šeit",
        "agent": "Jums atbild Līga no CPS prioritārā atbalsta dienesta",
        "closed": "Saruna ar darbinieku (Līga) ir noslēgta",
        "office_closed": "pašlaik nestrādā",
        "leave": "Atstāt ziņu",
        "email": "Jūsu e-pasta adrese",
        "message": "Ziņa",
        "email_wrong": "pilnu e-pasta adresi",
        "empty": "Uzrakstiet",
        "not_sent": "neizdevās",
        "send": "Nosūtīt ziņu",
        "cancel": "Atcelt",
        "kept": "Jūsu ziņa ir saņemta",
        "rating": "Kā vērtējat mūsu palīdzību?",
        "good": "4 Laba",
        "comment": re.compile("piebilst"),
        "rate": "Nosūtīt vērtējumu",
        "thanks": "Paldies par vērtējumu!",
        "skip": "Izlaist",
        "save": "Saglabāt sarunu",
        "saved": "lejupielādēta",
        "mail": "Nosūtīt sarunu uz manu e-pastu",
        "mailed": "nosūtīta",
        "no_mail": "E-pastu pašlaik nevar nosūtīt",
        "back": "atkal esmu klāt",
    },
    "en": {
        "assistant": "You are talking to an automated assistant",
        "call": "Talk to a person",
        "queue": re.compile(r"In the queue for CPS priority support: place \d+"),
        "stop": "Stop waiting",
        "stop_here": "Stop waiting, go on here",
        "agent": "You are talking to Līga, CPS priority support",
        "closed": "The conversation with Līga is closed",
        "office_closed": "is closed right now",
        "leave": "Leave a message",
        "email": "Your e-mail address",
        "message": "Message",
        "email_wrong": "full e-mail address",
        "empty": "Write what",
        "not_sent": "did not work",
        "send": "Send the message",
        "cancel": "Cancel",
        "kept": "your message has arrived",
        "rating": "How was our help?",
        "good": "4 Good",
        "comment": re.compile("Anything to add"),
        "rate": "Send the rating",
        "thanks": "Thank you for your rating!",
        "skip": "Skip",
        "save": "Save the conversation",
        "saved": "downloaded",
        "mail": "Send the conversation to my e-mail",
        "mailed": "has been sent",
        "no_mail": "E-mail cannot be sent",
        "back": "It is me again",
    },
}


class Liga(Agent):
    """An agent who also wakes the chat, which would notice another process's change some seconds later."""

    def __init__(self, place: Web) -> None:
        super().__init__(place.folder)
        self.address = place.web

    def do(self, token: str, what, *arguments, **more):
        done = super().do(token, what, *arguments, **more)
        with self.database.read() as session:
            language = lifecycle.find_conversation(session, token).language
        headers = {"authorization": f"Bearer {token}"}
        woken = requests.put(
            f"{self.address}/api/conversation/language", json={"language": language}, headers=headers, timeout=10
        )
        assert woken.status_code == 204
        return done


@pytest.fixture
def liga(web: Web) -> Liga:
    return Liga(web)


def speaks(customer: CustomerPage, words: str | re.Pattern[str]) -> None:
    """Wait until the header names the one who answers."""
    expect(customer.chat.locator("#speaking")).to_have_text(words, timeout=ANSWER)


def calls(customer: CustomerPage) -> dict:
    """Let the customer open the chat and call a person; return the expected words in the customer's language."""
    words = WORDS[customer.language]
    customer.open()
    customer.person.click()
    speaks(customer, words["queue"])
    return words


def with_liga(customer: CustomerPage, liga: Liga) -> dict:
    words = calls(customer)
    liga.takes(customer.token)
    speaks(customer, words["agent"])
    return words


@LANGUAGES
def test_a_customer_waits_for_a_person_and_goes_on_with_the_assistant(visit: Arrive, language: str) -> None:
    customer = visit(language=language)
    customer.open()
    words = WORDS[language]
    speaks(customer, words["assistant"])
    customer.hears("automat")
    offered = customer.suggested().first.inner_text()
    calls(customer)
    expect(customer.suggested(words["stop_here"])).to_be_visible()
    expect(customer.suggested(offered)).to_have_count(0)
    assert customer.violations() == []
    customer.button(words["stop"]).click()
    speaks(customer, words["assistant"])
    customer.hears(words["back"])
    expect(customer.suggested().first).to_be_visible()
    expect(customer.suggested(words["stop_here"])).to_have_count(0)
    expect(customer.person).to_have_text(words["call"])


def test_a_click_too_many_does_not_take_back_the_call(visit: Arrive, web: Web) -> None:
    customer = visit(at=web)
    customer.open()
    customer.person.dblclick()
    speaks(customer, WORDS["lv"]["queue"])
    customer.page.wait_for_timeout(500)
    speaks(customer, WORDS["lv"]["queue"])


@LANGUAGES
def test_a_person_can_be_called_while_the_assistant_is_dead(visit: Arrive, web: Web, language: str) -> None:
    customer = visit(PHONE, language, at=web)
    words = calls(customer)
    customer.say("123")
    expect(customer.message("123")).to_be_visible()
    customer.button(words["stop"]).click()
    speaks(customer, words["assistant"])


@LANGUAGES
def test_the_place_in_the_queue_is_told_and_survives_a_reload(visit: Arrive, web: Web, language: str) -> None:
    first, second = visit(language=language, at=web), visit(language=language, at=web)
    words = calls(first)
    calls(second)

    def place(customer: CustomerPage) -> int:
        return int(re.search(r"\d+", customer.chat.locator("#speaking").inner_text()).group())

    assert place(second) == place(first) + 1
    before = place(second)
    second.page.reload()
    second.open()
    speaks(second, words["queue"])
    assert place(second) == before
    expect(second.suggested(words["stop_here"])).to_be_visible()


def test_two_tabs_show_the_same_queue_and_stop_together(visit: Arrive, web: Web) -> None:
    customer = visit(language="en", at=web)
    words = calls(customer)
    other_tab = customer.in_another_tab()
    other_tab.open()
    speaks(other_tab, words["queue"])
    other_tab.button(words["stop"]).click()
    speaks(other_tab, words["assistant"])
    speaks(customer, words["assistant"])
    expect(customer.suggested(words["stop_here"])).to_have_count(0)


@LANGUAGES
@SIZES
def test_after_hours_a_customer_leaves_a_message(
    visit: Arrive, closed_web: Web, size: tuple[int, int], language: str
) -> None:
    customer, words = visit(size, language, at=closed_web), WORDS[language]
    customer.open()
    customer.person.click()
    customer.hears(words["office_closed"])
    speaks(customer, words["assistant"])
    customer.suggested(words["leave"]).click()
    email = customer.chat.get_by_label(words["email"])
    text = customer.chat.get_by_label(words["message"], exact=True)
    expect(email).to_be_focused(timeout=ANSWER)
    expect(customer.suggested(words["leave"])).to_have_count(0)
    assert customer.violations() == []

    email.fill("nonsense")
    customer.button(words["send"]).click()
    expect(customer.chat.locator("#ticket-email-error")).to_contain_text(words["email_wrong"])
    expect(email).to_be_focused()
    assert customer.violations() == []
    email.fill("anna@b")  # valid for a browser, but not for the server
    text.fill("x")
    customer.button(words["send"]).click()
    expect(customer.chat.locator("#ticket-email-error")).not_to_be_empty()
    email.fill(" anna@example.com ")
    text.fill("  ")
    customer.button(words["send"]).click()
    expect(customer.chat.locator("#ticket-text-error")).to_contain_text(words["empty"])
    expect(text).to_be_focused()
    text.fill("x" * 2001)
    customer.button(words["send"]).click()
    expect(customer.chat.locator("#ticket-text-error")).to_contain_text("2001")
    assert customer.violations() == []

    written = f"Kur ir mans rēķins? {size[0]} {language}"
    text.fill(written)
    customer.page.route("**/api/conversation/ticket", lambda route: route.abort())
    customer.button(words["send"]).click()
    expect(customer.chat.locator("#ticket-error")).to_contain_text(words["not_sent"])
    customer.page.reload()
    customer.open()
    expect(text).to_have_value(written, timeout=ANSWER)
    expect(email).to_have_value("anna@example.com")
    customer.page.unroute("**/api/conversation/ticket")
    customer.button(words["send"]).click()
    customer.hears(words["kept"])
    expect(customer.chat.locator("#ticket")).to_be_hidden()
    expect(customer.box).to_be_focused()
    with Agent(closed_web.folder).database.read() as session:
        kept = session.scalars(select(Ticket).where(Ticket.text == written)).all()
    assert [one.email for one in kept] == ["anna@example.com"]
    assert customer.overflow() == 0


def test_who_gives_up_a_message_finds_the_form_empty_the_next_time(visit: Arrive, closed_web: Web) -> None:
    customer, words = visit(language="en", at=closed_web), WORDS["en"]
    customer.open()
    for _ in range(2):
        customer.person.click()
        customer.suggested(words["leave"]).click()
        expect(customer.chat.get_by_label(words["email"])).to_be_focused(timeout=ANSWER)
        expect(customer.chat.get_by_label(words["email"])).to_have_value("")
        customer.chat.get_by_label(words["email"]).fill("anna@example.com")
        customer.button(words["cancel"]).click()
        expect(customer.chat.locator("#ticket")).to_be_hidden(timeout=ANSWER)
        expect(customer.box).to_be_focused()


@LANGUAGES
@SIZES
def test_an_agent_is_known_by_name_and_what_they_write_is_text(
    visit: Arrive, web: Web, liga: Liga, size: tuple[int, int], language: str
) -> None:
    customer = visit(size, language, at=web)
    words = with_liga(customer, liga)
    expect(customer.box).to_be_focused()  # because the button that had the focus is gone
    expect(customer.person).to_be_hidden()
    expect(customer.button(words["stop"])).to_have_count(0)
    expect(customer.suggested()).to_have_count(0)
    read_out = customer.chat.get_by_role("log").get_by_role("article").filter(has_text="Līga **Labdien**")
    liga.says(customer.token, "**Labdien** <b>!</b> https://example.com/a*b*c, [x](https://example.com/x)\nOtrā rinda")
    expect(read_out.first).to_be_attached(timeout=ANSWER)
    assert "Asistents" not in read_out.first.inner_text()
    said = customer.hears("Labdien")
    expect(said).to_have_text(
        re.compile(r"^Līga\s+\*\*Labdien\*\* <b>!</b> https://example\.com/a\*b\*c.*, \[x\]\(.*\)\nOtrā rinda$", re.S),
        use_inner_text=True,
    )
    expect(said.get_by_role("link").first).to_have_attribute("href", "https://example.com/a*b*c")
    border = "e => getComputedStyle(e.querySelector('.bubble')).borderLeftWidth"
    assert (said.evaluate(border), customer.messages.first.evaluate(border)) == ("5px", "0px")
    assert customer.violations() == []
    assert customer.overflow() == 0

    customer.page.reload()
    customer.open()
    speaks(customer, words["agent"])
    customer.hears("Labdien")
    expect(customer.suggested()).to_have_count(0)


def test_the_arrow_keys_read_out_who_said_what(visit: Arrive, web: Web, liga: Liga) -> None:
    customer = visit(at=web)
    with_liga(customer, liga)
    liga.do(customer.token, messages.add_message, "assistant", "**500** punkti")
    liga.says(customer.token, "Labdien!")
    customer.hears("Labdien!")
    customer.tab_to(customer.chat.get_by_role("group", name="Saruna"), "Shift+Tab")
    read = ("Līga Labdien!", "Asistents 500 punkti", re.compile("^Paziņojums. Jums tagad atbild Līga"))
    for name in read:
        customer.page.keyboard.press("ArrowUp")
        expect(customer.chat.locator(":focus")).to_have_accessible_name(name)
    customer.page.keyboard.press("End")
    expect(customer.chat.locator(":focus")).to_have_accessible_name(read[0])


def test_an_agent_learns_what_was_read_and_that_the_customer_types(visit: Arrive, web: Web, liga: Liga) -> None:
    customer = visit(at=web)
    customer.open()
    customer.box.press_sequentially("kā", delay=20)
    customer.box.fill("")
    assert not [one for one in customer.requested if one.url.endswith("/typing")]
    with_liga(customer, liga)
    with customer.page.expect_request("**/api/conversation/typing"):
        customer.box.press_sequentially("es rakstu, un rakstu, un rakstu", delay=20)
    assert len([one for one in customer.requested if one.url.endswith("/typing")]) < 5

    customer.page.keyboard.press("Escape")
    expect(customer.page.locator("iframe")).to_be_hidden()
    token = customer.token
    last = liga.says(token, "Vai redzat?")
    expect(customer.launcher).to_have_accessible_name(re.compile(r"jaunas ziņas: 1"), timeout=ANSWER)
    assert seen_id(liga, token) < last
    customer.launcher.click()
    for _ in range(100):
        if seen_id(liga, token) == last:
            break
        time.sleep(0.1)
    assert seen_id(liga, token) == last


def seen_id(liga: Liga, token: str) -> int:
    with liga.database.read() as session:
        return lifecycle.find_conversation(session, token).seen_id


@LANGUAGES
@SIZES
def test_a_customer_without_a_mouse_rates_what_an_agent_did_and_is_not_asked_again(
    visit: Arrive, web: Web, liga: Liga, size: tuple[int, int], language: str
) -> None:
    customer = visit(size, language, at=web)
    words = with_liga(customer, liga)
    liga.closes(customer.token)
    speaks(customer, words["closed"])
    expect(customer.chat.get_by_role("group", name=words["rating"])).to_be_visible()
    expect(customer.button(words["rate"])).to_be_hidden()
    assert customer.violations() == []
    customer.box.focus()
    customer.tab_to(customer.chat.get_by_role("radio").first)
    for _ in range(3):
        customer.page.keyboard.press("ArrowRight")
    expect(customer.chat.get_by_role("radio", name=words["good"])).to_be_checked()
    assert customer.violations() == []
    customer.tab_to(customer.chat.get_by_label(words["comment"]))
    customer.page.keyboard.type("paldies")
    customer.tab_to(customer.button(words["rate"]))
    customer.page.keyboard.press("Enter")
    expect(customer.chat.locator("#line")).to_have_text(words["thanks"])
    expect(customer.chat.locator("#rating")).to_be_hidden()
    expect(customer.box).to_be_focused()
    with liga.database.read() as session:
        closing = handoff.last_closing(session, lifecycle.find_conversation(session, customer.token))
        assert (closing.score, closing.comment) == (4, "paldies")
    customer.page.reload()
    customer.open()
    speaks(customer, words["closed"])
    expect(customer.chat.locator("#rating")).to_be_hidden()


def test_who_does_not_want_to_rate_is_left_alone_until_the_next_time(visit: Arrive, web: Web, liga: Liga) -> None:
    customer, rating = visit(language="en", at=web), "#rating"
    words = with_liga(customer, liga)
    liga.closes(customer.token)
    customer.button(words["skip"]).click()
    expect(customer.chat.locator(rating)).to_be_hidden()
    customer.page.reload()
    customer.open()
    speaks(customer, words["closed"])
    expect(customer.chat.locator(rating)).to_be_hidden()
    customer.person.click()
    speaks(customer, words["queue"])
    liga.takes(customer.token)
    liga.closes(customer.token)
    expect(customer.chat.locator(rating)).to_be_visible(timeout=ANSWER)


def test_who_writes_on_instead_of_rating_talks_to_the_assistant(visit: Arrive, web: Web, liga: Liga) -> None:
    customer = visit(PHONE, at=web)
    words = with_liga(customer, liga)
    liga.closes(customer.token)
    expect(customer.chat.locator("#rating")).to_be_visible(timeout=ANSWER)
    expect(customer.box).to_be_in_viewport()
    customer.say("vēl kas")
    speaks(customer, words["assistant"])
    expect(customer.chat.locator("#rating")).to_be_hidden()


@LANGUAGES
def test_a_conversation_can_be_saved(visit: Arrive, web: Web, liga: Liga, language: str) -> None:
    customer = visit(language=language, at=web)
    words = with_liga(customer, liga)
    liga.says(customer.token, "Labdien!")
    customer.hears("Labdien!")
    with customer.page.expect_download() as saved:
        customer.choose(words["save"])
    assert re.fullmatch(r"cps-\d{4}-\d\d-\d\d\.txt", saved.value.suggested_filename)
    kept = Path(saved.value.path()).read_text(encoding="utf-8")
    assert re.search(r"Līga\nLabdien!", kept)
    expect(customer.chat.locator("#line")).to_contain_text(words["saved"])
    expect(customer.button(words["save"])).to_be_hidden()
    expect(customer.chat.locator("#menu-open")).to_be_focused()
    expect(customer.button(words["mail"])).to_have_count(0)


@LANGUAGES
def test_a_confirmed_customer_has_the_conversation_sent_to_them(
    visit: Arrive, start_web: Callable[..., Web], language: str
) -> None:
    server = SmtpServer()
    web = start_web(smtp_host="127.0.0.1", smtp_port=str(server.port), smtp_tls="none")
    customer, words = visit(language=language, at=web), WORDS[language]
    customer.open()
    confirmed = ("token", now() + timedelta(hours=1), "Anna Bērziņa", "anna.berzina@example.com")
    Liga(web).do(customer.token, lambda _, mine: identity.confirmed(mine, *confirmed))
    expect(customer.chat.locator("#confirmed-name")).to_have_text("Anna Bērziņa", timeout=ANSWER)
    customer.choose(words["mail"])
    expect(customer.chat.locator("#line")).to_contain_text(words["mailed"], timeout=ANSWER)
    assert [letter["To"] for letter in server.letters] == ["anna.berzina@example.com"]
    server.close()
    customer.choose(words["mail"])
    expect(customer.problem).to_contain_text(words["no_mail"], timeout=ANSWER)
    assert customer.violations() == []


def test_the_menu_opens_and_closes_by_keyboard_and_by_a_click_elsewhere(visit: Arrive, web: Web) -> None:
    customer = visit(PHONE, language="en", at=web)
    customer.open()
    opener, item = customer.chat.locator("#menu-open"), customer.button("Save the conversation")
    customer.tab_to(opener, "Shift+Tab")
    customer.page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    customer.tab_to(item)
    assert customer.violations() == []
    customer.page.keyboard.press("Escape")
    expect(item).to_have_count(0)
    expect(opener).to_be_focused()
    expect(customer.page.locator("iframe")).to_be_visible()
    opener.click()
    customer.box.click()
    expect(item).to_have_count(0)


@pytest.mark.parametrize("size", [(320, 568), (320, 256)], ids=["narrow", "zoomed"])
@LANGUAGES
def test_on_the_smallest_screen_everything_can_be_reached(
    visit: Arrive, web: Web, liga: Liga, size: tuple[int, int], language: str
) -> None:
    customer = visit(size, language, at=web)
    words = WORDS[language]
    customer.open()
    expect(customer.person).to_be_in_viewport(ratio=1)
    customer.person.click()
    speaks(customer, words["queue"])
    expect(customer.button(words["stop"])).to_be_in_viewport(ratio=1)
    liga.takes(customer.token)
    liga.closes(customer.token)
    customer.chat.get_by_role("radio").last.check()
    customer.button(words["rate"]).click()
    expect(customer.chat.locator("#rating")).to_be_hidden()
    assert customer.overflow() == 0

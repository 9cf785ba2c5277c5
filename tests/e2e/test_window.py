"""How the chat window shows a conversation, in a real browser."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import update

from bot.conversations import identity, messages
from bot.conversations.models import Message
from bot.database import now
from tests.conftest import Web
from tests.e2e.customer_page import ANSWER, DESKTOP, PERSON, PHONE, CustomerPage
from tests.e2e.test_person import Liga, with_liga

Arrive = Callable[..., CustomerPage]
SMALL = (320, 568)
SIZES = pytest.mark.parametrize("size", [SMALL, (375, 667), DESKTOP], ids=["320", "375", "1280"])
LANGUAGES = pytest.mark.parametrize("language", ["lv", "en"])
LONG = "Otrā rinda. " * 40


@pytest.fixture
def liga(web: Web) -> Liga:
    return Liga(web)


def answers(liga: Liga, customer: CustomerPage, text: str) -> Locator:
    """Have the assistant say something, as Markdown; return what the window shows of it."""
    liga.do(customer.token, messages.add_message, "assistant", text)
    said = customer.chat.locator(".message.assistant .bubble").last
    expect(said).to_contain_text(re.sub(r"\W+", " ", text).split()[0], timeout=ANSWER)
    return said


def box(where: Locator) -> dict[str, float]:
    found = where.bounding_box()
    assert found
    return found


@SIZES
@LANGUAGES
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    visit: Arrive, web: Web, liga: Liga, size: tuple[int, int], language: str, scheme: str
) -> None:
    customer = visit(size, language, at=web, color_scheme=scheme)
    with_liga(customer, liga)
    liga.says(customer.token, f"Labdien! https://example.com/{'a' * 90}")
    customer.hears("Labdien!")
    customer.say("x" * 200)
    answers(liga, customer, f"**Punkti**:\n\n- viens\n- divi\n\n{LONG * 3}")
    assert customer.violations() == []
    assert customer.overflow() == 0
    assert box(customer.chat.locator("header"))["height"] <= 64
    assert (
        customer.chat.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
        == {
            "light": "rgb(244, 244, 244)",
            "dark": "rgb(18, 18, 20)",
        }[scheme]
    )


def test_in_forced_colours_messages_and_buttons_have_an_outline(visit: Arrive, web: Web, liga: Liga) -> None:
    customer = visit(PHONE, at=web, forced_colors="active")
    with_liga(customer, liga)
    liga.says(customer.token, "Labdien!")
    customer.hears("Labdien!")
    assert customer.violations() == []
    for selector in (".agent .bubble", "#send", "#box"):
        assert customer.chat.locator(selector).evaluate("e => getComputedStyle(e).borderTopStyle") == "solid"


@pytest.mark.parametrize("size", [SMALL, (640, 400)], ids=["narrow", "at 200 %"])
def test_a_long_answer_is_shown_from_its_beginning(visit: Arrive, web: Web, liga: Liga, size: tuple[int, int]) -> None:
    customer = visit(size, at=web)
    with_liga(customer, liga)
    customer.say("sākums")
    mine = customer.chat.locator(".message.customer").filter(has_text="sākums")
    expect(mine.locator(".status")).to_contain_text("✓")  # stored before what answers it
    said = answers(liga, customer, f"Pirmā rinda.\n\n{LONG * 2}")
    shown = box(customer.chat.locator(".scroller"))
    assert box(said)["height"] > shown["height"]
    assert 0 <= box(said)["y"] - shown["y"] < 60

    customer.chat.locator(".scroller").evaluate("e => e.scrollTop = 0")
    expect(customer.chat.locator(".jump")).to_be_visible()
    liga.says(customer.token, "Vai redzat?")
    expect(customer.message("Vai redzat?")).to_be_attached(timeout=ANSWER)
    assert customer.chat.locator(".scroller").evaluate("e => e.scrollTop") == 0  # who reads what is older is left alone
    customer.chat.locator(".jump").click()
    expect(customer.message("Vai redzat?")).to_be_in_viewport()


def test_a_very_long_text_folds(visit: Arrive, web: Web, liga: Liga) -> None:
    customer = visit(PHONE, at=web)
    with_liga(customer, liga)
    said = answers(liga, customer, LONG * 4 + "https://example.com/beigas")
    short = box(said)["height"]
    assert short < 400
    said.get_by_role("button", name="Rādīt visu").click()
    assert box(said)["height"] > 2 * short


def test_messages_stand_as_in_a_messenger(visit: Arrive, web: Web, liga: Liga) -> None:
    customer = visit(PHONE, at=web)
    with_liga(customer, liga)
    customer.say("vārds " * 30)
    expect(customer.chat.locator(".message.customer .status").last).to_contain_text("✓")
    for text in ("Labdien!", "Es palīdzēšu."):
        liga.says(customer.token, text)
        customer.hears(text)
    mine = customer.chat.locator(".message.customer .bubble").last
    room = box(customer.chat.locator(".scroller"))
    assert box(mine)["width"] <= 0.8 * room["width"]
    agent = customer.chat.locator(".message.agent")
    assert [one.locator(".avatar, .name, time").count() for one in agent.all()] == [2, 1]  # time: at the end of a turn
    notice = customer.chat.locator(".message.notice").last
    assert notice.locator(".avatar, .name, time").count() == 0
    middle = box(notice.locator(".bubble"))
    assert abs(middle["x"] + middle["width"] / 2 - room["x"] - room["width"] / 2) < 2
    expect(customer.chat.locator(".day")).to_have_count(0)

    def yesterday(session: Any, mine: Any) -> None:
        old = messages.newest(session, mine.id)
        earlier = now() - timedelta(days=1)
        session.execute(update(Message).where(Message.id < old).values(created_at=earlier))

    liga.do(customer.token, yesterday)
    customer.page.reload()
    customer.open()
    expect(customer.chat.locator(".day")).to_have_text(["Vakar", "Šodien"])


def test_what_was_said_before_is_not_read_out_again(visit: Arrive, web: Web, liga: Liga) -> None:
    customer = visit(at=web)
    words = with_liga(customer, liga)
    log = customer.chat.get_by_role("log")
    expect(log).to_have_count(1)
    expect(log).not_to_have_attribute("aria-live", "assertive")
    expect(log.get_by_role("article").filter(has_text="Jums tagad atbild")).to_have_count(1)
    customer.page.reload()
    customer.open()
    expect(customer.chat.locator("#speaking")).to_have_text(words["agent"])
    expect(customer.message("Jums tagad atbild")).to_be_visible()
    expect(log.get_by_role("article")).to_have_count(0)
    liga.says(customer.token, "Labdien!")
    expect(log.get_by_role("article").filter(has_text="Labdien!")).to_have_count(1, timeout=ANSWER)


def test_markdown_has_links_to_the_web_and_mail_alone_and_no_html(visit: Arrive, web: Web, liga: Liga) -> None:
    customer = visit(at=web)
    with_liga(customer, liga)
    said = answers(
        liga,
        customer,
        "Saites [tīmeklis](https://example.com/a?b=1&c=2) [pasts](mailto:a@example.com) [ļauna](javascript:alert(1)) "
        "[dati](data:text/html,x) https://example.com/c. <img src=x onerror=alert(1)><script>alert(1)</script> "
        "![attēls](https://example.com/x.png) <a href=/evil>x</a> www.evil.example\n\n# nav virsraksts\n\n    nav kods",
    )
    links = said.get_by_role("link")
    assert [link.get_attribute("href") for link in links.all()] == [
        "https://example.com/a?b=1&c=2",
        "mailto:a@example.com",
        "https://example.com/c",
    ]
    assert {link.get_attribute("rel") for link in links.all()} == {"noopener noreferrer"}
    assert said.locator(".text :not(p, br, a, span, div)").count() == 0
    expect(said).to_contain_text("<img src=x onerror=alert(1)>")


@LANGUAGES
def test_a_choice_that_could_not_be_sent_is_offered_again(visit: Arrive, closed_web: Web, language: str) -> None:
    customer = visit(PHONE, language, at=closed_web)
    customer.open()
    customer.person.click()
    leave = customer.suggested({"lv": "Atstāt ziņu", "en": "Leave a message"}[language])
    refusal = {"type": "urn:cps:too-many", "title": "Too many", "status": 429, "detail": "Lūdzu, uzgaidiet minūti."}
    customer.page.route(
        "**/api/conversation/choices",
        lambda route: route.fulfill(status=429, body=json.dumps(refusal), content_type="application/problem+json"),
    )
    leave.click()
    expect(customer.problem).to_have_text(refusal["detail"])
    expect(customer.box).to_have_value("")
    customer.page.unroute("**/api/conversation/choices")
    leave.click()
    expect(customer.chat.locator("#ticket")).to_be_visible(timeout=ANSWER)
    expect(leave).to_have_count(0)


def test_suggested_answers_stand_in_one_row_in_which_the_arrow_keys_move(visit: Arrive, web: Web) -> None:
    customer = visit(SMALL, at=web)
    customer.open()
    customer.person.click()
    expect(customer.suggested("Negaidīt, turpināt šeit")).to_be_visible(timeout=ANSWER)
    assert len({box(one)["y"] for one in customer.suggested().all()}) == 1
    customer.suggested().first.focus()
    customer.page.keyboard.press("ArrowRight")
    expect(customer.suggested().nth(1)).to_be_focused()
    expect(customer.suggested().nth(1)).to_be_in_viewport(ratio=1)


def test_a_form_takes_the_place_of_the_composer_unless_something_is_written_there(
    visit: Arrive, web: Web, liga: Liga
) -> None:
    customer = visit(PHONE, at=web)
    customer.open()
    customer.box.fill("pusvārds")
    liga.do(customer.token, lambda _, mine: identity.ask_identity(mine, "/ask_my_points"))
    expect(customer.chat.locator("#email")).to_be_visible(timeout=ANSWER)
    expect(customer.box).to_be_visible()
    customer.box.press("Enter")
    expect(customer.box).to_be_hidden(timeout=ANSWER)
    customer.button("Atcelt").click()
    expect(customer.box).to_be_visible()


def test_the_chat_can_be_closed_before_it_has_loaded(visit: Arrive, web: Web) -> None:
    customer = visit(PHONE, at=web)
    customer.page.route("**/chat?*", lambda route: None)  # no answer comes
    customer.launcher.click()
    out = customer.page.get_by_role("button", name="Aizvērt CPS asistentu").last
    expect(out).to_be_focused()
    expect(out).to_be_in_viewport(ratio=1)
    out.click()
    expect(customer.page.locator("iframe")).to_be_hidden()
    expect(customer.launcher).to_be_focused()
    customer.launcher.click()
    customer.page.keyboard.press("Escape")
    expect(customer.page.locator("iframe")).to_be_hidden()
    customer.page.unroute("**/chat?*")
    customer.page.reload()
    customer.open()
    expect(out).to_have_count(1)  # the launcher alone: what stood there meanwhile is gone


def test_the_window_weighs_what_a_slow_line_can_carry(visit: Arrive, web: Web) -> None:
    customer = visit(at=web)
    customer.open()
    customer.page.wait_for_timeout(500)
    loaded = [one for one in customer.requested if re.search(r"/chat\?|/assets/|/api/(?!conversation/)", one.url)]
    sizes = {one.url: one.sizes()["responseBodySize"] + one.sizes()["responseHeadersSize"] for one in loaded}
    assert sum(sizes.values()) < 70_000, sizes


@LANGUAGES
@pytest.mark.parametrize("size", [(375, 667), DESKTOP], ids=["375", "1280"])
def test_one_press_under_the_newest_answer_says_that_it_did_not_help(
    visit: Arrive, language: str, size: tuple[int, int]
) -> None:
    asked, name = {
        "lv": ("vai var maksāt ar karti?", "Tas nepalīdzēja"),
        "en": ("can I pay by card?", "This did not help"),
    }[language]
    customer = visit(size, language)
    customer.open()
    press = customer.button(name)
    expect(customer.box).to_be_visible()
    expect(press).to_have_count(0)  # the greeting is no answer
    customer.say(asked)
    expect(press).to_be_visible(timeout=ANSWER)
    expect(customer.chat.get_by_role("log").get_by_role("button", name=name)).to_have_count(0)
    assert customer.violations() == []
    assert box(press)["height"] >= 24
    customer.box.focus()
    customer.tab_to(press, "Shift+Tab")
    customer.page.keyboard.press("Enter")
    notice = customer.chat.get_by_role("log").locator(".message.notice")
    expect(notice).to_contain_text({"lv": "Žēl", "en": "Sorry"}[language], timeout=ANSWER)
    expect(press).to_have_count(0)
    expect(customer.suggested(PERSON[language])).to_be_visible()
    other = customer.suggested().first
    question = other.inner_text()
    other.click()
    expect(customer.message(question)).to_be_visible()
    expect(press).to_be_visible(timeout=ANSWER)
    customer.page.reload()
    customer.open()
    expect(press).to_have_count(1)  # under the newest answer alone

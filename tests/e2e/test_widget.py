"""The chat in a real browser, against the whole assistant."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.customer_page import ANSWER, DESKTOP, PHONE, CustomerPage

Arrive = Callable[..., CustomerPage]
BLUE_BUTTON = "Kāpēc es neredzu zilo pogu?"
MY_POINTS = "cik man ir punktu?"
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
LANGUAGES = pytest.mark.parametrize("language", ["lv", "en"])


def test_the_host_page_loads_four_kilobytes_before_the_first_click(visit: Arrive) -> None:
    customer = visit()
    customer.page.wait_for_load_state("networkidle")
    loaded = {request.url.removeprefix(customer.stack.web): request for request in customer.requested}
    assert set(loaded) == {"/?language=lv", "/widget.js"}
    assert loaded["/widget.js"].sizes()["responseBodySize"] < 4_300


def test_the_demo_page_names_the_sample_accounts_and_their_mailbox(visit: Arrive) -> None:
    page = visit(language="en").page
    expect(page.locator("dl > div").filter(has_text="anna.berzina@example.com")).to_contain_text("points")
    expect(page.get_by_role("link", name="Open the sample mailbox")).to_have_attribute("href", re.compile("/mailbox$"))


@SIZES
def test_a_customer_asks_in_two_languages_confirms_who_they_are_and_learns_their_points(
    visit: Arrive, size: tuple[int, int]
) -> None:
    customer = visit(size)
    customer.open()
    customer.say(BLUE_BUTTON)
    customer.hears("MIGRĒT PRODUKTUS")
    customer.say("how many points do I need to join")
    customer.hears("500")
    expect(customer.chat.locator("html")).to_have_attribute("lang", "en")
    customer.say(MY_POINTS)
    expect(customer.chat.locator("#email")).to_be_focused(timeout=ANSWER)
    customer.confirm_as("anna.berzina@example.com")
    customer.hears(r"kontā ir \d+ punkt")
    expect(customer.chat.locator("#confirmed-name")).to_have_text("Anna Bērziņa")
    expect(customer.chat.locator("#identity")).to_be_hidden()
    assert customer.overflow() == 0

    before = customer.messages.all_inner_texts()
    customer.page.reload()
    customer.open()
    customer.hears(r"kontā ir \d+ punkt")
    expect(customer.messages).to_have_text(before, use_inner_text=True)
    expect(customer.chat.locator("#confirmed-name")).to_have_text("Anna Bērziņa")


@LANGUAGES
def test_who_is_logged_in_on_the_page_is_known_in_the_chat_until_they_log_out_there(
    visit: Arrive, language: str
) -> None:
    log_in, log_out = {"lv": ("Pieteikties", "Iziet"), "en": ("Log in", "Log out")}[language]
    customer = visit(language=language)
    customer.page.get_by_role("button", name=f"{log_in}: anna.berzina@example.com").click()
    expect(customer.page.get_by_role("status")).to_contain_text("anna.berzina@example.com")
    customer.open()
    expect(customer.chat.locator("#confirmed-name")).to_have_text("Anna Bērziņa", timeout=ANSWER)
    customer.say({"lv": "kāpēc man nav zaļās atzīmes?", "en": "why do I have no green tick?"}[language])
    customer.hears("RF 70-200mm")
    assert customer.violations("/?language") == []

    customer.page.get_by_role("button", name=f"{log_in}: janis.kalnins@example.com").click()
    expect(customer.chat.locator("#confirmed-name")).to_have_text("Jānis Kalniņš", timeout=ANSWER)
    customer.page.get_by_role("button", name=log_out, exact=True).click()
    expect(customer.chat.locator("#confirmed")).to_be_hidden(timeout=ANSWER)


def test_the_chat_fills_a_phone(visit: Arrive) -> None:
    customer = visit(PHONE)
    customer.open()
    assert customer.page.locator("iframe").bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 740}


def test_a_customer_without_a_mouse_reaches_everything(visit: Arrive) -> None:
    customer = visit()
    customer.tab_to(customer.launcher)
    customer.page.keyboard.press("Enter")
    expect(customer.box).to_be_focused(timeout=ANSWER)
    expect(customer.messages.first).to_be_visible(timeout=ANSWER)

    choice = customer.chat.get_by_role("toolbar").get_by_role("button").first
    title = choice.inner_text()
    customer.tab_to(choice, "Shift+Tab")
    customer.page.keyboard.press("Enter")
    expect(customer.message(title)).to_be_visible(timeout=ANSWER)
    expect(customer.box).to_be_focused()

    customer.page.keyboard.type(MY_POINTS)
    customer.page.keyboard.press("Enter")
    expect(customer.chat.locator("#email")).to_be_focused(timeout=ANSWER)
    customer.page.keyboard.type("keyboard@example.com")
    customer.page.keyboard.press("Enter")
    expect(customer.chat.locator("#code")).to_be_focused(timeout=ANSWER)
    customer.tab_to(customer.button("Atcelt"))
    customer.page.keyboard.press("Enter")
    expect(customer.chat.locator("#identity")).to_be_hidden(timeout=ANSWER)
    expect(customer.box).to_be_focused()

    customer.tab_to(customer.button("EN"), "Shift+Tab")
    customer.page.keyboard.press("Enter")
    expect(customer.chat.get_by_role("heading", name="CPS assistant")).to_be_visible()
    customer.tab_to(customer.button("Menu"))
    customer.page.keyboard.press("Enter")
    customer.tab_to(customer.button("Start a new conversation"))
    customer.page.keyboard.press("Enter")
    customer.tab_to(customer.button("Start again"))
    customer.page.keyboard.press("Enter")
    expect(customer.messages).to_have_count(1, timeout=ANSWER)
    customer.page.keyboard.press("Escape")
    expect(customer.page.locator("iframe")).to_be_hidden()
    expect(customer.launcher).to_be_focused()


@LANGUAGES
@SIZES
def test_axe_finds_nothing(visit: Arrive, size: tuple[int, int], language: str) -> None:
    customer = visit(size, language)
    assert customer.violations("/?") == []
    customer.open()
    assert customer.violations() == []
    customer.say(BLUE_BUTTON if language == "lv" else "why do I not see the blue button?")
    customer.hears("MIGRĒT PRODUKTUS|MIGRATE PRODUCTS")
    assert customer.violations() == []
    customer.say(MY_POINTS if language == "lv" else "how many points do I have?")
    expect(customer.chat.locator("#email")).to_be_focused(timeout=ANSWER)
    assert customer.violations() == []
    customer.chat.locator("#email").fill("nonsense")
    customer.chat.locator("#email").press("Enter")
    expect(customer.chat.locator("#email-error")).not_to_be_empty()
    assert customer.violations() == []
    customer.chat.locator("#email").fill(f"axe-{size[0]}-{language}@example.com")
    customer.chat.locator("#email").press("Enter")
    expect(customer.chat.locator("#code")).to_be_focused(timeout=ANSWER)
    customer.chat.locator("#code").fill("000000")
    customer.chat.locator("#code").press("Enter")
    expect(customer.chat.locator("#code-error")).not_to_be_empty(timeout=ANSWER)
    assert customer.violations() == []
    customer.chat.locator("#menu-open").click()
    assert customer.violations() == []
    customer.chat.locator("#restart").click()
    assert customer.violations() == []
    assert customer.overflow() == 0


@pytest.mark.parametrize(
    ("language", "question", "alt"),
    [("lv", BLUE_BUTTON, "zila poga"), ("en", "why do I not see the blue button?", "a blue button")],
)
def test_a_picture_goes_with_the_answer_is_read_out_and_opens_by_itself(
    visit: Arrive, language: str, question: str, alt: str
) -> None:
    customer = visit(PHONE, language)
    customer.open()
    customer.say(question)
    picture = customer.chat.locator("a.picture")
    read_out = customer.chat.get_by_role("log").get_by_role("article").filter(has=picture)
    expect(read_out).to_be_visible(timeout=ANSWER)
    expect(picture).to_be_in_viewport()
    drawn = picture.get_by_role("img", name=alt)
    expect(drawn).not_to_have_js_property("naturalWidth", 0)
    shown = drawn.evaluate("img => img.width")
    assert 280 <= shown <= 340
    assert customer.violations() == []
    with customer.page.expect_popup() as opened:
        picture.press("Enter")
    assert f"/pictures/migrate_button.{language}.svg" in opened.value.url
    expect(opened.value.locator("text").first).to_be_visible()
    opened.value.close()
    customer.page.reload()
    customer.open()
    expect(picture.get_by_role("img", name=alt)).to_be_visible()


def test_what_a_customer_types_is_shown_as_text(visit: Arrive) -> None:
    customer = visit()
    customer.open()
    typed = '<img src=x onerror="document.title=1"> <b>bold</b> **stars** [link](https://example.com)'
    customer.say(typed)
    expect(customer.messages.get_by_text(typed, exact=True)).to_be_visible()
    assert customer.chat.locator("#conversation img, #conversation b").count() == 0
    assert customer.page.frames[1].title() == "CPS asistents"


def test_what_could_not_be_sent_comes_back_with_the_reason(visit: Arrive) -> None:
    customer = visit()
    customer.open()
    shown = customer.messages.count()
    refusal = {"type": "urn:cps:too-many", "title": "Too many", "status": 429, "detail": "Lūdzu, uzgaidiet minūti."}
    customer.page.route(
        "**/api/conversation/messages",
        lambda route: route.fulfill(status=429, body=json.dumps(refusal), content_type="application/problem+json"),
    )
    customer.say("pirmā")
    expect(customer.problem).to_have_text(refusal["detail"])
    expect(customer.box).to_have_value("pirmā")
    assert customer.messages.count() == shown
    assert customer.violations() == []
    customer.page.unroute("**/api/conversation/messages")
    customer.box.press("Enter")
    expect(customer.message("pirmā")).to_be_visible()
    expect(customer.problem).to_be_hidden()


def test_a_message_that_is_too_long_stays_in_the_box(visit: Arrive) -> None:
    customer = visit()
    customer.open()
    shown = customer.messages.count()
    customer.say("x" * 2001)
    expect(customer.problem).to_contain_text("2001")
    expect(customer.box).to_have_value("x" * 2001)
    assert customer.messages.count() == shown


def test_a_broken_connection_is_told_and_what_was_said_meanwhile_arrives_once(visit: Arrive) -> None:
    customer = visit()
    customer.open()
    line = customer.chat.get_by_role("status").filter(has_text="Savienojums")
    customer.context.set_offline(True)
    expect(line).to_contain_text("pārtrūka", timeout=ANSWER)
    assert customer.violations() == []
    customer.say("vai mani dzird?")
    with customer.page.expect_response("**/api/conversation/messages"):
        customer.context.set_offline(False)
    expect(line).to_contain_text("atjaunots", timeout=ANSWER)
    expect(customer.messages.filter(has_text="vai mani dzird?")).to_have_count(1)
    customer.page.reload()
    customer.open()
    expect(customer.messages.filter(has_text="vai mani dzird?")).to_have_count(1)


def test_the_launcher_counts_what_is_said_while_the_chat_is_closed(visit: Arrive) -> None:
    customer = visit()
    customer.open()
    customer.button("Aizvērt sarunu").click()
    headers = {"authorization": f"Bearer {customer.token}"}
    said = {"client_id": "from-elsewhere", "text": BLUE_BUTTON}
    customer.context.request.post(f"{customer.stack.web}/api/conversation/messages", data=said, headers=headers)
    expect(customer.launcher).to_have_accessible_name(re.compile(r"jaunas ziņas: \d"), timeout=ANSWER)
    customer.launcher.click()
    expect(customer.launcher).to_have_accessible_name("Aizvērt CPS asistentu")
    expect(customer.message(BLUE_BUTTON)).to_be_visible()


def test_a_conversation_that_ended_elsewhere_is_followed_by_a_new_one(visit: Arrive) -> None:
    customer = visit()
    customer.open()
    customer.say("pirmā saruna")
    expect(customer.message("pirmā saruna")).to_be_visible()
    customer.page.frames[1].evaluate("() => localStorage.setItem('cps-token', 'unknown')")
    customer.page.reload()
    customer.open()
    expect(customer.messages).to_have_count(1, timeout=ANSWER)

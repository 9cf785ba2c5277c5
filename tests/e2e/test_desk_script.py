"""An agent on the phone leads customers through the guided script in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from bot.desk import script
from tests.desk.test_conversation import Guest
from tests.desk.test_script_pages import call_of, confirm, seated
from tests.e2e.customer_page import DESKTOP, overflow, violations
from tests.e2e.desk_page import open_tab

SIZES = [DESKTOP, (768, 1024), (360, 740)]
ANNA = "anna.berzina@example.com"
WORDS = script.words()


def look(page: Page) -> None:
    """Check that axe finds no violation on the open page, and that nothing is cut off."""
    assert violations(page) == []
    assert overflow(page) == 0


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the element with this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in page.evaluate("() => `${document.activeElement.textContent} ${document.activeElement.name}`"):
            return
    pytest.fail(f"{name} cannot be reached with Tab")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
@pytest.mark.parametrize(
    ("language", "start", "end", "outcome", "save"),
    [
        ("lv", "Sākt zvanu", "Beigt zvanu", "Klients turpinās vēlāk", "Saglabāt un beigt"),
        ("en", "Start a call", "End the call", "Customer goes on later", "Save and end"),
    ],
    ids=["lv", "en"],
)
def test_an_agent_leads_a_call_with_the_account_beside_the_step(
    arrive, desk, size, language, start, end, outcome, save
) -> None:
    page = arrive(language, size=size)
    look(page)
    page.get_by_role("button", name=start).click()
    page.locator("#email").fill("nobody@nowhere")
    page.locator("#email").press("Enter")
    expect(page.locator("#email_error")).to_be_visible()
    look(page)
    page.locator("#email").fill("nobody@example.com")
    page.locator("#email").press("Enter")
    expect(page.locator(".check.not_yet")).to_be_visible()
    look(page)
    page.locator(".customer form button").click()  # to enter another address
    page.locator("#email").fill(ANNA)
    page.locator("#email").press("Enter")
    expect(page.get_by_text("Anna Bērziņa")).to_be_visible()
    page.locator(".steps a").nth(6).click()
    check = {"lv": "2 no 3", "en": "2 of 3"}[language]
    expect(page.locator(".check.not_yet")).to_contain_text(check)
    expect(page.locator(".ways li").nth(1)).to_contain_text(WORDS["ticks"]["answers"]["no"][language])
    expect(page.locator(".ways li").nth(1).locator(".tag")).to_be_visible()
    look(page)
    page.get_by_role("link", name="English" if language == "lv" else "Latviešu", exact=True).click()
    other = "en" if language == "lv" else "lv"
    expect(page.locator(f".say p[lang={other}]").first).to_have_text(WORDS["ticks"]["say"][other])
    page.locator(".switch a").nth(2).click()
    expect(page.locator(".say p")).to_have_count(4)
    look(page)
    page.reload()
    expect(page.locator(".say p")).to_have_count(4)
    page.get_by_text(end, exact=True).click()
    look(page)
    page.locator("#note").fill("gaida")
    page.get_by_label(outcome).check()
    page.keyboard.press("1")  # must not choose an answer of the script, which would clear the note
    expect(page.locator("#note")).to_have_value("gaida")
    page.get_by_role("button", name=save).click()
    expect(page.locator(".notice")).to_be_visible()
    expect(page.get_by_text("Anna Bērziņa")).to_have_count(0)
    call = call_of(desk, page.agent)
    assert (call.outcome, call.note, call.email, call.path) == ("later", "gaida", None, "apply.ticks")


def test_the_way_is_gone_by_number_keys_and_with_back_and_forward(arrive) -> None:
    page = arrive("en")
    for key, said in (("1", "documents"), ("1", "documents_vat"), ("2", "documents_stuck"), ("0", "documents_vat")):
        expect(page.locator("kbd").first).to_be_visible()  # by then the page listens to keys
        page.keyboard.press(key)
        expect(page.locator(".say p").first).to_have_text(WORDS[said]["say"]["en"])
    page.go_back()
    expect(page.locator(".say p").first).to_have_text(WORDS["documents_stuck"]["say"]["en"])
    page.go_forward()
    expect(page.locator(".say p").first).to_have_text(WORDS["documents_vat"]["say"]["en"])
    page.keyboard.press("/")
    expect(page.locator("[name=q]")).to_be_focused()
    page.keyboard.type("1 2500")  # digits in a field choose no answer
    page.keyboard.press("Enter")
    expect(page.locator("#script-found")).to_contain_text("1 2500")
    expect(page.locator(".found details").first).to_contain_text("Which tiers are there?")
    look(page)


def test_number_keys_can_be_switched_off_for_good(arrive) -> None:
    page = arrive("en")
    page.get_by_label("Number keys choose the answer").uncheck()
    page.keyboard.press("1")
    page.reload()
    expect(page.get_by_label("Number keys choose the answer")).not_to_be_checked()
    expect(page.locator("kbd").first).to_be_hidden()
    page.keyboard.press("1")
    expect(page.locator("#script-place")).to_have_text("The application")


def test_everything_is_reached_with_tab_alone(arrive) -> None:
    page = arrive("en", "?path=apply.documents&language=en")
    for name in ("Start a call", "9 The payment", "Latviešu", "Both", "q", "Copy", "Yes, a VAT payer", "Back"):
        tab_to(page, name)
    tab_to(page, "More about this step")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Whoever submits this, an employee or accountant too")).to_be_visible()


def test_the_script_works_without_javascript(arrive, desk) -> None:
    page = arrive("en", java_script_enabled=False)
    expect(page.locator(".tools").first).to_be_hidden()
    page.get_by_role("button", name="Start a call").click()
    page.locator("#email").fill(ANNA)
    page.locator("#email").press("Enter")
    expect(page.get_by_text("Anna Bērziņa")).to_be_visible()
    page.get_by_role("link", name="Done, next").click()
    page.get_by_role("link", name=re.compile("Yes, a VAT payer")).click()
    page.locator("[name=q]").fill("blue button")
    page.locator("[name=q]").press("Enter")
    expect(page.locator(".found")).to_contain_text("button appears on the right")
    page.locator("#end summary").click()
    page.get_by_label("Solved").check()
    page.get_by_role("button", name="Save and end").click()
    assert call_of(desk, page.agent).outcome == "solved"


def test_what_is_said_and_the_address_are_copied_as_plain_text(arrive) -> None:
    page = arrive("lv", permissions=["clipboard-read", "clipboard-write"])
    for number, text in enumerate((WORDS["apply"]["say"]["lv"], WORDS["apply"]["address"])):
        page.locator(".step > .card > :not(details) [data-copy]").nth(number).click()
        expect(page.locator("#said")).to_have_text("Nokopēts.")
        assert page.evaluate("() => navigator.clipboard.readText()") == text


def test_where_copying_is_not_allowed_the_agent_is_told(arrive) -> None:
    page = arrive("en")
    page.evaluate("() => Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.locator("[data-copy]").first.click()
    expect(page.locator("#said")).to_contain_text("could not be copied")
    expect(page.locator("#said")).to_be_visible()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
def test_beside_a_conversation_the_script_walks_in_its_place_and_fills_the_reply(arrive, desk, backend, size) -> None:
    guest = Guest(desk, "en")
    guest.writes("has my e-mail come?")
    guest.hears_from_rasa("Not yet", "ask_waiting", "waiting", response="utter_waiting")
    guest.asks_for_a_person()
    confirm(desk, guest)
    page = arrive("en", size=size)
    assert page.agent.post(f"{guest.path}/take").status_code == 303
    page.goto(f"{desk.address}{guest.path}")
    page.locator("#text").fill("Hello")
    open_tab(page, "script")
    expect(page.locator("#script-place")).to_have_text("Waiting")
    expect(page.locator(".check.done")).to_contain_text("The e-mail to reset the password was sent on")
    expect(page.locator(".account")).to_contain_text("Anna Bērziņa")
    assert (backend.trail()[-1].who, backend.trail()[-1].why) == (f"agent:{page.agent.email}", "conversation")
    look(page)
    page.get_by_role("link", name=re.compile("Not yet")).click()
    expect(page.locator("#script-place")).to_be_focused()
    expect(page.locator(".say p").first).to_have_text(WORDS["waiting_longer"]["say"]["en"])
    page.get_by_role("button", name="Put into the reply: Say").click()
    expect(page.locator("#text")).to_have_value(f"Hello\n{WORDS['waiting_longer']['say']['en']}")
    page.keyboard.press("1")  # goes into the reply
    expect(page.locator("#script-place")).to_have_text("Waiting")
    open_tab(page, "script")
    page.locator("[name=q]").fill("invoice")
    page.locator("[name=q]").press("Enter")
    expect(page.locator("#script-found")).to_be_focused()
    page.locator(".found [data-insert]").first.click()
    expect(page.locator("#text")).to_have_value(re.compile("invoice"))
    assert page.url.endswith(guest.path)
    look(page)


def test_supervisors_see_how_calls_ended(arrive, desk) -> None:
    agent = seated(desk)
    agent.post("/desk/script/call", {"path": "tiers", "language": "lv"})
    agent.post("/desk/script/end", {"outcome": "gave_up"})
    for size in SIZES:
        page = arrive("en", "/calls?days=7", size=size, role="supervisor")
        expect(page.get_by_role("row", name="Customer gave up")).to_be_visible()
        expect(page.get_by_role("row", name="8. The invitation and the tier")).to_be_visible()
        look(page)

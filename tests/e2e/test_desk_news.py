"""What the desk tells agents who look elsewhere, and what it shows of the customer's presence."""

from playwright.sync_api import expect

from tests.desk.test_conversation import Guest
from tests.e2e.customer_page import ANSWER, violations
from tests.e2e.test_desk_screen import LANGUAGES, SIZES, looks_right

# Counts what a page notifies of, and lets nobody look at the page.
WATCH = """window.told = [];
window.Notification = class extends EventTarget {
  static permission = "default";
  static requestPermission() { return Promise.resolve((Notification.permission = ANSWER)); }
  constructor(title, options) { super(); told.push(options.body); }
};
Document.prototype.hasFocus = () => false;"""
NEW = {"lv": "Rindā ir jauna saruna.", "en": "A new conversation is in the queue."}
BUTTON = {
    "lv": ("Ieslēgt pārlūka paziņojumus", "Izslēgt pārlūka paziņojumus", "Pārlūks paziņojumus neatļauj"),
    "en": (
        "Turn browser notifications on",
        "Turn browser notifications off",
        "The browser does not allow notifications",
    ),
}


def asks(arrive, desk, language, answer: str):
    """Return the page of the queue of an agent who has pressed the button, and the button."""
    page = arrive(language)
    page.add_init_script(WATCH.replace("ANSWER", f'"{answer}"'))
    page.goto(f"{desk.address}/desk")
    page.locator(".menu summary").click()
    button = page.locator("#notify")
    expect(button).to_have_text(BUTTON[language][0])
    assert violations(page) == []
    button.click()
    return page, button


@LANGUAGES
def test_who_has_asked_for_it_is_notified_of_a_new_customer(arrive, desk, language) -> None:
    page, button = asks(arrive, desk, language, "granted")
    expect(button).to_have_text(BUTTON[language][1])
    Guest(desk, language).asks_for_a_person()
    page.wait_for_function("() => told.length > 0", timeout=ANSWER)
    assert page.evaluate("told[0]") == NEW[language]
    button.click()
    expect(button).to_have_text(BUTTON[language][0])


@LANGUAGES
def test_who_does_not_allow_it_is_told_so(arrive, desk, language) -> None:
    _, button = asks(arrive, desk, language, "denied")
    expect(button).to_have_text(BUTTON[language][2])
    expect(button).to_be_disabled()


@SIZES
@LANGUAGES
def test_the_agent_sees_that_the_customer_comes_and_where(arrive, desk, language, size) -> None:
    guest, page = Guest(desk, language).asks_for_a_person(), arrive(language, size=size)
    page.agent.post(f"{guest.path}/take")
    page.goto(f"{desk.address}{guest.path}")
    there = page.locator("#there")
    expect(there).to_have_text({"lv": "Klients ir aizgājis", "en": "Customer has left"}[language])
    guest.call("PUT", "conversation/page", {"url": "https://shop.example/lv/cameras", "title": "Kameras un objektīvi"})
    guest.writes("?")
    expect(there).to_contain_text({"lv": "Klients ir klāt", "en": "Customer is here"}[language], timeout=ANSWER)
    expect(there).to_contain_text("Kameras un objektīvi", timeout=ANSWER)
    looks_right(page)

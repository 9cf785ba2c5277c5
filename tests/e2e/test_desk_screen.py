"""A conversation on one screen: the rail, the talk and the tabs, in a wide window and in a narrow one."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.desk.conftest import Desk
from tests.desk.test_conversation import Guest, client_id
from tests.e2e.customer_page import ANSWER, DESKTOP, violations
from tests.e2e.desk_page import open_tab

Arrive = Callable[..., Page]
LANGUAGES = pytest.mark.parametrize("language", ["lv", "en"])
WIDE, TABLET, PHONE = (1920, 1080), (768, 1024), (375, 740)
SIZES = pytest.mark.parametrize("size", [DESKTOP, WIDE, TABLET, PHONE], ids=lambda size: str(size[0]))
BOTH = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1280", "375"])
MANY = 15  # messages that no window shows at once
TABS = ("customer", "replies", "script", "notes")
# By how many pixels the page is longer or wider than the window.
SPILL = """() => Math.max(document.documentElement.scrollHeight - innerHeight,
    document.documentElement.scrollWidth - innerWidth)"""


def looks_right(page: Page) -> None:
    """Check that the whole page fits the window, and that axe finds nothing."""
    assert page.evaluate(SPILL) <= 0
    assert violations(page) == []


def show(page: Page, part: str) -> None:
    """Show a part of the page; a wide window shows all of them."""
    if (button := page.locator(f"[data-pane={part}]")).is_visible():
        button.click()
    expect(page.locator(f".{part}")).to_be_visible()


def talk(arrive: Arrive, desk: Desk, language: str, size: tuple[int, int]) -> tuple[Guest, Page]:
    """Return a customer with whom much was talked, and the page of the agent."""
    guest, page = Guest(desk, language).asks_for_a_person(), arrive(language, size=size)
    assert page.agent.post(f"{guest.path}/take").status_code == 303
    for number in range(MANY):
        guest.writes(f"question {number} " + "about the blue button " * 4)
        page.agent.post(f"{guest.path}/messages", {"text": f"answer {number}", **client_id()})
    page.goto(f"{desk.address}{guest.path}")
    expect(page.locator("#text")).to_be_focused()
    return guest, page


@SIZES
@LANGUAGES
def test_only_the_lists_scroll_and_the_composer_stays(arrive, desk, language, size) -> None:
    _, page = talk(arrive, desk, language, size)
    page.locator("#scroll").evaluate("list => list.scrollTop = 0")
    expect(page.locator("#text")).to_be_in_viewport(ratio=1)
    looks_right(page)
    for tab in TABS:
        open_tab(page, tab)
        expect(page.locator(f"#panel-{tab}")).to_be_visible()
        expect(page.locator(".tab-panel:visible")).to_have_count(1)
        looks_right(page)
    show(page, "rail")
    looks_right(page)
    parts = page.locator(".conversation > :is(.rail, .talk, .side):visible")
    expect(parts).to_have_count(3 if size[0] >= 1024 else 1)


@LANGUAGES
def test_no_two_buttons_have_the_same_name(arrive, desk, language) -> None:
    for _ in range(2):
        Guest(desk, language).asks_for_a_person()
    _, page = talk(arrive, desk, language, DESKTOP)
    for tab in TABS:
        open_tab(page, tab)
        named = page.get_by_role("button").evaluate_all(
            "all => all.map((one) => one.ariaLabel ?? one.textContent.trim().replace(/\\s+/g, ' '))"
        )
        assert sorted(named) == sorted(set(named))


@BOTH
@LANGUAGES
def test_a_form_opens_in_place_and_moves_nothing(arrive, desk, language, size) -> None:
    _, page = talk(arrive, desk, language, size)
    places = [
        page.locator(one) for one in (".hands form button >> nth=0", "#scroll", "#text", ".hands > details >> nth=1")
    ]

    def stand() -> list[dict[str, int]]:
        return [{side: round(pixels) for side, pixels in place.bounding_box().items()} for place in places]

    before = stand()
    for drop in page.locator("details.drop").all():
        drop.locator("summary").click()
        expect(drop.locator("form")).to_be_in_viewport(ratio=1)
        assert stand() == before
        looks_right(page)
        page.keyboard.press("Escape")
        expect(drop.locator("form")).to_be_hidden()


@BOTH
@LANGUAGES
def test_one_goes_to_another_conversation_which_has_a_name_of_its_own_and_keeps_the_tab(
    arrive, desk, language, size
) -> None:
    guest, page = talk(arrive, desk, language, size)
    other = Guest(desk, language).asks_for_a_person()
    page.agent.post(f"{other.path}/take")
    open_tab(page, "notes")
    show(page, "rail")
    rows = page.locator("#rail [data-group=mine] a")
    expect(rows).to_have_count(2, timeout=ANSWER)
    names = rows.locator("strong").all_inner_texts()
    assert len(set(names)) == 2
    page.locator(f"#rail a[href='{other.path}']").click()
    expect(page.locator("h1")).to_contain_text(other.id[:4].upper())
    expect(page.locator(f"#rail a[href='{other.path}']")).to_have_attribute("aria-current", "page")
    expect(page.locator("#tab-notes")).to_have_attribute("aria-selected", "true")
    look = Guest(desk, language).asks_for_a_person()  # whose page has no tab for the script
    open_tab(page, "script")
    for address, tab in ((look.path, "customer"), (guest.path, "script")):
        page.goto(f"{desk.address}{address}")
        expect(page.locator(f"#tab-{tab}")).to_have_attribute("aria-selected", "true")
    page.goto(f"{desk.address}{other.path}")
    assert guest.id[:4].upper() not in page.title()
    assert other.id[:4].upper() in page.title()


@BOTH
@LANGUAGES
def test_rail_and_summary_keep_up_and_what_comes_below_is_announced(arrive, desk, language, size) -> None:
    guest, page = talk(arrive, desk, language, size)
    page.locator("#scroll").evaluate("list => list.scrollTop = 0")
    guest.writes("and one thing more")
    newer = page.locator("#newer")
    expect(newer).to_be_visible(timeout=ANSWER)
    expect(page.locator("#summary")).to_contain_text("and one thing more", timeout=ANSWER)
    expect(page.locator(f"#rail a[href='{guest.path}'] .new")).to_contain_text("1", timeout=ANSWER)
    looks_right(page)
    newer.click()
    expect(page.locator("#transcript .message").last).to_be_in_viewport()
    expect(newer).to_be_hidden()


@LANGUAGES
def test_tabs_and_lists_are_chosen_by_keyboard(arrive, desk, language) -> None:
    waits = Guest(desk, language).asks_for_a_person()
    _, page = talk(arrive, desk, language, DESKTOP)
    page.locator("#tab-customer").focus()
    for key, tab in (
        ("ArrowRight", "replies"),
        ("ArrowLeft", "customer"),
        ("ArrowLeft", "notes"),
        ("Home", "customer"),
    ):
        page.keyboard.press(key)
        expect(page.locator(f"#tab-{tab}")).to_be_focused()
        expect(page.locator(f"#panel-{tab}")).to_be_visible()
    take = page.locator(f"#rail form[action='{waits.path}/take'] button")
    for group, shown in (("mine", False), ("waiting", True), ("closed", False), ("all", True)):
        page.locator(f".filter [data-show={group}]").press("Enter")
        expect(take).to_be_visible(visible=shown)
    take.press("Enter")
    expect(page.locator("h1")).to_contain_text(waits.id[:4].upper())


@BOTH
def test_without_scripts_everything_stands_one_below_the_other_and_works(arrive, desk, size) -> None:
    guest, page = Guest(desk, "en").asks_for_a_person(), arrive("en", size=size, java_script_enabled=False)
    page.goto(f"{desk.address}{guest.path}")
    page.get_by_role("button", name="Take this conversation").click()
    for part in (".rail", "#text", "#panel-customer", "#panel-replies", "#panel-script", "#note"):
        expect(page.locator(part)).to_be_visible()
    expect(page.get_by_role("tab")).to_have_count(0)
    page.locator("#text").fill("by hand")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#transcript")).to_contain_text("by hand")
    page.locator("#note").fill("only for us")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#transcript")).to_contain_text("only for us")

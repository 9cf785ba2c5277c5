"""A customer goes through the demo portal in a real browser, from the application to the paid invoice."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.backend.conftest import Backend, start_backend
from tests.conftest import stop_process
from tests.e2e.customer_page import DESKTOP, look

PHONE = (390, 844)
EMAIL = "jauna@example.com"
COMPLETE = {"Sērijas numurs": "0123", "Pirkuma datums": "2024-05-01", "Izplatītājs": "Foto Centrs"}


@pytest.fixture
def backend(tmp_path) -> Iterator[Backend]:
    """A backend for one customer, whose clock may be moved."""
    started, process = start_backend(tmp_path)
    yield started
    stop_process(process)


def press(page: Page, name: str) -> None:
    """Press a button or follow a link, and check the page that follows."""
    page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first.click()
    look(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_customer_goes_from_the_application_to_the_paid_invoice(browser: Browser, backend: Backend, size) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{backend.address}/portal")
    look(page)

    press(page, "Pieteikties jaunam kontam")
    page.get_by_label("Vārds un uzvārds").fill("Jana Jauna")
    press(page, "Iesniegt pieteikumu")  # most fields are empty
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_count(4)
    expect(page.get_by_label("Vārds un uzvārds")).to_have_value("Jana Jauna")
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("Uzņēmuma nosaukums", exact=True)).to_be_focused()
    page.get_by_label("Uzņēmuma nosaukums", exact=True).fill("SIA Jauns")
    page.get_by_label("E-pasta adrese", exact=True).fill(EMAIL)
    page.get_by_label("Jā", exact=True).check()
    page.get_by_label("Vecā CPS konta").fill("studija@old.example.com")
    page.get_by_label("Apstiprinu, ka").check()
    press(page, "Iesniegt pieteikumu")

    expect(page.get_by_role("heading", name="Trūkst dokumenta")).to_be_visible()
    page.get_by_label("PVN reģistrācijas apliecība").check()
    press(page, "Pievienot dokumentu")
    expect(page.get_by_role("link", name="Mani produkti")).to_have_count(0)
    press(page, "+1 darba diena")
    press(page, "+1 darba diena")
    press(page, "Iestatīt paroli")
    assert backend.read("application", EMAIL)["state"] == "active"

    press(page, "Mani produkti")
    expect(page.get_by_role("link", name="Mani produkti")).to_have_attribute("aria-current", "page")
    blue = page.get_by_role("button", name="MIGRĒT PRODUKTUS").bounding_box()
    title = page.get_by_role("heading", level=1).bounding_box()
    assert blue["x"] > title["x"] + title["width"] - 1 or size == PHONE
    press(page, "MIGRĒT PRODUKTUS")
    expect(page.get_by_text("Zaļā atzīme: punkti piešķirti")).to_have_count(2)
    press(page, "Skatīt produktu - EF 24-70mm")
    page.get_by_label("Sērijas numurs").fill("0042")
    page.get_by_label("Izplatītājs").fill("Foto Centrs")
    press(page, "Saglabāt")
    expect(page.get_by_text("Zaļā atzīme: punkti piešķirti")).to_be_visible()

    press(page, "Atpakaļ uz produktu sarakstu")
    press(page, "Reģistrēt produktu")
    page.get_by_label("Modelis").fill("EOS R1")
    for label, typed in COMPLETE.items():
        page.get_by_label(label).fill(typed)
    page.get_by_label("Pirkuma valsts").select_option("Latvija")
    press(page, "Reģistrēt produktu")
    expect(page.get_by_role("heading", name="Punkti: 1600")).to_be_visible()

    press(page, "Pieejamie CPS līmeņi")
    press(page, "Izvēlēties - zelta līmenis")
    press(page, "Apstiprināt izvēli")  # without a way to pay
    page.get_by_label("Karte").check()
    press(page, "Apstiprināt izvēli")
    expect(page.get_by_text("Abonementu var lietot uzreiz.")).to_be_visible()
    for _ in range(3):
        press(page, "+1 stunda")
    press(page, "English")
    expect(page.get_by_role("heading", name="Invoices")).to_be_visible()
    press(page, "Mark as paid")
    told = backend.read("membership", EMAIL)
    assert (told["state"], told["tier"]["id"], told["previous_number"]) == ("paid", "gold", "LV-2017-0288")
    press(page, "Home")
    press(page, "Log out")
    context.close()
    assert [text for text in complaints if "Content Security Policy" in text] == []


def test_the_portal_is_used_without_a_mouse(browser: Browser, backend: Backend) -> None:
    context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
    page = context.new_page()
    page.goto(f"{backend.address}/portal/login")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Pāriet uz saturu")).to_be_focused()
    expect(page.get_by_role("link", name="Pāriet uz saturu")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Pieteikties jaunam kontam")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Labdien, Anna Bērziņa!")
    context.close()

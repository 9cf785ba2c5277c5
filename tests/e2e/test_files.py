"""A customer sends a picture to a person, in two real browsers."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, expect

from tests.conversations.test_files import jpeg, png
from tests.e2e.customer_page import ANSWER, CALL, CustomerPage
from tests.e2e.desk_page import DeskPage

Arrive, Sit = Callable[..., CustomerPage], Callable[..., DeskPage]
LANGUAGES = pytest.mark.parametrize("language", ["lv", "en"])
ATTACH = {"lv": "Pievienot attēlu vai PDF", "en": "Attach a picture or PDF"}
IS_SHOWN = "image => image.complete && image.naturalWidth > 0"


def file(name: str, content: bytes, kind: str) -> FilePayload:
    return FilePayload(name=name, mimeType=kind, buffer=content)


@LANGUAGES
def test_a_picture_and_a_pdf_reach_the_agent_and_stay_in_the_conversation(
    visit: Arrive, sit: Sit, language: str
) -> None:
    customer, agent = visit((375, 667), language), sit(language)
    customer.open()
    attach = customer.chat.get_by_role("button", name=ATTACH[language])
    expect(attach).to_have_count(0)  # the assistant alone can look at nothing
    customer.say(CALL[language])
    agent.take(CALL[language])
    expect(attach).to_be_visible(timeout=ANSWER)
    for number, (name, content, kind) in enumerate(
        (("ekr\u0101ns.png", png(), "image/png"), ("bilde.jpg", jpeg(), "image/jpeg"))
    ):
        with customer.page.expect_file_chooser() as chooser:
            attach.click()
        chooser.value.set_files(file(name, content, kind))
        picture = customer.message(name).locator(".file img")
        expect(picture).to_be_visible(timeout=ANSWER)
        assert picture.evaluate(IS_SHOWN)
        seen = agent.transcript.locator(".file img")
        expect(seen).to_have_count(number + 1, timeout=ANSWER)
        expect(seen.last).to_have_attribute("alt", name)
        agent.page.wait_for_function(f"() => [...document.querySelectorAll('.file img')].every({IS_SHOWN})")
    with customer.page.expect_file_chooser() as chooser:
        attach.click()
    chooser.value.set_files(file("r\u0113\u0137ins.pdf", b"%PDF-1.7 ...", "application/pdf"))
    link = customer.message("r\u0113\u0137ins.pdf").get_by_role("link")
    expect(link).to_be_visible(timeout=ANSWER)
    with customer.page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "r\u0113\u0137ins.pdf"
    with agent.page.expect_download() as download:
        agent.transcript.locator(".file a").nth(2).click(timeout=ANSWER)
    assert download.value.suggested_filename == "r\u0113\u0137ins.pdf"
    assert customer.violations() == []
    assert customer.overflow() == 0
    customer.page.reload()
    customer.open()
    expect(customer.chat.locator(".file img")).to_have_count(2, timeout=ANSWER)


@LANGUAGES
def test_what_cannot_be_sent_is_said(visit: Arrive, sit: Sit, language: str) -> None:
    customer, agent = visit(language=language), sit(language)
    agent.meet(customer)
    picker = customer.chat.locator("#file")
    picker.set_input_files(file("x.png", b"<html>", "image/png"))
    expect(customer.problem).to_contain_text("PDF", timeout=ANSWER)
    expect(customer.message("x.png")).to_have_count(0)
    expect(customer.box).to_have_value("")
    picker.set_input_files(file("y.pdf", b"%PDF-" + b"x" * 10_000_000, "application/pdf"))
    expect(customer.problem).to_contain_text("10 MB")
    assert customer.violations() == []


@LANGUAGES
def test_the_assistant_alone_says_that_it_cannot_look_at_what_is_pasted(visit: Arrive, language: str) -> None:
    customer = visit(language=language)
    customer.open()
    customer.box.evaluate(
        """box => {
          const data = new DataTransfer();
          data.items.add(new File(["x"], "x.png", { type: "image/png" }));
          box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    customer.hears({"lv": "apskat\u012bt nevaru", "en": "cannot look at pictures"}[language])
    expect(customer.person).to_be_visible()
    expect(customer.problem).to_be_hidden()
    expect(customer.chat.locator(".message.customer")).to_have_count(0)

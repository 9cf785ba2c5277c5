"""A customer in a real browser, on the demo page and in its chat."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Frame, FrameLocator, Locator, Page, expect

AXE = Path("bot/widget/node_modules/axe-core/axe.min.js")
ANSWER = 30_000  # milliseconds that an answer may take on a busy machine
DESKTOP, PHONE = (1280, 800), (360, 740)
NARROW = 360  # pixels
PERSON = {"lv": "Runāt ar cilvēku", "en": "Talk to a person"}
CALL = {"lv": "gribu runāt ar cilvēku", "en": "I want to talk to a person"}


class CustomerPage:
    """A customer on the demo page, and what the customer does in the chat."""

    def __init__(self, context: BrowserContext, stack: Any, language: str, address: str = "") -> None:
        """Open the demo page, or another page with the chat."""
        self.stack, self.context, self.language = stack, context, language
        self.requested: list[Any] = []
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("request", lambda request: self.requested.append(request))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error.stack}"))
        self.page.goto(address or f"{stack.web}/?language={language}")

    @property
    def chat(self) -> FrameLocator:
        return self.page.frame_locator("iframe:not(.badge)")

    @property
    def launcher(self) -> Locator:
        return self.page.locator("button[aria-expanded]")

    @property
    def box(self) -> Locator:
        return self.chat.locator("#box")

    @property
    def problem(self) -> Locator:
        return self.chat.locator("#problem-text")

    @property
    def messages(self) -> Locator:
        """The messages, each with the name of who speaks."""
        return self.chat.locator(".message .said")

    def message(self, text: str | re.Pattern[str]) -> Locator:
        return self.messages.filter(has_text=text).last

    def button(self, name: str) -> Locator:
        return self.chat.get_by_role("button", name=name, exact=True)

    def suggested(self, name: str | None = None) -> Locator:
        """The suggested answers."""
        return self.chat.get_by_role("toolbar").get_by_role("button", name=name, exact=True)

    def choose(self, name: str) -> None:
        """Open the menu, and press one of its buttons."""
        self.chat.locator("#menu-open").click()
        self.button(name).click()

    @property
    def person(self) -> Locator:
        """The button that calls a person: above the conversation, unless a suggested answer leads there."""
        return self.chat.locator("#person:not([hidden])").or_(self.suggested(PERSON[self.language]))

    @property
    def token(self) -> str:
        """The session token that the chat remembers, or the page where the browser forbids the chat to do so."""
        kept = self.page.evaluate("() => JSON.parse(localStorage.getItem('cps-kept'))")
        return kept["cps-token"] if kept else self.page.frames[1].evaluate("() => localStorage.getItem('cps-token')")

    def open(self) -> None:
        """Open the chat, unless a reload has opened it, and wait until the assistant has greeted."""
        if self.launcher.get_attribute("aria-expanded") == "false":
            self.launcher.click()
        expect(self.messages.first).to_be_visible(timeout=ANSWER)

    def in_another_tab(self) -> "CustomerPage":
        """Open the demo page once more in the same browser profile."""
        return CustomerPage(self.context, self.stack, self.language)

    def say(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def hears(self, text: str) -> Locator:
        """Wait until the last message matches; return it."""
        said = self.message(re.compile(text))
        expect(said).to_be_visible(timeout=ANSWER)
        return said

    def codes(self, email: str) -> list[str]:
        """Read the codes that were sent to an address from the mailbox page, newest first."""
        mailbox = self.context.new_page()
        mailbox.goto(f"{self.stack.backend}/mailbox")
        letters = mailbox.get_by_role("article").filter(has_text=email).all_inner_texts()
        mailbox.close()
        return [code for letter in letters for code in re.findall(r"\b\d{6}\b", letter)[:1]]

    def confirm_as(self, email: str) -> None:
        """Fill in the identity form: the address, then the code from the mailbox page."""
        earlier = len(self.codes(email))
        self.chat.locator("#email").fill(email)
        self.chat.locator("#email").press("Enter")
        expect(self.chat.locator("#code")).to_be_focused(timeout=ANSWER)
        for _ in range(50):
            if len(codes := self.codes(email)) > earlier:
                break
            self.page.wait_for_timeout(200)
        self.chat.locator("#code").fill(codes[0])
        self.chat.locator("#code").press("Enter")

    def tab_to(self, target: Locator, key: str = "Tab") -> None:
        """Press a key until an element has the focus."""
        for _ in range(40):
            if target.count() and target.evaluate("e => e.getRootNode().activeElement === e && document.hasFocus()"):
                return
            self.page.keyboard.press(key)
        pytest.fail(f"{target} cannot be reached with {key}")

    def violations(self, where: str = "/chat") -> list[str]:
        """Return the violations that axe finds in the chat, or in the page around it."""
        frame = next(frame for frame in self.page.frames if frame.url.startswith(f"{self.stack.web}{where}"))
        return violations(frame)

    def overflow(self) -> int:
        """Return the number of pixels by which the page or the chat is too wide."""
        return max(overflow(frame) for frame in self.page.frames)


def violations(frame: Page | Frame) -> list[str]:
    """Return the violations that axe finds in a page, without its frames."""
    frame.evaluate(AXE.read_text(encoding="utf-8"))
    found = frame.evaluate("() => axe.run(document, {iframes: false})")
    return [f"{item['id']}: {node['html'][:160]}" for item in found["violations"] for node in item["nodes"]]


def overflow(frame: Page | Frame) -> int:
    """Return the number of pixels by which a page is too wide."""
    return frame.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")


def look(page: Page) -> None:
    """Check that axe finds no violation on the open page, and that it fits a narrow phone."""
    assert violations(page) == []
    size = page.viewport_size
    page.set_viewport_size({"width": min(NARROW, size["width"]), "height": size["height"]})
    assert overflow(page) == 0
    page.set_viewport_size(size)

"""An agent in a real browser, at the desk and in its conversations."""

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.conftest import Stack
from tests.e2e.customer_page import ANSWER, CALL, CustomerPage, overflow, violations

LIGA, MARIS = "agent@example.com", "supervisor@example.com"  # the demo's sample agents
# Counts the tones that a page plays.
COUNT_TONES = """window.tones = 0;
const { start } = OscillatorNode.prototype;
OscillatorNode.prototype.start = function (...when) { window.tones += 1; return start.apply(this, when); };"""


def open_tab(page: Page, name: str) -> None:
    """Open a tab beside a conversation; in a narrow window, first the part where the tabs are."""
    if (side := page.locator("[data-pane=side]")).is_visible():
        side.click()
    page.locator(f"#tab-{name}").click()


class DeskPage:
    """A sample agent who is signed in to the desk, and what the agent does there."""

    def __init__(self, context: BrowserContext, stack: Stack, language: str, email: str = LIGA) -> None:
        self.context, self.stack, self.language = context, stack, language
        self.complaints: list[str] = []
        context.add_init_script(COUNT_TONES)
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.goto(f"{stack.web}/desk/sign-in?language={language}")
        self.page.locator("[name=email]").fill(email)
        self.page.locator("[name=password]").fill(stack.demo_password)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#lists")).to_be_visible()
        if self.page.locator("html").get_attribute("lang") != language:
            self.page.locator("button[name=language]").first.evaluate("button => button.click()")
            expect(self.page.locator("html")).to_have_attribute("lang", language)

    @property
    def waiting(self) -> Locator:
        """The conversations in the queue."""
        return self.page.locator("section[aria-labelledby=waiting-title] li")

    @property
    def transcript(self) -> Locator:
        return self.page.locator("#transcript")

    @property
    def holder(self) -> Locator:
        """The text that says who holds the conversation."""
        return self.page.locator(".holder")

    def sees_waiting(self, text: str = "") -> Locator:
        """Wait for a conversation with a text in the queue; return it."""
        row = self.waiting.filter(has_text=text).last
        expect(row).to_be_visible(timeout=ANSWER)
        return row

    def take(self, text: str = "") -> None:
        """Take the conversation with a text in the queue."""
        self.sees_waiting(text).get_by_role("button").click()
        expect(self.page.locator("#text")).to_be_focused()

    def meet(self, customer: CustomerPage) -> None:
        """Let a customer open the chat and ask for a person, and take the conversation."""
        customer.open()
        customer.say(CALL[customer.language])
        self.take(CALL[customer.language])

    def tab(self, name: str) -> None:
        """Open a tab beside the conversation."""
        open_tab(self.page, name)

    def say(self, text: str) -> None:
        self.page.locator("#text").fill(text)
        self.page.locator("#text").press("Enter")

    def hears(self, text: str) -> Locator:
        """Wait for an entry of the transcript with a text; return it."""
        message = self.transcript.locator(".message", has_text=text).last
        expect(message).to_be_visible(timeout=ANSWER)
        return message

    def act(self, path: str) -> None:
        """Press the button of an action."""
        self.page.locator(f"form[action$='/{path}'] button").first.click()

    def drop(self, field: str) -> None:
        """Open the form with a field under a button."""
        self.page.locator("details.drop", has=self.page.locator(f"[name={field}]")).locator("summary").click()

    def close(self, outcome: str, line: str) -> None:
        """Close the conversation, and return to the queue."""
        self.drop("outcome")
        self.page.locator("[name=outcome]").select_option(outcome)
        self.page.locator("[name=line]").fill(line)
        self.act("close")
        expect(self.page.locator("#lists")).to_be_visible()

    def rings(self) -> None:
        """Wait until the page has played its tones."""
        self.page.wait_for_function("tones > 0", timeout=ANSWER)

    def looks_right(self) -> None:
        """Check that axe finds no violation on the page, and that nothing is cut off."""
        assert violations(self.page) == []
        assert overflow(self.page) <= 0

"""A customer and an agent in two real browsers at once, over the whole assistant."""

import os
import re
import signal
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.agent import Agent
from tests.conftest import GENEROUS, Stack, start_stack, stop_process, wait_until_ready
from tests.e2e.visit import ANSWER, AXE, DESKTOP, Visit

Arrive = Callable[..., Visit]
LANGUAGES = pytest.mark.parametrize("language", ["lv", "en"])
CALL = {"lv": "gribu runāt ar cilvēku", "en": "I want to talk to a person"}
BEGIN = {"lv": "Iziet visu soli pa solim", "en": "Go through it step by step"}


def choose(customer: Visit, title: str) -> None:
    """Press a suggested answer; what is read out to the blind holds its title, too."""
    customer.chat.locator(".webchat__suggested-action").filter(has_text=title).click()


class Desk:
    """An agent at the desk, and what they do there."""

    def __init__(self, context: BrowserContext, stack: Stack, language: str, email: str) -> None:
        self.context, self.stack, self.complaints = context, stack, []
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
        return self.page.locator("section[aria-labelledby=waiting-title] li")

    @property
    def transcript(self) -> Locator:
        return self.page.locator("#transcript")

    def take(self, text: str) -> None:
        """Take the conversation whose last message holds a text."""
        row = self.waiting.filter(has_text=text).last
        expect(row).to_be_visible(timeout=ANSWER)
        row.get_by_role("button").click()
        expect(self.page.locator("#text")).to_be_focused()

    def say(self, text: str) -> None:
        self.page.locator("#text").fill(text)
        self.page.locator("#text").press("Enter")

    def hears(self, text: str) -> Locator:
        message = self.transcript.locator(".message", has_text=text).last
        expect(message).to_be_visible(timeout=ANSWER)
        return message

    def act(self, path: str) -> None:
        """Press the button of an action."""
        self.page.locator(f"form[action$='/{path}'] button").first.click()

    def close(self, outcome: str, line: str) -> None:
        self.page.locator("details.drop", has=self.page.locator("[name=outcome]")).locator("summary").click()
        self.page.locator("[name=outcome]").select_option(outcome)
        self.page.locator("[name=line]").fill(line)
        self.act("close")
        expect(self.page.locator("#lists")).to_be_visible()

    def violations(self) -> list[str]:
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("() => axe.run(document)")
        return [f"{item['id']}: {node['html'][:160]}" for item in found["violations"] for node in item["nodes"]]

    def overflow(self) -> int:
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.fixture(autouse=True)
def nobody_waits(stack: Stack) -> None:
    """Begin with an empty queue, whoever other tests left there."""
    Agent(stack.folder).empties_the_queue()


@pytest.fixture
def sit(browser: Browser, stack: Stack) -> Iterator[Callable[..., Desk]]:
    """Sit agents down at the desk, each with a browser of their own. None may see a CSP violation."""
    desks: list[Desk] = []

    def sit_down(language: str = "lv", email: str = "agent@example.com", size: tuple[int, int] = DESKTOP) -> Desk:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        desks.append(Desk(context, stack, language, email))
        return desks[-1]

    yield sit_down
    complaints = [text for desk in desks for text in desk.complaints]
    for desk in desks:
        if desk.page.url.startswith(desk.stack.web) and desk.page.locator("form[action$='/give-back']").count():
            desk.act("give-back")  # or it would fill the agent's hands for the next test
        desk.context.close()
    assert [text for text in complaints if "Content Security Policy" in text or text.startswith("uncaught")] == []


@LANGUAGES
def test_a_customer_is_helped_by_a_person_and_goes_on_with_the_assistant_where_it_stopped(
    visit: Arrive, sit: Callable[..., Desk], language: str
) -> None:
    customer, agent = visit(language=language), sit(language)
    customer.open()
    choose(customer, BEGIN[language])
    step = {"lv": "1. solis no 9", "en": "Step 1 of 9"}[language]
    customer.hears(step)
    customer.say(CALL[language])
    customer.hears({"lv": "Jūsu vieta rindā: 1", "en": "Your place in the queue: 1"}[language])
    agent.take(CALL[language])
    customer.hears({"lv": "Jums tagad atbild Līga", "en": "Līga of CPS priority support is with you"}[language])
    agent.hears(CALL[language])
    expect(agent.page.locator("[aria-current=step]")).to_contain_text("1")

    customer.box.press_sequentially("vai redzat?", delay=20)
    expect(agent.page.locator("#typing")).not_to_be_empty(timeout=ANSWER)
    customer.box.press("Enter")
    agent.hears("vai redzat?")
    agent.page.locator("#text").press_sequentially("Jā, redzu.", delay=20)
    typist = {"lv": "Līga raksta", "en": "Līga is writing"}[language]
    expect(customer.chat.locator(".typing > span")).to_have_text(typist, timeout=ANSWER)
    agent.page.locator("#text").press("Enter")
    said = customer.hears("Jā, redzu.")
    expect(agent.hears("Jā, redzu.").locator(".delivery")).to_have_text(
        {"lv": "izlasīta", "en": "read"}[language], timeout=ANSWER
    )
    expect(said).to_be_visible()

    agent.act("give-back")
    expect(agent.page.locator("#lists")).to_be_visible()
    customer.hears({"lv": "atkal esmu klāt", "en": "It is me again"}[language])
    customer.hears(step)
    choose(customer, {"lv": "Gatavs, tālāk", "en": "Done, next"}[language])
    customer.hears({"lv": "2. solis no 9", "en": "Step 2 of 9"}[language])


@LANGUAGES
def test_a_ready_reply_a_note_and_an_outcome_then_the_customer_rates_and_writes_on(
    visit: Arrive, sit: Callable[..., Desk], language: str
) -> None:
    customer, agent = visit(language=language), sit(language)
    customer.open()
    customer.say(CALL[language])
    agent.take(CALL[language])
    agent.page.locator("#find").fill({"lv": "dokumenti pvn maks", "en": "documents vat payer"}[language])
    agent.page.locator("#replies li:visible button").first.click()
    reply = agent.page.locator("#text").input_value()
    assert {"lv": "PVN reģistrācijas apliecību", "en": "VAT registration certificate"}[language] in reply
    agent.page.locator("#text").press("Enter")
    customer.hears({"lv": "PVN reģistrācijas apliecību", "en": "VAT registration certificate"}[language])
    agent.page.locator("#note").fill("only for us")
    agent.page.locator("#note").press("Enter")
    agent.hears("only for us")
    agent.close("solved", "documents explained")
    customer.hears({"lv": "ir noslēgta", "en": "has closed the conversation"}[language])
    expect(customer.messages.filter(has_text="only for us")).to_have_count(0)
    customer.say({"lv": "cik punktu vajag, lai pievienotos?", "en": "how many points do I need to join?"}[language])
    customer.hears("500")


def test_the_agents_browser_is_killed_and_the_customer_is_told_and_waits_again(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stack = start_stack(tmp_path_factory.mktemp("hasty"), **GENEROUS, agent_timeout="20")
    try:
        wait_until_ready(stack)
        customer = Visit(browser.new_context(), stack, "en")
        agent = Desk(browser.new_context(), stack, "en", "agent@example.com")
        customer.open()
        customer.say(CALL["en"])
        agent.take(CALL["en"])
        customer.hears("is with you now")
        agent.page.wait_for_timeout(25_000)  # longer than an agent without a sign of life would hold it
        agent.say("still here")
        customer.hears("still here")
        agent.context.close()
        customer.hears("connection to the agent")
        other = Desk(browser.new_context(), stack, "en", "supervisor@example.com")
        other.take(CALL["en"])
        customer.hears("Māris of CPS priority support is with you now")
        for one in (customer.context, other.context):
            one.close()
    finally:
        stop_process(stack.process, signal.SIGINT)


@LANGUAGES
def test_rasa_dies_while_a_person_talks_and_nobody_notices(
    visit: Arrive, sit: Callable[..., Desk], stack: Stack, language: str
) -> None:
    customer, agent = visit(language=language), sit(language)
    customer.open()
    customer.say(CALL[language])
    agent.take(CALL[language])
    os.kill(stack.pid_of("rasa"), signal.SIGKILL)
    customer.say("one two three")
    agent.hears("one two three")
    agent.say("four five six")
    customer.hears("four five six")
    expect(customer.messages.filter(has_text=re.compile("neatbild|not answering"))).to_have_count(0)
    agent.act("give-back")
    back = customer.message({"lv": "atkal esmu klāt", "en": "It is me again"}[language])
    expect(back).to_be_visible(timeout=150_000)  # Rasa starts anew


@LANGUAGES
def test_an_agent_on_another_page_is_told_who_waits(visit: Arrive, sit: Callable[..., Desk], language: str) -> None:
    customer, agent = visit(language=language), sit(language)
    agent.page.goto(f"{agent.stack.web}/desk/script")
    expect(agent.page.locator("#waiting")).to_be_hidden()
    customer.open()
    customer.say(CALL[language])
    expect(agent.page.locator("#waiting")).to_have_text("1", timeout=ANSWER)
    told = {"lv": "Rindā ir jauna saruna", "en": "A new conversation is in the queue"}[language]
    expect(agent.page.locator("#said")).to_contain_text(told)
    assert agent.violations() == []


def test_scripts_in_what_either_side_writes_run_on_neither(visit: Arrive, sit: Callable[..., Desk]) -> None:
    customer, agent = visit(language="en"), sit("en")
    hostile = "<img src=x onerror=\"document.title='owned'\"> [link](javascript:alert(1))"
    customer.open()
    customer.say(CALL["en"])
    agent.take(CALL["en"])
    customer.say(hostile)
    agent.hears("onerror")
    agent.say(hostile)
    customer.hears("onerror")
    for page in (customer.page, agent.page):
        assert page.title() != "owned"
    assert agent.transcript.locator("img, script").count() == 0
    assert customer.chat.locator("img[src=x], a[href^='javascript']").count() == 0


@pytest.mark.parametrize("size", [(1280, 800), (768, 1024)], ids=str)
@LANGUAGES
def test_axe_finds_nothing_and_nothing_is_cut_off(
    visit: Arrive, sit: Callable[..., Desk], language: str, size: tuple[int, int]
) -> None:
    customer, agent = visit(language=language), sit(language, size=size)
    customer.open()
    customer.say(CALL[language])
    expect(agent.waiting.filter(has_text=CALL[language]).last).to_be_visible(timeout=ANSWER)
    assert agent.violations() == []
    assert agent.overflow() <= 0
    agent.take(CALL[language])
    customer.say("?")
    agent.hears("?")
    assert agent.violations() == []
    assert agent.overflow() <= 0


def test_an_agent_needs_no_mouse(visit: Arrive, sit: Callable[..., Desk]) -> None:
    customer, agent = visit(language="en"), sit("en")
    customer.open()
    customer.say(CALL["en"])
    take = agent.waiting.filter(has_text=CALL["en"]).last.get_by_role("button")
    expect(take).to_be_visible(timeout=ANSWER)
    for _ in range(40):
        if take.evaluate("button => button === document.activeElement"):
            break
        agent.page.keyboard.press("Tab")
    agent.page.keyboard.press("Enter")
    expect(agent.page.locator("#text")).to_be_focused()
    agent.page.keyboard.type("by keyboard")
    agent.page.keyboard.press("Enter")
    customer.hears("by keyboard")

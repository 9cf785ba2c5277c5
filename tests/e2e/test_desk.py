"""A customer and an agent in two real browsers at once, over the whole assistant."""

import os
import re
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.conftest import Stack
from tests.e2e.customer_page import ANSWER, CALL, CustomerPage
from tests.e2e.desk_page import LIGA, MARIS, DeskPage

Arrive, Sit = Callable[..., CustomerPage], Callable[..., DeskPage]
LANGUAGES = pytest.mark.parametrize("language", ["lv", "en"])
BEGIN = {"lv": "Sākt soli pa solim", "en": "Go through it step by step"}
POINTS_NEEDED = {"lv": "cik punktu vajag, lai pievienotos?", "en": "how many points do I need to join?"}
SOON = 1000  # milliseconds within which both browsers are told what to do


@LANGUAGES
def test_a_customer_is_helped_by_a_person_and_goes_on_with_the_assistant_where_it_stopped(
    visit: Arrive, sit: Sit, language: str
) -> None:
    customer, agent = visit(language=language), sit(language)
    customer.open()
    customer.suggested(BEGIN[language]).click()
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
    expect(customer.chat.locator(".message.customer .status").last).to_contain_text(
        {"lv": "izlasīta", "en": "read"}[language], timeout=ANSWER
    )
    there = {"lv": "Klients ir klāt", "en": "Customer is here"}[language]
    expect(agent.page.locator("#there")).to_contain_text(there, timeout=ANSWER)
    expect(agent.page.locator("#there .quiet")).not_to_be_empty(timeout=ANSWER)  # the page of the website
    agent.page.locator("#text").press_sequentially("Jā, redzu.", delay=20)
    typist = {"lv": "Līga raksta", "en": "Līga is writing"}[language]
    expect(customer.chat.locator(".typing > span")).to_have_text(typist, timeout=ANSWER)
    agent.page.locator("#text").press("Enter")
    said = customer.hears("Jā, redzu.")
    expect(agent.hears("Jā, redzu.").locator(".delivery")).to_have_text(
        {"lv": "izlasīta", "en": "read"}[language], timeout=ANSWER
    )
    expect(said).to_be_visible()

    agent.act("return-to-bot")
    expect(agent.page.locator("#lists")).to_be_visible()
    customer.hears({"lv": "atkal esmu klāt", "en": "It is me again"}[language])
    customer.hears(step)
    customer.suggested({"lv": "Gatavs, tālāk", "en": "Done, next"}[language]).click()
    customer.hears({"lv": "2. solis no 9", "en": "Step 2 of 9"}[language])


@LANGUAGES
def test_a_ready_reply_a_note_and_an_outcome_then_the_customer_rates_and_writes_on(
    visit: Arrive, sit: Sit, language: str
) -> None:
    customer, agent = visit(language=language), sit(language)
    agent.meet(customer)
    agent.tab("replies")
    agent.page.locator("#find").fill({"lv": "dokumenti pvn maks", "en": "documents vat payer"}[language])
    agent.page.locator("#replies li:visible button").first.click()
    reply = agent.page.locator("#text").input_value()
    assert {"lv": "PVN reģistrācijas apliecību", "en": "VAT registration certificate"}[language] in reply
    agent.page.locator("#text").press("Enter")
    customer.hears({"lv": "PVN reģistrācijas apliecību", "en": "VAT registration certificate"}[language])
    agent.tab("notes")
    agent.page.locator("#note").fill("only for us")
    agent.page.locator("#note").press("Enter")
    agent.hears("only for us")
    agent.close("solved", "documents explained")
    customer.hears({"lv": "ir noslēgta", "en": "has closed the conversation"}[language])
    expect(customer.messages.filter(has_text="only for us")).to_have_count(0)
    customer.say(POINTS_NEEDED[language])
    customer.hears("500")


def test_rasa_dies_and_who_talks_to_a_person_does_not_notice_while_the_others_are_told_and_answered_later(
    visit: Arrive, sit: Sit, stack: Stack
) -> None:
    alone = {language: visit(language=language) for language in CALL}
    talks = {"lv": (visit(), sit("lv", LIGA)), "en": (visit(language="en"), sit("en", MARIS))}
    for customer in alone.values():
        customer.open()
    for customer, agent in talks.values():
        agent.meet(customer)
    os.kill(stack.pid_of("rasa"), signal.SIGKILL)
    away = re.compile("neatbild|not answering")
    for language, customer in alone.items():
        customer.say(POINTS_NEEDED[language])
    for customer, agent in talks.values():
        customer.say("one two three")
        agent.hears("one two three")
        agent.say("four five six")
        customer.hears("four five six")
        expect(customer.messages.filter(has_text=away)).to_have_count(0)
    for customer in alone.values():
        expect(customer.message(away)).to_be_visible(timeout=ANSWER)
    for language, (customer, agent) in talks.items():
        agent.act("return-to-bot")
        back = customer.message({"lv": "atkal esmu klāt", "en": "It is me again"}[language])
        expect(back).to_be_visible(timeout=150_000)  # Rasa restarts
        expect(alone[language].message("500")).to_be_visible(timeout=ANSWER)


@LANGUAGES
def test_of_two_agents_who_take_at_once_one_has_it_and_the_other_is_told(
    visit: Arrive, sit: Sit, language: str
) -> None:
    customer, agents = visit(language=language), [sit(language, LIGA), sit(language, MARIS)]
    customer.open()
    customer.say(CALL[language])
    for agent in agents:
        agent.sees_waiting(CALL[language])
    for agent in agents:
        agent.page.evaluate(f"setTimeout(() => document.querySelector('form[action$=take] button').click(), {SOON})")
    told = {"lv": "Saruna jau ir citās rokās", "en": "The conversation is in other hands"}[language]
    for agent in agents:
        expect(agent.page.locator("#text").or_(agent.page.get_by_text(told)).first).to_be_visible(timeout=ANSWER)
    winners = [agent for agent in agents if agent.page.locator("#text").count()]
    assert len(winners) == 1
    winners[0].say("one of us")
    customer.hears("one of us")
    expect(customer.messages.filter(has_text=re.compile("Jums tagad atbild|is with you now"))).to_have_count(1)


def test_an_agent_on_another_page_is_told_who_waits(visit: Arrive, sit: Sit) -> None:
    customer, agents = visit(), {"lv": sit("lv", LIGA), "en": sit("en", MARIS)}
    for agent in agents.values():
        agent.page.goto(f"{agent.stack.web}/desk/script")
        expect(agent.page.locator("#waiting")).to_be_hidden()
    customer.open()
    customer.say(CALL["lv"])
    for language, agent in agents.items():
        expect(agent.page.locator("#waiting")).to_have_text("1", timeout=ANSWER)
        told = {"lv": "Rindā ir jauna saruna", "en": "A new conversation is in the queue"}[language]
        expect(agent.page.locator("#said")).to_contain_text(told)
        agent.rings()
        agent.looks_right()


@LANGUAGES
def test_scripts_in_what_either_side_writes_run_on_neither(visit: Arrive, sit: Sit, language: str) -> None:
    customer, agent = visit(language=language), sit(language)
    hostile = "<img src=x onerror=\"document.title='owned'\"> [link](javascript:alert(1))"
    agent.meet(customer)
    customer.say(hostile)
    agent.hears("onerror")
    agent.say(hostile)
    customer.hears("onerror")
    for page in (customer.page, agent.page):
        assert page.title() != "owned"
    assert agent.transcript.locator("img, script").count() == 0
    assert customer.chat.locator("img[src=x], a[href^='javascript']").count() == 0


@pytest.mark.parametrize("size", [(1280, 800), (768, 1024), (420, 850)], ids=str)
@LANGUAGES
def test_axe_finds_nothing_and_nothing_is_cut_off(
    visit: Arrive, sit: Sit, language: str, size: tuple[int, int]
) -> None:
    customer, agent = visit(language=language), sit(language, size=size)
    customer.open()
    customer.say(CALL[language])
    expect(agent.waiting.filter(has_text=CALL[language]).last).to_be_visible(timeout=ANSWER)
    agent.looks_right()
    agent.take(CALL[language])
    customer.say("?")
    agent.hears("?")
    for field in ("to", "outcome"):
        agent.drop(field)
    agent.looks_right()
    agent.page.locator("[name=line]").focus()
    agent.page.keyboard.press("Escape")
    expect(agent.page.locator("details.drop[open]")).to_have_count(0)
    assert agent.page.evaluate("document.activeElement.tagName") == "SUMMARY"


@LANGUAGES
def test_without_a_connection_an_agent_loses_nothing_and_is_told(visit: Arrive, sit: Sit, language: str) -> None:
    customer, agent = visit(language=language), sit(language)
    agent.meet(customer)
    page = agent.page
    page.locator("#text").fill("half a reply")
    agent.tab("notes")
    page.locator("#note").fill("half a note")
    page.reload()
    agent.context.set_offline(True)
    page.locator("#note").press("Enter")
    expect(page.locator("#note-problem")).to_contain_text({"lv": "saglabāts", "en": "is kept"}[language])
    agent.act("return-to-bot")
    told = {"lv": "nav savienojuma", "en": "no connection"}[language]
    expect(page.locator("#line")).to_contain_text(told)
    expect(page.locator("#text")).to_have_value("half a reply")
    agent.context.set_offline(False)
    page.locator("#note").press("Enter")
    agent.hears("half a note")
    expect(page.locator("#note")).to_have_value("")
    expect(page.locator("#note-problem")).to_be_empty()
    page.locator("#text").press("Enter")
    customer.hears("half a reply")


@LANGUAGES
def test_a_draft_ends_with_the_wish_for_a_person(visit: Arrive, sit: Sit, language: str) -> None:
    customer, agent = visit(language=language), sit(language)
    agent.meet(customer)
    agent.page.locator("#text").fill("half a reply")
    agent.close("solved", "")
    customer.hears({"lv": "ir noslēgta", "en": "has closed the conversation"}[language])
    customer.person.click()
    agent.take()
    expect(agent.page.locator("#text")).to_have_value("")


@LANGUAGES
def test_who_has_two_conversations_hears_of_the_other(visit: Arrive, sit: Sit, language: str) -> None:
    customers, agent = [visit(language=language) for _ in range(2)], sit(language)
    for customer in customers:
        agent.meet(customer)
        agent.say("one moment")
        customer.hears("one moment")
        agent.page.goto(f"{agent.stack.web}/desk")
    agent.page.locator("section[aria-labelledby=mine-title] a").last.click()
    agent.hears(CALL[language])
    with agent.page.expect_response("**/desk/here", timeout=ANSWER):  # the state at the opening of the page
        pass
    customers[0].say("are you there?")
    told = {"lv": "Jauna ziņa citā Jūsu sarunā", "en": "A new message in another of your conversations"}[language]
    expect(agent.page.locator("#said")).to_contain_text(told, timeout=ANSWER)
    agent.rings()
    agent.looks_right()


def test_an_agent_needs_no_mouse(visit: Arrive, sit: Sit) -> None:
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

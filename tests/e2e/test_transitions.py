"""Every change of hands of a conversation, in the real browsers of its customer and agents at once."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from bot.conversations import identity, lifecycle
from bot.conversations.models import Conversation
from bot.database import Database, now
from bot.keys import Cipher, new_key
from tests.agent import Agent
from tests.conftest import GENEROUS, Stack, free_ports, running, wait_for
from tests.e2e.customer_page import ANSWER, CALL, CustomerPage
from tests.e2e.desk_page import LIGA, MARIS, DeskPage

Arrive, Sit = Callable[..., CustomerPage], Callable[..., DeskPage]
ACCESS_KEY = new_key()
LANGUAGES = pytest.mark.parametrize("language", ["lv", "en"])
WORDS = {
    "lv": {
        "person": "Runāt ar cilvēku",
        "stop": "Negaidīt",
        "place": "1. vieta rindā",
        "left": "vairs negaidāt rindā",
        "with_liga": "Jums tagad atbild Līga",
        "with_maris": "Jums tagad atbild Māris",
        "goes_on": "Turpmāk Jums atbild Māris",
        "by_maris": "Jums atbild Māris",
        "requeued": "Līga nodod sarunu kolēģiem",
        "lost": "Savienojums ar darbinieku .Līga. ir pārtrūcis",
        "given": "Jums nodota saruna",
        "yours": "Jūsu saruna",
        "his": "Atbild Māris",
        "ended": "Klients sarunu beidza",
        "nobody_here": "neviens darbinieks nav pieejams",
        "nobody_free": "neviens darbinieks vēl nav brīvs",
        "leave": "Atstāt ziņu",
        "email": "Jūsu e-pasta adrese",
        "message": "Ziņa",
        "send": "Nosūtīt ziņu",
        "kept": "Jūsu ziņa ir saņemta",
        "closed": "ir noslēgta",
        "failed": "šobrīd nevaru piekļūt Jūsu kontam",
        "again": "Mēģināt vēlreiz",
        "back": "atkal esmu klāt",
    },
    "en": {
        "person": "Talk to a person",
        "stop": "Stop waiting",
        "place": "place 1",
        "left": "no longer in the queue",
        "with_liga": "Līga of CPS priority support is with you now",
        "with_maris": "Māris of CPS priority support is with you now",
        "goes_on": "Māris of CPS priority support takes over from here",
        "by_maris": "You are talking to Māris",
        "requeued": "Līga passes the conversation on to colleagues",
        "lost": "The connection to the agent .Māris. was lost",
        "given": "A conversation has been given to you",
        "yours": "Yours",
        "his": "With Māris",
        "ended": "The customer has ended it",
        "nobody_here": "Nobody is at the desk right now",
        "nobody_free": "no agent is free yet",
        "leave": "Leave a message",
        "email": "Your e-mail address",
        "message": "Message",
        "send": "Send the message",
        "kept": "your message has arrived",
        "closed": "has closed the conversation",
        "failed": "cannot reach your account right now",
        "again": "Try again",
        "back": "It is me again",
    },
}
# The reasons for calling a person as the agent reads them, some with what the customer typed.
ASKED = {"lv": "klients lūdza sarunu ar cilvēku", "en": "the customer asked for a person"}
ANGRY = {
    "lv": ("jūs visi esat idioti", "klients ir sadusmots"),
    "en": ("you are all idiots, this is useless", "the customer is angry"),
}
MISSED = {"lv": "asistents divreiz nesaprata", "en": "the assistant twice did not understand"}
FAILED = {"lv": "neizdevās apskatīt kontu", "en": "the account could not be looked up"}
GUESSED = {"lv": "kods vairākkārt bija nepareizs", "en": "the code was wrong several times"}
HEARD = {"lv": ("vai lasāt mani", "lasu"), "en": ("do you read me", "I do")}
# Words without a topic; letters that form no words would call nobody.
NONSENSE = {
    "lv": ("kaut kas tāds tur bija", "es tur to kā viņu"),
    "en": ("that thing with the other one", "something like that was there"),
}
POINTS = {"lv": "cik man ir punktu?", "en": "how many points do I have?"}
NO_OLD_EMAIL = {"lv": "aizmirsu norādīt veco e-pastu", "en": "I forgot to give the old e-mail"}


@pytest.fixture(scope="module")
def hasty_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole assistant with short time-outs, and with an account system that is down."""
    dead = f"http://127.0.0.1:{free_ports(1)[0]}"
    given = GENEROUS | {"agent_timeout": "20", "queue_timeout": "25", "backend_url": dead}
    given["access_key"] = ACCESS_KEY
    with running(tmp_path_factory.mktemp("hasty"), **given) as started:
        yield started


@pytest.fixture
def hasty(hasty_stack: Stack) -> Stack:
    """The hasty assistant with an empty queue."""
    Agent(hasty_stack.folder).lets_all_go()
    return hasty_stack


def asks(customer: CustomerPage) -> dict[str, str]:
    """Let the customer open the chat and ask for a person; return the expected words in the customer's language."""
    customer.open()
    customer.say(CALL[customer.language])
    words = WORDS[customer.language]
    speaks(customer, words["place"])
    return words


def talk(customer: CustomerPage, agent: DeskPage) -> dict[str, str]:
    """Let the customer ask for a person, and let the agent take the conversation."""
    agent.meet(customer)
    words = WORDS[customer.language]
    customer.hears(words["with_liga"])
    return words


def speaks(customer: CustomerPage, words: str) -> None:
    """Wait until the header of the chat names the one who answers."""
    expect(customer.chat.locator("#speaking")).to_contain_text(words, timeout=ANSWER)


def still_talk(customer: CustomerPage, agent: DeskPage) -> None:
    """Check that customer and agent still get each other's messages."""
    said, answered = HEARD[customer.language]
    customer.say(said)
    agent.hears(said)
    agent.say(answered)
    customer.hears(answered)


# ---- Why a person is called


@LANGUAGES
def test_who_asks_or_presses_the_button_or_is_angry_waits_and_the_agent_reads_why(
    visit: Arrive, sit: Sit, language: str
) -> None:
    agent, (insult, angry) = sit(language), ANGRY[language]
    calls = {
        ASKED[language]: lambda customer: customer.say(CALL[language]),
        angry: lambda customer: customer.say(insult),
        f"{ASKED[language]} ": lambda customer: customer.person.click(),
    }
    for cause, call in calls.items():
        customer = visit(language=language)
        customer.open()
        call(customer)
        speaks(customer, WORDS[language]["place"])
        expect(agent.sees_waiting()).to_contain_text(cause.strip())
        customer.button(WORDS[language]["stop"]).click()
        expect(agent.waiting).to_have_count(0, timeout=ANSWER)


@LANGUAGES
def test_an_answer_that_only_a_person_can_add_to_offers_one(visit: Arrive, sit: Sit, language: str) -> None:
    customer, agent = visit(language=language), sit(language)
    customer.open()
    customer.say(NO_OLD_EMAIL[language])
    customer.suggested(WORDS[language]["person"]).click(timeout=ANSWER)
    speaks(customer, WORDS[language]["place"])
    expect(agent.sees_waiting()).to_contain_text(ASKED[language])


@LANGUAGES
def test_the_second_miss_in_a_row_calls_a_person(visit: Arrive, sit: Sit, language: str) -> None:
    customer, agent = visit(language=language), sit(language)
    customer.open()
    said = customer.messages.count()
    first, second = NONSENSE[language]
    customer.say(first)
    expect(customer.messages).to_have_count(said + 2, timeout=ANSWER)
    expect(agent.waiting).to_have_count(0)
    customer.say(second)
    speaks(customer, WORDS[language]["place"])
    expect(agent.sees_waiting(second)).to_contain_text(MISSED[language])


@LANGUAGES
def test_the_fifth_wrong_code_calls_a_person(visit: Arrive, sit: Sit, language: str) -> None:
    customer, agent = visit(language=language), sit(language)
    customer.open()
    customer.say(POINTS[language])
    customer.chat.locator("#email").fill(f"guessed-{language}@example.com")
    customer.chat.locator("#email").press("Enter")
    for number in range(5):
        expect(customer.chat.locator("#code")).to_be_focused(timeout=ANSWER)
        expect(agent.waiting).to_have_count(0)
        customer.chat.locator("#code").fill(f"00000{number}")
        with customer.page.expect_response("**/identity/code"):
            customer.chat.locator("#code").press("Enter")
    speaks(customer, WORDS[language]["place"])
    expect(agent.sees_waiting()).to_contain_text(GUESSED[language])


@LANGUAGES
def test_the_second_failed_look_up_in_a_row_calls_a_person(
    visit: Arrive, sit: Sit, hasty: Stack, language: str
) -> None:
    customer, agent, words = visit(language=language, at=hasty), sit(language, at=hasty), WORDS[language]
    customer.open()
    with Database(f"sqlite:///{hasty.folder / 'chat.db'}").write() as session:
        mine = lifecycle.find_conversation(session, customer.token)
        token = Cipher(ACCESS_KEY).encrypt("token")
        identity.confirmed(mine, token, now() + timedelta(hours=1), "Anna Bērziņa", "anna.berzina@example.com")
    customer.say(POINTS[language])
    customer.hears(words["failed"])
    expect(agent.waiting).to_have_count(0)
    customer.suggested(words["again"]).click()
    speaks(customer, words["place"])
    expect(agent.sees_waiting("Anna Bērziņa")).to_contain_text(FAILED[language])


# ---- From the queue


@LANGUAGES
def test_who_stops_waiting_leaves_the_queue_on_the_agents_screen(visit: Arrive, sit: Sit, language: str) -> None:
    customer, agent = visit(language=language), sit(language)
    words = asks(customer)
    agent.sees_waiting()
    expect(customer.suggested(words["leave"])).to_be_visible()
    customer.button(words["stop"]).click()
    customer.hears(words["left"])
    customer.hears(words["back"])
    expect(agent.waiting).to_have_count(0, timeout=ANSWER)


@LANGUAGES
def test_who_leaves_a_message_instead_of_waiting_is_read_at_the_desk(visit: Arrive, sit: Sit, language: str) -> None:
    customer, agent, words = visit(language=language), sit(language), WORDS[language]
    presence = agent.page.locator("#presence select")
    presence.select_option("away")
    expect(agent.page.locator("#presence")).to_have_attribute("data-presence", "away")
    try:
        asks(customer)
        customer.hears(words["nobody_here"])
        agent.sees_waiting()
        customer.suggested(words["leave"]).click()
        customer.chat.get_by_label(words["email"]).fill(f"left.{language}@example.com")
        customer.chat.get_by_label(words["message"], exact=True).fill("Kur ir poga?")
        customer.button(words["send"]).click()
        customer.hears(words["kept"])
        expect(agent.waiting).to_have_count(0, timeout=ANSWER)
        left = agent.page.locator("section[aria-labelledby=tickets-title] li", has_text=f"left.{language}@example.com")
        expect(left).to_contain_text("Kur ir poga?")
        left.get_by_role("button").click()
        expect(left).to_have_count(0)
    finally:
        agent.page.locator("#presence select").select_option("available")
        expect(agent.page.locator("#presence")).to_have_attribute("data-presence", "available")


def test_who_waits_in_vain_gets_the_assistant_back_and_may_wait_again(visit: Arrive, sit: Sit, hasty: Stack) -> None:
    agent = sit(at=hasty)
    customers = {language: visit(language=language, at=hasty) for language in WORDS}  # both wait at once
    for language, customer in customers.items():
        customer.open()
        customer.say(CALL[language])
        agent.sees_waiting(CALL[language])
    for language, customer in customers.items():
        customer.hears(WORDS[language]["nobody_free"])
        expect(customer.suggested(WORDS[language]["leave"])).to_be_visible()
    expect(agent.waiting).to_have_count(0, timeout=ANSWER)
    for language, customer in customers.items():
        customer.suggested(WORDS[language]["person"]).click()
        agent.take(WORDS[language]["person"])
        customer.hears(WORDS[language]["with_liga"])
        still_talk(customer, agent)
        agent.page.goto(f"{hasty.web}/desk")


# ---- Between agents


@LANGUAGES
def test_a_transferred_conversation_rings_at_the_colleague_who_goes_on(visit: Arrive, sit: Sit, language: str) -> None:
    customer, agent, colleague = visit(language=language), sit(language), sit(language, MARIS)
    words = talk(customer, agent)
    expect(colleague.waiting).to_have_count(0, timeout=ANSWER)
    before = colleague.page.evaluate("tones")
    agent.drop("to")
    agent.page.locator("[name=to]").select_option(
        label=next(name for name in agent.page.locator("[name=to] option").all_inner_texts() if "Māris" in name)
    )
    agent.act("transfer")
    expect(agent.page.locator("#lists")).to_be_visible()
    customer.hears(words["goes_on"])
    speaks(customer, words["by_maris"])
    expect(colleague.page.locator("#line")).to_contain_text(words["given"], timeout=ANSWER)
    colleague.page.wait_for_function("before => tones > before", arg=before, timeout=ANSWER)
    assert colleague.page.title().startswith("(1) ")
    colleague.page.locator("section[aria-labelledby=mine-title] a").first.click()
    colleague.hears(CALL[language])
    still_talk(customer, colleague)


@LANGUAGES
def test_a_supervisor_takes_a_conversation_over(visit: Arrive, sit: Sit, language: str) -> None:
    customer, agent, boss = visit(language=language), sit(language), sit(language, MARIS)
    words = talk(customer, agent)
    agent.page.locator("#text").fill("half a sentence")
    boss.page.locator("section[aria-labelledby=others-title] a").first.click(timeout=ANSWER)
    boss.act("take-over")
    customer.hears(words["goes_on"])
    speaks(customer, words["by_maris"])
    expect(agent.holder).to_have_text(words["his"], timeout=ANSWER)
    expect(agent.page.locator("#text")).to_have_count(0)
    still_talk(customer, boss)
    agent.hears(HEARD[language][1])


@LANGUAGES
def test_a_requeued_conversation_waits_for_a_colleague(visit: Arrive, sit: Sit, language: str) -> None:
    customer, agent, colleague = visit(language=language), sit(language), sit(language, MARIS)
    words = talk(customer, agent)
    agent.act("requeue")
    customer.hears(words["requeued"])
    speaks(customer, words["place"])
    colleague.take()
    customer.hears(words["with_maris"])
    still_talk(customer, colleague)


def wait_for_signs_of_life(stack: Stack) -> None:
    """Wait until the pages of all agents who hold a conversation have told again that they are open."""
    began = now()
    held = select(Conversation.agent_seen_at).where(Conversation.owner == "agent")

    def all_told() -> bool:
        with Agent(stack.folder).database.read() as session:
            return all(seen_at > began for seen_at in session.scalars(held))

    wait_for(all_told)


def test_the_agents_browser_is_killed_and_the_customer_is_told_and_waits_again(
    visit: Arrive, sit: Sit, hasty: Stack
) -> None:
    customers = {language: visit(language=language, at=hasty) for language in WORDS}
    agents = {"lv": sit("lv", LIGA, at=hasty), "en": sit("en", MARIS, at=hasty)}
    for language, customer in customers.items():
        agents[language].meet(customer)
    wait_for_signs_of_life(hasty)
    for language, customer in customers.items():
        still_talk(customer, agents[language])
    for agent in agents.values():
        agent.context.close()
    for language, customer in customers.items():
        customer.hears(WORDS[language]["lost"])
    for language, customer in customers.items():
        other = sit(language, {"lv": MARIS, "en": LIGA}[language], at=hasty)
        other.take(HEARD[language][0])
        customer.hears(WORDS[language]["with_maris" if language == "lv" else "with_liga"])
        still_talk(customer, other)


# ---- Ends


@LANGUAGES
def test_a_customer_who_begins_anew_ends_what_the_agent_held(visit: Arrive, sit: Sit, language: str) -> None:
    customer, agent = visit(language=language), sit(language)
    talk(customer, agent)
    customer.chat.locator("#menu-open").click()
    customer.chat.locator("#restart").click()
    customer.chat.locator("#restart-dialog [value=yes]").click()
    expect(agent.holder).to_have_text(WORDS[language]["ended"], timeout=ANSWER)
    expect(agent.page.locator("#text")).to_have_count(0)
    expect(customer.message(CALL[language])).to_have_count(0, timeout=ANSWER)


@LANGUAGES
def test_a_customer_who_begins_anew_leaves_the_queue(visit: Arrive, sit: Sit, language: str) -> None:
    customer, agent = visit(language=language), sit(language)
    asks(customer)
    agent.sees_waiting()
    customer.chat.locator("#menu-open").click()
    customer.chat.locator("#restart").click()
    customer.chat.locator("#restart-dialog [value=yes]").click()
    expect(agent.waiting).to_have_count(0, timeout=ANSWER)


@LANGUAGES
def test_after_the_closing_a_customer_may_call_again(visit: Arrive, sit: Sit, language: str) -> None:
    customer, agent = visit(language=language), sit(language)
    words = talk(customer, agent)
    agent.close("to_be_continued", "calls again")
    customer.hears(words["closed"])
    customer.person.click()
    speaks(customer, words["place"])
    agent.take()
    still_talk(customer, agent)
    agent.hears(CALL[language])


# ---- The queue as it moves


@LANGUAGES
def test_the_queue_rings_and_leaves_the_keyboard_where_it_was(visit: Arrive, sit: Sit, language: str) -> None:
    first, second, agent = visit(language=language), visit(language=language), sit(language)
    asks(first)
    look = agent.sees_waiting().get_by_role("link")
    agent.rings()
    assert agent.page.title().startswith("(1) ")
    look.focus()
    second.open()
    second.person.click()
    expect(agent.waiting).to_have_count(2, timeout=ANSWER)
    expect(agent.waiting.first.get_by_role("link")).to_be_focused()
    first.button(WORDS[language]["stop"]).click()
    expect(agent.waiting).to_have_count(1, timeout=ANSWER)
    expect(agent.page.locator("#main")).to_be_focused()  # because the element that had the focus is gone

"""One browser, several people: nobody finds anything of the customer before them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.customer import Customer, run_out, website_token
from tests.e2e.customer_page import ANSWER, CALL, CustomerPage
from tests.e2e.desk_page import DeskPage

Arrive, Sit = Callable[..., CustomerPage], Callable[..., DeskPage]
LANGUAGES = pytest.mark.parametrize("language", ["lv", "en"])
ANNA, PETER = "anna.berzina@example.com", "peter.smith@example.com"
POINTS = {"lv": "cik man ir punktu?", "en": "how many points do I have?"}
OF_ANNA = "721"
NOT_ME = {"lv": "es neesmu Anna", "en": "I am not Anna"}
FRESH = {"lv": "Šī ir jauna saruna", "en": "This is a new one"}
LOG_IN, LOG_OUT = {"lv": "Pieteikties", "en": "Log in"}, {"lv": "Iziet", "en": "Log out"}
ENDED = {"lv": "Klients sarunu beidza", "en": "The customer has ended it"}


def log_in(customer: CustomerPage, email: str) -> None:
    customer.page.get_by_role("button", name=f"{LOG_IN[customer.language]}: {email}").click()
    expect(customer.page.get_by_role("status")).to_contain_text(email)


def log_out(customer: CustomerPage) -> None:
    customer.page.get_by_role("button", name=LOG_OUT[customer.language], exact=True).click()
    expect(customer.page.get_by_role("status")).to_have_count(0)


def asks(customer: CustomerPage) -> None:
    """Have Anna, who is logged in on the page, ask for her points."""
    expect(customer.chat.locator("#confirmed-name")).to_have_text("Anna Bērziņa", timeout=ANSWER)
    customer.say(POINTS[customer.language])
    customer.hears(OF_ANNA)


def confirmed_by_code(customer: CustomerPage) -> None:
    customer.open()
    customer.say(POINTS[customer.language])
    expect(customer.chat.locator("#email")).to_be_visible(timeout=ANSWER)
    customer.confirm_as(ANNA)
    customer.hears(OF_ANNA)


def has_nothing_of_anna(customer: CustomerPage, former: str, is_told: bool = True) -> None:
    """Check that the window and its key are a new customer's, and that the former key opens nothing."""
    if is_told:
        expect(customer.chat.locator("#line")).to_contain_text(FRESH[customer.language], timeout=ANSWER)
    expect(customer.message(OF_ANNA)).to_have_count(0, timeout=ANSWER)
    expect(customer.messages.first).to_be_visible(timeout=ANSWER)
    text = customer.chat.locator("body").evaluate("body => body.textContent")
    assert OF_ANNA not in text
    assert "Anna" not in text
    assert customer.token != former
    for token in (former, customer.token):
        answer = customer.context.request.get(
            f"{customer.stack.web}/api/conversation/transcript", headers={"authorization": f"Bearer {token}"}
        )
        assert (answer.status == 401) == (token == former)
        assert OF_ANNA not in answer.text()


@LANGUAGES
def test_who_logs_in_after_another_customer_finds_nothing_of_them(visit: Arrive, language: str) -> None:
    customer = visit(language=language)
    log_in(customer, ANNA)
    customer.open()
    asks(customer)
    former = customer.token
    log_out(customer)
    has_nothing_of_anna(customer, former)
    log_in(customer, PETER)
    expect(customer.chat.locator("#confirmed-name")).to_have_text("Peter Smith", timeout=ANSWER)
    assert OF_ANNA not in customer.chat.locator("body").evaluate("body => body.textContent")


def test_who_logs_in_right_after_another_customer_finds_nothing_of_them(visit: Arrive) -> None:
    customer = visit()
    log_in(customer, ANNA)
    customer.open()
    asks(customer)
    former = customer.token
    log_in(customer, PETER)
    has_nothing_of_anna(customer, former)
    expect(customer.chat.locator("#confirmed-name")).to_have_text("Peter Smith", timeout=ANSWER)


def test_a_page_without_a_reload_logs_customers_in_and_out(visit: Arrive) -> None:
    customer = visit()
    customer.open()
    token = website_token(customer.stack.web, ANNA)
    customer.page.evaluate("token => cpsAssistant.login(token)", token)
    asks(customer)
    former = customer.token
    customer.page.evaluate("cpsAssistant.logout()")
    has_nothing_of_anna(customer, former)
    customer.page.evaluate("token => cpsAssistant.login(token)", token)  # it is spent
    expect(customer.problem).to_contain_text("Vietne nevarēja apstiprināt", timeout=ANSWER)
    former = customer.token
    customer.page.evaluate("token => cpsAssistant.login(token)", website_token(customer.stack.web, PETER))
    expect(customer.chat.locator("#confirmed-name")).to_have_text("Peter Smith", timeout=ANSWER)
    assert customer.token == former


def test_a_log_out_counts_although_the_page_is_left_at_once(visit: Arrive) -> None:
    customer = visit()
    customer.open()
    customer.page.evaluate("token => cpsAssistant.login(token)", website_token(customer.stack.web, ANNA))
    asks(customer)
    former = customer.token
    customer.page.evaluate("cpsAssistant.logout(); location.reload()")
    customer.page.wait_for_load_state("load")
    has_nothing_of_anna(customer, former, is_told=False)


@pytest.mark.parametrize("way", ["page", "script"])
def test_who_logs_out_without_a_chat_leaves_no_token_that_is_still_good(visit: Arrive, way: str) -> None:
    customer = visit()
    tokens = []
    for _ in range(2):
        log_in(customer, ANNA)
        tokens.append(customer.page.locator("script[data-token]").get_attribute("data-token"))
    with customer.page.expect_response(lambda answer: answer.url.endswith("/website-tokens/spent")) as spent:
        if way == "page":
            log_out(customer)
        else:
            customer.page.evaluate("cpsAssistant.logout()")
    assert spent.value.status == 204
    expect(customer.launcher).to_have_accessible_name("Jautāt CPS asistentam")
    for token in tokens:
        other = Customer(customer.stack.web, is_greeted=False)
        assert other.call("POST", "conversation/identity/token", {"token": token}).status_code == 403


@pytest.mark.parametrize("way", ["page", "script"])
def test_a_log_out_counts_although_the_chat_is_closed(visit: Arrive, way: str) -> None:
    customer = visit()
    log_in(customer, ANNA)
    customer.open()
    asks(customer)
    former = customer.token
    customer.launcher.click()
    if way == "page":
        log_out(customer)
    else:
        customer.page.evaluate("cpsAssistant.logout()")
    key = {"authorization": f"Bearer {former}"}
    for _ in range(100):
        if customer.context.request.get(f"{customer.stack.web}/api/conversation", headers=key).status == 401:
            break
        customer.page.wait_for_timeout(100)
    expect(customer.launcher).to_have_accessible_name("Jautāt CPS asistentam")
    customer.open()
    has_nothing_of_anna(customer, former)


@LANGUAGES
@pytest.mark.parametrize("way", ["page", "chat", "says"])
def test_who_was_confirmed_by_a_code_and_leaves_takes_everything_along(visit: Arrive, language: str, way: str) -> None:
    customer = visit(language=language)
    confirmed_by_code(customer)
    former = customer.token
    if way == "page":
        customer.page.evaluate("cpsAssistant.logout()")
    elif way == "chat":
        customer.chat.locator("#log-out").click()
    else:
        customer.say(NOT_ME[language])
    has_nothing_of_anna(customer, former)


def test_another_customers_code_opens_another_conversation(visit: Arrive) -> None:
    customer = visit()
    confirmed_by_code(customer)
    former = customer.token
    run_out(customer.stack, former)
    customer.say(POINTS["lv"])
    expect(customer.chat.locator("#email")).to_be_visible(timeout=ANSWER)
    customer.confirm_as(PETER)
    has_nothing_of_anna(customer, former)
    customer.hears("kontā ir")
    expect(customer.chat.locator("#confirmed-name")).to_have_text("Peter Smith", timeout=ANSWER)


def test_whatever_the_host_page_says_who_was_not_known_stays_in_the_conversation(visit: Arrive) -> None:
    customer = visit()
    customer.open()
    customer.say("paldies")
    expect(customer.message("paldies")).to_be_visible()
    former = customer.token
    customer.page.evaluate("cpsAssistant.logout()")
    customer.page.reload()
    customer.open()
    expect(customer.message("paldies")).to_be_visible(timeout=ANSWER)
    assert customer.token == former


def test_a_server_that_cannot_be_reached_does_not_keep_the_conversation_in_the_window(visit: Arrive) -> None:
    customer = visit()
    log_in(customer, ANNA)
    customer.open()
    asks(customer)
    former = customer.token
    customer.context.set_offline(True)
    customer.page.evaluate("cpsAssistant.logout()")
    expect(customer.messages).to_have_count(0, timeout=ANSWER)
    assert "Anna" not in customer.chat.locator("body").evaluate("body => body.textContent")
    customer.context.set_offline(False)
    has_nothing_of_anna(customer, former)


@LANGUAGES
def test_an_agent_sees_that_the_customer_has_left_and_nothing_of_them_with_the_next(
    visit: Arrive, sit: Sit, language: str
) -> None:
    customer, agent = visit(language=language), sit(language)
    log_in(customer, ANNA)
    customer.open()
    asks(customer)
    former = customer.token
    customer.say(CALL[language])
    agent.take()
    expect(agent.page.locator("#transcript")).to_contain_text(OF_ANNA)
    customer.page.evaluate("cpsAssistant.logout()")
    expect(agent.holder).to_have_text(ENDED[language], timeout=ANSWER)
    expect(agent.page.locator("#text")).to_have_count(0)
    has_nothing_of_anna(customer, former)
    customer.say(CALL[language])
    agent.page.goto(f"{customer.stack.web}/desk")
    agent.take()
    expect(agent.page.locator("#transcript")).to_contain_text(CALL[language])
    expect(agent.page.locator("body")).not_to_contain_text(OF_ANNA)

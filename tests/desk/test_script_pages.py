"""The pages of the guided script, with the real website side and the real reference backend, without a browser."""

import html
import os
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from bot.account import Account
from bot.conversations import identity
from bot.conversations.models import Agent, Conversation
from bot.database import now
from bot.desk import checks, script, session
from bot.desk.account_lookup import AgentAccounts
from bot.desk.models import Call
from bot.settings import Settings
from tests.backend.conftest import AGENTS_KEY, KEY, Backend, start_backend
from tests.conftest import stop_process
from tests.desk.conftest import Browser, Desk, start_desk
from tests.desk.test_conversation import Guest

ANNA = "anna.berzina@example.com"
GUIDE = script.walkthrough()


@pytest.fixture(scope="module")
def backend(tmp_path_factory) -> Iterator[Backend]:
    started, process = start_backend(tmp_path_factory.mktemp("backend"))
    yield started
    stop_process(process)


@pytest.fixture(scope="module")
def desk(tmp_path_factory, backend) -> Iterator[Desk]:
    """A desk with access to the accounts."""
    folder = tmp_path_factory.mktemp("desk")
    started = start_desk(folder, backend_url=backend.address, backend_key=KEY, agents_key=AGENTS_KEY)
    yield started
    stop_process(started.process)


def seated(desk: Desk, role: str = "agent", language: str = "en") -> Browser:
    """Return a browser with the open session of a new agent, without a sign-in, because sign-ins are limited."""
    browser = desk.visit()
    browser.email = f"{role}.{os.urandom(4).hex()}@example.com"
    agent = desk.add(browser.email, role, language=language)
    with desk.database.write() as writing:
        browser.session.cookies.set(session.COOKIE, session.begin(writing, agent.id, idle=3600), path=session.PATH)
    return browser


@pytest.fixture
def liga(desk) -> Browser:
    return seated(desk)


def shown(answer: requests.Response) -> str:
    """Return the visible text of a page."""
    assert answer.status_code == 200, answer.text
    body = re.sub(r"<style.*?</style>|<script.*?</script>", "", answer.text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def ways(answer: requests.Response) -> list[str]:
    """Return the addresses of a step's ways, in order."""
    nav = re.search(r'<nav class="ways".*?</nav>', answer.text, re.S)[0]
    return [html.unescape(link) for link in re.findall(r'href="([^"]+)"', nav)]


def confirm(desk: Desk, guest: Guest) -> None:
    """Confirm a customer as Anna."""
    with desk.database.write() as writing:
        conversation = writing.get(Conversation, guest.id)
        identity.confirmed(conversation, "a-token", now() + timedelta(hours=1), "Anna", ANNA)


def start_call(browser: Browser, path: str = "apply", language: str = "lv") -> str:
    """Start a call; return the address to which it leads."""
    started = browser.post("/desk/script/call", {"path": path, "language": language})
    assert started.status_code == 303, started.text
    return started.headers["location"]


def call_of(desk: Desk, browser: Browser) -> Call | None:
    """Return the newest call of a browser's agent."""
    with desk.database.read() as session:
        agent = desk.get(browser.email)
        return session.query(Call).filter_by(agent_id=agent.id).order_by(Call.id.desc()).first()


def test_who_is_not_signed_in_sees_no_script(desk):
    for path in ("/desk/script", "/desk/script/panel", "/desk/script/calls"):
        assert desk.visit().get(path).status_code == 303
        assert desk.visit().get(path, accept="*/*").status_code == 401


@pytest.mark.parametrize("language", ["lv", "en"])
def test_a_step_is_said_in_the_customers_language_and_done_in_the_agents(desk, language):
    other = "en" if language == "lv" else "lv"
    browser, voice = seated(desk, language=other), script.words()["documents"]
    text = shown(browser.get(f"/desk/script?path=apply.documents&language={language}"))
    for said in (voice["say"][language], voice["ask"][language], voice["do"][other], voice["answers"]["yes"][other]):
        assert said in text
    assert voice["say"][other] not in text
    both = shown(browser.get(f"/desk/script?path=apply.documents&language={language}&both=1"))
    assert both.index(voice["say"][language]) < both.index(voice["say"][other])


def test_one_walks_by_the_links_alone_and_back(liga):
    walked, answer = [], liga.get("/desk/script")
    for _ in range(30):
        here = ways(answer)
        if len(here) == 0 or "payment_card.finish" in here[0]:
            break
        walked.append(here[0])
        answer = liga.get(here[0])
    text = shown(liga.get(ways(answer)[0]))
    assert "All done." in text
    assert "Step 9 of 9" in text
    back = ways(liga.get(walked[3]))[-1]
    assert back.split("path=")[1] == walked[2].split("path=")[1]


def test_all_places_show_both_voices(liga):
    for name in GUIDE.nodes:
        text, voice = shown(liga.get(f"/desk/script?path={name}&language=lv")), script.words()[name]
        assert voice["say"]["lv"] in text
        assert voice["do"]["en"] in text
        assert voice.get("address", "") in text


@pytest.mark.parametrize("path", ["nowhere", "apply.payment_card", "%00", "%27%22%3E%3Cscript%3E", "a" * 5000])
def test_a_path_that_leads_nowhere_begins_anew_and_says_so(liga, path):
    answer = liga.get(f"/desk/script?path={path}")
    assert "This address leads nowhere in the script" in shown(answer)
    assert "Step 1 of 9" in shown(answer)
    assert "<script>" not in answer.text.replace('<script type="module"', "")


def test_an_answer_of_the_assistant_is_found_in_the_customers_language(liga):
    answer = liga.get("/desk/script?path=apply&language=en&q=zila poga")
    assert 'The blue "MIGRATE PRODUCTS" ("MIGRĒT PRODUKTUS") button appears on the right' in shown(answer)
    assert "data-copy=" in answer.text
    assert "data-insert=" not in answer.text
    assert "path=apply" in re.search(r'href="([^"]+)">Close the search', answer.text)[1]
    assert "Nothing fits" in shown(liga.get("/desk/script?q=xyzzy"))


def test_what_is_searched_for_is_shown_as_it_was_typed(liga):
    answer = liga.get("/desk/script?q=<img src=x onerror=alert(1)>")
    assert "<img src=x" not in answer.text
    assert "&lt;img src=x" in answer.text


def test_beside_a_conversation_the_panel_offers_to_insert_and_no_call(liga):
    panel = liga.get("/desk/script/panel?path=waiting&language=en&conversation=abc123")
    assert panel.status_code == 200
    assert "<html" not in panel.text
    assert "data-insert=" in panel.text
    assert all("conversation=abc123" in link for link in ways(panel))
    page = liga.get("/desk/script?path=waiting&conversation=abc123")
    assert "Start a call" not in shown(page)
    assert "Customer card" not in shown(page)
    hostile = liga.get("/desk/script?path=waiting&conversation=%3Cscript%3E")
    assert not [link for link in ways(hostile) if "conversation=" in link]


def test_a_step_beside_a_conversation_is_checked_only_where_the_customer_is_confirmed_and_for_who_holds_it(
    desk,
) -> None:
    guest, holder = Guest(desk, "en").asks_for_a_person(), seated(desk)
    assert holder.post(f"{guest.path}/take").status_code == 303
    panel = f"/desk/script/panel?path=ticks&conversation={guest.id}"
    checked = "Products with a green tick: 2 of 3."
    assert checked not in holder.get(panel).text
    with desk.database.write() as writing:
        identity.code_sent(writing.get(Conversation, guest.id), "a-verification", ANNA)
    assert checked not in holder.get(panel).text, "a code that is sent shows nothing"
    confirm(desk, guest)
    assert checked in holder.get(panel).text
    assert checked not in seated(desk).get(panel).text


def test_a_call_keeps_its_place_and_its_language(desk, liga):
    assert start_call(liga, "apply.documents", "en") == "/desk/script?path=apply.documents&language=en"
    assert "Call since" in shown(liga.get("/desk/script?path=apply.documents.documents_vat&language=en"))
    resumed = liga.get("/desk/script").headers["location"]
    assert resumed == "/desk/script?path=apply.documents.documents_vat&language=en"
    liga.get("/desk/script?path=waiting&language=lv&conversation=abc")  # another customer's: the call stays
    assert call_of(desk, liga).path == "apply.documents.documents_vat"
    assert start_call(liga, "waiting", "lv")
    assert call_of(desk, liga).path == "apply.documents.documents_vat"


def test_the_card_shows_the_account_and_checks_the_step(desk, backend, liga):
    begun = start_call(liga, "ticks", "lv")
    kept = liga.post("/desk/script/customer", {"email": f" {ANNA.upper()} ", "then": begun})
    assert (kept.status_code, kept.headers["location"]) == (303, begun)
    answer = liga.get(begun)
    for text in ("Anna Bērziņa", "721 points", "missing: distributor", "Not yet. Products with a green tick: 2 of 3."):
        assert text in shown(answer)
    suggested = re.search(r"<a [^>]*>(?:(?!</a>).)*as the account shows", answer.text, re.S)[0]
    assert "No, not all" in suggested
    record = backend.trail()[-1]
    assert (record.who, record.what, record.why) == (f"agent:{liga.email}", "read account", "script")


def test_the_address_is_in_no_link_and_in_no_log_and_is_forgotten_at_the_end(desk, liga):
    begun = start_call(liga, "ticks", "lv")
    liga.post("/desk/script/customer", {"email": ANNA, "then": begun})
    answer = liga.get(begun)
    assert not [link for link in re.findall(r'(?:href|action|value)="([^"]*)"', answer.text) if "anna.berzina" in link]
    assert call_of(desk, liga).email == ANNA
    ended = liga.post("/desk/script/end", {"outcome": "later", "note": " waits\nfor the tick "})
    assert ended.headers["location"] == "/desk/script?done=call_ended"
    call = call_of(desk, liga)
    assert (call.email, call.outcome, call.note, call.path) == (None, "later", "waits for the tick", "ticks")
    assert "The call has ended and is saved." in shown(liga.get("/desk/script?done=call_ended"))
    assert "anna.berzina" not in desk.log.read_text()


def test_another_address_takes_the_place_of_the_first(desk, liga):
    begun = start_call(liga)
    liga.post("/desk/script/customer", {"email": ANNA, "then": begun})
    liga.post("/desk/script/customer", {"then": begun})
    assert call_of(desk, liga).email is None
    assert "Customer's e-mail address" in shown(liga.get(begun))


def test_an_unknown_address_and_a_malformed_one_have_words(liga):
    begun = start_call(liga)
    wrong = liga.post("/desk/script/customer", {"email": "no address", "then": begun}).headers["location"]
    assert "That does not look like an e-mail address." in shown(liga.get(wrong))
    liga.post("/desk/script/customer", {"email": "nobody@example.com", "then": begun})
    text = shown(liga.get(begun))
    assert "nobody@example.com" in text
    assert "Not yet. No account has this e-mail address." in text
    assert "Check it letter by letter." in text


def test_without_the_account_system_the_script_goes_on(tmp_path):
    desk = start_desk(tmp_path, backend_url="http://127.0.0.1:9", backend_key=KEY, agents_key=AGENTS_KEY)
    try:
        browser = seated(desk, language="lv")
        begun = start_call(browser, "waiting")
        browser.post("/desk/script/customer", {"email": ANNA, "then": begun})
        text = shown(browser.get(begun))
        assert "Kontu sistēma pašlaik neatbild." in text
        assert "Nevar pateikt." in text
        assert script.words()["waiting"]["say"]["lv"] in text
    finally:
        stop_process(desk.process)


def test_a_discarded_call_leaves_nothing(desk, liga):
    start_call(liga)
    assert liga.post("/desk/script/discard").headers["location"] == "/desk/script?done=call_discarded"
    assert call_of(desk, liga) is None
    assert "Start a call" in shown(liga.get("/desk/script"))


def test_ending_a_call_that_is_over_changes_nothing(desk, liga):
    assert liga.post("/desk/script/end", {"outcome": "solved"}).headers["location"] == "/desk/script"
    assert call_of(desk, liga) is None


@pytest.mark.parametrize("outcome", ["", "forgotten", "solved'--"])
def test_a_call_ends_with_a_known_outcome_alone(desk, liga, outcome):
    start_call(liga)
    assert liga.post("/desk/script/end", {"outcome": outcome}).status_code == 422
    assert call_of(desk, liga).ended_at is None


@pytest.mark.parametrize("path", ["call", "customer", "end", "discard"])
def test_a_change_needs_the_token_of_the_session_and_a_page_of_ours(desk, liga, path):
    start_call(liga)
    for refused in (
        liga.post(f"/desk/script/{path}", {"outcome": "solved"}, csrf=""),
        liga.post(f"/desk/script/{path}", {"outcome": "solved"}, csrf="wrong"),
        liga.post(f"/desk/script/{path}", {"outcome": "solved"}, origin="https://elsewhere.example"),
    ):
        assert refused.status_code == 403
    assert call_of(desk, liga).ended_at is None


@pytest.mark.parametrize("then", ["https://elsewhere.example/", "//elsewhere.example", "/elsewhere", "/desk\nx: y"])
def test_nobody_is_sent_elsewhere(liga, then):
    start_call(liga)
    sent = liga.post("/desk/script/customer", {"email": ANNA, "then": then}).headers["location"]
    assert sent == "/desk"


def test_where_nobody_knows_more_the_call_can_be_passed_on(liga):
    start_call(liga, "documents")
    answer = liga.get("/desk/script?path=documents.documents_vat.documents_stuck")
    link = next(link for link in ways(answer) if "end=passed_on" in link)
    chosen = re.findall(r'<input type="radio"[^>]*value="(\w+)"[^>]*checked', liga.get(link.partition("#")[0]).text)
    assert chosen == ["passed_on"]


def test_supervisors_see_how_calls_ended_and_agents_do_not(desk):
    agent, supervisor = seated(desk), seated(desk, "supervisor")
    start_call(agent, "tiers")
    agent.post("/desk/script/end", {"outcome": "gave_up"})
    text = shown(supervisor.get("/desk/script/calls?days=7"))
    assert "Customer gave up 1 0:00" in text
    assert "8. The invitation and the tier" in text
    assert agent.get("/desk/script/calls").status_code == 403
    assert "Call statistics" not in shown(agent.get("/desk/script"))
    assert "Call statistics" in shown(supervisor.get("/desk/script"))


def test_the_language_of_the_agent_changes_where_they_stand(desk, liga):
    answer = liga.get("/desk/script?path=apply.documents&language=lv&both=1")
    then = html.unescape(re.search(r'action="/desk/language">.*?name="then" value="([^"]*)"', answer.text, re.S)[1])
    assert then == "/desk/script?path=apply.documents&language=lv&both=1"
    assert liga.post("/desk/language", {"language": "lv", "then": then}).headers["location"] == then


def desk_account(backend: Backend) -> Account:
    """Return Anna's account as agents see it."""
    settings = Settings(backend_url=backend.address, backend_key=KEY, agents_key=AGENTS_KEY)
    return AgentAccounts(settings).read(ANNA, Agent(id=1, email="liga@example.com"), "script")


def opened_at(browser: Browser, guest: Guest) -> str:
    """Return the title of the step at which the script beside a conversation begins."""
    page = browser.get(guest.path).text
    return html.unescape(re.search(r'id="script-place"[^>]*>([^<]+)<', page)[1])


@pytest.mark.parametrize("language", ["lv", "en"])
def test_beside_a_conversation_the_script_begins_where_the_customer_is(desk, backend, language):
    title = {place: script.title(GUIDE, GUIDE.nodes[place].step, language) for place in GUIDE.nodes}
    browser, guest = seated(desk, language=language), Guest(desk)
    guest.asks_for_a_person()
    browser.post(f"{guest.path}/take")
    assert opened_at(browser, guest) == title["apply"]
    browser.post(f"{guest.path}/return-to-bot")
    guest.hears_from_rasa("back", "person_left")
    guest.writes("which tiers are there?")
    guest.hears_from_rasa("Silver and gold", "ask_tiers")
    guest.asks_for_a_person()
    browser.post(f"{guest.path}/take")
    assert opened_at(browser, guest) == title["tiers"], "as asked"
    confirm(desk, guest)
    account = desk_account(backend)
    assert opened_at(browser, guest) == title[checks.place_of(GUIDE, account)], "as the account shows"
    with desk.database.write() as writing:
        writing.get(Conversation, guest.id).place = "documents"
    assert opened_at(browser, guest) == title["documents"], "as the customer said"


@pytest.mark.parametrize("language", ["lv", "en"])
def test_what_to_do_stands_before_where_to_go(desk, language):
    page = seated(desk, language=language).get("/desk/script?path=apply.documents").text
    assert page.index('class="deed"') < page.index('class="ways"')

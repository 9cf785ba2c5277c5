"""Who may open which address of the desk, and what a change has to carry."""

import re

import pytest
import requests
from fastapi.routing import iter_route_contexts

from bot.app import create_app
from bot.database import now
from bot.desk import agents
from bot.settings import Settings
from tests.desk.conftest import moved

# Every address of the desk, and who may use it. A new one has to be added here.
OPEN, AGENT, SUPERVISOR = "everybody", "agent", "supervisor"
TABLE = {
    ("GET", "/desk"): AGENT,
    ("GET", "/desk/account"): AGENT,
    ("POST", "/desk/account"): AGENT,
    ("POST", "/desk/account/password"): AGENT,
    ("GET", "/desk/assets/{name}"): OPEN,
    ("GET", "/desk/conversations/{conversation_id}"): AGENT,
    ("POST", "/desk/conversations/{conversation_id}/close"): AGENT,
    ("GET", "/desk/conversations/{conversation_id}/events"): AGENT,
    ("GET", "/desk/conversations/{conversation_id}/files/{message_id}"): AGENT,
    ("POST", "/desk/conversations/{conversation_id}/return-to-bot"): AGENT,
    ("POST", "/desk/conversations/{conversation_id}/undo"): AGENT,
    ("POST", "/desk/conversations/{conversation_id}/block"): AGENT,
    ("POST", "/desk/conversations/{conversation_id}/unblock"): AGENT,
    ("POST", "/desk/conversations/{conversation_id}/reopen"): AGENT,
    ("GET", "/desk/past"): AGENT,
    ("POST", "/desk/past"): AGENT,
    ("POST", "/desk/conversations/{conversation_id}/messages"): AGENT,
    ("POST", "/desk/conversations/{conversation_id}/notes"): AGENT,
    ("POST", "/desk/conversations/{conversation_id}/read"): AGENT,
    ("POST", "/desk/conversations/{conversation_id}/reason"): AGENT,
    ("POST", "/desk/conversations/{conversation_id}/requeue"): AGENT,
    ("POST", "/desk/conversations/{conversation_id}/take"): AGENT,
    ("POST", "/desk/conversations/{conversation_id}/take-over"): SUPERVISOR,
    ("POST", "/desk/conversations/{conversation_id}/transfer"): AGENT,
    ("POST", "/desk/conversations/{conversation_id}/typing"): AGENT,
    ("GET", "/desk/events"): AGENT,
    ("POST", "/desk/here"): AGENT,
    ("POST", "/desk/language"): AGENT,
    ("GET", "/desk/measures"): SUPERVISOR,
    ("GET", "/desk/measures/csv"): SUPERVISOR,
    ("GET", "/desk/measures/events"): SUPERVISOR,
    ("GET", "/desk/personal-data"): SUPERVISOR,
    ("POST", "/desk/personal-data/erase"): SUPERVISOR,
    ("POST", "/desk/personal-data/export"): SUPERVISOR,
    ("POST", "/desk/personal-data/find"): SUPERVISOR,
    ("POST", "/desk/personal-data/requests/{request_id}/done"): SUPERVISOR,
    ("POST", "/desk/presence"): AGENT,
    ("GET", "/desk/quality"): SUPERVISOR,
    ("GET", "/desk/quality/judging"): SUPERVISOR,
    ("GET", "/desk/quality/judging/exam"): SUPERVISOR,
    ("POST", "/desk/quality/judging/next"): SUPERVISOR,
    ("GET", "/desk/quality/judging/{conversation_id}"): SUPERVISOR,
    ("POST", "/desk/quality/judging/{conversation_id}/open"): SUPERVISOR,
    ("POST", "/desk/quality/judging/{conversation_id}/{message_id}"): SUPERVISOR,
    ("GET", "/desk/quality/patch"): SUPERVISOR,
    ("GET", "/desk/quality/{message_id}"): SUPERVISOR,
    ("POST", "/desk/quality/{message_id}"): SUPERVISOR,
    ("POST", "/desk/quality/decisions/{filing_id}/take-back"): SUPERVISOR,
    ("GET", "/desk/quality/trials"): SUPERVISOR,
    ("POST", "/desk/quality/trials"): SUPERVISOR,
    ("POST", "/desk/quality/trials/cancel"): SUPERVISOR,
    ("POST", "/desk/quality/trials/back"): SUPERVISOR,
    ("POST", "/desk/quality/trials/{trial_id}/use"): SUPERVISOR,
    ("GET", "/desk/replies"): AGENT,
    ("POST", "/desk/replies"): AGENT,
    ("POST", "/desk/replies/{reply_id}"): AGENT,
    ("POST", "/desk/replies/{reply_id}/restore"): AGENT,
    ("POST", "/desk/replies/{reply_id}/retire"): AGENT,
    ("POST", "/desk/replies/{reply_id}/use"): AGENT,
    ("GET", "/desk/script"): AGENT,
    ("POST", "/desk/script/call"): AGENT,
    ("GET", "/desk/script/calls"): SUPERVISOR,
    ("POST", "/desk/script/customer"): AGENT,
    ("POST", "/desk/script/discard"): AGENT,
    ("POST", "/desk/script/end"): AGENT,
    ("GET", "/desk/script/panel"): AGENT,
    ("GET", "/desk/sign-in"): OPEN,
    ("POST", "/desk/sign-in"): OPEN,
    ("GET", "/desk/sign-in/code"): OPEN,
    ("POST", "/desk/sign-in/code"): OPEN,
    ("GET", "/desk/sign-in/callback"): OPEN,
    ("GET", "/desk/sign-in/forgotten"): OPEN,
    ("POST", "/desk/sign-in/forgotten"): OPEN,
    ("POST", "/desk/sign-in/forgotten/new"): OPEN,
    ("GET", "/desk/sign-in/issuer"): OPEN,
    ("POST", "/desk/sign-out"): AGENT,
    ("POST", "/desk/sign-out-everywhere"): AGENT,
    ("GET", "/desk/status"): SUPERVISOR,
    ("POST", "/desk/status/again/{kind}/{number}"): SUPERVISOR,
    ("GET", "/desk/team"): SUPERVISOR,
    ("POST", "/desk/team"): SUPERVISOR,
    ("GET", "/desk/team/{agent_id}"): SUPERVISOR,
    ("POST", "/desk/team/{agent_id}/code"): SUPERVISOR,
    ("POST", "/desk/team/{agent_id}/delete"): SUPERVISOR,
    ("POST", "/desk/team/{agent_id}/disable"): SUPERVISOR,
    ("POST", "/desk/team/{agent_id}/enable"): SUPERVISOR,
    ("POST", "/desk/team/{agent_id}/password"): SUPERVISOR,
    ("POST", "/desk/team/{agent_id}/rename"): SUPERVISOR,
    ("POST", "/desk/team/{agent_id}/role"): SUPERVISOR,
    ("POST", "/desk/tickets/{ticket_id}/done"): AGENT,
}
STREAMS = ("/desk/events", "/desk/measures/events")  # never end by themselves
LEADS_BACK = ("/desk/sign-out", "/desk/sign-out-everywhere", "/desk/sign-in/code")  # to the first page of the sign-in
CHANGES = [address for address, who in TABLE.items() if address[0] != "GET" and who != OPEN]
# The fields of the forms, so that nothing is missing except the right to send them.
FORMS = {
    "/desk/account": {"language": "lv", "at_once": "3"},
    "/desk/conversations/{conversation_id}/block": {"span": "hour"},
    "/desk/conversations/{conversation_id}/close": {"outcome": "solved"},
    "/desk/conversations/{conversation_id}/messages": {"text": "?", "client_id": "0123456789"},
    "/desk/conversations/{conversation_id}/read": {"last": "1"},
    "/desk/conversations/{conversation_id}/reason": {"reason": "as a test"},
    "/desk/conversations/{conversation_id}/transfer": {"to": "1"},
    "/desk/language": {"language": "lv"},
    "/desk/personal-data/export": {"kind": "json"},
    "/desk/presence": {"presence": "busy"},
    "/desk/quality/judging/{conversation_id}/{message_id}": {"verdict": "bad"},
    "/desk/quality/{message_id}": {"chosen": "1", "decision": "set_aside"},
    "/desk/script/end": {"outcome": "solved"},
    "/desk/team": {"role": "agent"},
    "/desk/team/{agent_id}/role": {"role": "agent"},
}


@pytest.fixture(scope="module")
def people(desk):
    """A browser for each role."""
    return {OPEN: desk.visit, AGENT: lambda: desk.signed_in(), SUPERVISOR: lambda: desk.signed_in("supervisor")}


def ask(browser, method: str, path: str, csrf: str | None = None, **headers: str):
    concrete = re.sub(r"\{\w+\}", "999999", path)
    if path in STREAMS:
        return browser.open(concrete, **headers)
    if method == "GET":
        return browser.get(concrete, **headers)
    return browser.post(concrete, FORMS.get(path), csrf, **headers)


def test_the_table_names_every_address(tmp_path):
    app = create_app(Settings(data_dir=tmp_path))
    found = {
        (method, route.path)
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or ()) - {"HEAD"}
        if route.path.startswith("/desk")
    }
    assert found == TABLE.keys()


@pytest.mark.parametrize(("method", "path"), TABLE)
def test_an_address_opens_to_those_who_may(desk, people, method, path):
    may = TABLE[method, path]
    for who in (OPEN, AGENT, SUPERVISOR):
        answer = ask(people[who](), method, path)
        if may == OPEN or who in (may, SUPERVISOR):
            signs_in = "/desk/sign-in" in answer.headers.get("location", "") and path not in LEADS_BACK
            assert not signs_in, who
            assert "Jums nav tiesību veikt šo darbību" not in answer.text, who
        elif who == OPEN:
            assert answer.status_code == 303, who
            assert answer.headers["location"].startswith("/desk/sign-in")
        else:
            assert answer.status_code == 403, who
            assert "Jums nav tiesību veikt šo darbību" in answer.text


@pytest.mark.parametrize(("method", "path"), [address for address in TABLE if TABLE[address] != OPEN])
@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/event-stream"])
def test_a_script_that_is_not_signed_in_is_told_so(desk, method, path, accept):
    answer = ask(desk.visit(), method, path, accept=accept)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:cps:sign-in-first"


@pytest.mark.parametrize(("method", "path"), [address for address in TABLE if TABLE[address] != OPEN])
def test_the_key_of_a_customers_conversation_opens_nothing_of_the_desk(desk, method, path):
    opened = requests.post(f"{desk.address}/api/conversations", json={"language": "lv"}, timeout=30).json()
    answer = ask(desk.visit(), method, path, accept="*/*", authorization=f"Bearer {opened['token']}")
    assert answer.status_code == 401


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_a_change_needs_the_token_of_the_session_and_a_page_of_ours(desk, method, path):
    browser, other = desk.signed_in("supervisor"), desk.signed_in("supervisor")
    for csrf in ("", "made-up", other.csrf, browser.token, "\u0101"):
        answer = ask(browser, method, path, csrf)
        assert answer.status_code == 403, csrf
        assert "Lapa ir novecojusi" in answer.text
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec_fetch_site": "cross-site"}):
        answer = ask(browser, method, path, **headers)
        assert answer.status_code == 403, headers
        assert "Darbība nav izpildīta" in answer.text
    assert browser.is_in
    assert desk.get(browser.email).presence == "available"


def test_a_script_of_ours_may_show_the_token_in_a_header(desk):
    browser = desk.signed_in()
    for csrf, status in ((browser.csrf, 204), ("made-up", 403)):
        answer = browser.post("/desk/presence", {"presence": "busy"}, "", accept="*/*", x_csrf=csrf)
        assert answer.status_code == status
    assert desk.get(browser.email).presence == "busy"


def test_who_is_not_signed_in_comes_back_to_the_page_asked_for(desk):
    browser, agent = desk.visit(), desk.add(role="supervisor")
    location = browser.get("/desk/team?done=saved").headers["location"]
    assert location == "/desk/sign-in?then=%2Fdesk%2Fteam%3Fdone%3Dsaved"
    assert browser.sign_in(agent.email, then="/desk/team?done=saved").headers["location"] == "/desk/team?done=saved"


@pytest.mark.parametrize("token", ["", "made-up", "x" * 4000, "\u00e4", "' OR 1=1 --"])
def test_no_other_token_opens_the_desk(desk, token):
    answer = desk.visit().get("/desk", cookie=f"desk_session={token}".encode("latin-1"))
    assert answer.status_code == 303


def test_a_disabled_agents_sessions_end_at_once_and_stay_ended(desk):
    browser, elsewhere = desk.signed_in(), desk.visit()
    elsewhere.sign_in(browser.email)
    with desk.database.write() as session:
        agents.disable(session, agents.by_email(session, browser.email))
    assert not browser.is_in
    assert not elsewhere.is_in
    with desk.database.write() as session:
        agents.enable(session, agents.by_email(session, browser.email))
    assert not browser.is_in
    assert desk.sign_in(browser.email).is_in


def test_a_row_that_is_marked_as_disabled_is_enough(desk):
    browser = desk.signed_in()
    with desk.database.write() as session:
        agents.by_email(session, browser.email).disabled_at = now()
    assert not browser.is_in


def test_a_role_that_is_taken_away_is_gone_at_once(desk):
    browser = desk.signed_in("supervisor")
    assert browser.get("/desk/team").status_code == 200
    with desk.database.write() as session:
        agents.by_email(session, browser.email).role = "agent"
    assert browser.get("/desk/team").status_code == 403


def test_signing_out_everywhere_ends_all_sessions_of_this_agent_alone(desk):
    browser, elsewhere, another = desk.signed_in(), desk.visit(), desk.signed_in()
    elsewhere.sign_in(browser.email)
    assert elsewhere.is_in
    assert browser.post("/desk/sign-out-everywhere").status_code == 303
    assert not browser.is_in
    assert not elsewhere.is_in
    assert another.is_in


@pytest.mark.parametrize("path", ["/desk", "/desk/account", "/desk/sign-in", "/desk/nothing"])
def test_a_page_may_be_framed_and_kept_by_nobody_and_runs_our_scripts_alone(desk, path):
    for browser in (desk.visit(), desk.signed_in()):
        answer = browser.session.get(desk.address + path, timeout=30)
        policy = answer.headers["content-security-policy"]
        nonce = re.search(r"script-src 'nonce-([\w-]{20,})'", policy)[1]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        for rule in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
            assert rule in policy
        assert "unsafe" not in policy
        assert set(re.findall(r"<script[^>]*nonce=\"([^\"]*)\"", answer.text)) <= {nonce}
        assert answer.text.count("<script") == answer.text.count(f'nonce="{nonce}"')
        assert nonce not in browser.session.get(desk.address + path, timeout=30).text


@pytest.mark.parametrize(("language", "words"), [("lv", "Šādas lapas nav"), ("en", "There is no such page")])
def test_what_is_missing_is_said_in_the_desks_look_and_the_agents_language(desk, language, words):
    browser = desk.signed_in(language=language)
    for path in ("/desk/nothing", "/desk/nothing/at/all", "/desk/sign-out"):
        answer = browser.get(path)
        assert answer.status_code in (404, 405)
        assert words in answer.text
        assert "Anna" in answer.text
    assert browser.get("/desk/nothing", accept="*/*").headers["content-type"] == "application/problem+json"


def test_the_rest_of_the_website_side_keeps_its_problems(desk):
    browser = desk.visit()
    for path in ("/nothing", "/deskevil", "/api/conversation"):
        assert browser.get(path).headers["content-type"] == "application/problem+json"


def test_a_page_that_is_out_of_date_says_so(desk):
    browser = desk.signed_in()
    answer = browser.post("/desk/presence", {"presence": "asleep"})
    assert answer.status_code == 422
    assert "Lapa ir novecojusi" in answer.text


@pytest.mark.parametrize("name", ["base.html", "words.yml", "..%2Fwords.yml", "session.py", "nothing.css"])
def test_no_other_file_of_the_desk_is_served(desk, name):
    assert desk.visit().get(f"/desk/assets/{name}").status_code == 404


def test_a_session_that_ended_is_forgotten_when_somebody_signs_in(desk):
    browser = desk.signed_in()
    moved(desk, 9 * 3600)
    desk.signed_in()
    with desk.database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM agent_sessions").scalar() == 1
    assert not browser.is_in

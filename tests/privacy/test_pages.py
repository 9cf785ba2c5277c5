"""The page Personal data of the desk."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.conversations import data_requests, lifecycle
from bot.conversations.models import Conversation, Message, Ticket
from bot.database import now
from bot.desk.models import AuditEntry, Removal
from tests.conftest import stop_process, wait_for
from tests.customer import Customer as Guest
from tests.desk.conftest import Desk, start_desk


def removed(desk: Desk) -> list[Removal]:
    with desk.database.read() as session:
        return list(session.scalars(select(Removal)))


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Desk:
    """A desk whose periodic jobs find a conversation that is past its term when they first run."""
    folder = tmp_path_factory.mktemp("desk")
    old = start_desk(folder)
    stop_process(old.process)
    with old.database.write() as session:
        lifecycle.open_conversation(session, "lv")
        at = now() - timedelta(days=91)
        session.execute(update(Conversation).values(created_at=at))
        session.execute(update(Message).values(created_at=at))
    started = start_desk(folder, old.url)
    wait_for(lambda: removed(started))
    yield started
    stop_process(started.process)


def test_only_supervisors_see_it(desk):
    agent, supervisor = desk.signed_in(), desk.signed_in("supervisor")
    assert agent.get("/desk/personal-data").status_code == 403
    assert "/desk/personal-data" not in agent.get("/desk").text
    assert "/desk/personal-data" in supervisor.get("/desk").text
    assert desk.visit().get("/desk/personal-data").status_code == 303


def test_it_shows_the_terms_the_next_check_and_what_went(desk):
    shown = desk.signed_in("supervisor").get("/desk/personal-data").text
    assert '<td>Sarunas bez darbinieka</td><td class="number">90</td>' in shown
    assert '<td>Sarunas bez darbinieka</td><td class="number">1</td>' in shown
    assert "Nākamā pārbaude: " in shown
    english = desk.signed_in("supervisor", language="en").get("/desk/personal-data").text
    assert "Next check: " in english


HERE = "/desk/personal-data"


def left_message(desk: Desk, email: str) -> Guest:
    """A customer who left a message with an address."""
    guest = Guest(desk.address, "en", is_greeted=False)
    body = {"client_id": "client-0001", "email": email, "text": "please <b>call</b>"}
    assert guest.call("POST", "conversation/ticket", body).status_code == 204
    return guest


def audit(desk: Desk) -> list[tuple[str, str]]:
    with desk.database.read() as session:
        return [(one.who, one.what) for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_a_person_is_looked_up_downloaded_and_erased(desk):
    email, boss = "to.erase@example.com", desk.signed_in("supervisor", language="en")
    guest = left_message(desk, email)
    shown = boss.post(f"{HERE}/find", {"email": " To.Erase@example.com"})
    assert shown.status_code == 200
    assert '<th scope="row">Messages left</th><td class="number">1</td>' in shown.text
    read = boss.post(f"{HERE}/export", {"email": email, "kind": "json"})
    assert read.headers["content-disposition"] == 'attachment; filename="personal-data.json"'
    assert read.json()["conversations"][0]["tickets"][0]["text"] == "please <b>call</b>"
    page = boss.post(f"{HERE}/export", {"email": email, "kind": "html"})
    assert "please &lt;b&gt;call&lt;/b&gt;" in page.text
    assert "sandbox" in page.headers["content-security-policy"]
    refused = boss.post(f"{HERE}/erase", {"email": email, "typed": "to.erase@example.co"})
    assert refused.status_code == 422
    assert "Nothing has been erased" in refused.text
    assert guest.call("GET", "conversation").status_code == 200
    done = boss.post(f"{HERE}/erase", {"email": email, "typed": " To.erase@example.com "})
    assert done.headers["location"] == f"{HERE}?done=erased"
    assert "The person&#39;s data has been erased." in boss.get(done.headers["location"]).text
    assert guest.call("GET", "conversation").status_code == 401
    with desk.database.read() as session:
        assert email not in session.scalars(select(Ticket.email)).all()
    assert audit(desk)[-5:] == [(boss.email, what) for what in ("found", "exported", "exported", "found", "erased")]
    assert email not in boss.get(HERE).text
    assert "Erased (conversations: 1, calls: 0)" in boss.get(HERE).text


@pytest.mark.parametrize("path", ["find", "export", "erase", "requests/1/done"])
def test_only_supervisors_may_work_with_it(desk, path):
    form = {"email": "anna@example.com", "kind": "json", "typed": "anna@example.com"}
    assert desk.signed_in().post(f"{HERE}/{path}", form).status_code == 403
    boss = desk.signed_in("supervisor")
    assert boss.post(f"{HERE}/{path}", form, csrf="").status_code == 403
    assert boss.post(f"{HERE}/{path}", form, origin="https://elsewhere.example").status_code == 403


@pytest.mark.parametrize(
    "email", ["", "nobody", "%", "x" * 250 + "@example.com", "a@example.com\x00\nb", "' OR 1=1 --"]
)
def test_what_is_no_address_finds_nothing(desk, email):
    boss, before = desk.signed_in("supervisor"), audit(desk)
    for path in ("find", "export", "erase"):
        answer = boss.post(f"{HERE}/{path}", {"email": email, "kind": "json", "typed": email})
        assert answer.status_code == 422
    assert audit(desk) == before


def test_what_customers_ask_is_listed_until_it_is_done(desk):
    left_message(desk, "asks@example.com")
    with desk.database.write() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.email == "asks@example.com")).one()
        conversation = session.get_one(Conversation, ticket.conversation_id)
        data_requests.record_request(session, conversation, "export", "asks@example.com")
        request = data_requests.open_requests(session, 1)[0].id
    boss = desk.signed_in("supervisor")
    assert "Vēlas saņemt savus datus" in boss.get(HERE).text
    assert boss.post(f"{HERE}/requests/{request}/done").headers["location"] == f"{HERE}?done=saved"
    assert "Vēlas saņemt savus datus" not in boss.get(HERE).text
    for unknown in (request, 999999, 0, "x"):
        assert boss.post(f"{HERE}/requests/{unknown}/done").status_code in (404, 422)

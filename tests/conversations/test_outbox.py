"""Every change of hands is reported to a helpdesk, signed and with retries; messages left by customers are e-mailed."""

import base64
import hmac
import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import delete, select, update

from bot.conversations import handoff, lifecycle, messages, queue
from bot.conversations.models import Conversation, Ticket, Transition
from bot.database import now
from bot.settings import Settings
from bot.web.mail_status import MailStatus
from bot.web.outbox import OLDEST, PAUSES, Outbox
from bot.webhooks import signed
from tests.conftest import wait_for
from tests.conversations.talk import LIGA, OPEN
from tests.mail import SmtpServer, text_of

SECRET = "secret of the tests"


class Helpdesk:
    """A fake, as the helpdesk is an external service: it answers with a status, and keeps what it received."""

    def __init__(self) -> None:
        self.status, self.heard, self.waits_for = 200, [], None
        helpdesk = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                helpdesk.heard.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                if helpdesk.waits_for:
                    helpdesk.waits_for.wait(60)
                self.send_response(helpdesk.status)
                self.send_header("location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/hooks/cps/"


@pytest.fixture
def helpdesk():
    started = Helpdesk()
    yield started
    started.server.shutdown()


@pytest.fixture
def asked(database) -> str:
    """A conversation in which the customer has asked for a person."""
    with database.write() as session:
        conversation = lifecycle.open_conversation(session, "en")[1]
        handoff.customer_says(session, conversation, "client-0001", "where is my button?", "where is my button?")
        queue.ask(session, conversation, "asked", OPEN)
        return conversation.id


def outbox(database, helpdesk: Helpdesk) -> Outbox:
    return Outbox(Settings(webhook_url=helpdesk.address, webhook_secret=SECRET, webhook_words=True), database)


def let_time_pass(database, kind: type = Transition) -> None:
    """Make everything due that waits for a retry; what is given up is not."""
    waits = kind.due_at < now() + 2 * max(PAUSES)
    with database.write() as session:
        session.execute(update(kind).where(waits).values(due_at=now() - timedelta(seconds=1)))


def is_genuine(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """Check a signature as docs/webhook.md says."""
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.digest(secret.encode(), content, "sha256")).decode()
    return hmac.compare_digest(headers["webhook-signature"], f"v1,{wanted}")


def test_a_signature_is_the_one_of_the_standard():
    made = signed(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        1614265330,
    )
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_helpdesk_hears_of_each_change_once_in_order_and_signed(database, helpdesk, asked):
    with database.write() as session:
        conversation = lifecycle.lock(session, asked)
        handoff.take(session, conversation, LIGA)
        handoff.close(session, conversation, "solved", "explained")
    box = outbox(database, helpdesk)
    box.send()
    box.send()
    news = [json.loads(body) for _, _, body in helpdesk.heard]
    assert [(one["before"], one["after"], one["cause"]) for one in news] == [
        ("assistant", "waiting", "asked"),
        ("waiting", "agent", "taken"),
        ("agent", "closed", "done"),
    ]
    assert (news[2]["agent"], news[2]["outcome"], news[2]["line"]) == ("L\u012bga", "solved", "explained")
    assert news[0]["conversation"] == asked
    assert news[0]["summary"]["last_message"] == "where is my button?"
    assert (news[0]["summary"]["details"], news[0]["summary"]["problem"]) == ({}, None)
    for path, headers, body in helpdesk.heard:
        assert path == "/hooks/cps/", "as it was set, to the last slash"
        assert is_genuine(headers, body, SECRET)
        assert not is_genuine(headers, body + b" ", SECRET)
        assert not is_genuine(headers, body, "another secret")
        assert not is_genuine(headers | {"webhook-timestamp": "1"}, body, SECRET)
    assert len({headers["webhook-id"] for _, headers, _ in helpdesk.heard}) == 3


def test_nothing_that_anybody_wrote_or_that_an_account_holds_leaves_unasked(database, helpdesk, asked):
    with database.write() as session:
        conversation = lifecycle.lock(session, asked)
        conversation.details, conversation.problem = {"points": "2500 of them"}, "password_mail/problem-link_dead"
        answer = messages.add_message(session, conversation, "assistant", "You have 721 points")
        answer.response = "utter_my_points"
        handoff.take(session, conversation, LIGA)
        handoff.close(session, conversation, "solved", "explained the invoice")
    Outbox(Settings(webhook_url=helpdesk.address, webhook_secret=SECRET), database).send()
    sent = b"".join(body for _, _, body in helpdesk.heard).decode()
    assert len(helpdesk.heard) == 3
    for words in ("where is my button?", "721 points", "2500 of them", "explained"):
        assert words not in sent
    last = json.loads(helpdesk.heard[-1][2])
    assert (last["outcome"], last["line"]) == ("solved", None)
    assert last["summary"] | {"place": None} == {
        "language": "en",
        "topics": [],
        "place": None,
        "details": {},
        "problem": "password_mail/problem-link_dead",
        "look_ups": [],
        "last_message": None,
        "unanswered": False,
    }


@pytest.mark.parametrize("status", [500, 301, 404])
def test_what_a_helpdesk_does_not_take_is_sent_again_later_under_the_same_key(database, helpdesk, asked, status):
    helpdesk.status, box = status, outbox(database, helpdesk)
    box.send()
    box.send()
    assert len(helpdesk.heard) == 1, "not before its pause is over"
    helpdesk.status = 200
    let_time_pass(database)
    box.send()
    let_time_pass(database)
    box.send()
    keys = [headers["webhook-id"] for _, headers, _ in helpdesk.heard]
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_a_helpdesk_that_never_answers_is_given_up_and_the_next_news_is_still_sent(database, helpdesk, asked):
    helpdesk.status, box = 503, outbox(database, helpdesk)
    for _ in range(len(PAUSES) + 5):
        box.send()
        let_time_pass(database)
    assert len(helpdesk.heard) == len(PAUSES) + 1
    helpdesk.status = 200
    with database.write() as session:
        handoff.take(session, lifecycle.lock(session, asked), LIGA)
    box.send()
    assert json.loads(helpdesk.heard[-1][2])["cause"] == "taken"


def test_what_a_process_claimed_and_never_sent_is_sent_by_another(database, helpdesk, asked):
    with database.write() as session:
        for transition in session.scalars(select(Transition)):
            transition.attempts, transition.due_at = len(PAUSES) + 1, now()  # the process died during the last attempt
    outbox(database, helpdesk).send()
    assert len(helpdesk.heard) == 1


def test_two_presses_send_once(database, helpdesk, asked):
    box, may_answer = outbox(database, helpdesk), threading.Event()
    helpdesk.status = 500
    box.send()
    helpdesk.heard.clear()
    helpdesk.status, helpdesk.waits_for = 200, may_answer
    with database.read() as session:
        number = session.scalars(select(Transition.id).where(Transition.due_at.is_not(None))).one()
    first = threading.Thread(target=box.send_again, args=("webhook", number))
    first.start()
    wait_for(lambda: helpdesk.heard)
    assert not box.send_again("webhook", number)
    may_answer.set()
    first.join()
    assert len(helpdesk.heard) == 1
    assert box.send_again("webhook", number)  # it has arrived
    assert len(helpdesk.heard) == 1


def test_without_an_address_nothing_is_sent_and_nothing_fails(database, asked):
    assert Outbox(Settings(), database).send() == []


@pytest.mark.parametrize(("language", "subject"), [("lv", "atst\u0101ta zi\u0146a"), ("en", "message")])
def test_a_message_that_was_left_becomes_one_letter_to_the_support(database, language, subject):
    with database.write() as session:
        conversation = lifecycle.open_conversation(session, language)[1]
        queue.leave_ticket(session, conversation, "ticket-1", "anna@example.com", "call me {back}\nBcc: x@example.com")
    server = SmtpServer()
    settings = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none"}
    box = Outbox(Settings(**settings, support_email="support@example.com"), database)
    try:
        box.send()
        let_time_pass(database, Ticket)
        box.send()
    finally:
        server.close()
    (letter,) = server.letters
    assert letter["to"] == "support@example.com"
    assert letter["bcc"] is None
    assert subject in letter["subject"]
    assert letter["reply-to"] == "anna@example.com"
    text = text_of(letter)
    assert "anna@example.com" in text
    assert "call me {back}" in text


def test_what_is_erased_while_it_is_told_keeps_nothing_else_from_being_told(database, helpdesk, asked):
    with database.write() as session:
        other = lifecycle.open_conversation(session, "en")[1].id
        queue.ask(session, lifecycle.lock(session, other), "asked", OPEN)

    class Erasing(list):
        def append(self, heard) -> None:
            super().append(heard)
            with database.write() as session:
                session.execute(delete(Conversation).where(Conversation.id == asked))

    helpdesk.heard = Erasing()
    outbox(database, helpdesk).send()
    assert [json.loads(body)["conversation"] for _, _, body in helpdesk.heard] == [asked, other]
    with database.read() as session:
        assert session.scalars(select(Transition.due_at)).all() == [None]


def test_a_message_that_cannot_be_mailed_stays_marked_and_is_not_sent_for_ever(database):
    with database.write() as session:
        conversation = lifecycle.open_conversation(session, "lv")[1]
        queue.leave_ticket(session, conversation, "ticket-1", "anna@example.com", "?")
    server, mail_status = SmtpServer(), MailStatus()
    server.letter_answer = "451 later"
    settings = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none"}
    box = Outbox(Settings(**settings, support_email="support@example.com"), database, mail_status)
    try:
        for _ in range(len(PAUSES) + 1):
            box.send()
            assert mail_status.failing_since
            let_time_pass(database, Ticket)
        with database.read() as session:
            kept = session.scalars(select(Ticket)).one()
            assert (kept.attempts, kept.due_at is None) == (len(PAUSES) + 1, False)
        with database.write() as session:  # a day later
            session.execute(update(Ticket).values(created_at=now() - OLDEST))
        server.letter_answer = "250 OK"
        box.send()
        assert not server.letters
    finally:
        server.close()

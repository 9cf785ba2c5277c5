"""Customers who have left get an agent's answer by e-mail, once for several messages."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.conversations import handoff, identity, lifecycle, messages, queue
from bot.conversations.models import Conversation, Message
from bot.database import Database, now
from bot.settings import Settings
from bot.web.answer_mail import AnswerMail
from bot.web.mail_status import MailStatus
from tests.conversations.talk import LIGA, OPEN, Talk
from tests.mail import SmtpServer, text_of

ANNA = "anna@example.com"
AFTER = 180
SITE = "https://www.example.com"


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    started = SmtpServer()
    yield started
    started.close()


@pytest.fixture
def post(database: Database, server: SmtpServer) -> AnswerMail:
    settings = Settings(
        smtp_host="127.0.0.1",
        smtp_port=server.port,
        smtp_tls="none",
        frame_ancestors=f"'self' {SITE} https://*.example.org",
        answer_mail_after=AFTER,
    )
    return AnswerMail(settings, database, MailStatus())


@pytest.fixture
def left(talk: Talk) -> Talk:
    """A conversation with an agent, whose customer has left an address and is gone."""
    talk.do(queue.leave_ticket, "client-0001", ANNA, "?")
    talk.do(queue.ask, "asked", OPEN)
    talk.do(handoff.take, LIGA)
    return talk


def later(talk: Talk, seconds: int = AFTER) -> None:
    earlier = timedelta(seconds=seconds)
    with talk.database.write() as session:
        for message in session.scalars(select(Message)):
            message.created_at -= earlier


def values(talk: Talk, **columns: object) -> None:
    with talk.database.write() as session:
        session.execute(update(Conversation).where(Conversation.id == talk.id).values(columns))


def test_several_answers_come_in_one_letter_and_no_answer_comes_twice(post, server, left):
    for _ in range(2):
        left.agent_writes()
    post.send()
    assert server.letters == []
    later(left)
    left.agent_writes()
    for _ in range(2):
        post.send()
    (letter,) = server.letters
    assert letter["to"] == ANNA
    assert text_of(letter).count("!") == 3 + 1  # and one after the greeting
    left.agent_writes()
    later(left)
    post.send()
    assert text_of(server.letters[1]).count("!") == 1 + 1


@pytest.mark.parametrize(
    "gone",
    [
        lambda talk, last: values(talk, seen_id=last),
        lambda talk, _: talk.do(lifecycle.close_conversation),
        lambda talk, _: talk.do(lambda __, mine: identity.forget_told(mine)),
        lambda talk, _: later(talk, 86_400),
    ],
    ids=["seen", "logged out", "somebody else goes on", "too old"],
)
def test_nothing_is_sent_that_nobody_waits_for(post, server, left, gone):
    gone(left, left.agent_writes())
    later(left)
    post.send()
    assert server.letters == []


def test_an_answer_goes_to_the_confirmed_address(post, server, left):
    confirmed = "confirmed@example.com"
    left.do(lambda _, mine: identity.confirmed(mine, "t", now() + timedelta(hours=1), "Anna", confirmed))
    left.do(queue.leave_ticket, "client-0002", "other@example.com", "?")
    left.do(lambda _, mine: identity.forget_identity(mine))  # it has run out
    left.agent_writes()
    later(left)
    post.send()
    assert [letter["to"] for letter in server.letters] == [confirmed]


@pytest.mark.parametrize(
    ("page", "is_named"),
    [
        (f"{SITE}/a", True),
        ("https://a.b.example.org/", True),
        ("https://www.example.com.evil.example/", False),
        ("https://evilexample.org/", False),
        ("https://elsewhere.example/https://www.example.com/", False),
        (None, False),
    ],
)
def test_a_letter_leads_to_pages_of_the_sites_in_the_settings_alone(post, server, left, page, is_named):
    values(left, page_address=page)
    left.agent_writes()
    later(left)
    post.send()
    assert ("#cps-assistant" in text_of(server.letters[0])) == is_named
    assert (f"{page}#cps-assistant" in text_of(server.letters[0])) == is_named


def test_a_letter_that_was_not_accepted_is_sent_again(post, server, left):
    server.letter_answer = "451 later"
    left.agent_writes()
    later(left)
    post.send()
    assert server.letters == []
    server.letter_answer = "250 OK"
    post.send()
    assert len(server.letters) == 1


@pytest.mark.parametrize("setting", [{"smtp_host": ""}, {"answer_mail_after": 0}])
def test_nothing_is_sent_where_the_settings_say_so(database, server, left, setting):
    given = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none"} | setting
    left.agent_writes()
    later(left)
    AnswerMail(Settings(**given), database, MailStatus()).send()
    assert server.letters == []
    assert left.do(messages.count_unread) == 0

"""A wait that is too long is noted once, until nobody waits so long any more, and told to the webhook."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select

from bot.conversations import handoff, queue
from bot.conversations.models import WaitAlert
from bot.conversations.timeouts import Timeouts
from bot.database import now
from bot.settings import Settings
from tests.conversations.talk import LIGA, OPEN, Talk
from tests.conversations.test_outbox import SECRET, Helpdesk, helpdesk, is_genuine, let_time_pass, outbox  # noqa: F401

LIMIT = 300


def watched(talk: Talk, limit: int = LIMIT) -> list[WaitAlert]:
    """Look at the queue as the periodic job does, from two processes at once; return what is noted."""
    jobs = [Timeouts(Settings(long_wait=limit), talk.database).watch_queue for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        assert [done.result() for done in [pool.submit(job) for job in jobs]] == [[], []]
    with talk.database.read() as session:
        return list(session.scalars(select(WaitAlert).order_by(WaitAlert.id)))


def waits(talk: Talk, seconds: int) -> None:
    """Have the customer wait in the queue, for so long already."""
    talk.do(queue.ask, "asked", OPEN)
    talk.do(lambda _, mine: setattr(mine, "asked_at", now() - timedelta(seconds=seconds)))


def test_a_long_wait_is_noted_once_and_again_when_there_is_another(talk):
    assert watched(talk) == []
    waits(talk, LIMIT - 60)
    assert watched(talk) == []
    waits(talk, LIMIT + 5)
    for _ in range(2):
        (alert,) = watched(talk)
        assert (alert.waiting, alert.is_open) == (1, True)
        assert alert.seconds >= LIMIT + 5
    talk.do(handoff.take, LIGA)
    assert [one.is_open for one in watched(talk)] == [None]
    talk.do(handoff.requeue)
    waits(talk, LIMIT + 5)
    assert [one.is_open for one in watched(talk)] == [None, True]


def test_without_a_limit_no_wait_is_too_long(talk):
    waits(talk, 10_000)
    assert watched(talk, 0) == []


def test_the_webhook_is_told_signed_and_again_until_it_arrives(talk, helpdesk):  # noqa: F811
    talk.do(queue.ask, "asked", OPEN)
    outbox(talk.database, helpdesk).send()
    helpdesk.heard.clear()
    waits(talk, LIMIT + 5)
    (alert,) = watched(talk)
    helpdesk.status = 503
    box = outbox(talk.database, helpdesk)
    box.send()
    helpdesk.status = 200
    for _ in range(2):
        let_time_pass(talk.database, WaitAlert)
        box.send()
    assert [headers["webhook-id"] for _, headers, _ in helpdesk.heard] == [f"wait-{alert.id}"] * 2
    _, headers, body = helpdesk.heard[-1]
    assert is_genuine(headers, body, SECRET)
    told = json.loads(body)
    assert (told["type"], told["waiting"], told["longest_wait"], told["limit"]) == (
        "queue.wait_too_long",
        1,
        alert.seconds,
        LIMIT,
    )

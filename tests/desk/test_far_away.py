"""The clock is moved, or what is far away does not answer: what the customer, the agent and the operator see."""

import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.conversations.models import Message
from tests.conftest import stop_process, wait_for
from tests.customer import Customer
from tests.desk.conftest import Desk, start_desk, start_desk_process
from tests.desk.issuer import Provider
from tests.desk.test_conversation import Guest, client_id, taken
from tests.desk.test_oidc import begin, person, settings, sign_in
from tests.desk.test_status import HERE, words

LANGUAGES = ["lv", "en"]
HOUR, YEAR = 3600, 365 * 86_400
UNREACHABLE = {"lv": "serveri pašlaik nevar sasniegt", "en": "The sign-in server cannot be reached"}
LOST = {"lv": "Savienojums ar darbinieku", "en": "The connection to the agent"}


@dataclass
class Clock:
    """The clock of a website side that runs as a process of its own."""

    desk: Desk
    file: Path

    def move(self, seconds: int) -> None:
        """Put it forward, from the true time."""
        new = self.file.with_suffix(".new")
        new.write_text(str(seconds))
        new.rename(self.file)


@pytest.fixture
def clock(tmp_path, monkeypatch) -> Iterator[Clock]:
    first = start_desk(tmp_path)  # makes the database
    stop_process(first.process)
    moved = Clock(first, tmp_path / "clock")
    moved.move(0)
    monkeypatch.setenv("MOVED_CLOCK", str(moved.file))
    moved.desk = start_desk_process(tmp_path, first.url, "tests.moved_clock:create_app")
    yield moved
    stop_process(moved.desk.process)


def test_a_clock_that_is_put_forward_and_back_costs_no_conversation(clock):
    talks = {language: taken(clock.desk, language) for language in LANGUAGES}
    supervisor = clock.desk.signed_in("supervisor", language="en")
    clock.move(HOUR)
    for language, (guest, browser) in talks.items():
        # The agents' pages have not reported for an hour: others may take the conversation, and the customer knows.
        wait_for(lambda g=guest, one=language: any(LOST[one] in m["text"] for m in g.heard("notice")))
        guest.writes("?")
        assert browser.post(f"{guest.path}/take").status_code == 303
    clock.move(0)
    for guest, browser in talks.values():
        before = [message["id"] for message in guest.events()[0]]
        assert browser.post(f"{guest.path}/messages", {"text": "answer"} | client_id()).status_code < 400
        guest.writes("thanks")
        after = [message["id"] for message in guest.events()[0]]
        assert after == sorted(after)
        assert len(after) == len(before) + 2
    assert "It failed" not in words(supervisor.get(HERE).text)


def test_a_clock_that_is_a_year_ahead_ends_sessions_and_deletes_nothing(clock):
    talks = {language: taken(clock.desk, language) for language in LANGUAGES}
    for guest, _ in talks.values():
        guest.writes("kept")
    clock.move(YEAR)
    for language, (_, browser) in talks.items():
        Guest(clock.desk, language).asks_for_a_person()  # a customer who comes now is served
        assert browser.get("/desk").headers["location"].startswith("/desk/sign-in")
        assert clock.desk.sign_in(browser.email).is_in
    supervisor = clock.desk.signed_in("supervisor")
    wait_for(lambda: "ClockMoved" in supervisor.get(HERE).text)
    clock.move(0)
    for guest, _ in talks.values():
        with clock.desk.database.read() as session:
            assert "kept" in [message.text for message in stored(session, guest)]


def stored(session, guest: Guest) -> list[Message]:
    return list(session.scalars(select(Message).where(Message.conversation_id == guest.id)))


def test_while_the_issuer_is_away_only_who_signs_in_notices(tmp_path):
    provider = Provider()
    provider.person = person(1)
    desk = start_desk(tmp_path, **settings(provider))
    try:
        there = desk.visit()
        assert sign_in(there).status_code == 303
        late = {language: desk.visit() for language in UNREACHABLE}
        for language, browser in late.items():
            browser.get(f"/desk/sign-in?language={language}")
        back = {language: begin(browser) for language, browser in late.items()}
        provider.shutdown()
        provider.server_close()
        for language, told in UNREACHABLE.items():
            assert told in late[language].get(back[language]).text
            guest = Guest(desk, language).asks_for_a_person()
            assert there.post(f"{guest.path}/take").status_code == 303
            assert there.post(f"{guest.path}/messages", {"text": "here"} | client_id()).status_code < 400
            assert [message["text"] for message in guest.heard("agent")] == ["here"]
        assert "issuer_unreachable" in desk.log.read_text()
    finally:
        stop_process(desk.process)


def test_while_a_name_is_being_resolved_nobody_waits_for_it_and_the_operator_sees_what_came_of_it(
    tmp_path, monkeypatch
):
    asked, may_fail, real = set(), threading.Event(), socket.getaddrinfo
    names = {"helpdesk.example", "mail.example"}

    def resolve(host, *more, **named):
        if host not in names:
            return real(host, *more, **named)
        asked.add(host)
        may_fail.wait(120)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    given = {"webhook_url": "https://helpdesk.example/", "webhook_secret": "secret of the tests"}
    given |= {"smtp_host": "mail.example", "support_email": "support@example.com"}
    desk = start_desk(tmp_path, **given)
    try:
        talks = {language: taken(desk, language) for language in LANGUAGES}
        wait_for(lambda: "helpdesk.example" in asked)
        for guest, browser in talks.values():
            guest.writes("?")
            assert browser.post(f"{guest.path}/messages", {"text": "here"} | client_id()).status_code < 400
            assert [message["text"] for message in guest.heard("agent")] == ["here"]
        left = {"client_id": "ticket-0001", "email": "anna@example.com", "text": "?"}
        assert Customer(desk.address, is_greeted=False).call("POST", "conversation/ticket", left).status_code == 204
        may_fail.set()
        supervisor = desk.signed_in("supervisor")
        kinds = {"webhook", "letter"}
        wait_for(lambda: set(re.findall(r"/again/(\w+)/", supervisor.get(HERE).text)) == kinds)
    finally:
        may_fail.set()
        stop_process(desk.process)

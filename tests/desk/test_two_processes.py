"""Customers and agents who are served by different processes meet as if there was one; the database is PostgreSQL."""

import json
from collections.abc import Iterator

import pytest
import requests

from bot.web import claims, relay
from tests.conftest import stop_process, wait_for
from tests.desk.conftest import Browser, Desk, start_desk
from tests.desk.test_conversation import Guest, client_id
from tests.desk.test_live import Stream

LIMIT = 40  # messages a minute of one conversation


@pytest.fixture(scope="module")
def url(new_postgresql) -> str:
    return new_postgresql()


@pytest.fixture(scope="module")
def two(url, tmp_path_factory) -> Iterator[tuple[Desk, Desk]]:
    """Two website sides with one database: customers come to the first, and agents to the second."""
    given = {"messages_a_minute": LIMIT}
    desks = [start_desk(tmp_path_factory.mktemp("two"), url, **given) for _ in range(2)]
    yield tuple(desks)
    for desk in desks:
        stop_process(desk.process)


def met(two: tuple[Desk, Desk], language: str = "lv") -> tuple[Guest, Browser]:
    """Return a customer of the first process, and an agent of the second who has taken the conversation."""
    browser, guest = two[1].signed_in(), Guest(two[0], language)
    guest.asks_for_a_person()
    assert browser.post(f"{guest.path}/take").status_code == 303
    return guest, browser


class Listener(Stream):
    """A customer's event stream."""

    def __init__(self, guest: Guest) -> None:
        self.session, self.address = requests.Session(), guest.web
        self.session.headers["authorization"] = f"Bearer {guest.token}"
        super().__init__(self, "/api/conversation/events")


@pytest.mark.parametrize("language", ["lv", "en"])
def test_who_asks_at_one_process_appears_at_once_on_the_screens_of_another(two, language):
    stream = Stream(two[1].signed_in(language=language), "/desk/events")
    stream.hears("lists")
    guest = Guest(two[0], language).asks_for_a_person()
    assert guest.id in json.loads(stream.hears("lists", guest.id))["waiting"]


@pytest.mark.parametrize("language", ["lv", "en"])
def test_customer_and_agent_of_two_processes_see_each_other_type_write_and_read(two, language):
    guest, browser = met(two, language)
    stream, own = Stream(browser, f"{guest.path}/events"), Listener(guest)
    stream.hears("state", '"typing":false')
    guest.call("POST", "conversation/typing")
    stream.hears("state", '"typing":true')
    guest.writes("here I am")
    stream.hears("messages", "here I am")
    own.hears("state", '"owner":"agent"', '"typing":false')
    browser.post(f"{guest.path}/typing")
    own.hears("state", '"typing":true')
    browser.post(f"{guest.path}/messages", {"text": "hello", **client_id()})
    own.hears("message", "hello")
    wait_for(lambda: not guest.state()["typing"])
    message = guest.heard("agent")[-1]["id"]
    guest.call("POST", "conversation/seen", {"id": message})
    stream.hears("state", f'"seen":{message}')


def test_connections_that_the_database_cuts_are_opened_again(two, monkeypatch):
    monkeypatch.setattr(relay, "PAUSE", 0.05)
    guest, browser = met(two)
    stream = Stream(browser, f"{guest.path}/events")
    stream.hears("state", '"typing":false')
    with two[0].database.engine.connect() as connection:
        cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query ~ 'LISTEN cps|pg_notify'"
        assert connection.exec_driver_sql(f"{cut} AND pid != pg_backend_pid()").scalar()

    def is_seen_typing() -> bool:
        guest.call("POST", "conversation/typing")
        return any(name == "state" and '"typing":true' in data for name, data in stream.events)

    wait_for(is_seen_typing, 20)


def test_a_limit_of_messages_holds_across_processes(two):
    guest, _ = met(two)
    answered = []
    for number in range(LIMIT + 4):
        guest.web = two[number % 2].address
        body = {"client_id": f"message-{number}", "text": "?"}
        answered.append(guest.call("POST", "conversation/messages", body).status_code)
    assert answered == [201] * (LIMIT - 1) + [429] * 5  # to ask for a person counts too


def test_one_process_runs_the_periodic_jobs_and_the_other_takes_over_when_it_is_gone(two, url, tmp_path, monkeypatch):
    def leader() -> str | None:
        with two[0].database.engine.connect() as connection:
            held = "SELECT process FROM claims WHERE name = 'jobs' AND until > now()"
            return connection.exec_driver_sql(held).scalar()

    before = wait_for(leader)
    for desk in two:
        mine = desk.process.app.state.shared.dispatcher.claims
        if mine._process == before:
            monkeypatch.setattr(mine, "take", lambda _: False)  # it hangs
            monkeypatch.setattr(mine, "keep", lambda: None)
    wait_for(lambda: leader() not in (before, None), 4 * claims.LEASE.total_seconds())

"""Telephone calls of agents, on both kinds of database."""

import threading
from datetime import timedelta

import pytest

from bot.database import Database, now
from bot.desk import agents, calls
from bot.desk.models import Call
from tests.databases import make_chat


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request, tmp_path_factory) -> Database:
    if request.param == "postgresql":
        url = request.getfixturevalue("new_postgresql")()
    else:
        url = f"sqlite:///{tmp_path_factory.mktemp('calls') / 'desk.db'}"
    make_chat(url)
    return Database(url)


@pytest.fixture
def agent(request, database) -> int:
    """An agent for the test."""
    with database.write() as session:
        return agents.add(session, f"{abs(hash(request.node.nodeid))}@example.com", "Anna Agent", "agent").id


def start(database: Database, agent: int, path: str = "apply") -> Call:
    with database.write() as session:
        return calls.start(session, agent, "lv", path)


def ended(database: Database, agent: int, outcome: str, path: str, minutes: float, note: str = "") -> Call:
    """Make a call of an agent that took so many minutes; return it."""
    call = start(database, agent, path)
    with database.write() as session:
        session.get(Call, call.id).started_at -= timedelta(minutes=minutes)
        assert calls.end(session, agent, outcome, note)
    with database.read() as session:
        return session.get(Call, call.id)


def test_a_call_runs_until_it_is_ended(database, agent):
    begun = start(database, agent)
    with database.read() as session:
        assert calls.running(session, agent).id == begun.id
    with database.write() as session:
        assert calls.end(session, agent, "solved", "  two\n lines  ")
        assert calls.running(session, agent) is None
        assert not calls.end(session, agent, "solved", "")
    with database.read() as session:
        call = session.get(Call, begun.id)
        assert (call.outcome, call.note) == ("solved", "two lines")
        assert call.ended_at >= call.started_at


def test_the_address_of_the_customer_is_forgotten_when_the_call_ends(database, agent):
    call = start(database, agent)
    with database.write() as session:
        session.get(Call, call.id).email = "anna.berzina@example.com"
    with database.write() as session:
        calls.end(session, agent, "passed_on", "")
    with database.read() as session:
        assert session.get(Call, call.id).email is None


def test_who_starts_a_second_call_stays_in_the_first(database, agent):
    first = start(database, agent)
    assert start(database, agent).id == first.id


def test_two_windows_that_start_a_call_at_once_share_one(database, agent):
    begun, ready = [], threading.Barrier(4)

    def press() -> None:
        ready.wait()
        begun.append(start(database, agent).id)

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(begun) == 4
    assert len(set(begun)) == 1


def test_a_discarded_call_leaves_nothing(database, agent):
    call = start(database, agent)
    with database.write() as session:
        calls.discard(session, agent)
    with database.read() as session:
        assert session.get(Call, call.id) is None


def test_discarding_leaves_the_calls_before(database, agent):
    before = ended(database, agent, "solved", "apply", 1)
    with database.write() as session:
        calls.discard(session, agent)
    with database.read() as session:
        assert session.get(Call, before.id)


def test_a_forgotten_call_is_dropped_with_its_address(database, agent):
    call = start(database, agent)
    with database.write() as session:
        kept = session.get(Call, call.id)
        kept.started_at, kept.email = now() - calls.MAX_DURATION, "anna.berzina@example.com"
    with database.read() as session:
        assert calls.running(session, agent) is None
    assert start(database, agent).id != call.id
    with database.read() as session:
        assert session.get(Call, call.id) is None


def test_calls_are_counted_by_outcome_and_by_where_they_ended(database, agent):
    begun = now()
    for outcome, path, minutes in [
        ("solved", "apply.documents.old_email", 4),
        ("solved", "apply", 10),
        ("solved", "tiers", 5),
        ("later", "waiting.waiting_longer", 2),
        ("later", "waiting", 3),
    ]:
        ended(database, agent, outcome, path, minutes)
    with database.write() as session:
        found = [call for call in calls.ended_since(session, begun) if call.agent_id == agent]
    told = [(tally.outcome, tally.calls, round(tally.median / 30) / 2) for tally in calls.tallies(found)]
    assert told == [("solved", 3, 5), ("later", 2, 2.5)]
    assert calls.ended_at(found) == ["old_email", "apply", "tiers", "waiting_longer", "waiting"]


def test_an_old_call_is_not_counted_in_a_later_period(database, agent):
    ended(database, agent, "solved", "apply", 1)
    with database.write() as session:
        assert not [call for call in calls.ended_since(session, now()) if call.agent_id == agent]

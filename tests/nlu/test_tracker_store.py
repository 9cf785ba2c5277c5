import asyncio
import json

import pytest
from rasa.core.agent import Agent
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    AllSlotsReset,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from sqlalchemy.exc import OperationalError

from bot.nlu.tracker_store import RecentTurns, _event_types, one_turn


@pytest.fixture
def store(tmp_path):
    domain = Domain.from_dict({"slots": {"language": {"type": "text", "mappings": [{"type": "custom"}]}}})
    return RecentTurns(domain, f"sqlite:///{tmp_path / 'trackers.db'}", recent=6)


def _turn(store, *events):
    """Load a conversation, add the events, store it; return how many events were loaded."""

    async def turn():
        tracker = await store.get_or_create_tracker("c1", append_action_listen=False)
        loaded = len(tracker.events)
        for event in events:
            tracker.update(event)
        await store.save(tracker)
        return loaded

    return asyncio.run(turn())


def _stored_texts(store):
    with store.session_scope() as session:
        rows = session.query(store.SQLEvent).filter_by(type_name="user").order_by(store.SQLEvent.id)
        return [json.loads(row.data)["text"] for row in rows]


def test_it_keeps_every_event_once_and_reads_back_the_last_ones(store):
    loaded = [_turn(store, UserUttered(str(turn)), ActionExecuted("utter_greet")) for turn in range(20)]
    assert loaded[:4] == [0, 2, 4, 6]
    assert set(loaded[4:]) == {6}
    assert _stored_texts(store) == [str(turn) for turn in range(20)]


def test_a_slot_is_remembered_however_long_ago_it_was_set(store):
    _turn(store, SlotSet("language", "en"))
    for turn in range(20):
        _turn(store, UserUttered(str(turn)), ActionExecuted("utter_greet"))
    assert asyncio.run(store.retrieve("c1")).get_slot("language") == "en"


def test_storing_twice_stores_nothing_twice(store):
    for turn in range(10):
        _turn(store, UserUttered(str(turn)), ActionExecuted("utter_greet"))

    async def twice():
        tracker = await store.retrieve("c1")
        tracker.update(UserUttered("last"))
        await store.save(tracker)
        await store.save(tracker)

    asyncio.run(twice())
    assert _stored_texts(store)[-2:] == ["9", "last"]


def test_the_whole_conversation_can_still_be_read(store):
    for turn in range(10):
        _turn(store, UserUttered(str(turn)), ActionExecuted("utter_greet"))
    assert len(asyncio.run(store.retrieve_full_tracker("c1")).events) == 20


def test_a_long_conversation_reads_no_more_than_a_short_one(store):
    loaded = [_turn(store, UserUttered(str(turn)), SlotSet("language", "en")) for turn in range(40)]
    assert loaded[-1] == loaded[10] == 7  # the last six events, and the slot


@pytest.mark.parametrize("undo", [AllSlotsReset(), Restarted(), SessionStarted()])
def test_what_was_undone_long_ago_stays_undone(store, undo):
    _turn(store, SlotSet("language", "en"))
    _turn(store, undo)
    for turn in range(20):
        _turn(store, UserUttered(str(turn)), ActionExecuted("utter_greet"))
    assert asyncio.run(store.retrieve("c1")).get_slot("language") is None


def test_a_new_session_stores_nothing_of_the_old_one_again(store):
    for turn in range(4):
        _turn(store, UserUttered(str(turn)), ActionExecuted("utter_greet"))

    async def turn():
        tracker = await store.get_or_create_tracker("c1", append_action_listen=False)
        tracker.update(SessionStarted())
        await store.save(tracker)
        tracker.update(UserUttered("new"))
        await store.save(tracker)

    asyncio.run(turn())
    assert _stored_texts(store) == ["0", "1", "2", "3", "new"]
    assert len(asyncio.run(store.retrieve("c1")).events) == 2


def test_every_kind_of_event_is_read_as_rasa_reads_it():
    kinds = _event_types()
    assert {name: Event.resolve_by_type(name) for name in kinds} == kinds


def test_a_read_or_write_that_fails_is_no_empty_conversation(store):
    _turn(store, UserUttered("hello"))
    used = Agent._create_tracker_store(store, store.domain)
    tracker = asyncio.run(used.retrieve("c1"))
    with store.session_scope() as session:
        session.execute("DROP TABLE events")
        session.commit()
    tracker.update(UserUttered("again"))
    for failing in (used.retrieve("c1"), used.save(tracker)):
        with pytest.raises(OperationalError):
            asyncio.run(failing)


def test_sqlite_does_not_wait_for_the_disk(store):
    with store.session_scope() as session:
        assert session.execute("PRAGMA journal_mode").scalar() == "wal"
        assert session.execute("PRAGMA synchronous").scalar() == 1


def test_a_turn_reads_its_conversation_once_and_the_next_one_reads_it_anew(store):
    _turn(store, UserUttered("hello"))

    async def turn(text):
        with one_turn():
            first = await store.retrieve("c1")
            tracker = await store.get_or_create_tracker("c1", append_action_listen=False)
            tracker.update(UserUttered(text))
            await store.save(tracker)
            return first, tracker, await store.retrieve("c1")

    async def two_turns():
        return await turn("again"), await turn("once more")

    (first, used, last), (next_first, *_) = asyncio.run(two_turns())
    assert first is used is last
    assert next_first is not last
    assert [event.text for event in next_first.events] == ["hello", "again", "once more"]
    assert _stored_texts(store) == ["hello", "again", "once more"]


def test_a_new_conversation_is_known_within_its_first_turn(store):
    async def turn():
        with one_turn():
            assert await store.retrieve("c1") is None
            tracker = await store.get_or_create_tracker("c1", append_action_listen=False)
            tracker.update(SlotSet("language", "en"))
            await store.save(tracker)
            return await store.retrieve("c1")

    assert asyncio.run(turn()).get_slot("language") == "en"


@pytest.mark.parametrize("fails", ["read", "write"])
def test_a_read_or_write_that_fails_within_a_turn_fails_the_turn_and_is_forgotten(store, fails):
    _turn(store, UserUttered("hello"))

    def rename(old, new):
        with store.session_scope() as session:
            session.execute(f"ALTER TABLE {old} RENAME TO {new}")
            session.commit()

    async def turn(failing=None):
        with one_turn():
            if failing == "read":
                rename("events", "away")
            tracker = await store.retrieve("c1")
            tracker.update(UserUttered("again"))
            if failing == "write":
                rename("events", "away")
            await store.save(tracker)

    with pytest.raises(OperationalError):
        asyncio.run(turn(fails))
    rename("away", "events")
    assert _stored_texts(store) == ["hello"]
    asyncio.run(turn())
    assert _stored_texts(store) == ["hello", "again"]

import asyncio
import json

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered

from bot.nlu.tracker_store import RecentTurns


@pytest.fixture
def store(tmp_path):
    domain = Domain.from_dict({"slots": {"language": {"type": "text", "mappings": [{"type": "custom"}]}}})
    return RecentTurns(domain, f"sqlite:///{tmp_path / 'trackers.db'}", recent=6)


def _turn(store, *events):
    """Load a conversation, let the events happen, store it; return how many events were loaded."""

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

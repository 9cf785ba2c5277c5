"""Rasa's SQL tracker store, reading back only the last turns of a conversation."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, AllSlotsReset, Event, Restarted, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import Session

# What is said no longer matters after some turns; what was set does.
STATE = [event.type_name for event in (SlotSet, AllSlotsReset, ActiveLoop, Restarted, SessionStarted)]


class RecentTurns(SQLTrackerStore):
    """Keep every event, and read back the last ones, and those that set something.

    Rasa reads a whole session for each message, rebuilds its events and states, and sends them to the action server:
    the turns of a long chat become slower and slower. Rules need one turn, and the fallback two.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        recent: int = 60,  # events; a turn makes five or six
        **kwargs: Any,
    ) -> None:
        super().__init__(domain=domain, host=host, event_broker=event_broker, **kwargs)
        self.engine.hide_parameters = True  # what customers say must not show in the text of an error
        self.recent = recent

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> DialogueStateTracker | None:
        if fetch_events_from_all_sessions:
            return await super()._retrieve(sender_id, fetch_events_from_all_sessions)
        with self.session_scope() as session:
            query = self._event_query(session, sender_id, fetch_events_from_all_sessions)
            events = query.with_entities(self.SQLEvent.id, self.SQLEvent.type_name).all()
            kept = [row.id for row in events[: -self.recent] if row.type_name in STATE]
            kept += [row.id for row in events[-self.recent :]]
            rows = session.query(self.SQLEvent.data).filter(self.SQLEvent.id.in_(kept)).order_by(self.SQLEvent.id)
            stored = [json.loads(row.data) for row in rows]
        if not stored:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, stored, self.domain.slots)
        tracker.left_out = len(events) - len(kept)
        return tracker

    def _additional_events(self, session: Session, tracker: DialogueStateTracker) -> Iterator[Event]:
        stored = self._event_query(session, tracker.sender_id, fetch_events_from_all_sessions=False).count()
        return itertools.islice(tracker.events, max(0, stored - getattr(tracker, "left_out", 0)), None)

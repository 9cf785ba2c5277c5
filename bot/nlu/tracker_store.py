"""Rasa's SQL tracker store, reading back only the last turns of a conversation."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from typing import Any

import rasa.core.agent
import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore, create_engine_kwargs
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, AllSlotsReset, Event, Restarted, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses
from sqlalchemy.orm import Session

# The kinds of event that still matter when they are many turns old.
STATE = [event.type_name for event in (SlotSet, AllSlotsReset, ActiveLoop, Restarted, SessionStarted)]
PAUSE = 0.05  # seconds between two looks whether another process is done with a conversation
# The trackers of the turn under way, by sender; None outside a turn.
IN_TURN: ContextVar[dict[str, DialogueStateTracker | None] | None] = ContextVar("IN_TURN", default=None)

# Rasa would wrap the store in one that takes a failed read for an empty conversation, and keeps what it cannot store
# in memory. Here a failure of the store is a failed turn, which the website side tries again.
rasa.core.agent.FailSafeTrackerStore = lambda store: store


@contextmanager
def one_turn() -> Iterator[None]:
    """Read each conversation only once: while its lock is held, it changes only by what is saved here."""
    token = IN_TURN.set({})
    try:
        yield
    finally:
        IN_TURN.reset(token)


class RecentTurns(SQLTrackerStore):
    """Keep every event, but read back only the latest ones and those whose effect still lasts.

    Rasa reads a whole session for each message, rebuilds its events and states, and sends them to the action server:
    the turns of a long chat become slower and slower. Rules need one turn, and the fallback two.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        recent: int = 30,  # events; a turn has five or six
        **kwargs: Any,
    ) -> None:
        super().__init__(domain=domain, host=host, event_broker=event_broker, **kwargs)
        url = sa.engine.make_url(host or "sqlite://")
        if url.get_backend_name() == "sqlite" and url.database:
            self.engine = _quick_sqlite(url)
        elif url.get_backend_name() == "postgresql":  # a connection that the server has ended is opened again
            self.engine = sa.create_engine(url, pool_pre_ping=True, **create_engine_kwargs(url))
        self.sessionmaker.configure(bind=self.engine)
        self.engine.hide_parameters = True  # keep customers' messages out of the text of errors
        self.recent = recent
        self._holder: sa.engine.Connection | None = None

    @asynccontextmanager
    async def alone(self, sender_id: str) -> AsyncIterator[None]:
        """Keep Rasa's other processes, which share a database on PostgreSQL, out of a conversation meanwhile."""
        if self.engine.dialect.name != "postgresql":
            yield
            return
        while not self._lock("pg_try_advisory_lock", sender_id):
            await asyncio.sleep(PAUSE)
        try:
            yield
        finally:
            with suppress(sa.exc.SQLAlchemyError):  # with its connection, the lock is gone, too
                self._lock("pg_advisory_unlock", sender_id)

    def _lock(self, function: str, sender_id: str) -> bool:
        # One connection holds the locks of all conversations, until this process ends.
        question = sa.select(getattr(sa.func, function)(sa.func.hashtextextended(sender_id, 0)))
        try:
            return bool(self._locks().execute(question).scalar())
        except sa.exc.DBAPIError:  # the server has cut the connection
            self._locks().invalidate()
            return bool(self._locks().execute(question).scalar())

    def _locks(self) -> sa.engine.Connection:
        if self._holder is None or self._holder.invalidated:
            self._holder = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return self._holder

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return a conversation: during a turn, as it was read or stored last."""
        known = IN_TURN.get()
        if known is None:
            return await super().retrieve(sender_id)
        if sender_id not in known:
            known[sender_id] = await super().retrieve(sender_id)
        return known[sender_id]

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store what happened since the tracker was read or stored."""
        await super().save(tracker)
        tracker.stored = len(tracker.events)
        known = IN_TURN.get()
        if known is not None:
            known[tracker.sender_id] = tracker

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> DialogueStateTracker | None:
        if fetch_events_from_all_sessions:
            return await super()._retrieve(sender_id, fetch_events_from_all_sessions)
        with self.session_scope() as session:
            stored = self._recent_events(session, sender_id)
        if not stored:
            return None
        events = [_event_types()[one["event"]]._from_parameters(one) for one in stored]
        tracker = DialogueStateTracker.from_events(sender_id, events, self.domain.slots)
        tracker.stored = len(tracker.events)
        return tracker

    def _recent_events(self, session: Session, sender_id: str) -> list[dict[str, Any]]:
        event = self.SQLEvent
        of_sender = session.query(event.id, event.type_name, event.data).filter(event.sender_id == sender_id)
        rows = of_sender.order_by(event.id.desc()).limit(self.recent).all()[::-1]
        starts = [place for place, row in enumerate(rows) if row.type_name == SessionStarted.type_name]
        if starts:
            return [json.loads(row.data) for row in rows[starts[-1] :]]
        last = [json.loads(row.data) for row in rows]
        if len(rows) < self.recent:
            return last
        # The last event of each kind; Rasa stores the name of a slot in the column for the action's name.
        latest = session.query(sa.func.max(event.id)).group_by(event.type_name, event.action_name)
        latest = latest.filter(event.sender_id == sender_id, event.id < rows[0].id, event.type_name.in_(STATE))
        older = of_sender.filter(event.id.in_(latest)).order_by(event.id)
        return still_holding(json.loads(row.data) for row in older) + last

    def _additional_events(self, session: Session, tracker: DialogueStateTracker) -> Iterator[Event]:
        if not hasattr(tracker, "stored"):  # not read by this store: a new tracker, or a whole one
            return super()._additional_events(session, tracker)
        return itertools.islice(tracker.events, tracker.stored, None)


def still_holding(events: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events that set something which no later event sets again or undoes."""
    kept: dict[tuple[str, str | None], dict[str, Any]] = {}
    for one in events:
        kind = one["event"]
        if kind in (SessionStarted.type_name, Restarted.type_name):
            kept.clear()
        elif kind == AllSlotsReset.type_name:
            kept = {key: value for key, value in kept.items() if key[0] != SlotSet.type_name}
        # A loop has a name, but only one loop runs at a time.
        key = (kind, one.get("name") if kind == SlotSet.type_name else None)
        kept.pop(key, None)
        kept[key] = one
    return list(kept.values())


@cache
def _event_types() -> dict[str, type[Event]]:
    # Rasa looks through all of its classes for each event, which takes a seventh of a turn. The first of a kind counts:
    # its tools for tests have classes of the same kinds.
    return {one.type_name: one for one in reversed(all_subclasses(Event))}


def _quick_sqlite(url: sa.engine.URL) -> sa.engine.Engine:
    # Rasa's engine opens the file for each read and write, and waits for the disk at the end of each turn.
    engine = sa.create_engine(url, poolclass=sa.pool.QueuePool, connect_args={"check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    return engine

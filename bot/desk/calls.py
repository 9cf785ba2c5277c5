"""Telephone calls: an agent has one at a time, and ends it with an outcome, which the statistics count."""

import statistics
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.database import now
from bot.desk.models import Call

OUTCOMES = ("solved", "later", "call_back", "passed_on", "gave_up")
MAX_DURATION = timedelta(hours=12)  # a call that runs longer was forgotten
MAX_NOTE_LENGTH = 200  # characters

Outcome = Literal["solved", "later", "call_back", "passed_on", "gave_up"]


@dataclass(frozen=True)
class Tally:
    """How many calls had an outcome, and their median length in seconds."""

    outcome: str
    calls: int
    median: int


def running(session: Session, agent_id: int) -> Call | None:
    """Return the call that an agent is in."""
    mine = select(Call).where(Call.agent_id == agent_id, Call.ended_at.is_(None))
    return session.scalars(mine.where(Call.started_at > now() - MAX_DURATION)).first()


def start(session: Session, agent_id: int, language: str, path: str) -> Call:
    """Begin a call, or return the one that the agent is in."""
    drop_forgotten(session)
    try:
        with session.begin_nested():
            call = Call(agent_id=agent_id, language=language, path=path, started_at=now())
            session.add(call)
        return call
    except IntegrityError:
        return session.scalars(select(Call).where(Call.agent_id == agent_id, Call.ended_at.is_(None))).one()


def end(session: Session, agent_id: int, outcome: Outcome, note: str) -> bool:
    """End an agent's call and forget whose account it was about; return whether there was a call."""
    call = running(session, agent_id)
    if not call:
        return False
    call.ended_at, call.outcome, call.email = now(), outcome, None
    call.note = " ".join(note.split())[:MAX_NOTE_LENGTH] or None
    return True


def discard(session: Session, agent_id: int) -> None:
    """Delete the call that an agent is in, without an outcome."""
    session.execute(delete(Call).where(Call.agent_id == agent_id, Call.ended_at.is_(None)))


def ended_since(session: Session, moment: datetime) -> list[Call]:
    """Return the calls that ended at or after a moment."""
    drop_forgotten(session)
    return list(session.scalars(select(Call).where(Call.ended_at >= moment)))


def tallies(calls: list[Call]) -> list[Tally]:
    """Count calls by outcome, in the order of the form."""
    lengths: dict[str, list[float]] = {outcome: [] for outcome in OUTCOMES}
    for call in calls:
        if call.ended_at and call.outcome in lengths:
            lengths[call.outcome].append((call.ended_at - call.started_at).total_seconds())
    return [Tally(outcome, len(found), round(statistics.median(found))) for outcome, found in lengths.items() if found]


def ended_at(calls: list[Call]) -> list[str]:
    """Return the places of the walkthrough where calls ended."""
    return [call.path.rpartition(".")[2] for call in calls]


def drop_forgotten(session: Session) -> None:
    """Delete the calls that nobody ended, and with them the customers' addresses."""
    session.execute(delete(Call).where(Call.ended_at.is_(None), Call.started_at <= now() - MAX_DURATION))

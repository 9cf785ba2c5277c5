"""Trials of what supervisors decided, and the choice of the model that answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.conversations import judging
from bot.conversations.learning_models import ModelChoice, Trial
from bot.conversations.models import Message
from bot.conversations.summary import text_for
from bot.database import now

LISTED = 20  # newest trials, and choices
JUDGED = 100  # newest judged conversations in a language that a model is asked
SILENT = timedelta(minutes=2)  # after which the process of a trial is gone
MAX_ERROR = 300  # characters
INTERRUPTED = "interrupted"


def start(session: Session, who: str) -> bool:
    """Ask for a trial; return whether none waits or runs already."""
    try:
        with session.begin_nested():
            session.add(Trial(at=now(), who=who[:80], state="waiting", is_open=True))
    except IntegrityError:
        return False
    return True


def under_way(session: Session, for_update: bool = False) -> Trial | None:
    """Return the trial that waits or runs."""
    found = select(Trial).where(Trial.is_open.is_(True))
    return session.scalar(found.with_for_update() if for_update else found)


def end(trial: Trial, state: str, error: str = "", result: dict[str, Any] | None = None) -> None:
    """End a trial."""
    trial.state, trial.is_open, trial.ended_at = state, None, now()
    trial.error, trial.result = error[:MAX_ERROR] or None, result


def end_silent(trial: Trial | None) -> None:
    """End a trial whose process is gone."""
    if trial and trial.state != "waiting" and (trial.seen_at or trial.at) < now() - SILENT:
        end(trial, "failed", INTERRUPTED)


def drop_old(session: Session, before: datetime) -> list[int]:
    """Delete trials and choices from before a moment, but not the choices that hold, or may be gone back to."""
    kept = select(ModelChoice.id).order_by(ModelChoice.id.desc()).limit(LISTED)
    past = list(session.scalars(select(Trial.id).where(Trial.ended_at < before)))
    choices = list(session.scalars(select(ModelChoice.id).where(ModelChoice.at < before, ModelChoice.id.not_in(kept))))
    session.execute(delete(Trial).where(Trial.id.in_(past)))
    session.execute(delete(ModelChoice).where(ModelChoice.id.in_(choices)))
    return [*past, *choices]


def newest(session: Session) -> Sequence[Trial]:
    """Return the newest trials, the newest first."""
    return session.scalars(select(Trial).order_by(Trial.id.desc()).limit(LISTED)).all()


def judged(session: Session) -> list[dict[str, Any]]:
    """Return the newest judged conversations, masked: what customers said, and the facts that must be answered."""
    found = []
    for language in ("lv", "en"):
        for steps in judging.exam(session, language)[:JUDGED]:
            texts = [turn["user"] for turn in judging.item(steps, language, str)["turns"]]
            turns = [
                {"user": text, "facts": step.facts, "message_id": step.asked.id}
                for text, step in zip(texts, steps, strict=True)
                if step.asked and text.strip()
            ]
            found.append({"language": language, "turns": turns})
    return found


def texts(session: Session, message_ids: Sequence[int]) -> dict[int, str]:
    """Return the masked texts of messages; those of erased conversations are gone."""
    found = session.scalars(select(Message).where(Message.id.in_(message_ids)))
    return {one.id: text_for(one, False) for one in found}


def choices(session: Session) -> Sequence[ModelChoice]:
    """Return which models were put into use, the newest first."""
    return session.scalars(select(ModelChoice).order_by(ModelChoice.id.desc()).limit(LISTED)).all()


def choice(session: Session) -> ModelChoice | None:
    """Return which model is to be used; None: that of the repository's data."""
    return session.scalar(select(ModelChoice).order_by(ModelChoice.id.desc()).limit(1))


def in_use(session: Session) -> str | None:
    """Return the name of the model that answers; None: that of the repository's data."""
    found = choice(session)
    return found.model if found and not found.problem else None


def former(found: Sequence[ModelChoice]) -> ModelChoice | None:
    """Return what was in use before the present model, so that it can be chosen again; None: nothing else was."""
    current = found[0].model if found and not found[0].problem else None
    before = next((one for one in found[1:] if one.model != current and not one.problem), None)
    return before or (ModelChoice() if current else None)


def use(session: Session, who: str, model: str | None, base: str | None) -> None:
    """Choose a model; bot/run.py puts it into use."""
    session.add(ModelChoice(at=now(), who=who[:80], model=model, base=base))
    session.flush()

"""The tables of how messages were understood, and of what supervisors think of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.conversations.models import Base


class Turn(Base):
    """How a customer's message was understood and answered; see turns.py."""

    __tablename__ = "turns"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    language: Mapped[str] = mapped_column(String(2))  # of the answer
    intent: Mapped[str | None] = mapped_column(String(80))
    confidence: Mapped[float | None] = mapped_column(Float)  # from 0 to 1
    ranking: Mapped[list[list[Any]]] = mapped_column(JSON)  # the likeliest intents, each with its confidence
    about: Mapped[str | None] = mapped_column(String(80))  # address of the answer that the talk is about afterwards
    place: Mapped[str | None] = mapped_column(String(40))  # in the walkthrough
    responses: Mapped[list[str]] = mapped_column(JSON)  # names of what was said
    kind: Mapped[str] = mapped_column(String(10))  # answer, miss, guess, repeat
    contradicted: Mapped[bool]  # by the customer's next message
    answer_id: Mapped[int | None]  # the last message of the answer, if it told something
    instead: Mapped[list[str]] = mapped_column(JSON, default=list)  # questions that may have been meant instead
    unhelpful: Mapped[bool] = mapped_column(default=False)  # the customer says that the answer did not help


class Filing(Base):
    """What a supervisor decided about a message that was not understood; see learning.py."""

    __tablename__ = "filings"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(80))  # the supervisor
    language: Mapped[str] = mapped_column(String(2))
    text: Mapped[str] = mapped_column(String(200))  # the message, masked, as an example
    decision: Mapped[str] = mapped_column(String(10))  # example, not_known, new, set_aside
    answer: Mapped[str | None] = mapped_column(String(120))  # its address, or the intent of a page
    draft_lv: Mapped[str | None] = mapped_column(Text)  # of a new answer
    draft_en: Mapped[str | None] = mapped_column(Text)


class Judgement(Base):
    """What a supervisor thinks of the answer to a message; see judging.py."""

    __tablename__ = "judgements"
    __table_args__ = (UniqueConstraint("message_id", "agent_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"), index=True)
    who: Mapped[str] = mapped_column(String(80))  # the supervisor
    at: Mapped[datetime]
    verdict: Mapped[str] = mapped_column(String(10))  # good, acceptable, bad
    facts: Mapped[str | None] = mapped_column(String(500))  # that must be in the answer, one a line, masked


class Trial(Base):
    """What supervisors decided, tried: a model trained from it and asked the exam; see trials.py."""

    __tablename__ = "trials"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(80))  # the supervisor
    state: Mapped[str] = mapped_column(String(10))  # waiting, training, asking, done, failed, cancelled
    is_open: Mapped[bool | None] = mapped_column(unique=True)  # true while it waits or runs; null: it has ended
    decisions: Mapped[int] = mapped_column(default=0)  # how many are tried
    model: Mapped[str | None] = mapped_column(String(16))  # its name
    base: Mapped[str | None] = mapped_column(String(16))  # name of the model of the repository's data without them
    asked: Mapped[int] = mapped_column(default=0)  # of the questions
    questions: Mapped[int] = mapped_column(default=0)
    seen_at: Mapped[datetime | None]  # the last sign of life of the process that tries
    ended_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(300))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class ModelChoice(Base):
    """Which model a supervisor put into use; the newest one holds, the others are the history."""

    __tablename__ = "model_choices"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(80))  # the supervisor
    model: Mapped[str | None] = mapped_column(String(16))  # its name; null: that of the repository's data
    base: Mapped[str | None] = mapped_column(String(16))  # as of the trial
    used_at: Mapped[datetime | None]  # when the assistant began to answer with it
    problem: Mapped[str | None] = mapped_column(String(20))  # why it does not, or not any more: data_changed, missing

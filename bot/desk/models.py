"""The desk's own tables, in the database of the conversations."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.conversations.models import Base


class AgentSession(Base):
    """One browser in which an agent is signed in; its cookie holds the token, which is kept as a hash."""

    __tablename__ = "agent_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(43))
    is_half: Mapped[bool] = mapped_column(default=False)  # the password was given, and the code was not
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)  # moves on while the agent works


class Call(Base):
    """A telephone call led by the script. Whose account it was about is known only while it runs."""

    __tablename__ = "calls"
    __table_args__ = (
        # An agent has one telephone.
        Index(
            "ux_calls_running",
            "agent_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(2))  # of the customer
    path: Mapped[str] = mapped_column(String(1000))  # places of the walkthrough, as script.py writes them
    email: Mapped[str | None] = mapped_column(String(254))  # of the customer; none once the call has ended
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    outcome: Mapped[str | None] = mapped_column(String(20))  # as in calls.py
    note: Mapped[str | None] = mapped_column(String(200))
    email_hash: Mapped[str | None] = mapped_column(String(64), index=True)  # stays; see bot/conversations/contacts.py


class Removal(Base):
    """What one round of bot/privacy/retention.py removed of one kind."""

    __tablename__ = "removals"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(20))
    count: Mapped[int]


class AuditEntry(Base):
    """What somebody did with a person's data, without the data and without whose it was."""

    __tablename__ = "desk_audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(String(254))  # e-mail address of an agent, or "command"
    what: Mapped[str] = mapped_column(String(20))  # found, exported, erased
    counts: Mapped[dict[str, int]] = mapped_column(JSON)


class Reading(Base):
    """A conversation that an agent read without holding it, and why; it outlives both of them."""

    __tablename__ = "readings"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    agent_id: Mapped[int]
    agent_name: Mapped[str] = mapped_column(String(200))
    conversation_id: Mapped[str] = mapped_column(String(32), index=True)
    reason: Mapped[str] = mapped_column(String(200))


class TeamChange(Base):
    """A change of an agent's account; it outlives the account."""

    __tablename__ = "team_changes"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(String(254))  # e-mail address of a supervisor, or "command"
    whom: Mapped[str] = mapped_column(String(254))  # e-mail address of the agent
    what: Mapped[str] = mapped_column(String(20))  # as in team_log.py


class ReadyReply(Base):
    """A text that agents send often, in one language or both; the title and text of the other one are empty."""

    __tablename__ = "ready_replies"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    # Whose own it is; null: shared.
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    title_lv: Mapped[str] = mapped_column(String(80))
    text_lv: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(String(80))
    text_en: Mapped[str] = mapped_column(Text)
    uses: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]  # no longer offered

    def title(self, language: str) -> str:
        """Return the title in a language, or in the other one if there is none."""
        titles = {"lv": self.title_lv, "en": self.title_en}
        return titles[language] or self.title_lv or self.title_en

    def text(self, language: str) -> str:
        """Return the text in a language; empty if there is none."""
        return {"lv": self.text_lv, "en": self.text_en}[language]

"""The desk's tables. They lie in the database of the conversations, and are the desk's alone."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.database import UtcDateTime


class Base(DeclarativeBase):
    """Tables of the desk."""

    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012


class Agent(Base):
    """One who works at the desk. Customers see the first word of the name."""

    __tablename__ = "agents"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # in lower case
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(10), default="agent")  # agent, supervisor
    language: Mapped[str] = mapped_column(String(2), default="lv")
    password_hash: Mapped[str | None] = mapped_column(String(200))  # argon2; none: no sign-in by password
    subject: Mapped[str | None] = mapped_column(String(600), unique=True)  # issuer and sub of OpenID Connect
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    # Who is there; see session.py and account.py.
    presence: Mapped[str] = mapped_column(String(10), default="away")  # available, busy, away
    at_once: Mapped[int] = mapped_column(default=3)  # conversations at the same time
    seen_at: Mapped[datetime | None]

    # Wrong passwords in a row; see passwords.py.
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]

    @property
    def first_name(self) -> str:
        """What customers see."""
        return self.name.split()[0]

    @property
    def is_supervisor(self) -> bool:
        """Whether the agent looks after the team."""
        return self.role == "supervisor"


class AgentSession(Base):
    """One browser in which an agent is signed in; its cookie holds the token, which is kept as a hash."""

    __tablename__ = "agent_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(43))
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

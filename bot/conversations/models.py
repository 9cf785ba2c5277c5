"""The tables of the conversations, and of the agents who hold some of them."""

from datetime import datetime
from typing import Literal

from sqlalchemy import JSON, Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.database import UtcDateTime

# How a message stands to Rasa: it waits for an answer, or has one; a person answers it instead; or Rasa answered it
# after all, which nobody saw.
RasaState = Literal["pending", "answered", "withdrawn", "already_heard"]
MAX_NAME_LENGTH = 200  # characters of a customer's name that are kept


class Base(DeclarativeBase):
    """Tables in the database of the conversations."""

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

    # Who is there; see presence.py.
    presence: Mapped[str] = mapped_column(String(10), default="away")  # available, busy, away
    at_once: Mapped[int] = mapped_column(default=3)  # conversations at the same time
    seen_at: Mapped[datetime | None]

    # Wrong passwords in a row; see bot/desk/passwords.py.
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


class Conversation(Base):
    """One conversation: its id is Rasa's sender, its session token is another secret, kept as a hash."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    # Who the customer has shown to be; see identity.py.
    identity: Mapped[str] = mapped_column(String(10), default="none")  # none, email, code, confirmed
    identity_then: Mapped[str | None] = mapped_column(String(200))  # payload to go on with once confirmed
    verification_id: Mapped[str | None] = mapped_column(String(100))
    access_token: Mapped[str | None] = mapped_column(String(2000))
    access_expires_at: Mapped[datetime | None]
    customer_name: Mapped[str | None] = mapped_column(String(MAX_NAME_LENGTH))
    identity_seen_at: Mapped[datetime | None]  # when the confirmed customer last wrote, or a code was sent
    identity_subject: Mapped[str | None] = mapped_column(String(64))  # hash of whom a website vouched for
    customer_email: Mapped[str | None] = mapped_column(String(254))  # of the code that was sent, or that is confirmed

    # Who holds it; see transitions.py, which alone changes these.
    owner: Mapped[str] = mapped_column(String(10), default="assistant", index=True)  # waiting, agent, closed
    cause: Mapped[str | None] = mapped_column(String(20))  # why a person was asked for
    asked_at: Mapped[datetime | None]  # when that was: the order of the queue
    waiting_since: Mapped[datetime | None]  # later than asked_at where an agent disappeared
    agent_id: Mapped[str | None] = mapped_column(String(32), index=True)
    agent_name: Mapped[str | None] = mapped_column(String(80))  # what the customer sees: the first name
    agent_seen_at: Mapped[datetime | None]  # the last sign of life of the agent's page
    wants_ticket: Mapped[bool] = mapped_column(default=False)  # the form for a message to CPS priority support is open
    place: Mapped[str | None] = mapped_column(String(40))  # in the walkthrough
    # What the customer told, which is forgotten when somebody else goes on; see identity.py.
    details: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    problem: Mapped[str | None] = mapped_column(String(80))  # reported last: the address of its answer
    told_by: Mapped[str | None] = mapped_column(String(64))  # hash of who is known to have told it
    person: Mapped[int] = mapped_column(default=0)  # counts on when somebody else goes on
    delivered_id: Mapped[int] = mapped_column(default=0)  # last message of an agent that reached a browser
    seen_id: Mapped[int] = mapped_column(default=0)  # last message that stood before the customer's eyes


class WebsiteToken(Base):
    """A token of a website that was used: it is good for one conversation only."""

    __tablename__ = "website_tokens"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(32))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Message(Base):
    """One message, stored once; its id gives the order."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id"),
        Index("ix_messages_conversation", "conversation_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    # customer, assistant, agent, notice; website: heard by Rasa, not shown; note: among agents
    author: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    # What is left of a text in which a person may read all, once nobody who may holds the conversation; none: the same
    masked: Mapped[str | None] = mapped_column(Text)
    client_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    for_rasa: Mapped[str | None] = mapped_column(Text)  # what Rasa hears of it
    rasa_state: Mapped[RasaState | None] = mapped_column(String(15))  # none: nothing for Rasa to answer
    answered_at: Mapped[datetime | None]  # by Rasa, or when it was left to a person
    picture: Mapped[str | None] = mapped_column(String(60))  # its name and language, as pictures.py has it
    speaker: Mapped[str | None] = mapped_column(String(80))  # the agent who wrote it
    response: Mapped[str | None] = mapped_column(String(80))  # the name of what the assistant said
    intent: Mapped[str | None] = mapped_column(String(80))  # what the assistant took the customer's message for
    confidence: Mapped[float | None] = mapped_column(Float)  # how sure it was, from 0 to 1
    understood: Mapped[bool | None]  # whether that was sure enough


class Choice(Base):
    """A button under a message; the browser only ever sees its id and title."""

    __tablename__ = "choices"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    place: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    payload: Mapped[str] = mapped_column(String(500))


class Transition(Base):
    """A change of who holds a conversation."""

    __tablename__ = "transitions"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    before: Mapped[str] = mapped_column(String(10))
    after: Mapped[str] = mapped_column(String(10))
    cause: Mapped[str] = mapped_column(String(20))
    agent_id: Mapped[str | None] = mapped_column(String(32))  # who takes it, or lets go of it
    agent_name: Mapped[str | None] = mapped_column(String(80))
    outcome: Mapped[str | None] = mapped_column(String(20))  # of closing
    line: Mapped[str | None] = mapped_column(String(500))
    score: Mapped[int | None]  # the customer's, from 1 to 5
    comment: Mapped[str | None] = mapped_column(Text)
    # The webhook tells others of it; see bot/web/outbox.py.
    due_at: Mapped[datetime | None] = mapped_column(index=True)  # none: nothing is to be told any more
    attempts: Mapped[int] = mapped_column(default=0)


class Ticket(Base):
    """A message to CPS priority support, left where nobody could answer at once."""

    __tablename__ = "tickets"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    client_id: Mapped[str] = mapped_column(String(64))
    email: Mapped[str] = mapped_column(String(254))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)  # when it is to be sent by e-mail; none: not any more
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(index=True)
    done_by: Mapped[str | None] = mapped_column(String(80))

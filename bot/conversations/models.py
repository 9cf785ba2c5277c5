"""The tables of the conversations, and of the agents who take them."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Float, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.database import UtcDateTime

# The state of a message for Rasa: it waits for an answer; it has one; it is left to a person; or Rasa's answer came too
# late and was dropped.
RasaState = Literal["pending", "answered", "withdrawn", "already_heard"]
PENDING = text("rasa_state = 'pending'")
MAX_NAME_LENGTH = 200  # characters of a customer's name that are kept


class Base(DeclarativeBase):
    """Tables in the database of the conversations."""

    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012


class Agent(Base):
    """A support agent. Customers see the first word of the name."""

    __tablename__ = "agents"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # in lower case
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(10), default="agent")  # agent, supervisor
    language: Mapped[str] = mapped_column(String(2), default="lv")
    password_hash: Mapped[str | None] = mapped_column(String(200))  # argon2; null: no sign-in by password
    subject: Mapped[str | None] = mapped_column(String(600), unique=True)  # issuer and sub of OpenID Connect
    totp_secret: Mapped[str | None] = mapped_column(String(200))  # of an authenticator app, encrypted
    totp_used: Mapped[int] = mapped_column(default=0)  # step of the last code; 0: the app is not set up yet
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    presence: Mapped[str] = mapped_column(String(10), default="away")  # available, busy, away; see presence.py
    at_once: Mapped[int] = mapped_column(default=3)  # conversations at the same time
    seen_at: Mapped[datetime | None]

    @property
    def first_name(self) -> str:
        """The name that customers see."""
        return self.name.split()[0]

    @property
    def is_supervisor(self) -> bool:
        """Whether the agent manages the team."""
        return self.role == "supervisor"


class Conversation(Base):
    """One conversation: its id is Rasa's sender, its session token is another secret, kept as a hash."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    other_token_hash: Mapped[str | None] = mapped_column(String(64), index=True, unique=True)  # of another device
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    network_hash: Mapped[str | None] = mapped_column(String(64))  # where it began, until it is closed; see queue.py

    # Who the customer is confirmed to be; see identity.py.
    identity: Mapped[str] = mapped_column(String(10), default="none")  # none, email, code, confirmed
    identity_then: Mapped[str | None] = mapped_column(String(200))  # payload for Rasa once confirmed
    verification_id: Mapped[str | None] = mapped_column(String(100))
    access_token: Mapped[str | None] = mapped_column(String(2000))  # encrypted
    access_expires_at: Mapped[datetime | None]
    customer_name: Mapped[str | None] = mapped_column(String(MAX_NAME_LENGTH))
    identity_seen_at: Mapped[datetime | None]  # when the confirmed customer last wrote, or a code was sent
    identity_subject: Mapped[str | None] = mapped_column(String(64))  # hash of the person for whom a website vouched
    customer_email: Mapped[str | None] = mapped_column(String(254))  # where the code was sent, or who is confirmed

    # Who holds the conversation; only transitions.py changes these.
    owner: Mapped[str] = mapped_column(String(10), default="assistant", index=True)  # assistant, waiting, agent, closed
    cause: Mapped[str | None] = mapped_column(String(20))  # why a person was asked for
    asked_at: Mapped[datetime | None]  # when a person was asked for: the order of the queue
    waiting_since: Mapped[datetime | None]  # later than asked_at if an agent returned it
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"), index=True)
    agent_name: Mapped[str | None] = mapped_column(String(80))  # what the customer sees: the first name
    agent_seen_at: Mapped[datetime | None]  # the last sign of life of the agent's page
    agent_delivered_id: Mapped[int] = mapped_column(default=0)  # last message that reached the page of who holds it
    agent_read_id: Mapped[int] = mapped_column(default=0)  # last message that stood before an agent's eyes
    # How the agent ends it, and when: until then it can be undone; see endings.py.
    ending: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    ending_at: Mapped[datetime | None] = mapped_column(index=True)
    wants_ticket: Mapped[bool] = mapped_column(default=False)  # the form for a message to CPS priority support is open
    place: Mapped[str | None] = mapped_column(String(40))  # in the walkthrough
    # What the customer told, which is forgotten when somebody else continues; see identity.py.
    details: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    problem: Mapped[str | None] = mapped_column(String(80))  # the last reported problem, as the address of its answer
    told_by: Mapped[str | None] = mapped_column(String(64))  # hash of the confirmed customer who told it
    person: Mapped[int] = mapped_column(default=0)  # increases when somebody else continues
    delivered_id: Mapped[int] = mapped_column(default=0)  # last message of an agent that reached a browser
    seen_id: Mapped[int] = mapped_column(default=0)  # last message that the customer has seen
    # While a person is called: when the chat was last open in a browser, and the customer last looked; see presence.py.
    online_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    # Where the customer last opened the chat: address without its query, and title, both masked.
    page_address: Mapped[str | None] = mapped_column(String(300))
    page_title: Mapped[str | None] = mapped_column(String(200))
    reply_email: Mapped[str | None] = mapped_column(String(254), index=True)  # where agents' answers are e-mailed
    mailed_id: Mapped[int] = mapped_column(default=0)  # last message of an agent that was e-mailed


class Block(Base):
    """A customer who may not call a person for some time; see blocking.py."""

    __tablename__ = "blocks"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    network_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    until: Mapped[datetime]
    agent_name: Mapped[str] = mapped_column(String(80))  # who blocked


class Contact(Base):
    """An address that belongs to a conversation, as a keyed hash; see contacts.py."""

    __tablename__ = "contacts"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    email_hash: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class DataRequest(Base):
    """A customer's request for their data or its erasure; see data_requests.py."""

    __tablename__ = "data_requests"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))  # export, erasure
    email: Mapped[str] = mapped_column(String(254))  # confirmed, in lower case
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None] = mapped_column(index=True)
    done_by: Mapped[str | None] = mapped_column(String(80))


class WebsiteToken(Base):
    """A used identity token of a website, which is valid for one conversation only."""

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
        Index("ix_messages_pending", "conversation_id", sqlite_where=PENDING, postgresql_where=PENDING),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    # customer, assistant, agent, notice; website: sent to Rasa, not shown; note: for agents only
    author: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    # The masked text, which replaces `text` once no person holds the conversation any more; null: the same.
    masked: Mapped[str | None] = mapped_column(Text)
    # The masked text of a customer or an agent in small letters without diacritics, to be searched; see archive.py.
    folded: Mapped[str | None] = mapped_column(Text)
    client_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    for_rasa: Mapped[str | None] = mapped_column(Text)  # the text that Rasa gets
    rasa_state: Mapped[RasaState | None] = mapped_column(String(15))  # null: not for Rasa
    answered_at: Mapped[datetime | None]  # when Rasa answered it, or it was left to a person
    picture: Mapped[str | None] = mapped_column(String(60))  # name and language, as in pictures.py
    attachment: Mapped[str | None] = mapped_column(String(40), index=True)  # a file that the customer sent; files.py
    speaker: Mapped[str | None] = mapped_column(String(80))  # the agent who wrote it
    response: Mapped[str | None] = mapped_column(String(80))  # the name of the assistant's response
    intent: Mapped[str | None] = mapped_column(String(80))  # how the customer's message was understood
    confidence: Mapped[float | None] = mapped_column(Float)  # from 0 to 1
    understood: Mapped[bool | None]  # whether it was understood well enough for an answer


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
    # The agent who takes it or gives it up; the name stays when the agent is deleted.
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    agent_name: Mapped[str | None] = mapped_column(String(80))
    outcome: Mapped[str | None] = mapped_column(String(20))  # of a closing
    line: Mapped[str | None] = mapped_column(String(500))
    score: Mapped[int | None]  # the customer's, from 1 to 5
    comment: Mapped[str | None] = mapped_column(Text)
    due_at: Mapped[datetime | None] = mapped_column(index=True)  # when to tell the webhook; null: told
    attempts: Mapped[int] = mapped_column(default=0)


class Ticket(Base):
    """A message to CPS priority support, left by a customer who could not talk to a person at once."""

    __tablename__ = "tickets"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    client_id: Mapped[str] = mapped_column(String(64))
    email: Mapped[str] = mapped_column(String(254))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)  # when to send it by e-mail; null: sent
    attempts: Mapped[int] = mapped_column(default=0)  # at the e-mail
    done_at: Mapped[datetime | None] = mapped_column(index=True)
    done_by: Mapped[str | None] = mapped_column(String(80))


class WaitAlert(Base):
    """A time in which customers waited for too long; see queue.py."""

    __tablename__ = "wait_alerts"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]  # when it began
    waiting: Mapped[int]  # customers
    seconds: Mapped[int]  # of the longest wait
    is_open: Mapped[bool | None] = mapped_column(unique=True)  # null: over
    due_at: Mapped[datetime | None] = mapped_column(index=True)  # when to tell the webhook; null: told
    attempts: Mapped[int] = mapped_column(default=0)


class RateLimitHit(Base):
    """Something done that counts against a rate limit until it expires; see bot/web/shared_limits.py."""

    __tablename__ = "rate_limit_hits"
    __table_args__ = (Index("ix_rate_limit_hits_key", "key", "expires_at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))  # hash of what is limited, and for whom
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Claim(Base):
    """What one of several web processes is doing; see bot/web/claims.py."""

    __tablename__ = "claims"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)  # id of a conversation, or the name of a job
    process: Mapped[str] = mapped_column(String(16), index=True)
    until: Mapped[datetime]

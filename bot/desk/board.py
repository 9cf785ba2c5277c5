"""The board: all conversations with people, read once after a change for all agents who look, and drawn in pieces."""

import threading
import time
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from fastapi import Query, Request
from markupsafe import Markup
from sqlalchemy import func, select

from bot.conversations import identity, presence
from bot.conversations.models import Agent, Conversation, Ticket, Transition
from bot.conversations.summary import Summary, summaries_of
from bot.database import Database, now
from bot.desk import layout
from bot.desk.presentation import helpers, step_of
from bot.keys import new_key
from bot.web.events import EventBus

PAGE = 50  # entries of each list on one page of the queue
PageNumber = Annotated[int, Query(ge=1, le=1000)]
GOOD_FOR = 1.0  # seconds: another process may have changed something
CSRF = new_key()  # stands in what is drawn for all agents, until each gets the token of their own session


class Row(NamedTuple):
    """A conversation in a list; for whoever may not read it without a customer's name, and without what was said."""

    conversation: Conversation
    summary: Summary | None = None
    confirmed: str | None = None  # the name of a confirmed customer
    closing: Transition | None = None

    @property
    def id(self) -> str:
        """The conversation's id."""
        return self.conversation.id

    @property
    def step(self) -> int | None:
        """The step of the walkthrough that the customer reached."""
        return step_of(self.summary) if self.summary else None

    @property
    def has_left(self) -> bool:
        """Whether the customer has left the chat."""
        return presence.of_customer(self.conversation) == "left"

    @property
    def minutes(self) -> int:
        """For how many minutes the customer has wanted a person."""
        return _minutes(self.conversation.asked_at or self.conversation.created_at)

    @property
    def unanswered_minutes(self) -> int | None:
        """For how many minutes the customer's last messages have been without an answer."""
        return _minutes(self.summary.open_since) if self.summary and self.summary.open_since else None


class Board:
    """What is at the desk at one moment. Nobody changes it, and everything drawn from it is kept."""

    def __init__(self, database: Database, idle: int) -> None:
        """Read the conversations; `idle` is for how many seconds a silent customer stays confirmed."""
        held = select(Conversation).where(
            Conversation.owner.in_(("waiting", "agent")), Conversation.closed_at.is_(None)
        )
        with database.read() as session:
            conversations = session.scalars(held.order_by(Conversation.asked_at, Conversation.id)).all()
            summaries = summaries_of(session, conversations, lambda _: True)
            left = select(func.count()).where(Ticket.done_at.is_(None))
            self.left = session.scalar(left) or 0  # messages for support that are open
        rows = [Row(one, summaries[one.id], identity.confirmed_name(one, idle)) for one in conversations]
        self.waiting = [row for row in rows if row.conversation.owner == "waiting"]
        self._held = [row for row in rows if row.conversation.owner == "agent"]
        self._bare = {row.id: Row(row.conversation, _bare(summaries[row.id])) for row in self._held}
        self._database = database
        self._tickets: dict[int, list[Ticket]] = {}
        self._drawn: dict[tuple[object, ...], Markup] = {}

    def mine(self, agent: Agent) -> list[Row]:
        """Return what an agent holds."""
        return [row for row in self._held if row.conversation.agent_id == agent.id]

    def has_room(self, agent: Agent) -> bool:
        """Tell whether an agent may take another conversation."""
        return len([row for row in self.mine(agent) if not row.conversation.ending]) < agent.at_once

    def others(self, agent: Agent) -> list[Row]:
        """Return what the other agents hold, with no more of it than an agent may read."""
        return [self._bare[row.id] for row in self._held if row.conversation.agent_id != agent.id]

    def tickets(self, first: int) -> list[Ticket]:
        """Return one page of the messages for support, from a place on."""
        if first not in self._tickets:
            left = select(Ticket).where(Ticket.done_at.is_(None)).order_by(Ticket.id).offset(first).limit(PAGE)
            with self._database.read() as session:
                self._tickets[first] = list(session.scalars(left))
        return self._tickets[first]

    def draw(self, template: str, one: Row | Ticket, language: str, csrf: str, **how: Any) -> Markup:
        """Return a row or a ticket as HTML, the same for all agents of a language but for the token of its forms."""
        return self._draw(template, one, language, how).replace(CSRF, csrf)

    def draw_all(self, template: str, rows: list[Row], language: str, csrf: str, **how: Any) -> Markup:
        """Return a list of rows as HTML; most agents see the same ones."""
        key = (template, *(row.id for row in rows), language, *how.values())
        if key not in self._drawn:
            self._drawn[key] = Markup().join(self._draw(template, row, language, how) for row in rows)
        return self._drawn[key].replace(CSRF, csrf)

    def _draw(self, template: str, one: Row | Ticket, language: str, how: dict[str, Any]) -> Markup:
        key = (template, one.id, language, *how.values(), "one")
        if key not in self._drawn:
            values = {"when": layout.clock(language), "csrf": CSRF, "row": one, **helpers(language), **how}
            self._drawn[key] = Markup(layout.pages.render(template, language, **values))  # noqa: S704
        return self._drawn[key]


class Boards:
    """Reads a new board after each change, and hands out the same one to all who look then."""

    def __init__(self, database: Database, bus: EventBus, idle: int) -> None:
        """Start without a board."""
        self._database, self._bus, self._idle = database, bus, idle
        self._lock = threading.Lock()
        self._board: Board | None = None
        self._changes, self._read_at = 0, 0.0

    def latest(self) -> Board:
        """Return the board as of the last change."""
        with self._lock:
            # In this order: what changes while it is read is in the next one.
            changes, moment = self._bus.changes, time.monotonic()
            if not self._board or changes != self._changes or moment > self._read_at + GOOD_FOR:
                self._board, self._changes, self._read_at = self.fresh(), changes, moment
            return self._board

    def fresh(self) -> Board:
        """Return a board of this moment."""
        return Board(self._database, self._idle)


def _bare(summary: Summary) -> Summary:
    return summary.model_copy(update={"last_message": None, "look_ups": []})


def _minutes(since: datetime) -> int:
    return int((now() - since).total_seconds() // 60)


def boards_of(request: Request) -> Boards:
    """Return where the boards of this process come from."""
    boards: Boards = request.app.state.boards
    return boards

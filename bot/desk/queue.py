"""The queue: customers who wait for an agent, customers who are being helped, and the messages that were left."""

import math
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from anyio import current_time, move_on_after, sleep_until, to_thread
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversations import handoff, identity, transitions
from bot.conversations.models import Agent, Conversation, Ticket
from bot.conversations.summary import Summary, summaries_of
from bot.database import HIGHEST_ID, now
from bot.desk import layout
from bot.desk.conversation import LOOK_AGAIN
from bot.desk.presentation import helpers, name_of, step_of
from bot.desk.session import SIGN_OF_LIFE, SignedIn, find_again
from bot.web.dependencies import AppState, AppStateDep
from bot.web.events import ALL_CONVERSATIONS
from bot.web.forms import wants_page

router = APIRouter(prefix="/desk")
PAGE = 50  # entries of each list on one page
PageNumber = Annotated[int, Query(ge=1, le=1000)]
MIN_PAUSE = 0.2  # seconds between two updates of the lists, however much happens


class Row(NamedTuple):
    """A conversation in a list."""

    conversation: Conversation
    summary: Summary
    step: int | None
    minutes: int  # since the customer asked for a person
    is_mine: bool
    confirmed: str | None  # the name of a confirmed customer
    name: str


class Lists(NamedTuple):
    """What the queue's page shows."""

    waiting: list[Row]
    mine: list[Row]
    others: list[Row]
    tickets: list[Ticket]
    topics: list[str]  # that waiting customers asked about
    everybody: int  # how many customers wait, whatever the filters
    left: int  # how many messages were left, of which `tickets` are one page
    page: int  # of each of the long lists

    @property
    def pages(self) -> int:
        """How many pages the longest list has."""
        return math.ceil(max(len(self.waiting), len(self.others), self.left, 1) / PAGE)

    @property
    def first(self) -> int:
        """How many entries of a list are on the pages before."""
        return (self.page - 1) * PAGE

    @property
    def last(self) -> int:
        """How many entries of a list are on the pages up to this one."""
        return self.page * PAGE


@router.get("")
def show_queue(
    request: Request, app: AppStateDep, agent: SignedIn, customer: str = "", topic: str = "", number: PageNumber = 1
) -> Response:
    """Show who waits, and what the agent holds; the lists can be filtered by language and topic."""
    with app.database.read() as session:
        found = lists(session, agent, app.settings.access_idle, customer, topic, number)
    topics = sorted({*found.topics, topic} - {""})
    values: dict[str, Any] = {"lists": found, "customer": customer, "chosen": topic, "known": topics}
    values["mail_status"] = app.mail_status
    return layout.page(request, agent, "queue.html", **values, **helpers(agent.language))


@router.get("/events", response_class=EventSourceResponse)
async def stream_queue(
    request: Request, app: AppStateDep, agent: SignedIn, customer: str = "", topic: str = "", number: PageNumber = 1
) -> AsyncIterator[ServerSentEvent]:
    """Stream the lists as HTML whenever they change, for as long as the agent is signed in."""
    shown = ""
    with app.bus.subscribe(ALL_CONVERSATIONS) as changed:
        while True:
            changed.clear()
            drawn_at = current_time()
            found = await to_thread.run_sync(_lists_again, app, request, customer, topic, number)
            if not found:
                yield ServerSentEvent(event="ended", data="")
                return
            entries, agent = found
            values = {"lists": entries, "customer": customer, "chosen": topic, "mail_status": app.mail_status}
            html = layout.fragment(request, agent, "lists.html", **values, **helpers(agent.language))
            if html != shown:
                shown = html
                waiting = [row.conversation.id for row in entries.waiting]
                unread = [row.conversation.id for row in entries.mine if row.summary.unanswered]
                mine = [row.conversation.id for row in entries.mine]
                yield ServerSentEvent(
                    event="lists", data={"html": html, "waiting": waiting, "mine": mine, "unread": unread}
                )
            with move_on_after(LOOK_AGAIN):
                await changed.wait()
            await sleep_until(drawn_at + MIN_PAUSE)


def _lists_again(app: AppState, request: Request, customer: str, topic: str, number: int) -> tuple[Lists, Agent] | None:
    """Return the current lists and agent, or None if no longer signed in."""
    found = find_again(app, request)
    if not found:
        return None
    with app.database.read() as session:
        return lists(session, found.agent, app.settings.access_idle, customer, topic, number), found.agent


@router.post("/tickets/{ticket_id}/done")
def finish_ticket(
    request: Request, ticket_id: Annotated[int, Path(ge=0, le=HIGHEST_ID)], app: AppStateDep, agent: SignedIn
) -> Response:
    """Note that a message that was left has been answered."""
    with app.database.write() as session:
        ticket = session.get(Ticket, ticket_id)
        if ticket and not ticket.done_at:
            ticket.done_at, ticket.done_by = now(), agent.first_name
            ticket.text = app.masking.hide(ticket.text)  # it was needed as typed until now
    app.bus.publish(ALL_CONVERSATIONS)
    return RedirectResponse("/desk", 303) if wants_page(request) else Response(status_code=204)


class Outside(BaseModel):
    """The ids of conversations that wait, that the agent holds, and of the latter those to be answered."""

    waiting: list[str]
    mine: list[str]
    unread: list[str]


@router.post(SIGN_OF_LIFE.removeprefix(router.prefix))
def sign_of_life(app: AppStateDep, agent: SignedIn) -> Outside:
    """Note that the agent's page is open, so that the agent's conversations stay theirs; return who waits."""
    with app.database.write() as session:
        handoff.heartbeat(session, agent.id)
    with app.database.read() as session:
        held = select(Conversation).where(Conversation.closed_at.is_(None))
        mine = session.scalars(held.where(Conversation.owner == "agent", Conversation.agent_id == agent.id)).all()
        waiting = session.scalars(held.where(Conversation.owner == "waiting"))
        summaries = summaries_of(session, mine, lambda _: False)
        return Outside(
            waiting=[one.id for one in waiting],
            mine=list(summaries),
            unread=[conversation_id for conversation_id, summary in summaries.items() if summary.unanswered],
        )


def lists(session: Session, agent: Agent, idle: int, language: str = "", topic: str = "", number: int = 1) -> Lists:
    """Return what an agent sees of the queue."""
    held = select(Conversation).where(Conversation.owner.in_(("waiting", "agent")), Conversation.closed_at.is_(None))
    conversations = session.scalars(held.order_by(Conversation.asked_at)).all()
    summaries = summaries_of(session, conversations, lambda one: transitions.may_read_all(one, agent.id))
    rows = [_row(one, summaries[one.id], agent, idle) for one in conversations]
    everybody = [row for row in rows if row.conversation.owner == "waiting"]
    waiting = [
        row
        for row in everybody
        if language in ("", row.conversation.language) and (not topic or topic in row.summary.topics)
    ]
    topics = [name for row in everybody for name in row.summary.topics]
    others = [row for row in rows if row.conversation.owner == "agent" and not row.is_mine]
    left = session.scalar(select(func.count()).where(Ticket.done_at.is_(None))) or 0
    mine = [row for row in rows if row.is_mine]
    found = Lists(waiting, mine, others, [], topics, len(everybody), left, number)
    found = found._replace(page=min(number, found.pages))
    tickets = select(Ticket).where(Ticket.done_at.is_(None)).order_by(Ticket.id).offset(found.first).limit(PAGE)
    return found._replace(tickets=list(session.scalars(tickets)))


def _row(conversation: Conversation, summary: Summary, agent: Agent, idle: int) -> Row:
    asked: datetime = conversation.asked_at or conversation.created_at
    is_mine = conversation.owner == "agent" and conversation.agent_id == agent.id
    confirmed = identity.confirmed_name(conversation, idle)
    known = confirmed if is_mine or conversation.owner == "waiting" else None
    return Row(
        conversation=conversation,
        summary=summary,
        step=step_of(summary),
        minutes=int((now() - asked).total_seconds() // 60),
        is_mine=is_mine,
        confirmed=confirmed,
        name=name_of(conversation, known, agent.language),
    )

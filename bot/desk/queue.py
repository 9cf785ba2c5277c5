"""The queue: customers who wait for an agent, customers who are being helped, and the messages that were left."""

import math
from collections.abc import AsyncIterator
from typing import Annotated, Any, NamedTuple

from anyio import current_time, move_on_after, sleep_until, to_thread
from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel

from bot.conversations import handoff
from bot.conversations.models import Agent, Ticket
from bot.database import HIGHEST_ID, now
from bot.desk import layout
from bot.desk.board import PAGE, Board, PageNumber, Row, boards_of
from bot.desk.conversation import LOOK_AGAIN
from bot.desk.presentation import helpers
from bot.desk.session import SIGN_OF_LIFE, SignedIn, find_again
from bot.web.dependencies import AppState, AppStateDep
from bot.web.events import ALL_CONVERSATIONS
from bot.web.forms import wants_page

router = APIRouter(prefix="/desk")
MIN_PAUSE = 0.2  # seconds between two updates of the lists, however much happens


class Lists(NamedTuple):
    """What the queue's page shows an agent."""

    board: Board
    waiting: list[Row]  # of whom the filters choose
    mine: list[Row]
    others: list[Row]
    page: int  # of each of the long lists

    @property
    def pages(self) -> int:
        """How many pages the longest list has."""
        return math.ceil(max(len(self.waiting), len(self.others), self.board.left, 1) / PAGE)

    @property
    def first(self) -> int:
        """How many entries of a list are on the pages before."""
        return (self.page - 1) * PAGE

    @property
    def last(self) -> int:
        """How many entries of a list are on the pages up to this one."""
        return self.page * PAGE

    @property
    def tickets(self) -> list[Ticket]:
        """The messages that were left, one page of them."""
        return self.board.tickets(self.first)

    @property
    def topics(self) -> list[str]:
        """What waiting customers asked about."""
        return sorted({topic for row in self.board.waiting if row.summary for topic in row.summary.topics})


@router.get("")
def show_queue(
    request: Request, app: AppStateDep, agent: SignedIn, customer: str = "", topic: str = "", number: PageNumber = 1
) -> Response:
    """Show who waits, and what the agent holds; the lists can be filtered by language and topic."""
    found = lists(boards_of(request).fresh(), agent, customer, topic, number)
    known = sorted({*found.topics, topic} - {""})
    values: dict[str, Any] = {"lists": found, "customer": customer, "chosen": topic, "known": known}
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
            found = await to_thread.run_sync(lists_again, app, request, customer, topic, number)
            if not found:
                yield ServerSentEvent(event="ended", data="")
                return
            html, outside = found
            if html != shown:
                shown = html
                yield ServerSentEvent(event="lists", data={"html": html, **outside.model_dump()})
            with move_on_after(LOOK_AGAIN):
                await changed.wait()
            await sleep_until(drawn_at + MIN_PAUSE)


class Outside(BaseModel):
    """The ids of conversations that wait, that the agent holds, and of the latter those to be answered."""

    waiting: list[str]
    mine: list[str]
    unread: list[str]


def lists_again(app: AppState, request: Request, customer: str, topic: str, number: int) -> tuple[str, Outside] | None:
    """Return the current lists as HTML and what they tell of, or None if no longer signed in."""
    found = find_again(app, request)
    if not found:
        return None
    agent = found.agent
    shown = lists(boards_of(request).latest(), agent, customer, topic, number)
    values = {"lists": shown, "customer": customer, "chosen": topic, "mail_status": app.mail_status}
    html = layout.fragment(request, agent, "lists.html", **values, **helpers(agent.language))
    return html, _outside(shown.waiting, shown.mine)


def _outside(waiting: list[Row], mine: list[Row]) -> Outside:
    return Outside(
        waiting=[row.id for row in waiting],
        mine=[row.id for row in mine],
        unread=[row.id for row in mine if row.summary and row.summary.unanswered],
    )


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


@router.post(SIGN_OF_LIFE.removeprefix(router.prefix))
def sign_of_life(request: Request, app: AppStateDep, agent: SignedIn) -> Outside:
    """Note that the agent's page is open, so that the agent's conversations stay theirs; return who waits."""
    with app.database.write() as session:
        handoff.heartbeat(session, agent.id)
    board = boards_of(request).latest()
    return _outside(board.waiting, board.mine(agent))


def lists(board: Board, agent: Agent, language: str = "", topic: str = "", number: int = 1) -> Lists:
    """Return what an agent sees of the queue."""
    waiting = [
        row
        for row in board.waiting
        if language in ("", row.conversation.language) and (not topic or (row.summary and topic in row.summary.topics))
    ]
    found = Lists(board, waiting, board.mine(agent), board.others(agent), number)
    return found._replace(page=min(number, found.pages))

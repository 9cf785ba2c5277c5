"""The live part of the page Measures: who waits, who is at the desk, and whether anybody waits for too long."""

from collections.abc import AsyncIterator
from typing import NamedTuple

from anyio import current_time, move_on_after, sleep_until, to_thread
from fastapi import APIRouter, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversations import presence, queue
from bot.conversations.models import Agent, Conversation
from bot.database import now
from bot.desk import layout
from bot.desk.conversation import LOOK_AGAIN
from bot.desk.queue import MIN_PAUSE
from bot.desk.session import PATH, Supervisor, find_again
from bot.settings import Settings
from bot.web.dependencies import AppState, AppStateDep
from bot.web.events import ALL_CONVERSATIONS

router = APIRouter(prefix=f"{PATH}/measures")
SHOWN = 10  # customers who have waited longest


class Waiting(NamedTuple):
    """A customer who waits."""

    conversation: Conversation
    minutes: int
    is_long: bool


class AtDesk(NamedTuple):
    """An agent who is at the desk, and how many conversations they hold."""

    agent: Agent
    held: int


class Live(NamedTuple):
    """How it stands right now."""

    customers: int  # who wait
    minutes: int  # of the longest wait
    is_long: bool
    limit: int  # minutes after which a wait is too long; 0: none is
    waiting: list[Waiting]
    agents: list[AtDesk]


def live(session: Session, settings: Settings) -> Live:
    """Return how it stands right now."""
    count, seconds = queue.who_waits(session)
    first = select(Conversation).where(Conversation.owner == "waiting", Conversation.closed_at.is_(None))
    moment, limit = now(), settings.long_wait

    def waited(one: Conversation) -> Waiting:
        so_far = (moment - (one.asked_at or moment)).total_seconds()
        return Waiting(one, int(so_far // 60), queue.is_long(so_far, limit))

    found = session.scalars(first.order_by(Conversation.asked_at).limit(SHOWN)).all()
    held = select(Conversation.agent_id, func.count()).where(Conversation.owner == "agent")
    counts = {agent_id: n for agent_id, n in session.execute(held.group_by(Conversation.agent_id))}  # noqa: C416
    here = session.scalars(select(Agent).where(Agent.disabled_at.is_(None)).order_by(Agent.name)).all()
    return Live(
        count,
        int(seconds // 60),
        queue.is_long(seconds, limit),
        limit // 60,
        [waited(one) for one in found],
        [AtDesk(one, counts.get(one.id, 0)) for one in here if presence.is_here(one)],
    )


@router.get("/events", response_class=EventSourceResponse)
async def stream_live(request: Request, app: AppStateDep, agent: Supervisor) -> AsyncIterator[ServerSentEvent]:
    """Stream the live part as HTML whenever it changes, for as long as the supervisor is signed in."""
    shown = ""
    with app.bus.subscribe(ALL_CONVERSATIONS) as changed:
        while True:
            changed.clear()
            drawn_at = current_time()
            html = await to_thread.run_sync(_drawn, app, request)
            if html is None:
                yield ServerSentEvent(event="ended", data="")
                return
            if html != shown:
                shown = html
                yield ServerSentEvent(event="live", data={"html": html})
            with move_on_after(LOOK_AGAIN):
                await changed.wait()
            await sleep_until(drawn_at + MIN_PAUSE)


def _drawn(app: AppState, request: Request) -> str | None:
    """Return the live part, or None if its reader is no longer a supervisor who is signed in."""
    found = find_again(app, request)
    if not found or not found.agent.is_supervisor:
        return None
    with app.database.read() as session:
        values = {"live": live(session, app.settings)}
        return layout.fragment(request, found.agent, "watch.html", **values)

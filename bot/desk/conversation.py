"""A conversation on the agent's screen: the page, and the stream that keeps it current."""

import math
from collections.abc import AsyncIterator
from typing import Annotated, Any, NamedTuple

from anyio import current_time, move_on_after, sleep_until, to_thread
from fastapi import APIRouter, Depends, Form, Path, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations import blocking, handoff, identity, lifecycle, messages, notifications, presence, transitions
from bot.conversations.models import Agent, Conversation, Message
from bot.conversations.summary import Summary, summary_of
from bot.database import HIGHEST_ID, now
from bot.desk import agents, checks, layout, reading, ready_replies
from bot.desk.board import boards_of
from bot.desk.past import earlier_rows
from bot.desk.presentation import helpers, name_of, shown_summary
from bot.desk.rail import rail_of
from bot.desk.script import walkthrough
from bot.desk.script_pages import AccountLookup, View, look_up, panel_values
from bot.desk.session import SignedIn, find_again
from bot.dialogue.guide import Position
from bot.problems import problem
from bot.web.dependencies import AppState, AppStateDep
from bot.web.events import ALL_CONVERSATIONS
from bot.web.sent_files import send_file

router = APIRouter(prefix="/desk/conversations/{conversation_id}")
LOOK_AGAIN = 5.0  # seconds after which a stream looks unasked: another process may have changed something
MIN_PAUSE, RAIL_PAUSE = 0.2, 2.0  # seconds between two looks of a stream, and two drawings of the rail
READ = ("customer", "assistant", "agent", "notice", "note")  # authors whose messages agents see


class State(BaseModel):
    """What changes around the transcript; a change of `holder` or `confirmed` makes the page reload."""

    holder: str
    ending: bool
    customer: presence.CustomerPresence | None  # none: nobody waits for the customer
    page: str | None  # of the website, where the customer is
    typing: bool
    delivered: int
    seen: int
    confirmed: str | None


# ---- The page


@router.get("")
def show(request: Request, conversation_id: str, app: AppStateDep, agent: SignedIn, wrong: str = "") -> Response:
    """Show a conversation: transcript, summary, and what the agent may do with it; or ask why the agent reads it."""
    with app.database.read() as session:
        conversation = find_for(session, conversation_id, agent)
        if not reading.may_read(session, conversation, agent, app.settings.desk_read_after):
            return _ask_for_reason(request, conversation, agent, wrong)
        entries = _messages(session, conversation_id, 0)
        reads_all = transitions.may_read_all(conversation, agent.id)
        summary = summary_of(session, conversation, reads_all)
        colleagues = [one for one in agents.everybody(session) if one.id != agent.id and presence.takes(one)]
        block = blocking.block_of(session, conversation)
        rating = handoff.last_closing(session, conversation)
        rail = rail_of(session, boards_of(request).fresh(), agent, app.settings.desk_read_after)
        state = _state(app, conversation)
        replies = ready_replies.for_composer(session, agent, state.confirmed)
        is_mine = is_held_by(conversation, agent)
        email = identity.confirmed_email(conversation, app.settings.access_idle)
        notified = notifications.of_address(session, app.contacts.hash(email)) if is_mine and email else []
    # Each look-up is recorded with the agent's name, so only the agent who helps the customer looks.
    lookup = look_up(request, email, agent, "conversation") if is_mine and email else None
    return layout.page(
        request,
        agent,
        "conversation.html",
        block=block,
        colleagues=colleagues,
        confirmed=state.confirmed,
        earlier=earlier_rows(app, agent, conversation),
        conversation=conversation,
        entries=entries,
        is_mine=is_mine,
        last=max((message.id for message in entries), default=0),
        longest_note=app.settings.message_length,
        name=name_of(conversation, state.confirmed, agent.language),
        open_id=conversation_id,
        outcomes=transitions.OUTCOMES,
        spans=blocking.SPANS,
        rail=rail,
        rating=rating,
        seconds=math.ceil((conversation.ending_at - now()).total_seconds()) if conversation.ending_at else 0,
        replies=replies,
        state=state,
        notified=notified,
        what_happened=notifications.name_of,
        **_panel(conversation, summary, agent, lookup),
        **shown_summary(summary, agent.language),
        **helpers(agent.language, reads_all),
    )


def _ask_for_reason(request: Request, conversation: Conversation, agent: Agent, wrong: str) -> Response:
    return layout.page(
        request,
        agent,
        "reason.html",
        403,
        conversation=conversation,
        shortest=reading.MIN_REASON_LENGTH,
        longest=reading.MAX_REASON_LENGTH,
        wrong=wrong == "reason",
    )


def _panel(conversation: Conversation, summary: Summary, agent: Agent, lookup: AccountLookup | None) -> dict[str, Any]:
    """Return the panel of the guided script at the customer's step: as said, or as the account shows, or as asked."""
    guide = walkthrough()
    account, place = lookup.account if lookup else None, summary.place
    if place not in guide.nodes:
        about = (guide.told_by(f"utter_{intent.removeprefix('ask_')}") for intent in reversed(summary.topics))
        asked = next((node.name for node in about if node), guide.first)
        place = checks.place_of(guide, account) if account else asked
    return panel_values(View(Position((place,)), conversation.language, conversation=conversation.id), agent, lookup)


def find_at_desk(session: Session, conversation_id: str) -> Conversation:
    """Return a conversation to which a person was called, or refuse."""
    conversation = handoff.at_desk(session, conversation_id)
    if not conversation:
        raise problem(404, "missing", "There is no such conversation at the desk")
    return conversation


def find_for(session: Session, conversation_id: str, agent: Agent) -> Conversation:
    """Return a conversation of the desk, for a supervisor also one that the assistant had alone, or refuse."""
    alone = session.get(Conversation, conversation_id) if agent.is_supervisor else None
    return alone or find_at_desk(session, conversation_id)


def check_reader(session: Session, conversation_id: str, agent: Agent, app: AppState) -> None:
    """Refuse an agent who may not read a conversation of the desk."""
    if not reading.may_read(session, find_for(session, conversation_id, agent), agent, app.settings.desk_read_after):
        raise problem(403, "reason-needed", "Say first why you read this conversation")


def _messages(session: Session, conversation_id: str, last_id: int) -> list[Message]:
    messages = session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > last_id, Message.author.in_(READ))
        .order_by(Message.id)
    )
    return list(messages)


def is_held_by(conversation: Conversation, agent: Agent) -> bool:
    """Tell whether an agent holds a conversation."""
    return conversation.owner == "agent" and conversation.agent_id == agent.id


def _state(app: AppState, conversation: Conversation, may_read: bool = True) -> State:
    confirmed = identity.confirmed_name(conversation, app.settings.access_idle) if may_read else None
    return State(
        holder=f"{conversation.owner} {conversation.agent_id or ''} {bool(conversation.closed_at)} {confirmed or ''}",
        ending=conversation.ending is not None,
        customer=presence.of_customer(conversation) if conversation.owner in transitions.WITH_PEOPLE else None,
        page=(conversation.page_title or conversation.page_address) if may_read else None,
        typing=app.typing_indicators.is_typing(conversation.id, "customer"),
        delivered=conversation.delivered_id,
        seen=conversation.seen_id,
        confirmed=confirmed,
    )


# ---- Live


def _check_reader(conversation_id: str, app: AppStateDep, agent: SignedIn) -> None:
    with app.database.read() as session:
        check_reader(session, conversation_id, agent, app)


# Errors have to be reported before the stream begins.
@router.get("/events", response_class=EventSourceResponse, dependencies=[Depends(_check_reader)])
async def stream(
    request: Request, conversation_id: str, app: AppStateDep, agent: SignedIn
) -> AsyncIterator[ServerSentEvent]:
    """Stream new messages, summary and rail as HTML, and the state around them, while the agent is signed in."""
    last = messages.last_seen(request.headers.get("last-event-id") or request.query_params.get("after", "0"))
    shown: State | None = None
    drawn, rail_due = {"summary": "", "rail": ""}, current_time()

    with app.bus.subscribe(ALL_CONVERSATIONS) as changed:
        while True:
            changed.clear()
            looked_at = current_time()
            draws_rail = looked_at >= rail_due
            news = await to_thread.run_sync(news_of, app, request, agent, conversation_id, last, draws_rail)
            if not news:
                yield ServerSentEvent(event="ended", data="")
                return
            if news.entries:
                last = news.entries[-1].id
                values = {"entries": news.entries, **helpers(agent.language, news.reads_all)}
                html = layout.fragment(request, agent, "messages.html", **values)
                yield ServerSentEvent(event="messages", id=str(last), data={"html": html})
            if news.state != shown:
                shown = news.state
                yield ServerSentEvent(event="state", data=news.state)
            for name, html in news.drawn.items():
                if html != drawn[name]:
                    drawn[name] = html
                    yield ServerSentEvent(event=name, data={"html": html})
            if draws_rail:
                rail_due = looked_at + RAIL_PAUSE
            with move_on_after(LOOK_AGAIN if draws_rail else rail_due - looked_at):
                await changed.wait()
            await sleep_until(looked_at + MIN_PAUSE)


class News(NamedTuple):
    """What a stream finds: the state, the messages after one, and parts of the page as HTML, by name."""

    state: State
    entries: list[Message]
    reads_all: bool
    drawn: dict[str, str]


def news_of(
    app: AppState, request: Request, agent: Agent, conversation_id: str, last_id: int, draws_rail: bool
) -> News | None:
    """Return what is new after a message; None if the agent is no longer signed in."""
    if not find_again(app, request):
        return None
    with app.database.read() as session:
        conversation = find_for(session, conversation_id, agent)
        reads_all = transitions.may_read_all(conversation, agent.id)
        may_read = reading.may_read(session, conversation, agent, app.settings.desk_read_after)
        entries = _messages(session, conversation_id, last_id) if may_read else []
        summary = summary_of(session, conversation, reads_all) if entries else None
        read_after = app.settings.desk_read_after
        rail = rail_of(session, boards_of(request).latest(), agent, read_after) if draws_rail else None
    # Who may no longer read it, as a colleague has taken it, loads the page anew because the holder changes.
    state, shared, drawn = _state(app, conversation, may_read), helpers(agent.language, reads_all), {}
    if summary:
        values = {"conversation": conversation, "confirmed": state.confirmed}
        values |= shown_summary(summary, agent.language)
        drawn["summary"] = layout.fragment(request, agent, "summary.html", **values, **shared)
    if rail:
        drawn["rail"] = layout.fragment(request, agent, "rail.html", rail=rail, open_id=conversation_id, **shared)
    return News(state, entries, reads_all, drawn)


def _holds(conversation_id: str, app: AppStateDep, agent: SignedIn) -> bool:
    with app.database.read() as session:
        return is_held_by(find_at_desk(session, conversation_id), agent)


@router.post("/read", status_code=204)
def note_read(
    conversation_id: str,
    app: AppStateDep,
    agent: SignedIn,
    last: Annotated[int, Form(ge=0, le=HIGHEST_ID)],
    is_read: Annotated[bool, Form()] = False,
) -> Response:
    """Tell the customer up to which message the agent who holds the conversation has got it, or read it."""
    with app.database.write() as session:
        find_at_desk(session, conversation_id)
        conversation = lifecycle.lock(session, conversation_id)
        newest = messages.newest(session, conversation_id)
        is_news = handoff.agent_got(conversation, agent.id, min(last, newest), is_read)
    if is_news:
        app.bus.publish(conversation_id)
    return Response(status_code=204)


@router.get("/files/{message_id}")
def read_file(
    conversation_id: str, message_id: Annotated[int, Path(ge=1, le=HIGHEST_ID)], app: AppStateDep, agent: SignedIn
) -> Response:
    """Return a file that the customer has sent, to an agent who may read the conversation."""
    with app.database.read() as session:
        check_reader(session, conversation_id, agent, app)
        return send_file(app.files, session.get(Message, message_id), conversation_id)


@router.post("/typing", status_code=204)
async def show_typing(conversation_id: str, app: AppStateDep, holds: Annotated[bool, Depends(_holds)]) -> Response:
    """Show the customer that the agent is writing."""
    if holds:
        app.typing_indicators.note(conversation_id, "agent")
    return Response(status_code=204)

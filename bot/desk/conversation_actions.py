"""What an agent does with a conversation: answer, note, take, pass on, and end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversations import blocking, endings, handoff, lifecycle, presence, transitions
from bot.conversations.models import Agent, Conversation
from bot.database import HIGHEST_ID, now
from bot.desk import reading
from bot.desk.conversation import check_reader, find_at_desk, find_for, is_held_by
from bot.desk.session import SignedIn, Supervisor
from bot.problems import problem
from bot.web.dependencies import AppState, AppStateDep, changing, clean
from bot.web.forms import wants_page

router = APIRouter(prefix="/desk/conversations/{conversation_id}")


class Sent(BaseModel):
    """The id under which an agent's message is stored."""

    id: int


MAX_LINE_LENGTH = 500  # characters


@router.post("/messages")
def reply(
    request: Request,
    conversation_id: str,
    app: AppStateDep,
    agent: SignedIn,
    text: Annotated[str, Form()] = "",
    client_id: Annotated[str, Form(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9-]+$")] = "",
) -> Response:
    """Send a message to the customer; a repeat with the same client_id is stored once."""
    said, limit = clean(text), app.settings.message_length
    if not said:
        raise problem(422, "empty", "The message is empty")
    if len(said) > limit:
        raise problem(413, "too-long", "The message is too long", length=len(said), limit=limit)
    with _changing(app, conversation_id) as (session, conversation):
        if is_held_by(conversation, agent):
            conversation.agent_seen_at = now()
        masked = app.masking.hide(said)
        message, _ = handoff.agent_says(session, conversation, agent.id, said, client_id, masked)
        app.typing_indicators.stop(conversation_id, "agent")
    return _then(request, _here(conversation_id), Sent(id=message.id))


@router.post("/notes")
def add_note(
    request: Request, conversation_id: str, app: AppStateDep, agent: SignedIn, text: Annotated[str, Form()] = ""
) -> Response:
    """Keep a note that only agents see."""
    note = clean(text)[: app.settings.message_length]
    if note:
        with _changing(app, conversation_id) as (session, conversation):
            check_reader(session, conversation_id, agent, app)
            handoff.add_note(session, conversation, agent.first_name, note, app.masking.hide(note))
    return _then(request, _here(conversation_id))


@router.post("/reason")
def give_reason(
    conversation_id: str, app: AppStateDep, agent: SignedIn, reason: Annotated[str, Form()] = ""
) -> Response:
    """Record why the agent reads a conversation of somebody else, and show it for some hours."""
    said = app.masking.hide(" ".join(clean(reason).split()))[: reading.MAX_REASON_LENGTH]
    if len(said) < reading.MIN_REASON_LENGTH:
        return RedirectResponse(f"{_here(conversation_id)}?wrong=reason", 303)
    with app.database.write() as session:
        reading.record(session, find_for(session, conversation_id, agent), agent, said)
    return RedirectResponse(_here(conversation_id), 303)


@router.post("/take")
def take(request: Request, conversation_id: str, app: AppStateDep, agent: SignedIn) -> Response:
    """Take a waiting conversation."""
    with _changing(app, conversation_id) as (session, conversation):
        if not has_room(session, agent.id):
            raise problem(409, "too-many-at-once", "You hold as many conversations as you take at once")
        handoff.take(session, conversation, agent)
    return _then(request, _here(conversation_id))


@router.post("/reopen")
def reopen(request: Request, conversation_id: str, app: AppStateDep, agent: SignedIn) -> Response:
    """Go on with a conversation that was closed, and that the agent may read."""
    with _changing(app, conversation_id) as (session, conversation):
        check_reader(session, conversation_id, agent, app)
        if not has_room(session, agent.id):
            raise problem(409, "too-many-at-once", "You hold as many conversations as you take at once")
        handoff.reopen(session, conversation, agent)
    return _then(request, _here(conversation_id))


@router.post("/take-over")
def take_over(request: Request, conversation_id: str, app: AppStateDep, agent: Supervisor) -> Response:
    """Take a conversation over from a colleague; only supervisors may."""
    with _changing(app, conversation_id) as (session, conversation):
        handoff.hand_over(session, conversation, agent, "taken_over")
    return _then(request, _here(conversation_id))


@router.post("/transfer")
def transfer(
    request: Request,
    conversation_id: str,
    app: AppStateDep,
    agent: SignedIn,
    to: Annotated[int, Form(ge=0, le=HIGHEST_ID)],
) -> Response:
    """Give the agent's conversation to a colleague."""
    with _changing(app, conversation_id, agent) as (session, conversation):
        colleague = session.get(Agent, to)
        if not colleague or not presence.takes(colleague):
            raise problem(409, "no-such-colleague", "This colleague is not there")
        if not has_room(session, colleague.id):
            raise problem(409, "colleague-full", "This colleague holds as many conversations as they take at once")
        handoff.hand_over(session, conversation, colleague)
    return _then(request, _queue("transferred"))


@router.post("/requeue")
def requeue(request: Request, conversation_id: str, app: AppStateDep, agent: SignedIn) -> Response:
    """Return the agent's conversation to the queue."""
    with _changing(app, conversation_id, agent) as (session, conversation):
        handoff.requeue(session, conversation)
    return _then(request, _queue("requeued"))


@router.post("/return-to-bot")
def return_to_bot(request: Request, conversation_id: str, app: AppStateDep, agent: SignedIn) -> Response:
    """Give the agent's conversation back to the assistant."""
    with _changing(app, conversation_id, agent) as (session, conversation):
        endings.return_to_bot(session, conversation, app.settings.desk_undo)
    return _then(request, _after(app, conversation_id, "returned_to_bot"))


@router.post("/close")
def close(
    request: Request,
    conversation_id: str,
    app: AppStateDep,
    agent: SignedIn,
    outcome: Annotated[transitions.Outcome, Form()],
    line: Annotated[str, Form()] = "",
) -> Response:
    """End the agent's conversation with an outcome."""
    said = " ".join(clean(line)[: app.settings.message_length].split())
    said = app.masking.hide(said)[:MAX_LINE_LENGTH]
    with _changing(app, conversation_id, agent) as (session, conversation):
        endings.close(session, conversation, app.settings.desk_undo, outcome, said)
    return _then(request, _after(app, conversation_id, "closed"))


@router.post("/block")
def block(
    request: Request,
    conversation_id: str,
    app: AppStateDep,
    agent: SignedIn,
    span: Annotated[blocking.Span, Form()],
) -> Response:
    """Close the agent's conversation with somebody abusive, who then calls no person for some time."""
    with _changing(app, conversation_id, agent) as (session, conversation):
        blocking.block(session, conversation, span, agent.first_name)
        handoff.close(session, conversation, "not_for_us")
    return _then(request, _here(conversation_id))


@router.post("/unblock")
def unblock(request: Request, conversation_id: str, app: AppStateDep, agent: SignedIn) -> Response:
    """Take a block back."""
    # The conversation may be over: the block holds for the next one.
    with app.database.write() as session:
        check_reader(session, conversation_id, agent, app)
        blocking.unblock(session, find_for(session, conversation_id, agent))
    app.bus.publish(conversation_id)
    return _then(request, _here(conversation_id))


@router.post("/undo")
def undo(request: Request, conversation_id: str, app: AppStateDep, agent: SignedIn) -> Response:
    """Keep a conversation that is about to be closed or given back."""
    with _changing(app, conversation_id, agent) as (session, conversation):
        if conversation.ending and not has_room(session, agent.id):
            raise problem(409, "too-many-at-once", "You hold as many conversations as you take at once")
        endings.call_off(conversation)
    return _then(request, _here(conversation_id))


def has_room(session: Session, agent_id: int) -> bool:
    """Tell whether an agent holds fewer conversations than the agent takes at once; lock the agent's row meanwhile."""
    agent = session.get_one(Agent, agent_id, with_for_update=True)
    held = select(func.count()).where(
        Conversation.owner == "agent", Conversation.agent_id == agent_id, Conversation.ending_at.is_(None)
    )
    return session.scalars(held).one() < agent.at_once


@contextmanager
def _changing(
    app: AppState, conversation_id: str, holder: Agent | None = None
) -> Iterator[tuple[Session, Conversation]]:
    """Lock a conversation of the desk for a change; with `holder`, refuse unless that agent holds it."""
    with app.database.read() as session:
        find_at_desk(session, conversation_id)
    try:
        with changing(app, conversation_id) as (session, conversation):
            if holder and not is_held_by(conversation, holder):
                raise transitions.InvalidTransition
            yield session, conversation
    except (transitions.InvalidTransition, lifecycle.Closed):
        raise problem(409, "other-hands", "The conversation is in other hands by now") from None


def _then(request: Request, where: str, sent: Sent | None = None) -> Response:
    """Redirect a person to the next page; answer a script with the address of that page."""
    if wants_page(request):
        return RedirectResponse(where, 303)
    content = sent.model_dump_json() if sent else None
    return Response(content, 200 if sent else 204, {"location": where}, media_type="application/json")


def _here(conversation_id: str) -> str:
    return f"/desk/conversations/{conversation_id}"


def _after(app: AppState, conversation_id: str, done: str) -> str:
    """Return where an agent goes who has ended a conversation: nowhere, as long as it can be undone."""
    return _here(conversation_id) if app.settings.desk_undo else _queue(done)


def _queue(done: str) -> str:
    return f"/desk?done={done}"

"""A conversation on the agent's screen: what was said, live, and what the agent does with it."""

import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Any

import yaml
from anyio import move_on_after, to_thread
from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from markdown_it import MarkdownIt
from markupsafe import Markup
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.chat import conversations, handoff, identity
from bot.chat.dependencies import Chat, ChatNow, clean
from bot.chat.models import Conversation, Message
from bot.chat.summary import Summary, summary_of, text_for
from bot.database import HIGHEST_ID, now
from bot.desk import agents, pages
from bot.desk.models import Agent
from bot.desk.script_pages import Look, View, look_at, panel_values
from bot.desk.session import SignedIn, Supervisor, find_again, wants_page
from bot.desk.told import reported, told
from bot.guide import Standing, read_guide
from bot.problems import problem
from bot.wording import read_data

router = APIRouter(prefix="/desk/conversations/{conversation_id}")
LOOK_AGAIN = 5.0  # seconds after which a stream looks by itself: another process may have changed something
LONGEST_LINE = 500  # characters
READ = ("customer", "assistant", "agent", "notice", "note")  # authors whose messages agents see
MARKDOWN = MarkdownIt("js-default", {"html": False}).disable("image")
REPLIES = yaml.safe_load((Path(__file__).parent / "replies.yml").read_text(encoding="utf-8"))


class Sent(BaseModel):
    """The id under which an agent's message is stored."""

    id: int


class State(BaseModel):
    """What changes around the transcript; another holder, or another proof of who it is, makes the page load anew."""

    holder: str
    typing: bool
    delivered: int
    seen: int
    confirmed: str | None


# ---- The page


@router.get("")
def show(request: Request, conversation_id: str, chat: ChatNow, agent: SignedIn) -> Response:
    """Show a conversation: transcript, summary, and what the agent may do with it."""
    with chat.database.read() as session:
        conversation = _find(session, conversation_id)
        entries = _messages(session, conversation_id, 0)
        reads_all = handoff.may_read_all(conversation, str(agent.id))
        summary = summary_of(session, conversation, reads_all)
        colleagues = [one for one in agents.everybody(session) if one.id != agent.id and agents.takes(one)]
        rating = handoff.last_closing(session, conversation)
    is_mine, email = _is_mine(conversation, agent), identity.confirmed_email(conversation, chat.settings.access_idle)
    # Each look is recorded with the agent's name: only who helps the customer looks.
    look = look_at(request, email, agent, "conversation") if is_mine and email else None
    state = _state(chat, conversation)
    return pages.page(
        request,
        agent,
        "conversation.html",
        colleagues=colleagues,
        conversation=conversation,
        entries=entries,
        is_mine=is_mine,
        last=max((message.id for message in entries), default=0),
        longest_note=chat.settings.message_length,
        outcomes=handoff.OUTCOMES,
        rating=rating,
        replies=_replies(agent, state.confirmed),
        state=state,
        **_panel(conversation, agent, look),
        **shown_summary(summary, agent.language),
        **helpers(agent.language, reads_all),
    )


def _panel(conversation: Conversation, agent: Agent, look: Look | None) -> dict[str, Any]:
    """Return what the guided script shows at the customer's place."""
    guide = read_guide()
    place = conversation.place if conversation.place in guide.places else guide.first
    return panel_values(View(Standing((place,)), conversation.language, conversation=conversation.id), agent, look)


def helpers(language: str, reads_all: bool = False) -> dict[str, Any]:
    """Return what templates need to show messages and topics in the agent's language."""
    return {
        "formatted": formatted,
        "text_for": lambda message: text_for(message, reads_all),
        "topic": lambda intent: topic(intent, language),
        "new_id": secrets.token_hex,
    }


def shown_summary(summary: Summary, language: str) -> dict[str, Any]:
    """Put a summary into the words of the agent."""
    topics = [topic(intent, language) for intent in summary.topics]
    return {
        "summary": summary,
        "topics": topics,
        "step_reached": step_of(summary),
        "told": told(summary.details, language),
        "reported": reported(summary.problem, language),
    }


def step_of(summary: Summary) -> int | None:
    """Return the number of the step that the customer reached in the walkthrough."""
    places = read_guide().places
    return places[summary.place].step if summary.place in places else None


def topic(intent: str | None, language: str) -> str:
    """Return the title of what a customer asked, or the intent's name where it has none."""
    titles: dict[str, str] = read_data("topics.yml").get(intent or "", {}) or pages.WORDS["intents"].get(
        intent or "", {}
    )
    return titles.get(language, intent or "")


def formatted(text: str) -> Markup:
    """Show what the assistant said as the customer sees it; HTML in it stays text."""
    return Markup(MARKDOWN.render(text))  # noqa: S704


def _find(session: Session, conversation_id: str) -> Conversation:
    conversation = handoff.at_desk(session, conversation_id)
    if not conversation:
        raise problem(404, "missing", "There is no such conversation at the desk")
    return conversation


def _messages(session: Session, conversation_id: str, last_id: int) -> list[Message]:
    messages = session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > last_id, Message.author.in_(READ))
        .order_by(Message.id)
    )
    return list(messages)


def _is_mine(conversation: Conversation, agent: Agent) -> bool:
    return conversation.owner == "agent" and conversation.agent_id == str(agent.id)


def _replies(agent: Agent, confirmed: str | None) -> list[dict[str, Any]]:
    """Return the ready replies in the customer's language first, with the names filled in."""
    filled = {"agent": agent.first_name, "customer": confirmed or ""}
    return [
        {
            "title": reply["title"],
            "text": {language: text.format(**filled) for language, text in reply["text"].items()},
        }
        for group in REPLIES.values()
        for reply in group.values()
    ]


def _state(chat: Chat, conversation: Conversation) -> State:
    confirmed = identity.confirmed_name(conversation, chat.settings.access_idle)
    return State(
        holder=f"{conversation.owner} {conversation.agent_id or ''} {bool(conversation.closed_at)} {confirmed or ''}",
        typing=chat.typists.is_typing(conversation.id, "customer"),
        delivered=conversation.delivered_id,
        seen=conversation.seen_id,
        confirmed=confirmed,
    )


# ---- Live


def _check_known(conversation_id: str, chat: ChatNow, agent: SignedIn) -> None:
    with chat.database.read() as session:
        _find(session, conversation_id)


# What is wrong has to be said before the stream begins.
@router.get("/events", response_class=EventSourceResponse, dependencies=[Depends(_check_known)])
async def stream(
    request: Request, conversation_id: str, chat: ChatNow, agent: SignedIn
) -> AsyncIterator[ServerSentEvent]:
    """Stream new messages as they are to stand in the page, and the state around them, while the agent is signed in."""
    last = conversations.last_seen(request.headers.get("last-event-id") or request.query_params.get("after", "0"))
    shown: State | None = None

    def work() -> tuple[State, list[Message], bool] | None:
        if not find_again(chat, request):
            return None
        with chat.database.read() as session:
            conversation = _find(session, conversation_id)
            reads_all = handoff.may_read_all(conversation, str(agent.id))
            return _state(chat, conversation), _messages(session, conversation_id, last), reads_all

    with chat.bells.listen(conversation_id) as bell:
        while True:
            bell.clear()
            found = await to_thread.run_sync(work)
            if not found:
                yield ServerSentEvent(event="ended", data="")
                return
            state, entries, reads_all = found
            if entries:
                last = entries[-1].id
                html = pages.fragment(
                    request, agent, "messages.html", entries=entries, **helpers(agent.language, reads_all)
                )
                yield ServerSentEvent(event="messages", id=str(last), data={"html": html})
            if state != shown:
                shown = state
                yield ServerSentEvent(event="state", data=state)
            with move_on_after(LOOK_AGAIN):
                await bell.wait()


@router.post("/typing", status_code=204)
async def show_typing(conversation_id: str, chat: ChatNow, agent: SignedIn) -> Response:
    """Show the customer that the agent is writing."""

    def is_mine() -> bool:
        with chat.database.read() as session:
            return _is_mine(_find(session, conversation_id), agent)

    if await to_thread.run_sync(is_mine):
        chat.typists.note(conversation_id, "agent")
    return Response(status_code=204)


# ---- What the agent does


@router.post("/messages")
async def reply(
    request: Request,
    conversation_id: str,
    chat: ChatNow,
    agent: SignedIn,
    text: Annotated[str, Form()] = "",
    client_id: Annotated[str, Form(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9-]+$")] = "",
) -> Response:
    """Say something to the customer; a repeat with the same client_id is said once."""
    said, limit = clean(text), chat.settings.message_length
    if not said:
        raise problem(422, "empty", "The message is empty")
    if len(said) > limit:
        raise problem(413, "too-long", "The message is too long", length=len(said), limit=limit)

    def work(session: Session, conversation: Conversation) -> int:
        if _is_mine(conversation, agent):
            conversation.agent_seen_at = now()
        return handoff.agent_says(session, conversation, str(agent.id), said, client_id)[0].id

    message_id = await _do(chat, conversation_id, work)
    chat.typists.stop(conversation_id, "agent")
    return _then(request, _here(conversation_id), Sent(id=message_id))


@router.post("/notes")
async def add_note(
    request: Request, conversation_id: str, chat: ChatNow, agent: SignedIn, text: Annotated[str, Form()] = ""
) -> Response:
    """Keep a note that only agents see."""
    note = clean(text)[: chat.settings.message_length]
    if note:
        await _do(chat, conversation_id, lambda session, one: handoff.add_note(session, one, agent.first_name, note))
    return _then(request, _here(conversation_id))


@router.post("/take")
async def take(request: Request, conversation_id: str, chat: ChatNow, agent: SignedIn) -> Response:
    """Take a waiting conversation."""

    def work(session: Session, conversation: Conversation) -> None:
        if not has_room(session, agent.id):
            raise problem(409, "too-many-at-once", "You hold as many conversations as you take at once")
        handoff.take(session, conversation, _named(agent))

    await _do(chat, conversation_id, work)
    return _then(request, _here(conversation_id))


@router.post("/take-over")
async def take_over(request: Request, conversation_id: str, chat: ChatNow, agent: Supervisor) -> Response:
    """Take a conversation from a colleague, as a supervisor."""
    await _do(chat, conversation_id, lambda session, one: handoff.hand_over(session, one, _named(agent), "taken_over"))
    return _then(request, _here(conversation_id))


@router.post("/transfer")
async def transfer(
    request: Request,
    conversation_id: str,
    chat: ChatNow,
    agent: SignedIn,
    to: Annotated[int, Form(ge=0, le=HIGHEST_ID)],
) -> Response:
    """Give one's conversation to a colleague."""

    def work(session: Session, conversation: Conversation) -> None:
        colleague = session.get(Agent, to)
        if not colleague or not agents.takes(colleague):
            raise problem(409, "no-such-colleague", "This colleague is not there")
        if not has_room(session, colleague.id):
            raise problem(409, "colleague-full", "This colleague holds as many conversations as they take at once")
        handoff.hand_over(session, conversation, _named(colleague))

    await _do(chat, conversation_id, work, agent)
    return _then(request, _queue("transferred"))


@router.post("/put-back")
async def put_back(request: Request, conversation_id: str, chat: ChatNow, agent: SignedIn) -> Response:
    """Return one's conversation to the queue."""
    await _do(chat, conversation_id, handoff.put_back, agent)
    return _then(request, _queue("put_back"))


@router.post("/give-back")
async def give_back(request: Request, conversation_id: str, chat: ChatNow, agent: SignedIn) -> Response:
    """Give one's conversation back to the assistant."""
    await _do(chat, conversation_id, handoff.give_back, agent)
    return _then(request, _queue("given_back"))


@router.post("/close")
async def close(
    request: Request,
    conversation_id: str,
    chat: ChatNow,
    agent: SignedIn,
    outcome: Annotated[handoff.Outcome, Form()],
    line: Annotated[str, Form()] = "",
) -> Response:
    """End one's conversation with what came of it."""
    said = " ".join(clean(line).split())[:LONGEST_LINE]
    await _do(chat, conversation_id, lambda session, one: handoff.close(session, one, outcome, said), agent)
    return _then(request, _queue("closed"))


def has_room(session: Session, agent_id: int) -> bool:
    """Tell whether an agent holds fewer conversations than they take at once; of two who ask, one waits."""
    agent = session.get_one(Agent, agent_id, with_for_update=True)
    held = select(func.count()).where(Conversation.owner == "agent", Conversation.agent_id == str(agent_id))
    return session.scalars(held).one() < agent.at_once


def _named(agent: Agent) -> tuple[str, str]:
    return str(agent.id), agent.first_name


async def _do(
    chat: Chat, conversation_id: str, work: Callable[[Session, Conversation], Any], holder: Agent | None = None
) -> Any:
    """Change a conversation, alone, where it has to be as its holder; then wake all who watch it."""

    def alone() -> Any:
        with chat.database.write() as session:
            _find(session, conversation_id)
            session.expire_all()  # what is decided on is what stands there once it is locked
            conversation = conversations.lock(session, conversation_id)
            if holder and not _is_mine(conversation, holder):
                raise handoff.NotPossible
            return work(session, conversation)

    try:
        done = await to_thread.run_sync(alone)
    except (handoff.NotPossible, conversations.Closed):
        raise problem(409, "other-hands", "The conversation is in other hands by now") from None
    chat.bells.ring(conversation_id)
    chat.courier.call(conversation_id)
    return done


def _then(request: Request, where: str, sent: Sent | None = None) -> Response:
    """Lead a person to where it goes on; answer a script, and name the address."""
    if wants_page(request):
        return RedirectResponse(where, 303)
    content = sent.model_dump_json() if sent else None
    return Response(content, 200 if sent else 204, {"location": where}, media_type="application/json")


def _here(conversation_id: str) -> str:
    return f"/desk/conversations/{conversation_id}"


def _queue(done: str) -> str:
    return f"/desk?done={done}"

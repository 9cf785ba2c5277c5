"""The page of the ready replies, on which agents add, change and retire them."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Path, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from bot.conversations.models import Agent
from bot.database import HIGHEST_ID, now
from bot.desk import ready_replies
from bot.desk.layout import page
from bot.desk.models import ReadyReply
from bot.desk.session import PATH, SignedIn
from bot.problems import problem
from bot.web.dependencies import AppState, AppStateDep, clean

HERE = f"{PATH}/replies"
router = APIRouter(prefix=HERE)
ReplyId = Annotated[int, Path(ge=1, le=HIGHEST_ID)]


class Typed:
    """The fields of a reply's form."""

    def __init__(
        self,
        app: AppStateDep,
        title_lv: Annotated[str, Form()] = "",
        text_lv: Annotated[str, Form()] = "",
        title_en: Annotated[str, Form()] = "",
        text_en: Annotated[str, Form()] = "",
    ) -> None:
        """Bring the fields into the form in which they are stored."""
        limit = app.settings.message_length
        self.fields = {
            "title_lv": " ".join(clean(title_lv).split())[: ready_replies.MAX_TITLE_LENGTH],
            "text_lv": clean(text_lv)[:limit],
            "title_en": " ".join(clean(title_en).split())[: ready_replies.MAX_TITLE_LENGTH],
            "text_en": clean(text_en)[:limit],
        }

    @property
    def is_complete(self) -> bool:
        """Whether there is a language with both title and text, and none with only one of them."""
        pairs = [(bool(self.fields[f"title_{one}"]), bool(self.fields[f"text_{one}"])) for one in ("lv", "en")]
        return any(pairs[0] + pairs[1]) and all(title == text for title, text in pairs)


TypedReply = Annotated[Typed, Depends(Typed)]


@router.get("")
def show_replies(request: Request, app: AppStateDep, agent: SignedIn) -> Response:
    """Show the shared replies and the agent's own ones."""
    return _replies(request, app, agent)


@router.post("")
def add_reply(
    request: Request, app: AppStateDep, agent: SignedIn, typed: TypedReply, shared: Annotated[bool, Form()] = False
) -> Response:
    """Add a reply of the agent's own; supervisors may add one for all."""
    if shared and not agent.is_supervisor:
        raise problem(403, "not-your-role", "Only supervisors may do this")
    if not typed.is_complete:
        return _replies(request, app, agent, typed.fields | {"shared": shared}, wrong="new")
    owner = None if shared else agent.id
    with app.database.write() as session:
        if not ready_replies.has_room(session, owner):
            raise problem(409, "too-many-replies", "There are as many ready replies as there may be")
        session.add(ReadyReply(agent_id=owner, changed_at=now(), **typed.fields))
    return RedirectResponse(f"{HERE}?done=saved", 303)


@router.post("/{reply_id}")
def change_reply(request: Request, app: AppStateDep, agent: SignedIn, reply_id: ReplyId, typed: TypedReply) -> Response:
    """Change title and text of a reply."""
    with app.database.write() as session:
        reply = _mine(session, agent, reply_id)
        if typed.is_complete:
            for name, value in typed.fields.items():
                setattr(reply, name, value)
            reply.changed_at = now()
    if not typed.is_complete:
        return _replies(request, app, agent, typed.fields, wrong=str(reply_id))
    return RedirectResponse(f"{HERE}?done=saved", 303)


@router.post("/{reply_id}/retire")
def retire_reply(app: AppStateDep, agent: SignedIn, reply_id: ReplyId) -> Response:
    """Offer a reply no longer."""
    with app.database.write() as session:
        _mine(session, agent, reply_id).retired_at = now()
    return RedirectResponse(f"{HERE}?done=retired", 303)


@router.post("/{reply_id}/restore")
def restore_reply(app: AppStateDep, agent: SignedIn, reply_id: ReplyId) -> Response:
    """Offer a retired reply again."""
    with app.database.write() as session:
        _mine(session, agent, reply_id).retired_at = None
    return RedirectResponse(f"{HERE}?done=saved", 303)


@router.post("/{reply_id}/use", status_code=204)
def count_use(app: AppStateDep, agent: SignedIn, reply_id: ReplyId) -> Response:
    """Count that the agent put a reply into the composer."""
    with app.database.write() as session:
        ready_replies.count_use(session, agent, reply_id)
    return Response(status_code=204)


def _mine(session: Session, agent: Agent, reply_id: int) -> ReadyReply:
    """Return a reply that the agent may change."""
    reply = session.get(ReadyReply, reply_id)
    if not reply or reply.agent_id not in (None, agent.id):
        raise HTTPException(404)
    if not ready_replies.may_change(reply, agent):
        raise problem(403, "not-your-role", "Only supervisors may do this")
    return reply


def _replies(
    request: Request, app: AppState, agent: Agent, typed: Mapping[str, str | bool] | None = None, wrong: str = ""
) -> Response:
    """Show the page; `wrong` names the form with an error, which keeps what was typed."""
    with app.database.read() as session:
        offered, retired = ready_replies.seen_by(session, agent), ready_replies.seen_by(session, agent, retired=True)
    return page(
        request,
        agent,
        "replies.html",
        422 if wrong else 200,
        here=HERE,
        lists={
            "own": [one for one in offered if one.agent_id],
            "shared": [one for one in offered if not one.agent_id],
        },
        retired=retired,
        may_change=lambda reply: ready_replies.may_change(reply, agent),
        longest_title=ready_replies.MAX_TITLE_LENGTH,
        longest_text=app.settings.message_length,
        typed=typed or {},
        wrong=wrong,
    )

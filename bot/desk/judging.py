"""The page Judging, for supervisors: step through conversations, mark each answer, and make an exam of them."""

import json
import re
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.orm import Session

from bot.conversations import judging
from bot.conversations.judging import Step, Verdict
from bot.conversations.models import Agent, Conversation, Message
from bot.conversations.summary import LOOKED_UP, text_for
from bot.database import HIGHEST_ID
from bot.desk import layout, reading
from bot.desk.presentation import formatted, topic
from bot.desk.session import PATH, Supervisor
from bot.dialogue.answers import LANGUAGES, read_responses
from bot.web.dependencies import AppState, AppStateDep, clean
from bot.web.forms import wants_page

HERE = f"{PATH}/quality/judging"
PLACEHOLDER = re.compile(r"\{\w+\}")
HIDDEN = "\u2026"  # in the place of an account's figure
MessageId = Annotated[int, Path(ge=1, le=HIGHEST_ID)]
router = APIRouter(prefix=HERE)


@router.get("")
def show_list(
    request: Request, app: AppStateDep, agent: Supervisor, customer: str = "", judged: str = ""
) -> HTMLResponse:
    """List the newest conversations: those in which the supervisor has judged something, or nothing yet."""
    customer = customer if customer in LANGUAGES else ""
    with app.database.read() as session:
        found = judging.listed(session, agent, customer, bool(judged))
    return layout.page(request, agent, "judging.html", here=HERE, found=found, customer=customer, judged=bool(judged))


@router.get("/exam")
def export(app: AppStateDep, agent: Supervisor, customer: str = "lv") -> Response:
    """Send the conversations for which facts are written down, as a file of an exam."""
    if customer not in LANGUAGES:
        raise HTTPException(422)
    with app.database.read() as session:
        items = [judging.item(one, customer, re.escape) for one in judging.exam(session, customer)]
    lines = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in items)
    headers = {"content-disposition": f'attachment; filename="{customer}_judged.jsonl"'}
    return Response(lines, media_type="application/x-ndjson; charset=utf-8", headers=headers)


@router.post("/next")
def open_next(app: AppStateDep, agent: Supervisor, customer: Annotated[str, Form(max_length=2)] = "") -> Response:
    """Open the newest conversation in which the supervisor has judged nothing yet."""
    with app.database.read() as session:
        found = judging.listed(session, agent, customer if customer in LANGUAGES else "", False, 1)
    if not found:
        return RedirectResponse(f"{HERE}?done=all_judged", 303)
    return _open(app, agent, found[0].id)


@router.post("/{conversation_id}/open")
def open_one(app: AppStateDep, agent: Supervisor, conversation_id: str) -> Response:
    """Record that the supervisor reads a conversation to judge it, and show it for some hours."""
    return _open(app, agent, conversation_id)


@router.get("/{conversation_id}")
def show(request: Request, app: AppStateDep, agent: Supervisor, conversation_id: str) -> HTMLResponse:
    """Show a conversation step by step, masked; or ask whether to read it, as that is recorded."""
    with app.database.read() as session:
        conversation = _find(session, conversation_id)
        may_read = reading.may_read(session, conversation, agent, app.settings.desk_read_after)
        steps = judging.steps(session, conversation_id) if may_read else []
    status = 200 if may_read else 403
    values = {"conversation": conversation, "steps": steps, "may_read": may_read} | _helpers(agent)
    return layout.page(request, agent, "judge.html", status, here=f"{HERE}/{conversation_id}", **values)


@router.post("/{conversation_id}/{message_id}")
def judge(
    request: Request,
    app: AppStateDep,
    agent: Supervisor,
    conversation_id: str,
    message_id: MessageId,
    verdict: Annotated[Verdict, Form()],
    facts: Annotated[str, Form(max_length=2 * judging.MAX_FACTS)] = "",
) -> Response:
    """Keep the supervisor's mark of an answer, with the facts that must be in it."""
    lines = [app.masking.hide(" ".join(line.split())) for line in clean(facts).splitlines()]
    written = "\n".join(line for line in lines if line)[: judging.MAX_FACTS].strip()
    with app.database.write() as session:
        conversation = _find(session, conversation_id)
        if not reading.may_read(session, conversation, agent, app.settings.desk_read_after):
            raise HTTPException(403)
        step = judging.judge(session, conversation_id, message_id, agent, verdict, written)
        if not step:
            raise HTTPException(404)
        if wants_page(request):
            return RedirectResponse(f"{HERE}/{conversation_id}#m{message_id}", 303)
        values = {"conversation": conversation, "step": step} | _helpers(agent)
        return HTMLResponse(layout.fragment(request, agent, "judge_step.html", **values))


def _open(app: AppState, agent: Agent, conversation_id: str) -> Response:
    with app.database.write() as session:
        conversation = _find(session, conversation_id)
        if not reading.may_read(session, conversation, agent, app.settings.desk_read_after):
            reading.record(session, conversation, agent, layout.say(agent.language, "judging.reason"))
    return RedirectResponse(f"{HERE}/{conversation_id}", 303)


def _find(session: Session, conversation_id: str) -> Conversation:
    conversation = session.get(Conversation, conversation_id)
    if not conversation:
        raise HTTPException(404)
    return conversation


def _helpers(agent: Agent) -> dict[str, Any]:
    """Return what the templates need to show a step."""
    return {
        "verdicts": judging.VERDICTS,
        "longest": judging.MAX_FACTS,
        "asked": lambda message: text_for(message, False),
        "said": said,
        "topic": lambda intent: topic(intent, agent.language),
        "mine": lambda step: step.of(agent.id),
        "others": lambda step: [one for one in step.marks if one.agent_id != agent.id],
    }


def said(message: Message, step: Step) -> Any:
    """Return what was said as the customer saw it, without the figures of an account."""
    if not (message.response or "").startswith(LOOKED_UP):
        return formatted(text_for(message, False))
    variants = read_responses().get(message.response or "", [])
    language = step.turn.language if step.turn else LANGUAGES[0]
    text = next((one["text"] for one in variants if one["condition"][0]["value"] == language), "")
    return formatted(PLACEHOLDER.sub(HIDDEN, text))

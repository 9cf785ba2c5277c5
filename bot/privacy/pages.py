"""The page Personal data of the desk, for supervisors: terms, requests, and a person's data."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Form, HTTPException, Path, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from bot.conversations import data_requests
from bot.conversations.masking import is_email
from bot.conversations.models import Agent, Conversation
from bot.database import HIGHEST_ID, now
from bot.desk.layout import page
from bot.desk.models import AuditEntry, Removal
from bot.desk.session import PATH, Checked, Supervisor
from bot.privacy import erasure, export, person
from bot.privacy.retention import Retention
from bot.privacy.stores import Stores
from bot.web.dependencies import AppState, AppStateDep, clean

HERE = f"{PATH}/personal-data"
SHOWN = 20  # entries of a list
TYPES = {"json": "application/json", "html": "text/html"}
router = APIRouter(prefix=HERE, include_in_schema=False, dependencies=[Checked])
Email = Annotated[str, Form(max_length=254)]


def mount(app: FastAPI, stores: Stores, retention: Retention) -> None:
    """Add the page to the desk."""
    app.state.stores, app.state.retention = stores, retention
    app.include_router(router)


@router.get("")
def show(request: Request, app: AppStateDep, agent: Supervisor) -> Response:
    """Show the terms and what was removed at their end, open requests, and who worked with a person's data."""
    return _page(request, app, agent)


@router.post("/find")
def find(request: Request, app: AppStateDep, agent: Supervisor, email: Email = "") -> Response:
    """Show what is kept of a person. The address is in the form, so that it is in no log and no history."""
    return _person(request, app, agent, _known(email))


@router.post("/export")
def export_data(
    request: Request,
    app: AppStateDep,
    agent: Supervisor,
    kind: Annotated[Literal["json", "html"], Form()],
    email: Email,
) -> Response:
    """Send what is kept of a person as a file."""
    email, stores = _checked(email), request.app.state.stores
    collected = export.collect(stores, app.contacts, email)
    is_json = kind == "json"
    content = export.as_json(collected, stores.files) if is_json else export.as_html(collected, agent.language)
    _note(app, agent, "exported", person.counts(stores, app.contacts, email))
    headers = {
        "content-disposition": f'attachment; filename="personal-data.{kind}"',
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    }
    return Response(content, media_type=TYPES[kind], headers=headers)


@router.post("/erase")
def erase(
    request: Request,
    app: AppStateDep,
    agent: Supervisor,
    email: Email,
    typed: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Erase a person whose address the supervisor has typed once more."""
    email = _checked(email)
    if clean(typed).lower() != email:
        return _person(request, app, agent, email, wrong=True)
    gone, tokens = erasure.erase(request.app.state.stores, app.contacts, email, agent.email)
    for token in tokens:
        app.accounts.end_quietly(token)
    for conversation_id in gone:
        app.bus.publish(conversation_id)
    return RedirectResponse(f"{HERE}?done=erased", 303)


@router.post("/requests/{request_id}/done")
def finish(app: AppStateDep, agent: Supervisor, request_id: Annotated[int, Path(ge=1, le=HIGHEST_ID)]) -> Response:
    """Note that a request was carried out."""
    with app.database.write() as session:
        if not data_requests.finish_request(session, request_id, agent.name[:80]):
            raise HTTPException(404)
    return RedirectResponse(f"{HERE}?done=saved", 303)


def _known(email: str) -> str:
    email = clean(email).lower()
    return email if is_email(email) else ""


def _checked(email: str) -> str:
    if not (known := _known(email)):
        raise HTTPException(422)
    return known


def _person(request: Request, app: AppState, agent: Agent, email: str, wrong: bool = False) -> Response:
    if not email:
        return _page(request, app, agent, 422, wrong_email=True)
    found = person.counts(request.app.state.stores, app.contacts, email)
    with app.database.read() as session:
        mine = person.find(session, app.contacts, email).conversations
        began = session.scalars(select(Conversation.created_at).where(Conversation.id.in_(mine[:SHOWN]))).all()
    _note(app, agent, "found", found)
    return _page(request, app, agent, 422 if wrong else 200, email=email, found=found, began=began, wrong=wrong)


def _note(app: AppState, agent: Agent, what: str, counts: dict[str, int]) -> None:
    with app.database.write() as session:
        session.add(AuditEntry(at=now(), who=agent.email, what=what, counts=counts))


def _page(request: Request, app: AppState, agent: Agent, status: int = 200, **values: Any) -> Response:
    retention: Retention = request.app.state.retention
    with app.database.read() as session:
        removed, audit = (
            session.scalars(select(kind).order_by(kind.id.desc()).limit(SHOWN)).all() for kind in (Removal, AuditEntry)
        )
        requests = data_requests.open_requests(session, SHOWN)
    defaults: dict[str, Any] = {"email": "", "found": None, "began": [], "wrong": False, "wrong_email": False}
    return page(
        request,
        agent,
        "personal_data.html",
        status,
        here=HERE,
        terms=retention.days,
        next_at=retention.next_at,
        removed=removed,
        audit=audit,
        requests=requests,
        **(defaults | values),
    )

"""What the account system tells the website side: signed events, as docs/backend.md describes them."""

import structlog
from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from starlette.concurrency import run_in_threadpool

from bot.conversations.notifications import AccountEvent, record
from bot.problems import problem
from bot.web.dependencies import AppState
from bot.webhooks import ID, is_genuine

log = structlog.get_logger()
router = APIRouter(include_in_schema=False)
MAX_EVENT, MAX_ID = 10_000, 200  # bytes of an event, characters of its id


@router.post("/api/account-events", status_code=204)
async def take_event(request: Request) -> Response:
    """Keep an event for the customer whom it concerns; the answer does not tell whether there is one."""
    app: AppState = request.app.state.shared
    secret = app.settings.events_key.get_secret_value()
    if not secret:
        raise HTTPException(404)
    content = await _body(request)
    if len(request.headers.get(ID, "")) > MAX_ID or not is_genuine(request.headers, content, secret):
        log.warning("account_event_refused")
        raise problem(401, "wrong-signature", "The signature is missing, wrong or too old")
    try:
        event = AccountEvent.model_validate_json(content)
    except ValidationError as error:
        wrong = [{"loc": list(item["loc"]), "type": item["type"]} for item in error.errors()]
        raise problem(422, "malformed", "The event is malformed", errors=wrong) from None
    await run_in_threadpool(_record, app, request.headers[ID], event)
    return Response(status_code=204)


async def _body(request: Request) -> bytes:
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > MAX_EVENT:
            raise problem(413, "too-large", "The request is too large")
    return content


def _record(app: AppState, event_id: str, event: AccountEvent) -> None:
    try:
        with app.database.write() as session:
            record(session, app.contacts, event_id, event)
    except IntegrityError:  # the same event arrives twice at the same moment
        return

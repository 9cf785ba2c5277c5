"""Serve what only the demo has, to this machine alone: the mailbox, the sample accounts and the clock."""

import pathlib
import secrets
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from bot.backend import services
from bot.backend.deps import THIS_MACHINE, Config
from bot.backend.mail import LETTERS, Mailbox, password_letter
from bot.backend.sample import SAMPLE
from bot.backend.schemas import ClockIn, ClockOut
from bot.database import Database
from bot.problems import problem

router = APIRouter(include_in_schema=False, dependencies=THIS_MACHINE)
templates = Jinja2Templates(pathlib.Path(__file__).parent)


@router.get("/mailbox")
def show_mailbox(request: Request) -> HTMLResponse:
    """Show the e-mails that were kept instead of being sent."""
    post = request.app.state.post
    if not isinstance(post, Mailbox):
        raise problem(404, "not-found", "There is no such page")
    nonce = secrets.token_urlsafe(16)
    headers = {
        "content-security-policy": f"default-src 'none'; style-src 'nonce-{nonce}'; frame-ancestors 'none'",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    context: dict[str, Any] = {"letters": list(post.letters), "words": LETTERS["mailbox"], "nonce": nonce}
    return templates.TemplateResponse(request, "mailbox.html", context, headers=headers)


@router.get("/samples")
def show_samples() -> dict[str, Any]:
    """List the sample accounts."""
    return {"samples": [{"email": sample["email"], "note": sample["note"]} for sample in SAMPLE["accounts"]]}


@router.post("/v1/clock")
def move_clock(body: ClockIn, request: Request, config: Config) -> ClockOut:
    """Move the demo's clock forward, and do everything that becomes due."""
    if not config.demo:
        raise problem(404, "not-found", "There is no such page")
    try:
        return ClockOut(now=pass_time(request, body.forward_hours, body.language))
    except services.TooFar:
        raise problem(409, "clock-too-far", "The clock cannot be moved that far") from None


def pass_time(request: Request, hours: int | None, language: str) -> datetime:
    """Move the clock by hours, or to the next working day, and send the e-mails that are due; return the new time."""
    database: Database = request.app.state.database
    with database.write() as session:
        moment, verified = services.pass_time(session, hours or services.hours_to_next_working_day(session))
    post = request.app.state.post
    if isinstance(post, Mailbox):  # a real mail server might deliver sample data to a stranger
        for account in verified:
            post.send(password_letter(account.email, account.name, account.company, language))
    return moment

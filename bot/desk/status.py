"""The page System status, for supervisors: whether each part works, and what could not be sent."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Literal

import tomllib
from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.conversations import trials
from bot.database import HIGHEST_ID
from bot.desk.layout import page
from bot.desk.session import PATH, Supervisor
from bot.model import ENDING, model_path, name_of
from bot.settings import LAST_BACKUP, ROOT, Settings
from bot.web.dependencies import AppStateDep
from bot.web.outbox import unsent

HERE = f"{PATH}/status"
SCHEMAS = ("chat", "desk")  # whose migrations are counted in the conversations' database
router = APIRouter(prefix=HERE)


@dataclass(frozen=True)
class Made:
    """Something with a name and the moment when it was made."""

    name: str
    at: datetime


@router.get("")
def show_status(request: Request, app: AppStateDep, agent: Supervisor) -> Response:
    """Show the state of everything."""
    with app.database.read() as session:
        not_sent, migrations = unsent(session), _migrations(session)
        model = _model_in_use(app.settings, trials.in_use(session))
    return page(
        request,
        agent,
        "status.html",
        parts=request.app.state.readiness.states(),
        release=_release(),
        migrations=migrations,
        model=model,
        backup=_last_backup(app.settings),
        jobs=request.app.state.periodic_jobs.last,
        not_sent=not_sent,
    )


@router.post("/again/{kind}/{number}")
def send_again(
    request: Request,
    agent: Supervisor,
    kind: Literal["letter", "webhook", "alarm"],
    number: Annotated[int, Path(ge=1, le=HIGHEST_ID)],
) -> Response:
    """Send at once what failed before."""
    is_sent = request.app.state.outbox.send_again(kind, number)
    return RedirectResponse(f"{HERE}?done={'sent_again' if is_sent else 'not_sent_again'}", 303)


@cache
def _release() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def _migrations(session: Session) -> str:
    numbers = (session.scalar(text(f"SELECT version_num FROM alembic_{name}")) for name in SCHEMAS)  # noqa: S608
    return " / ".join(map(str, numbers))


def _model_in_use(settings: Settings, chosen: str | None) -> Made | None:
    model = settings.models_dir / f"{chosen}{ENDING}" if chosen else model_path(settings)
    try:
        return Made(name_of(model), datetime.fromtimestamp(model.stat().st_mtime, UTC))
    except OSError:
        return None


def _last_backup(settings: Settings) -> Made | None:
    try:
        said = json.loads((settings.data_dir / LAST_BACKUP).read_text())
        return Made(str(said["folder"]), datetime.fromisoformat(said["made_at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None

"""The page Trials, for supervisors: try what was decided, compare, and choose the model that answers."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Path, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from bot.conversations import learning, trials
from bot.conversations.learning_models import Trial
from bot.database import HIGHEST_ID
from bot.desk import layout, patches
from bot.desk.session import PATH, Supervisor
from bot.dialogue import search
from bot.web.dependencies import AppStateDep

HERE = f"{PATH}/quality/trials"
PARTS = ("held_out", "told", "judged")
COLUMNS = ("questions", "before", "after", "gained", "lost")
TrialId = Annotated[int, Path(ge=1, le=HIGHEST_ID)]
router = APIRouter(prefix=HERE)


@router.get("")
def show(request: Request, app: AppStateDep, agent: Supervisor, trial: int = 0) -> Response:
    """Show which model answers, what is tried, and the result of a trial: the chosen or the newest one."""
    with app.database.read() as session:
        filings = [one for one in learning.filings(session) if one.decision in patches.EXPORTED]
        listed, choices, in_use = trials.newest(session), trials.choices(session), trials.in_use(session)
        ended = [one for one in listed if one.state == "done"]
        shown = next((one for one in ended if one.id == trial), ended[0] if ended and not trial else None)
        result = _result(session, shown) if shown else None
    open_one = next((one for one in listed if one.is_open), None)
    values: dict[str, Any] = {
        "decisions": len(filings),
        "trial": open_one or next(iter(listed), None),
        "listed": listed,
        "choices": choices,
        "choice": next(iter(choices), None),
        "former": trials.former(choices),
        "shown": shown,
        "result": result,
        "parts": PARTS,
        "columns": COLUMNS,
        "in_use": in_use,
        "problem_of": lambda one: _problem(one, agent.language),
    }
    return layout.page(request, agent, "trials.html", here=HERE, **values)


@router.post("")
def begin(app: AppStateDep, agent: Supervisor) -> Response:
    """Ask for a trial, unless one is under way."""
    with app.database.write() as session:
        if not any(one.decision in patches.EXPORTED for one in learning.filings(session)):
            raise HTTPException(422)
        trials.start(session, agent.name)
    return RedirectResponse(f"{HERE}?done=tried", 303)


@router.post("/cancel")
def cancel(app: AppStateDep, agent: Supervisor) -> Response:
    """Cancel the trial that is under way."""
    with app.database.write() as session:
        trial = trials.under_way(session, for_update=True)
        if trial:
            trials.end(trial, "cancelled")
    return RedirectResponse(f"{HERE}?done=cancelled", 303)


@router.post("/back")
def go_back(app: AppStateDep, agent: Supervisor, to: Annotated[str, Form(max_length=16)] = "") -> Response:
    """Return to the model that was in use before."""
    with app.database.write() as session:
        former = trials.former(trials.choices(session))
        if not former or (former.model or "") != to:  # somebody else has chosen meanwhile
            raise HTTPException(422)
        trials.use(session, agent.name, former.model, former.base)
    return RedirectResponse(f"{HERE}?done=chosen", 303)


@router.post("/{trial_id}/use")
def use(app: AppStateDep, agent: Supervisor, trial_id: TrialId) -> Response:
    """Let the model of a trial answer customers."""
    with app.database.write() as session:
        trial = session.get(Trial, trial_id)
        if not trial or trial.state != "done":
            raise HTTPException(404)
        trials.use(session, agent.name, trial.model, trial.base)
    return RedirectResponse(f"{HERE}?done=chosen", 303)


def _problem(trial: Trial, language: str) -> str:
    """Return why a trial failed, in words."""
    name = f"error_{trial.error}"
    if name in layout.WORDS["trials"]:
        return layout.say(language, f"trials.{name}")
    return layout.say(language, "trials.error", error=trial.error or "")


def _result(session: Session, trial: Trial) -> dict[str, Any]:
    """Return the counts of a trial, and its losses and gains with their questions."""
    result = trial.result or {"counts": {}, "changed": []}
    texts = trials.texts(session, [one["message_id"] for one in result["changed"] if "message_id" in one])
    changed = [
        {**one, "text": one.get("text") or texts.get(one.get("message_id"))}
        | {name: search.plain(one[name]) for name in ("before", "after")}
        for one in result["changed"]
    ]
    return {
        "counts": result["counts"],
        "lost": [one for one in changed if not one["gained"]],
        "gained": [one for one in changed if one["gained"]],
    }

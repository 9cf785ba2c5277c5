"""The second step of a sign-in by password: the code of an authenticator app."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from bot.conversations.models import Agent
from bot.desk import session, totp
from bot.desk.layout import page
from bot.desk.session import COOKIE, PATH, own_path
from bot.desk.sign_in import HERE as SIGN_IN
from bot.desk.sign_in import SignInStateDep, let_in, refuse, remember_device
from bot.web.dependencies import AppState, AppStateDep
from bot.web.forms import check_origin

HERE = f"{SIGN_IN}/code"
router = APIRouter(prefix=HERE, include_in_schema=False, dependencies=[Depends(check_origin)])


@router.get("")
def show_code(request: Request, app: AppStateDep, state: SignInStateDep, then: str = PATH) -> Response:
    """Ask for the code; before the first one, show how to set an app up."""
    agent = _half_in(request, app)
    return _ask(request, state.secret_of(app, agent), agent, own_path(then)) if agent else _from_the_start()


@router.post("")
def enter_code(
    request: Request,
    app: AppStateDep,
    state: SignInStateDep,
    code: Annotated[str, Form(max_length=100)] = "",
    then: Annotated[str, Form()] = PATH,
) -> Response:
    """Open a session for an agent who has given the password, and now the code."""
    agent = _half_in(request, app)
    if not agent:
        return _from_the_start()
    # Whoever knows the password guesses no faster, from wherever they come.
    attempt = (agent.email, "", f"code of {agent.id}")
    refuse(state.limits.count_password(*attempt))
    secret = state.secret_of(app, agent)
    if not secret:
        return _ask(request, "", agent, own_path(then))
    with app.database.write() as writing:
        mine = writing.get_one(Agent, agent.id, with_for_update=True)
        step = totp.step_of(secret, code, mine.totp_used)
        if step:
            mine.totp_used = step
    if not step:
        return _ask(request, secret, agent, own_path(then), wrong=True)
    state.limits.forgive_password(*attempt)
    return remember_device(request, let_in(request, app, agent, own_path(then)), agent)


def _half_in(request: Request, app: AppState) -> Agent | None:
    """Return the agent who has given the password in this browser."""
    with app.database.read() as reading:
        found = session.find(reading, request.cookies.get(COOKIE, ""), is_half=True)
    return found.agent if found else None


def _from_the_start() -> Response:
    return RedirectResponse(SIGN_IN, 303)


def _ask(request: Request, secret: str, agent: Agent, then: str, wrong: bool = False) -> Response:
    shown = "" if agent.totp_used else secret
    return page(
        request,
        None,
        "code.html",
        403 if wrong or not secret else 200,
        here=HERE,
        go_on=then,
        secret=shown,
        link=totp.link(secret, agent.email) if shown else "",
        is_lost=not secret,
        wrong=wrong,
    )

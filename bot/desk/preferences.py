"""What agents set for themselves: presence, language, number of conversations, password; and their sign-out."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import update

from bot.conversations.models import Agent
from bot.desk import agents, passwords, session
from bot.desk.layout import page
from bot.desk.limits import SignInLimits
from bot.desk.session import COOKIE, PATH, SignedIn, drop_cookie, own_path, put_cookie
from bot.web.dependencies import AppState, AppStateDep
from bot.web.forms import wants_page
from bot.web.pages import Language

HERE = f"{PATH}/account"
router = APIRouter(prefix=PATH)


@router.post("/presence")
def set_presence(
    request: Request,
    app: AppStateDep,
    agent: SignedIn,
    presence: Annotated[agents.Presence, Form()],
    then: Annotated[str, Form()] = "",
) -> Response:
    """Note whether the agent takes conversations."""
    _update(app, agent, presence=presence)
    return RedirectResponse(own_path(then), 303) if wants_page(request) else Response(status_code=204)


@router.post("/language")
def set_language(
    app: AppStateDep, agent: SignedIn, language: Annotated[Language, Form()], then: Annotated[str, Form()] = ""
) -> Response:
    """Change the language of the agent's pages."""
    _update(app, agent, language=language)
    return RedirectResponse(own_path(then), 303)


@router.post("/sign-out")
def sign_out(request: Request, app: AppStateDep, agent: SignedIn) -> Response:
    """End the session of this browser."""
    with app.database.write() as writing:
        agents.sign_out(writing, agent.id, request.cookies.get(COOKIE, ""))
    return _let_out(request)


@router.post("/sign-out-everywhere")
def sign_out_everywhere(request: Request, app: AppStateDep, agent: SignedIn) -> Response:
    """End the sessions of all the agent's browsers."""
    with app.database.write() as writing:
        agents.sign_out_everywhere(writing, agent.id)
    return _let_out(request)


@router.get("/account")
def show_account(request: Request, app: AppStateDep, agent: SignedIn) -> Response:
    """Show the agent's settings."""
    return _account(request, app, agent, {})


@router.post("/account")
def set_account(
    app: AppStateDep,
    agent: SignedIn,
    language: Annotated[Language, Form()],
    at_once: Annotated[int, Form(ge=1, le=agents.MAX_AT_ONCE)],
) -> Response:
    """Store the agent's settings."""
    _update(app, agent, language=language, at_once=at_once)
    return RedirectResponse(f"{HERE}?done=saved", 303)


@router.post("/account/password")
async def set_password(
    request: Request,
    app: AppStateDep,
    agent: SignedIn,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Change the agent's password, end all sessions, and open a new one in this browser."""
    if app.settings.oidc_issuer:
        raise HTTPException(404)
    errors = {}
    if wrong := passwords.wrong_with(new):
        errors["new"] = wrong
    elif new != again:
        errors["again"] = "not_same"
    elif not await _knows(request, app, agent, old):
        errors["old"] = "wrong_password"
    if errors:
        return _account(request, app, agent, errors)
    token = await to_thread.run_sync(_set_password, app, agent, await passwords.hashed(new))
    answer = RedirectResponse(f"{HERE}?done=password_changed", 303)
    put_cookie(request, answer, token)
    return answer


async def _knows(request: Request, app: AppState, agent: Agent, old: str) -> bool:
    # A session that somebody else got hold of guesses no faster than a device at the door, and locks nobody out there.
    limits: SignInLimits = request.app.state.sign_in_state.limits
    attempt = (agent.email, "", f"signed in as {agent.id}")
    if await to_thread.run_sync(limits.count_password, *attempt):
        return False
    if not await passwords.check(app.database, agent.email, old, known=True):
        return False
    await to_thread.run_sync(limits.forgive_password, *attempt)
    return True


def _set_password(app: AppState, agent: Agent, password_hash: str) -> str:
    with app.database.write() as writing:
        agents.set_password(writing, writing.get_one(Agent, agent.id), password_hash)
        return session.begin(writing, agent.id, app.settings.desk_idle)


def _account(request: Request, app: AppState, agent: Agent, errors: dict[str, str]) -> Response:
    return page(
        request,
        agent,
        "account.html",
        422 if errors else 200,
        here=HERE,
        errors=errors,
        most=agents.MAX_AT_ONCE,
        by_password=not app.settings.oidc_issuer,
        shortest=passwords.MIN_LENGTH,
    )


def _update(app: AppState, agent: Agent, **values: str | int) -> None:
    with app.database.write() as writing:
        writing.execute(update(Agent).where(Agent.id == agent.id).values(**values))


def _let_out(request: Request) -> Response:
    answer = RedirectResponse(f"{PATH}/sign-in?done=signed_out", 303)
    drop_cookie(request, answer)
    return answer

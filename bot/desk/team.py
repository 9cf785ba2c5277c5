"""The Team page, for supervisors: who is at the desk, and who may work there."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Form, HTTPException, Path, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from bot.conversations import handoff, presence
from bot.conversations.models import Agent
from bot.desk import agents, passwords, reading
from bot.desk.layout import page
from bot.desk.session import PATH, Supervisor
from bot.web.dependencies import AppState, AppStateDep, clean

HERE = f"{PATH}/team"
AgentId = Annotated[int, Path(ge=1, le=2**31 - 1)]
router = APIRouter(prefix=HERE)


@router.get("")
def show_team(request: Request, app: AppStateDep, agent: Supervisor) -> Response:
    """Show all agents."""
    return _team(request, app, agent, {}, {})


@router.post("")
async def add_agent(
    request: Request,
    app: AppStateDep,
    agent: Supervisor,
    role: Annotated[agents.Role, Form()],
    email: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """Add an agent with a first password."""
    if app.settings.oidc_issuer:  # then the issuer decides who is an agent
        raise HTTPException(404)
    email, name = clean(email).lower(), agents.clean_name(name)
    errors = {}
    if not agents.is_email(email):
        errors["email"] = "email"
    if not name:
        errors["name"] = "required"
    if wrong := passwords.wrong_with(password):
        errors["password"] = wrong
    if not errors and not await to_thread.run_sync(_add, app, email, name, role, await passwords.hashed(password)):
        errors["email"] = "taken"
    if errors:
        typed = {"email": email, "name": name, "role": role}
        return await to_thread.run_sync(_team, request, app, agent, typed, errors)
    return RedirectResponse(f"{HERE}?done=added", 303)


def _add(app: AppState, email: str, name: str, role: str, password_hash: str) -> bool:
    try:
        with app.database.write() as session:
            agents.add(session, email, name, role, password_hash)
    except agents.EmailTaken:
        return False
    return True


@router.post("/{agent_id}/disable")
def disable_agent(app: AppStateDep, agent: Supervisor, agent_id: AgentId) -> Response:
    """Disable an agent with immediate effect; the agent's conversations go back to the queue."""
    with app.database.write() as session:
        agents.disable(session, _other(session, agent, agent_id))
        handoff.mark_offline(session, agent_id)
    return RedirectResponse(f"{HERE}?done=disabled", 303)


@router.post("/{agent_id}/enable")
def enable_agent(app: AppStateDep, agent: Supervisor, agent_id: AgentId) -> Response:
    """Let a disabled agent sign in again."""
    with app.database.write() as session:
        agents.enable(session, _other(session, agent, agent_id))
    return RedirectResponse(f"{HERE}?done=enabled", 303)


@router.post("/{agent_id}/role")
def change_role(
    app: AppStateDep, agent: Supervisor, agent_id: AgentId, role: Annotated[agents.Role, Form()]
) -> Response:
    """Make an agent a supervisor, or a supervisor an agent."""
    if app.settings.oidc_issuer:
        raise HTTPException(404)
    with app.database.write() as session:
        _other(session, agent, agent_id).role = role
    return RedirectResponse(f"{HERE}?done=role_changed", 303)


def _other(session: Session, agent: Agent, agent_id: int) -> Agent:
    # Nobody can disable or demote themselves, so there is always a supervisor.
    found = session.get(Agent, agent_id) if agent_id != agent.id else None
    if not found:
        raise HTTPException(404)
    return found


def _team(request: Request, app: AppState, agent: Agent, typed: dict[str, str], errors: dict[str, str]) -> Response:
    with app.database.read() as session:
        everybody, readings = agents.everybody(session), reading.newest(session)
    return page(
        request,
        agent,
        "team.html",
        422 if errors else 200,
        here=HERE,
        team=everybody,
        readings=readings,
        is_here=presence.is_here,
        by_password=not app.settings.oidc_issuer,
        shortest=passwords.MIN_LENGTH,
        longest_name=agents.MAX_NAME_LENGTH,
        typed=typed,
        errors=errors,
    )

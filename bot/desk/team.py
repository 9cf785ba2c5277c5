"""The Team page, for supervisors: who is at the desk, and who may work there."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Form, HTTPException, Path, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from bot.conversations import handoff, presence
from bot.conversations.models import Agent
from bot.desk import agents, passwords, reading, team_log
from bot.desk.layout import page
from bot.desk.session import PATH, Supervisor
from bot.web.dependencies import AppState, AppStateDep, clean

HERE = f"{PATH}/team"
NO_ERRORS: Mapping[str, str] = MappingProxyType({})
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
    if not errors and not await to_thread.run_sync(
        _add, app, agent, email, name, role, await passwords.hashed(password)
    ):
        errors["email"] = "taken"
    if errors:
        typed = {"email": email, "name": name, "role": role}
        return await to_thread.run_sync(_team, request, app, agent, typed, errors)
    return RedirectResponse(f"{HERE}?done=added", 303)


def _add(app: AppState, agent: Agent, email: str, name: str, role: str, password_hash: str) -> bool:
    try:
        with app.database.write() as session:
            team_log.note(session, agent.email, agents.add(session, email, name, role, password_hash), "add")
    except agents.EmailTaken:
        return False
    return True


@router.post("/{agent_id}/disable")
def disable_agent(app: AppStateDep, agent: Supervisor, agent_id: AgentId) -> Response:
    """Disable an agent with immediate effect; the agent's conversations go back to the queue."""
    with app.database.write() as session:
        agents.disable(session, _changed(session, agent, agent_id, "disable"))
        handoff.mark_offline(session, agent_id)
    return RedirectResponse(f"{HERE}?done=disabled", 303)


@router.post("/{agent_id}/enable")
def enable_agent(app: AppStateDep, agent: Supervisor, agent_id: AgentId) -> Response:
    """Let a disabled agent sign in again."""
    with app.database.write() as session:
        agents.enable(session, _changed(session, agent, agent_id, "enable"))
    return RedirectResponse(f"{HERE}?done=enabled", 303)


@router.post("/{agent_id}/role")
def change_role(
    app: AppStateDep, agent: Supervisor, agent_id: AgentId, role: Annotated[agents.Role, Form()]
) -> Response:
    """Make an agent a supervisor, or a supervisor an agent."""
    if app.settings.oidc_issuer:
        raise HTTPException(404)
    with app.database.write() as session:
        _changed(session, agent, agent_id, role).role = role
    return RedirectResponse(f"{HERE}?done=role_changed", 303)


@router.get("/{agent_id}")
def show_member(request: Request, app: AppStateDep, agent: Supervisor, agent_id: AgentId) -> Response:
    """Show the forms that change the account of a colleague."""
    return _member(request, app, agent, agent_id)


@router.post("/{agent_id}/rename")
def rename_agent(
    request: Request, app: AppStateDep, agent: Supervisor, agent_id: AgentId, name: Annotated[str, Form()] = ""
) -> Response:
    """Give an agent another name."""
    name = agents.clean_name(name)
    if app.settings.oidc_issuer:  # it would come back at the next sign-in
        raise HTTPException(404)
    if not name:
        return _member(request, app, agent, agent_id, {"name": "required"})
    with app.database.write() as session:
        agents.rename(session, _changed(session, agent, agent_id, "rename"), name)
    return RedirectResponse(f"{HERE}?done=renamed", 303)


@router.post("/{agent_id}/password")
async def reset_password(
    request: Request, app: AppStateDep, agent: Supervisor, agent_id: AgentId, password: Annotated[str, Form()] = ""
) -> Response:
    """Give an agent a new password, and end the agent's sessions."""
    if app.settings.oidc_issuer:
        raise HTTPException(404)
    if wrong := passwords.wrong_with(password):
        return await to_thread.run_sync(_member, request, app, agent, agent_id, {"password": wrong})
    await to_thread.run_sync(_reset_password, app, agent, agent_id, await passwords.hashed(password))
    return RedirectResponse(f"{HERE}?done=password_reset", 303)


@router.post("/{agent_id}/code")
def forget_app(app: AppStateDep, agent: Supervisor, agent_id: AgentId) -> Response:
    """Let an agent set another authenticator app up."""
    with app.database.write() as session:
        agents.forget_app(session, _changed(session, agent, agent_id, "code"))
    return RedirectResponse(f"{HERE}?done=app_forgotten", 303)


@router.post("/{agent_id}/delete")
def delete_agent(
    request: Request, app: AppStateDep, agent: Supervisor, agent_id: AgentId, email: Annotated[str, Form()] = ""
) -> Response:
    """Delete an agent whose address was typed once more; the agent's conversations go back to the queue."""
    with app.database.write() as session:
        if clean(email).lower() == _other(session, agent, agent_id).email:
            agents.delete(session, _changed(session, agent, agent_id, "delete"))
            return RedirectResponse(f"{HERE}?done=deleted", 303)
    return _member(request, app, agent, agent_id, {"email": "not_same_address"})


def _reset_password(app: AppState, agent: Agent, agent_id: int, password_hash: str) -> None:
    with app.database.write() as session:
        agents.set_password(session, _changed(session, agent, agent_id, "password"), password_hash)


def _changed(session: Session, agent: Agent, agent_id: int, what: team_log.Change) -> Agent:
    """Return a colleague whose account a supervisor changes, and record the change."""
    found = _other(session, agent, agent_id)
    team_log.note(session, agent.email, found, what)
    return found


def _member(
    request: Request, app: AppState, agent: Agent, agent_id: int, errors: Mapping[str, str] = NO_ERRORS
) -> Response:
    with app.database.read() as session:
        found = _other(session, agent, agent_id)
    return page(
        request,
        agent,
        "team_member.html",
        422 if errors else 200,
        here=f"{HERE}/{agent_id}",
        member=found,
        by_password=not app.settings.oidc_issuer,
        shortest=passwords.MIN_LENGTH,
        longest_name=agents.MAX_NAME_LENGTH,
        errors=errors,
    )


def _other(session: Session, agent: Agent, agent_id: int) -> Agent:
    # Nobody can disable or demote themselves, so there is always a supervisor.
    found = session.get(Agent, agent_id) if agent_id != agent.id else None
    if not found:
        raise HTTPException(404)
    return found


def _team(request: Request, app: AppState, agent: Agent, typed: dict[str, str], errors: dict[str, str]) -> Response:
    with app.database.read() as session:
        everybody, readings = agents.everybody(session), reading.newest(session)
        changes = team_log.newest(session)
    return page(
        request,
        agent,
        "team.html",
        422 if errors else 200,
        here=HERE,
        team=everybody,
        readings=readings,
        changes=changes,
        is_here=presence.is_here,
        by_password=not app.settings.oidc_issuer,
        shortest=passwords.MIN_LENGTH,
        longest_name=agents.MAX_NAME_LENGTH,
        typed=typed,
        errors=errors,
    )

"""Sessions: who is signed in at the desk."""

import hashlib
import re
import secrets
from datetime import timedelta
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.conversations.models import Agent
from bot.database import now
from bot.desk.models import AgentSession
from bot.keys import new_key
from bot.problems import problem
from bot.web.dependencies import AppState, AppStateDep
from bot.web.forms import SAFE, check_csrf, check_origin, wants_page

COOKIE, PATH = "desk_session", "/desk"
SIGN_OF_LIFE = "/desk/here"  # what an open page sends unasked
MAX_AGE = timedelta(hours=24)  # after which agents sign in again, even active ones
FRESH = timedelta(minutes=1)  # how often an agent's presence is noted
OWN_PATH = re.compile(r"/desk(?:[/?][A-Za-z0-9_\-./?=&%+~:,@]{0,1500})?")


class Found(NamedTuple):
    """A valid session, and its agent."""

    session: AgentSession
    agent: Agent


def begin(session: Session, agent_id: int, idle: int, old_token: str = "", is_half: bool = False) -> str:
    """Open a session, which ends after so many seconds without a request; return its token."""
    moment, token = now(), new_key()
    end(session, old_token)
    session.execute(delete(AgentSession).where(AgentSession.expires_at < moment))
    session.add(
        AgentSession(
            token_hash=_hash(token),
            agent_id=agent_id,
            csrf=secrets.token_urlsafe(32),
            is_half=is_half,
            created_at=moment,
            expires_at=moment + timedelta(seconds=idle),
        )
    )
    return token


def end(session: Session, token: str) -> None:
    """End the session of a token, if there is one."""
    session.execute(delete(AgentSession).where(AgentSession.token_hash == _hash(token)))


def end_all(session: Session, agent_id: int) -> None:
    """End all sessions of an agent."""
    session.execute(delete(AgentSession).where(AgentSession.agent_id == agent_id))


def is_anywhere(session: Session, agent_id: int) -> bool:
    """Tell whether an agent is signed in in any browser."""
    mine = AgentSession.agent_id == agent_id
    alive = (AgentSession.expires_at > now(), ~AgentSession.is_half)
    return session.scalars(select(AgentSession).where(mine, *alive)).first() is not None


def find(session: Session, token: str, is_half: bool = False) -> Found | None:
    """Return the session of a token, unless it has ended or its agent is disabled; one that needs a code is half."""
    moment = now()
    row = session.execute(
        select(AgentSession, Agent)
        .join(Agent)
        .where(
            AgentSession.token_hash == _hash(token),
            AgentSession.is_half == is_half,
            AgentSession.expires_at > moment,
            AgentSession.created_at > moment - MAX_AGE,
            Agent.disabled_at.is_(None),
        )
    ).first()
    return Found(*row) if row else None


def put_cookie(request: Request, answer: Response, token: str) -> None:
    """Store a session's token in a cookie that the browser keeps until it is closed."""
    answer.set_cookie(COOKIE, token, path=PATH, secure=request.url.scheme == "https", httponly=True, samesite="lax")


def drop_cookie(request: Request, answer: Response) -> None:
    """Delete the cookie."""
    answer.delete_cookie(COOKIE, path=PATH, secure=request.url.scheme == "https", httponly=True, samesite="lax")


def find_again(app: AppState, request: Request) -> Found | None:
    """Return who is signed in now; long-running requests, such as streams, ask from time to time."""
    with app.database.read() as session:
        found = find(session, request.cookies.get(COOKIE, ""))
    if found:
        _note_seen(app, found, works=not _is_by_itself(request))
    return found


def _note_seen(app: AppState, found: Found, works: bool) -> None:
    # A page that is merely left open does not prolong the session.
    moment, idle = now(), timedelta(seconds=app.settings.desk_idle)
    if found.agent.seen_at is None or found.agent.seen_at < moment - FRESH:
        with app.database.write() as session:
            session.execute(update(Agent).where(Agent.id == found.agent.id).values(seen_at=moment))
    if works and found.session.expires_at < moment + idle - min(FRESH, idle / 10):
        with app.database.write() as session:
            mine = AgentSession.token_hash == found.session.token_hash
            session.execute(update(AgentSession).where(mine).values(expires_at=moment + idle))


def _signed_in(request: Request, app: AppStateDep) -> Agent:
    found = find_again(app, request)
    if not found:
        raise _sign_in_first(request)
    request.state.csrf = found.session.csrf
    return found.agent


SignedIn = Annotated[Agent, Depends(_signed_in)]


def _supervisor(agent: SignedIn) -> Agent:
    if not agent.is_supervisor:
        raise problem(403, "not-your-role", "Only supervisors may do this")
    return agent


Supervisor = Annotated[Agent, Depends(_supervisor)]


async def _check(request: Request, _: SignedIn) -> None:
    check_origin(request)
    await check_csrf(request, request.state.csrf)


Checked = Depends(_check)


def own_path(path: str) -> str:
    """Return a path of the desk unchanged, and the queue's in place of any other."""
    return path if OWN_PATH.fullmatch(path) else PATH


def _sign_in_first(request: Request) -> Exception:
    if not wants_page(request):
        return problem(401, "sign-in-first", "Sign in first")
    then = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    query = f"?{urlencode({'then': own_path(then)})}" if request.method in SAFE and then != PATH else ""
    return problem(303, "sign-in-first", "Sign in first", {"location": f"{PATH}/sign-in{query}"})


def _is_by_itself(request: Request) -> bool:
    return "text/event-stream" in request.headers.get("accept", "") or request.url.path == SIGN_OF_LIFE


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()

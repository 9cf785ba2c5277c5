"""Sign in to the desk: by password, or through an OpenID Connect issuer where the settings name one."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

import structlog
from anyio import to_thread
from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from fastapi_problem.error import Problem
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from bot.conversations.models import Agent
from bot.desk import agents, passwords, session, totp
from bot.desk.layout import page
from bot.desk.limits import SignInLimits, device_cookie, device_of
from bot.desk.oidc import ATTEMPT_LIFE, Issuer, NoAccess, Refused, Unreachable
from bot.desk.session import COOKIE, PATH, own_path, put_cookie
from bot.keys import Cipher
from bot.problems import problem
from bot.web.dependencies import AppState, AppStateDep, address_of, clean
from bot.web.forms import check_origin

HERE = f"{PATH}/sign-in"
HALF_LIFE = 600  # seconds in which the code has to follow the password
ATTEMPT = "desk_sign_in"  # name of a cookie
DEVICE, DEVICE_LIFE = "desk_device", 31_536_000  # name of a cookie, and the seconds that it lasts after a sign-in

log = structlog.get_logger()


@dataclass
class SignInState:
    """The state of sign-in, shared by the whole process."""

    limits: SignInLimits
    issuer: Issuer | None
    cipher: Cipher
    key: str  # that makes codes for forgotten passwords
    may_forget: bool  # a code for a new password can be sent

    def secret_of(self, app: AppState, agent: Agent) -> str:
        """Return the secret of an agent's authenticator app, or nothing if it is unreadable; make one for who has none.

        A secret that was encrypted with another key is not replaced: the password alone would show the new one.
        """
        secret = self.cipher.decrypt(agent.totp_secret) if agent.totp_secret else None
        if not agent.totp_secret:
            secret, agent.totp_used = totp.new_secret(), 0
            with app.database.write() as writing:
                kept = {"totp_secret": self.cipher.encrypt(secret), "totp_used": 0}
                writing.execute(update(Agent).where(Agent.id == agent.id).values(kept))
        if not secret:
            log.error("authenticator_app_unreadable", agent=agent.id)
        return secret or ""


def _sign_in_state(request: Request) -> SignInState:
    sign_in_state: SignInState = request.app.state.sign_in_state
    return sign_in_state


SignInStateDep = Annotated[SignInState, Depends(_sign_in_state)]
router = APIRouter(prefix=HERE, include_in_schema=False, dependencies=[Depends(check_origin)])


@router.get("")
def show_sign_in(request: Request, app: AppStateDep, sign_in_state: SignInStateDep, then: str = PATH) -> Response:
    """Show the sign-in page; redirect an agent who is already signed in."""
    if session.find_again(app, request):
        return RedirectResponse(own_path(then), 303)
    return _ask(request, sign_in_state, own_path(then))


@router.post("")
async def sign_in(
    request: Request,
    app: AppStateDep,
    sign_in_state: SignInStateDep,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    then: Annotated[str, Form()] = PATH,
) -> Response:
    """Open a session for an agent's e-mail address and password."""
    if sign_in_state.issuer:
        raise HTTPException(404)
    email, then = clean(email).lower(), own_path(then)
    cookie = request.cookies.get(DEVICE, "")
    device = await to_thread.run_sync(_device, app, email, cookie) if cookie else ""
    attempt = (email, address_of(request), device)
    # Counted before the check, so that parallel attempts gain nothing.
    refuse(await to_thread.run_sync(sign_in_state.limits.count_password, *attempt))
    try:
        agent = await passwords.check(app.database, email, password, known=bool(device))
    except Problem:  # nobody looked at the password
        await to_thread.run_sync(sign_in_state.limits.take_back_password, *attempt)
        raise
    if not agent:
        return _ask(request, sign_in_state, then, "wrong", email[:254])
    await to_thread.run_sync(sign_in_state.limits.forgive_password, *attempt)
    if totp.is_wanted(app.settings, agent):
        return await to_thread.run_sync(_let_half_in, request, app, agent, then)
    return remember_device(request, await to_thread.run_sync(let_in, request, app, agent, then), agent)


@router.get("/issuer")
def ask_issuer(request: Request, sign_in_state: SignInStateDep, then: str = PATH) -> Response:
    """Send the browser to the issuer."""
    if not sign_in_state.issuer:
        raise HTTPException(404)
    refuse(sign_in_state.limits.count_attempt(address_of(request)))
    try:
        url, attempt = sign_in_state.issuer.begin(_callback(request), own_path(then))
    except Unreachable:
        log.warning("issuer_unreachable")
        return _ask(request, sign_in_state, own_path(then), "unreachable")
    answer = RedirectResponse(url, 303)
    kept = sign_in_state.issuer.seal(attempt)
    secure = request.url.scheme == "https"
    answer.set_cookie(ATTEMPT, kept, ATTEMPT_LIFE, path=HERE, secure=secure, httponly=True, samesite="lax")
    return answer


@router.get("/callback")
def come_back(request: Request, app: AppStateDep, sign_in_state: SignInStateDep) -> Response:
    """Open a session for the person whom the issuer let in."""
    if not sign_in_state.issuer:
        raise HTTPException(404)
    then, agent = PATH, None
    try:
        attempt = sign_in_state.issuer.unseal(request.cookies.get(ATTEMPT, ""))
        then = own_path(attempt.then)
        person = sign_in_state.issuer.finish(_callback(request), attempt, dict(request.query_params))
        with app.database.write() as writing:
            agent = agents.from_issuer(writing, person)
        wrong = ""
    except Unreachable:
        log.warning("issuer_unreachable")
        wrong = "unreachable"
    except Refused as refused:
        log.warning("issuer_refused", reason=str(refused), **refused.more)
        wrong = "no_access" if isinstance(refused, NoAccess) else "not_done"
    except IntegrityError:  # the same person signed in twice at the same moment
        wrong = "not_done"
    answer = let_in(request, app, agent, then) if agent else _ask(request, sign_in_state, then, wrong)
    answer.delete_cookie(ATTEMPT, path=HERE, secure=request.url.scheme == "https", httponly=True, samesite="lax")
    return answer


def _ask(request: Request, sign_in_state: SignInState, then: str, wrong: str = "", email: str = "") -> Response:
    return page(
        request,
        None,
        "sign_in.html",
        403 if wrong else 200,
        here=HERE,
        go_on=then,
        email=email,
        issuer=sign_in_state.issuer.name if sign_in_state.issuer else "",
        wrong=wrong,
        may_forget=sign_in_state.may_forget,
    )


def _let_half_in(request: Request, app: AppState, agent: Agent, then: str) -> Response:
    with app.database.write() as writing:
        token = session.begin(writing, agent.id, HALF_LIFE, request.cookies.get(COOKIE, ""), is_half=True)
    answer = RedirectResponse(f"{HERE}/code?{urlencode({'then': then})}", 303)
    put_cookie(request, answer, token)
    return answer


def remember_device(request: Request, answer: Response, agent: Agent) -> Response:
    """Let a browser be known again that has signed in."""
    secure, known = request.url.scheme == "https", device_cookie(agent, request.cookies.get(DEVICE, ""))
    answer.set_cookie(DEVICE, known, DEVICE_LIFE, path=HERE, secure=secure, httponly=True, samesite="lax")
    return answer


def let_in(request: Request, app: AppState, agent: Agent, then: str) -> Response:
    """Open a session for an agent."""
    with app.database.write() as writing:
        token = session.begin(writing, agent.id, app.settings.desk_idle, request.cookies.get(COOKIE, ""))
        agents.arrive(writing, agent.id)
    log.info("agent_signed_in", agent=agent.id)
    answer = RedirectResponse(then, 303)
    put_cookie(request, answer, token)
    return answer


def _device(app: AppState, email: str, cookie: str) -> str:
    with app.database.read() as reading:
        return device_of(agents.by_email(reading, email), cookie)


def refuse(wait: int) -> None:
    """Refuse an attempt for so many seconds, if there were too many."""
    if wait:
        log.warning("sign_in_paused", seconds=wait)
        raise problem(429, "too-many", "Too many attempts", {"retry-after": str(wait)})


def _callback(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}{HERE}/callback"

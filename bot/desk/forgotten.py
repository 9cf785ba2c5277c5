"""A forgotten password: a code goes by e-mail to the agent's address, and a new password is set with it.

The letter has a code and no link: the desk cannot know for sure under which address it is reached.
"""

import base64
import hmac
import time
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, BackgroundTasks, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from bot import mail
from bot.conversations.models import Agent
from bot.database import now
from bot.desk import agents, passwords, team_log
from bot.desk.layout import page, say
from bot.desk.sign_in import HERE as SIGN_IN
from bot.desk.sign_in import SignInStateDep, refuse
from bot.web.dependencies import AppState, AppStateDep, address_of, clean
from bot.web.forms import check_origin

HERE = f"{SIGN_IN}/forgotten"
SLOT = 1800  # seconds; a code is good until the end of the next slot
LENGTH = 10  # letters and digits of a code, of 5 bits each


def _check_mail(state: SignInStateDep) -> None:
    if not state.may_forget:
        raise HTTPException(404)


router = APIRouter(prefix=HERE, include_in_schema=False, dependencies=[Depends(check_origin), Depends(_check_mail)])


@router.get("")
def show_form(request: Request) -> Response:
    """Ask for the e-mail address."""
    return page(request, None, "forgotten.html", here=HERE, email="", errors={}, shortest=passwords.MIN_LENGTH)


@router.post("")
def send_code(
    request: Request,
    app: AppStateDep,
    state: SignInStateDep,
    later: BackgroundTasks,
    email: Annotated[str, Form(max_length=254)] = "",
) -> Response:
    """Send a code to an agent; neither answer nor time tells whether there is one with this address."""
    email = clean(email).lower()
    if not agents.is_email(email):
        errors = {"email": "email"}
        shown = {"email": "", "errors": errors, "shortest": passwords.MIN_LENGTH}
        return page(request, None, "forgotten.html", 422, here=HERE, **shown)
    refuse(state.limits.count_letter(email, address_of(request)))
    later.add_task(_send, app, state.key, email)
    return page(request, None, "forgotten.html", here=HERE, email=email, errors={}, shortest=passwords.MIN_LENGTH)


@router.post("/new")
async def set_password(
    request: Request,
    app: AppStateDep,
    state: SignInStateDep,
    email: Annotated[str, Form(max_length=254)] = "",
    code: Annotated[str, Form(max_length=100)] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """Set a new password for an agent who types the code of the letter."""
    email, errors = clean(email).lower(), {}
    if wrong := passwords.wrong_with(password):
        errors["password"] = wrong
    else:
        attempt = (email, address_of(request))
        refuse(await to_thread.run_sync(state.limits.count_password, *attempt))
        hashed = await passwords.hashed(password)
        if await to_thread.run_sync(_set, app, state.key, email, code, hashed):
            await to_thread.run_sync(state.limits.forgive_password, *attempt)
            return RedirectResponse(f"{SIGN_IN}?done=password_set", 303)
        errors["code"] = "wrong_code"
    shown = {"email": email, "errors": errors, "shortest": passwords.MIN_LENGTH}
    return page(request, None, "forgotten.html", 422, here=HERE, **shown)


def _send(app: AppState, key: str, email: str) -> None:
    with app.database.read() as session:
        agent = agents.by_email(session, email)
    if not agent or agent.disabled_at or not agent.password_hash:
        return
    letter = mail.Letter(
        to=agent.email,
        subject=say(agent.language, "forgotten.subject"),
        text=say(agent.language, "forgotten.letter", code=_code(key, agent, _slot())),
        language=agent.language,
        sent_at=now(),
    )
    app.mail_status.note(works=mail.send(app.settings, letter))


def _set(app: AppState, key: str, email: str, code: str, password_hash: str) -> bool:
    typed = "".join(code.split()).upper()
    with app.database.write() as session:
        agent = agents.by_email(session, email)
        if not agent or agent.disabled_at or not agent.password_hash:
            return False
        good = [_code(key, agent, slot) for slot in (_slot(), _slot() - 1)]
        if not any(hmac.compare_digest(one.encode(), typed.encode()) for one in good):
            return False
        agents.set_password(session, agent, password_hash)
        team_log.note(session, agent.email, agent, "password")
    return True


def _code(key: str, agent: Agent, slot: int) -> str:
    """Return the code of a time, which is good until the password changes."""
    text = f"forgotten {agent.id} {slot} {agent.password_hash}"
    return base64.b32encode(hmac.digest(key.encode(), text.encode(), "sha256")).decode()[:LENGTH]


def _slot() -> int:
    return int(time.time()) // SLOT

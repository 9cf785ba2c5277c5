"""Sign in to the desk, and out of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from bot.chat.dependencies import Chat, ChatNow, address_of, clean
from bot.desk import passwords, session
from bot.desk.models import Agent
from bot.desk.pages import page
from bot.desk.session import COOKIE, PATH, check_origin, drop_cookie, own_path, put_cookie
from bot.problems import problem

router = APIRouter(prefix="/desk", include_in_schema=False, dependencies=[Depends(check_origin)])


@router.get("/sign-in")
def show_sign_in(request: Request, chat: ChatNow, then: str = PATH) -> Response:
    """Ask who wants to sign in; who is signed in already goes on."""
    if session.find_again(chat, request):
        return RedirectResponse(own_path(then), 303)
    return page(request, None, "sign_in.html", go_on=own_path(then), email="", wrong=False)


@router.post("/sign-in")
async def sign_in(
    request: Request,
    chat: ChatNow,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    then: Annotated[str, Form()] = PATH,
) -> Response:
    """Open a session for who knows an agent's password."""
    if not request.app.state.desk_limits.allow_attempt(address_of(request)):
        raise problem(429, "too-many", "Too many attempts", {"retry-after": "900"})
    email, then = clean(email).lower(), own_path(then)
    agent = None
    if len(password) <= passwords.LONGEST:
        agent = await passwords.check(chat.database, email, password)
    if not agent:
        return page(request, None, "sign_in.html", 403, go_on=then, email=email[:254], wrong=True)
    return let_in(request, chat, agent, then)


def let_in(request: Request, chat: Chat, agent: Agent, then: str) -> Response:
    """Begin a new session in this browser."""
    with chat.database.write() as writing:
        token = session.begin(writing, agent, chat.settings.desk_idle, request.cookies.get(COOKIE, ""))
    answer = RedirectResponse(then, 303)
    put_cookie(request, answer, token)
    return answer


def let_out(request: Request, done: str) -> Response:
    """Send a browser that is signed in no longer to the sign-in page, which says what was done."""
    answer = RedirectResponse(f"{PATH}/sign-in?done={done}", 303)
    drop_cookie(request, answer)
    return answer

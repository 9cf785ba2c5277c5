"""What agents set for themselves: whether they are there, their language, and the end of a session."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import update

from bot.chat.dependencies import ChatNow
from bot.desk import session
from bot.desk.models import Agent
from bot.desk.pages import Language
from bot.desk.session import COOKIE, SignedIn, own_path, wants_page
from bot.desk.sign_in import let_out

router = APIRouter(prefix="/desk")


@router.post("/presence")
def set_presence(
    request: Request,
    chat: ChatNow,
    agent: SignedIn,
    presence: Annotated[Literal["available", "busy", "away"], Form()],
    then: Annotated[str, Form()] = "",
) -> Response:
    """Note whether the agent takes conversations."""
    with chat.database.write() as writing:
        writing.execute(update(Agent).where(Agent.id == agent.id).values(presence=presence))
    return RedirectResponse(own_path(then), 303) if wants_page(request) else Response(status_code=204)


@router.post("/language")
def set_language(
    chat: ChatNow, agent: SignedIn, language: Annotated[Language, Form()], then: Annotated[str, Form()] = ""
) -> Response:
    """Speak another language with the agent from now on."""
    with chat.database.write() as writing:
        writing.execute(update(Agent).where(Agent.id == agent.id).values(language=language))
    return RedirectResponse(own_path(then), 303)


@router.post("/sign-out")
def sign_out(request: Request, chat: ChatNow, agent: SignedIn) -> Response:
    """End the session of this browser."""
    with chat.database.write() as writing:
        session.end(writing, request.cookies.get(COOKIE, ""))
        writing.execute(update(Agent).where(Agent.id == agent.id).values(presence="away"))
    return let_out(request, "signed_out")

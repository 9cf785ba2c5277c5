"""What all pages of the desk have in common: words, policy, header, files, and error pages."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from babel.dates import format_datetime
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from bot.calendar import RIGA, today
from bot.conversations.models import Agent
from bot.desk import session
from bot.web.assets import YEAR
from bot.web.dependencies import AppState
from bot.web.forms import wants_page
from bot.web.pages import Pages
from bot.wording import LOCALES

FOLDER = Path(__file__).parent
LANGUAGE = "desk_language"  # name of a cookie
POLICY = {
    "default-src": "'none'",
    # The modules that a page's module imports inherit its nonce.
    "script-src": "{nonce}",
    "style-src": "'self'",
    "worker-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# Every file that may be asked for under /desk/assets/. Nothing else in this folder is ever served.
FILES = (
    "desk.css",
    "desk.js",
    "beat.js",
    "live.css",
    "live.js",
    "notify.js",
    "queue.js",
    "conversation.css",
    "conversation.js",
    "tabs.js",
    "transcript.js",
    "composer.js",
    "typing.js",
    "notes.js",
    "replies.js",
    "slash.js",
    "hands.js",
    "script.css",
    "quality.css",
    "judge.js",
    "watch.js",
    "trials.js",
    "past.css",
    "script.js",
)
ERRORS = {
    403: "forbidden",
    404: "missing",
    405: "missing",
    422: "stale_form",
    429: "too_many",
}  # statuses that have words of their own

router = APIRouter(prefix="/desk", include_in_schema=False)
pages = Pages(FOLDER, "/desk/assets", {name: FOLDER / name for name in FILES}, trim=True)
WORDS, say = pages.words, pages.say


def language_of(request: Request, agent: Agent | None = None) -> str:
    """Return the agent's language; before the sign-in, the language in the address or the one chosen before."""
    if agent:
        return agent.language
    return "en" if request.query_params.get("language", request.cookies.get(LANGUAGE)) == "en" else "lv"


def page(
    request: Request, agent: Agent | None, template: str, status: int = 200, here: str = "", **values: Any
) -> HTMLResponse:
    """Show a page of the desk to an agent, or to somebody who is not signed in.

    `here` is the address of the page, if it is not the requested one.
    """
    done = request.query_params.get("done", "")
    more = {
        "done": done if done in WORDS["done"] else "",
        "here": here or request.url.path,
        "then": session.own_path(here or _again(request)),
    }
    shared = _shared(request, agent)
    answer = pages.html(template, language_of(request, agent), POLICY, status, **shared, **more, **values)
    answer.headers["referrer-policy"] = "same-origin"  # without it, browsers do not send the origin of a form
    if not agent and "language" in request.query_params:
        answer.set_cookie(
            LANGUAGE,
            language_of(request),
            YEAR,
            path="/desk",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
    return answer


def fragment(request: Request, agent: Agent | None, template: str, **values: Any) -> str:
    """Render a template in the agent's language: a page, or a part of one that a stream updates."""
    return pages.render(template, language_of(request, agent), **_shared(request, agent), **values)


def _shared(request: Request, agent: Agent | None) -> dict[str, Any]:
    """Return what every template gets."""
    return {
        "agent": agent,
        "csrf": getattr(request.state, "csrf", ""),
        "when": clock(language_of(request, agent)),
    }


@cache
def clock(language: str) -> Callable[[datetime], str]:
    """Return how a language writes a moment: the time of today, or day and time."""
    locale = Locale.parse(LOCALES[language])

    def when(moment: datetime) -> str:
        there = moment.astimezone(RIGA)
        if there.date() == today():
            return f"{there:%H:%M}"
        return format_datetime(there, "d MMM HH:mm" if language == "en" else "d. MMM HH:mm", locale=locale)

    return when


def _again(request: Request) -> str:
    """Return the address of the present page, without the note on what was just done."""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "done"]
    return request.url.path + (f"?{urlencode(asked)}" if asked else "")


def show_problem(content: dict[str, Any], request: Request, answer: Response) -> tuple[dict[str, Any], Response]:
    """Show a page instead of a problem in JSON, if a person at the desk sees it."""
    ours = re.match(r"/desk(/|$)", request.url.path)
    if answer.status_code < 400 or not ours or not wants_page(request):
        return content, answer
    found = None
    if answer.status_code < 500:  # otherwise the database itself may be the problem
        app: AppState = request.app.state.shared
        found = session.find_again(app, request)
    if found:
        request.state.csrf = found.session.csrf
    kind = str(content.get("type", "")).removeprefix("urn:cps:").replace("-", "_")
    name = kind if kind in WORDS["problems"] else ERRORS.get(answer.status_code, "broken")
    shown = page(request, found.agent if found else None, "problem.html", answer.status_code, name=name)
    for header in ("retry-after", "allow"):
        if header in answer.headers:
            shown.headers[header] = answer.headers[header]
    return content, shown


@router.get("/assets/{name}")
def asset_file(request: Request, name: str, v: str = "") -> Response:
    """Serve one of the desk's files, cacheable for ever if the address carries the hash of its content."""
    return pages.send_file(request, name, v)

"""Serve the widget: its script, the chat in the iframe, their files, and a demo page."""

import json
from pathlib import Path

from anyio import to_thread
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from bot.settings import Settings
from bot.web import drawings
from bot.web.assets import YEAR, Asset, pack, send
from bot.web.dependencies import AppState
from bot.web.pages import JAVASCRIPT, Language, Pages
from bot.website import sign_token

router = APIRouter(include_in_schema=False)

DEMO_COOKIE = "cps-demo-customer"
WIDGET = Path(__file__).resolve().parent.parent / "widget"
DIST = WIDGET / "dist"  # bundled by bot/install.py
THEMES = ("light", "dark")  # any other: as the system of the customer is
CHAT_WORDS = ("chat", "home", "person", "ticket", "rating", "identity")  # what the chat's script says


class WidgetPages(Pages):
    """The pages of the widget, whose scripts bring their words along."""

    def _asset(self, name: str) -> Asset:
        if name.endswith(".css") or name == "badge.js":
            return super()._asset(name)
        is_launcher = name == "loader.js"
        words = self.words["launcher"] if is_launcher else {group: self.words[group] for group in CHAT_WORDS}
        said = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
        return pack(self.files[name].read_text(encoding="utf-8").replace('"__WORDS__"', said).encode(), JAVASCRIPT)


# Every file that may be asked for under /assets/. Nothing else in these folders is ever served. The chat asks for them
# relative to itself, as it may stand under a path of another site.
FILES = ("chat.js", "markdown.js", "badge.js", "loader.js", "style.css", "dark.css")
pages = WidgetPages(WIDGET, "assets", {name: DIST / name for name in FILES})


def portal_of(settings: Settings) -> list[str]:
    """Return the origin of the reference backend's portal, which shows the chat; an empty list without the portal."""
    return [settings.backend_address] if settings.demo and not settings.backend_url else []


@router.get("/")
def demo_page(request: Request, language: Language = "lv") -> HTMLResponse:
    """Show a page like a portal's with the widget in it."""
    app: AppState = request.app.state.shared
    settings = app.settings
    if not settings.demo:
        raise HTTPException(404)
    has_mailbox = not (settings.backend_url or settings.smtp_host)
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",  # what a host page has to allow: the script
        "frame-src": "'self'",  # and the frame that the script opens
        "style-src": "{nonce}",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    samples = app.accounts.samples()
    customer = request.cookies.get(DEMO_COOKIE, "")
    known = any(sample.email == customer for sample in samples)
    return pages.html(
        "demo.html",
        language,
        policy,
        samples=samples,
        customer=customer if known else "",
        token=sign_token(settings, customer) if known and settings.demo_key else "",
        portal_url=next((f"{site}/portal" for site in portal_of(settings)), None),
        mailbox_url=f"{settings.backend_address}/mailbox" if has_mailbox else None,
        origin=str(request.base_url).rstrip("/"),
    )


@router.post("/demo/login", include_in_schema=False)
async def demo_login(request: Request, language: Language = "lv") -> Response:
    """Log a sample customer in to the demo page, or out of it, as a website would."""
    app: AppState = request.app.state.shared
    if not app.settings.demo:
        raise HTTPException(404)
    wanted = str((await request.form()).get("email", ""))
    samples = await to_thread.run_sync(app.accounts.samples)
    answer = RedirectResponse(f"/?language={language}", status_code=303)
    if any(sample.email == wanted for sample in samples):
        answer.set_cookie(DEMO_COOKIE, wanted, httponly=True, samesite="strict")
    else:
        answer.delete_cookie(DEMO_COOKIE)
    return answer


@router.get("/widget.js")
def widget_script(request: Request) -> Response:
    """Serve the one script that a host page loads."""
    answer = send(request, pages.asset("loader.js"), max_age=3600)
    answer.headers["Access-Control-Allow-Origin"] = "*"  # for a host page that loads it as a module
    return answer


def _framed(settings: Settings) -> dict[str, str]:
    """Return the policy of the pages that stand in a frame of the host page."""
    return {
        "default-src": "'none'",
        "script-src": "{nonce}",
        "style-src": "{nonce}",
        "img-src": "'self' data: blob:",  # a file is read with the session's token
        "connect-src": "'self'",
        "frame-ancestors": " ".join([settings.frame_ancestors, *portal_of(settings)]),
        "base-uri": "'none'",
        "form-action": "'none'",
    }


@router.get("/chat")
def chat_page(request: Request, language: Language = "lv", theme: str = "") -> HTMLResponse:
    """Show the chat, which lives in an iframe on the host page."""
    settings = request.app.state.shared.settings
    known = theme if theme in THEMES else ""
    values = {"limit": settings.message_length, "theme": known, "most_asked": request.app.state.most_asked.questions()}
    return pages.html("chat.html", language, _framed(settings), **values)


@router.get("/badge")
def badge_page(request: Request, language: Language = "lv") -> HTMLResponse:
    """Count unread messages in a frame without anything to see, on host pages where the chat is not open."""
    return pages.html("badge.html", language, _framed(request.app.state.shared.settings))


@router.get("/privacy")
def privacy_page(request: Request, language: Language = "lv") -> Response:
    """Tell who controls the data, what for, how long it is kept, and what customers may ask."""
    settings: Settings = request.app.state.shared.settings
    if settings.privacy_url:
        return RedirectResponse(settings.privacy_url, 302)
    policy = {
        "default-src": "'none'",
        "style-src": "{nonce}",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    terms = {
        "attended": settings.keep_conversations_days,
        "unattended": settings.keep_unattended_days,
        "rasa": settings.keep_rasa_days,
        "calls": settings.keep_calls_days,
        "notifications": settings.keep_notifications_days,
        "audit": settings.keep_audit_days,
    }
    return pages.html(
        "privacy.html",
        language,
        policy,
        other="lv" if language == "en" else "en",
        controller=settings.controller,
        email=settings.support_email,
        phone=settings.support_phone,
        terms=terms,
    )


@router.get("/assets/{name:path}")
def asset_file(request: Request, name: str, v: str = "") -> Response:
    """Serve one of the widget's files, cacheable for ever if the address carries the hash of its content."""
    return pages.send_file(request, name, v)


@router.get("/pictures/{file}.svg")
def picture_file(request: Request, file: str, v: str = "") -> Response:
    """Serve a drawing; its policy forbids everything but showing it, as it can also be opened by itself."""
    try:
        found = drawings.drawing(file)
    except KeyError:
        raise HTTPException(404) from None
    answer = send(request, found, max_age=YEAR if v == found.version else 0)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    return answer

"""The pages to which the links of notifications lead: to agree, to see what one gets, and to end it.

Whoever has the token of a link is the owner of the address: there is no session, and no cookie.
"""

from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from bot.chat.widget import pages
from bot.conversations import notifications, subscriptions
from bot.conversations.notification_models import Subscription
from bot.web.dependencies import AppState, AppStateDep
from bot.web.notifier import PAGE
from bot.web.pages import Language
from bot.wording import dated

router = APIRouter(prefix=PAGE + "/{token}", include_in_schema=False)
LENGTH = 100  # characters of a token that are looked at
POLICY = {
    "default-src": "'none'",
    "style-src": "{nonce}",
    "img-src": "data:",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


@router.get("")
def show(token: str, app: AppStateDep, language: Language | None = None) -> Response:
    """Show what the owner of an address gets, or ask them to agree."""
    with app.database.read() as session:
        return _page(app, session, token, subscriptions.find(session, token[:LENGTH]), language)


@router.post("/confirm")
def confirm(token: str, app: AppStateDep, language: Language | None = None) -> Response:
    """Agree to be told. Only a form does this, as mail programs and scanners open links."""
    with app.database.write() as session:
        found = subscriptions.find(session, token[:LENGTH])
        if found:
            subscriptions.confirm(found)
        return _page(app, session, token, found, language)


@router.post("/end")
def end(token: str, app: AppStateDep, language: Language | None = None) -> Response:
    """End it, at one click on the page or in a mail program; also a second time."""
    with app.database.write() as session:
        found = subscriptions.find(session, token[:LENGTH])
        spoken = language or _language(found.language if found else "lv")
        if found:
            subscriptions.end(session, found)
    return _answer(app, token, "ended", spoken)


def _page(
    app: AppState, session: Session, token: str, found: Subscription | None, language: Language | None
) -> Response:
    if not found or not app.subscribed.is_on:
        return _answer(app, token, "unknown", language or "lv", 404)
    spoken = language or _language(found.language)
    told = [one for one in notifications.of_address(session, found.email_hash) if one.told_at]
    return _answer(app, token, "confirmed" if found.confirmed_at else "asked", spoken, told=told)


def _answer(app: AppState, token: str, state: str, language: Language, status: int = 200, **values: Any) -> Response:
    own = urlsplit(app.settings.public_url).path.rstrip("/")  # the website side may stand under a path of another site
    return pages.html(
        "notifications.html",
        language,
        POLICY,
        status,
        here=f"{own}{PAGE}/{quote(token)}" if state in ("asked", "confirmed") else "",
        privacy=f"{own}/privacy",
        first=app.settings.notify_from,
        last=app.settings.notify_until,
        dated=dated,
        other="lv" if language == "en" else "en",
        state=state,
        kinds=[notifications.name_of(kind, language) for kind in notifications.KINDS],
        name_of=notifications.name_of,
        **({"told": []} | values),
    )


def _language(stored: str) -> Language:
    return "en" if stored == "en" else "lv"

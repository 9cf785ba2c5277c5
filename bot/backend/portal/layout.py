"""Share what all pages of the portal need: words, policy, language, session."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlencode

import yaml
from babel import Locale
from babel.dates import format_date
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session

from bot.backend import services, verification
from bot.backend.mail import Mailbox
from bot.backend.models import Account
from bot.calendar import RIGA, today
from bot.database import Database
from bot.problems import problem
from bot.settings import Settings
from bot.website import sign_token

Language = Literal["lv", "en"]
FOLDER = Path(__file__).parent
WORDS = yaml.safe_load((FOLDER / "words.yml").read_text(encoding="utf-8"))
LOCALES = {"lv": Locale("lv"), "en": Locale("en", "GB")}
SESSION, LANGUAGE = "portal_session", "portal_language"  # names of cookies
YEAR = 365 * 24 * 3600  # seconds
NEARBY = ("LV", "EE", "LT")  # countries that come first in the list
KEPT = ("kind",)  # parameters of the address that stay when the language changes

templates = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


class Visit(NamedTuple):
    """A logged-in customer, and the time by the demo's clock."""

    session: Session
    account: Account
    moment: datetime


@contextmanager
def visit(request: Request, reads: str = "") -> Iterator[Visit]:
    """Yield the logged-in customer's account and record what is read; redirect others to the log-in page."""
    database: Database = request.app.state.database
    with database.write() as session:
        account = verification.find_account(session, request.cookies.get(SESSION, ""))
        if not account:
            raise problem(303, "log-in-first", "Log in first", {"location": "/portal/login"})
        # Lock the account, so that two clicks on a button are handled one after the other.
        session.refresh(account, with_for_update=True)
        if reads:
            services.record(session, "portal", f"read {reads}", "portal", account.id)
        yield Visit(session, account, services.now(session))


def go(path: str, done: str = "") -> RedirectResponse:
    """Redirect to a page of the portal that confirms what was done."""
    return RedirectResponse(f"{path}?done={done}" if done else path, 303)


def language_of(request: Request) -> Language:
    """Return the language in the address, or else the one chosen before."""
    asked = request.query_params.get("language", request.cookies.get(LANGUAGE))
    return "en" if asked == "en" else "lv"


def content_policy(nonce: str, assistant: str) -> str:
    """Return the Content-Security-Policy of a page; the assistant is the site of its script and frame."""
    rules = {
        "default-src": "'none'",
        "script-src": assistant,
        "frame-src": assistant,
        "style-src": f"'nonce-{nonce}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def page(
    request: Request,
    template: str,
    moment: datetime,
    account: Account | None = None,
    here: str = "",
    status: int = 200,
    **values: Any,
) -> HTMLResponse:
    """Render a page; here is the address that shows it again, if that differs from the request."""
    language, nonce = language_of(request), secrets.token_urlsafe(16)
    settings: Settings = request.app.state.settings
    here = here or request.url.path
    kept = {name: request.query_params[name] for name in KEPT if name in request.query_params}
    done = request.query_params.get("done", "")
    html = templates.get_template(template).render(
        account=account,
        # The chat's address, and a token for the logged-in customer; none without the key that signs it.
        assistant=settings.web_address,
        token=sign_token(settings, account.email) if account and settings.demo_key else "",
        active=bool(account and services.application_state(account.application) == "active"),
        done=done if done in WORDS["done"] else "",
        here=here,
        language=language,
        mailbox=isinstance(request.app.state.post, Mailbox),
        moment=moment.astimezone(RIGA),
        nonce=nonce,
        other_language=f"{here}?{urlencode({**kept, 'language': 'lv' if language == 'en' else 'en'})}",
        **_speech(language),
        **values,
    )
    headers = {
        "content-security-policy": content_policy(nonce, settings.web_address),
        "cache-control": "no-store",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
    }
    answer = HTMLResponse(html, status, headers)
    if "language" in request.query_params:
        answer.set_cookie(LANGUAGE, language, YEAR, path="/portal", httponly=True, samesite="strict")
    return answer


def _speech(language: Language) -> dict[str, Any]:
    locale = LOCALES[language]

    def say(path: str, **values: object) -> str:
        group, name = path.split(".")
        text: str = WORDS[group][name][language]
        return text.format(**values)

    def count(noun: str, number: int) -> str:
        text: str = WORDS["counted"][f"{noun}_{locale.plural_form(number)}"][language]
        return text.format(n=number)

    def day(on: date) -> str:
        return format_date(on, "long", locale)

    def label_of(field: str) -> str:
        group = next(one for one in ("apply", "details", "products", "payment", "home") if field in WORDS[one])
        return say(f"{group}.{field}")

    return {
        "count": count,
        "countries": countries(language),
        "day": day,
        "in_riga": today,
        "label_of": label_of,
        "say": say,
    }


@cache
def countries(language: Language) -> dict[str, str]:
    """Return the names of countries by their ISO 3166 code, Latvia and its neighbours first."""
    named = {code: name for code, name in LOCALES[language].territories.items() if _is_country(code)}
    rest = sorted(named.keys() - set(NEARBY), key=lambda code: named[code])
    return {code: named[code] for code in (*NEARBY, *rest)}


def _is_country(code: str) -> bool:
    # CLDR also names groups of countries, outlying islands and unassigned codes.
    return len(code) == 2 and code.isalpha() and code not in {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}

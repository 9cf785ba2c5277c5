"""Tell whether a form comes from a page of ours, and whether a browser will show the answer as a page."""

import hmac

from fastapi import Request

from bot.problems import problem

SAFE = ("GET", "HEAD")
MAX_FIELDS = 60


def check_origin(request: Request) -> None:
    """Refuse a change that a page of another website requests."""
    if request.method in SAFE:
        return
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    site = request.headers.get("sec-fetch-site")
    # Browsers send Sec-Fetch-Site on trusted connections, and Origin on all.
    if not (site == "same-origin" if site else request.headers.get("origin") == own):
        raise problem(403, "foreign-origin", "This form belongs to another page")


async def check_csrf(request: Request, token: str) -> None:
    """Refuse a change whose form does not carry the token of the session."""
    if request.method in SAFE:
        return
    shown = request.headers.get("x-csrf")
    if shown is None:
        shown = str((await request.form(max_files=0, max_fields=MAX_FIELDS)).get("csrf", ""))
    if not hmac.compare_digest(shown.encode("utf-8", "replace"), token.encode()):
        raise problem(403, "stale-form", "The form is too old")


def wants_page(request: Request) -> bool:
    """Tell whether a browser will show the answer as a page, rather than pass it to a script."""
    return "text/html" in request.headers.get("accept", "")

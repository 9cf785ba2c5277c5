"""Whether a form comes from a page of ours, and whether a person looks at the answer."""

import hmac

from fastapi import Request

from bot.problems import problem

SAFE = ("GET", "HEAD")
MAX_FIELDS = 60


def check_origin(request: Request) -> None:
    """Refuse a change that another website's page asks for."""
    if request.method in SAFE:
        return
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    site = request.headers.get("sec-fetch-site")
    # Browsers name the site where they trust the connection, and the origin everywhere.
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
    """Tell whether a person looks at the answer, rather than a script."""
    return "text/html" in request.headers.get("accept", "")

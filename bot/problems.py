"""Answer every error of an HTTP interface with problem details (RFC 9457)."""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_problem.error import Problem
from fastapi_problem.handler import ExceptionHandler, add_exception_handler, new_exception_handler
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_problem.handler import PostHook, http_exception_handler_

from bot.logs import REQUEST_HEADER, name_request

log = structlog.get_logger()
STREAMS = "/events"  # how the path of an event stream ends, whose answer never does


def problem(status: int, kind: str, title: str, headers: dict[str, str] | None = None, **more: Any) -> Problem:
    """Create a problem to raise, with its HTTP status, its kind (a stable name) and a title in plain English."""
    return Problem(title, type_=f"urn:cps:{kind}", status=status, headers=headers, **more)


class BodyLimit:
    """Refuse a request body that is too large, with a problem and not in plain text."""

    def __init__(self, app: ASGIApp, biggest: int, of_files: tuple[str, int] = ("", 0)) -> None:
        """Wrap an app, with a limit in bytes, and the path to which files are sent, with theirs."""
        self.app, self.biggest, self.of_files = app, biggest, of_files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the app, or refuse it."""
        path, of_file = self.of_files
        biggest = of_file if path and scope.get("path") == path else self.biggest
        length = Headers(scope=scope).get("content-length", "0") if scope["type"] == "http" else "0"
        if length.isascii() and length.isdigit() and int(length) > biggest:
            refused = problem(413, "too-large", "The request is too large")
            answer = JSONResponse(refused.marshal(), 413, media_type="application/problem+json")
            await answer(scope, receive, send)
            return
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > biggest:
                raise HTTPException(413)
            return message

        await self.app(scope, count, send)


class HeadRequests:
    """Answer HEAD like GET without the body, for monitors and for browsers that look before they load."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the app; the server itself leaves the body of an answer to HEAD out."""
        if scope["type"] == "http" and scope["method"] == "HEAD" and not scope["path"].endswith(STREAMS):
            scope = {**scope, "method": "GET"}
        await self.app(scope, receive, send)


class RequestIds:
    """Name each request in all logs that it leads to, and in its answer."""

    def __init__(self, app: ASGIApp, is_logged: bool) -> None:
        """Wrap an app; a request that came with an id may be logged, as another process can be followed by it."""
        self.app, self.is_logged = app, is_logged

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the app."""
        given = Headers(scope=scope).get(REQUEST_HEADER) if scope["type"] == "http" else None
        name = name_request(given)  # the server gives each request a context of its own

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_HEADER] = name
                if self.is_logged and given == name and "route" in scope:
                    log.info("request_answered", path=scope["route"].path, status=message["status"])
            await send(message)

        await self.app(scope, receive, send_named)


def answer_problems(
    app: FastAPI, max_body: int, *show: PostHook, of_files: tuple[str, int] = ("", 0), log_requests: bool = False
) -> None:
    """Let an app answer every error as a problem, too large a body (in bytes) included, and say so in its OpenAPI.

    HEAD is no error where there is a GET. A function in show may replace a problem by a page, for a person who sees it
    in the browser.
    """
    app.add_middleware(BodyLimit, biggest=max_body, of_files=of_files)
    app.add_middleware(HeadRequests)
    app.add_middleware(RequestIds, is_logged=log_requests)
    handler = new_exception_handler(
        request_validation_handler=_malformed,
        http_exception_handler=_refused,
        post_hooks=list(show),
    )
    handler.handlers[Exception] = _broken  # last, because the first match is used
    add_exception_handler(app, handler, generic_swagger_defaults=False)


def _malformed(_handler: ExceptionHandler, _request: Request, error: RequestValidationError) -> Problem:
    # Do not send the input back: it may contain an e-mail address, a code or a token.
    errors = [{"loc": list(item["loc"]), "msg": item["msg"], "type": item["type"]} for item in error.errors()]
    return problem(422, "malformed", "The request is malformed", errors=errors)


def _broken(_handler: ExceptionHandler, request: Request, error: Exception) -> Problem:
    if isinstance(error, Problem):  # raised by our code: an answer, not a failure
        return error
    # Do not say what went wrong: it may contain an SQL statement, a token or a name.
    log.error(
        "request_failed",
        path=request.scope["route"].path if "route" in request.scope else "",
        reason=type(error).__name__,
    )
    return problem(500, "broken", "Something went wrong here")


def _refused(handler: ExceptionHandler, request: Request, error: HTTPException) -> Problem:
    # A body that is not JSON in UTF-8 is as malformed as one that lacks a field.
    if error.status_code == 400:
        return problem(422, "malformed", "The request is malformed", errors=[])
    if error.status_code == 405:  # Starlette lists only the first of several methods of a path
        error.headers = {"allow": ", ".join(sorted(_methods(request)))}
    return http_exception_handler_(handler, request, error)


def _methods(request: Request) -> set[str]:
    fitting = [route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE]
    return {method for route in fitting for method in getattr(route, "methods", None) or ()}


def documented(*problems: tuple[int, str] | tuple[int, str, str]) -> dict[int | str, dict[str, Any]]:
    """Describe an endpoint's problems for its OpenAPI: a status, its meaning and optionally its kind."""
    schema = {"$ref": "#/components/schemas/Problem"}
    described: dict[int | str, dict[str, Any]] = {}
    for status, meaning, *kind in problems:
        content: dict[str, Any] = {"schema": schema}
        if kind:
            content["example"] = problem(status, kind[0], meaning).marshal()
        described[status] = {"description": meaning, "content": {"application/problem+json": content}}
    return described

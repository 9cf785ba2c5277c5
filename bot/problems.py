"""Answer every error of an HTTP API as a problem (RFC 9457)."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi_problem.error import Problem
from fastapi_problem.handler import ExceptionHandler, add_exception_handler, new_exception_handler


def problem(status: int, kind: str, title: str, headers: dict[str, str] | None = None, **more: Any) -> Problem:
    """Make a problem to raise: its HTTP status, its kind (a stable name) and a title in plain English."""
    return Problem(title, type_=f"urn:cps:{kind}", status=status, headers=headers, **more)


def answer_problems(app: FastAPI) -> None:
    """Let an app answer every error as a problem, and say so in its OpenAPI."""
    handler = new_exception_handler(
        logger=logging.getLogger("problems"), request_validation_handler=_malformed, strict_rfc9457=False
    )
    add_exception_handler(app, handler, generic_swagger_defaults=False)


def _malformed(_handler: ExceptionHandler, _request: Request, error: RequestValidationError) -> Problem:
    # What was sent is not sent back: it may hold an e-mail address, a code or a token.
    errors = [{"loc": list(item["loc"]), "msg": item["msg"], "type": item["type"]} for item in error.errors()]
    return problem(422, "malformed", "The request is malformed", errors=errors)


def documented(*problems: tuple[int, str]) -> dict[int | str, dict[str, Any]]:
    """Describe problems, each a status and what it means, for an endpoint's OpenAPI."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": meaning, "content": {"application/problem+json": {"schema": schema}}}
        for status, meaning in problems
    }

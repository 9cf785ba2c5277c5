"""Read the customer's account: the only door from the actions to the outside."""

from functools import cache
from threading import Lock
from typing import Any, TypeVar

import pybreaker
from cachetools import TTLCache
from pydantic import BaseModel

from bot.account import Application, Membership, Points, Products, Tiers
from bot.http import NotFound, Service, ServiceError
from bot.settings import get_settings

M = TypeVar("M", bound=BaseModel)
KEPT_FOR = 3.0  # seconds that an answer of the account system is good for more questions
MAX_KEPT = 1000  # answers
FAILURES, PAUSE = 5, 15.0  # so many in a row, and the account system is left alone for so many seconds


class NotConfirmed(Exception):
    """The customer of this conversation has not shown who they are, or no longer counts as confirmed."""


class Access(BaseModel):
    """The token that opens the customer's account."""

    token: str


def points(conversation: str, why: str) -> Points:
    """Return the points of the conversation's customer, and leave in the audit trail why they are read.

    Like all here, raise NotConfirmed or ServiceError.
    """
    return _read(Points, "/v1/points", conversation, why)


def application(conversation: str, why: str) -> Application:
    """Return the customer's application."""
    return _read(Application, "/v1/application", conversation, why)


def products(conversation: str, why: str) -> Products:
    """Return the customer's products."""
    return _read(Products, "/v1/products", conversation, why)


def tiers(conversation: str, why: str) -> Tiers:
    """Return the tiers, and which of them the customer may choose."""
    return _read(Tiers, "/v1/tiers", conversation, why)


def membership(conversation: str, why: str) -> Membership:
    """Return the customer's membership."""
    return _read(Membership, "/v1/membership", conversation, why)


def _is_refusal(error: Exception) -> bool:
    # It is up, and says no: a token that ran out, an address that it does not know.
    return isinstance(error, ServiceError) and error.status is not None and 400 <= error.status < 500


kept: TTLCache[tuple[str, str], Any] = TTLCache(MAX_KEPT, KEPT_FOR)
_lock = Lock()
breaker = pybreaker.CircuitBreaker(FAILURES, PAUSE, exclude=[_is_refusal])


def _read(model: type[M], path: str, conversation: str, why: str) -> M:
    # Who it is, is asked each time: a customer who logged out is nobody at once.
    try:
        token = _web().read(Access, "GET", f"/internal/conversations/{conversation}/access").token
    except NotFound:
        raise NotConfirmed from None
    # The token is part of the key, so nobody hears another's answer.
    with _lock:
        known = kept.get((token, path))
    if known is not None:
        return known
    try:
        # Why it is read is kept in the audit trail; what was read a moment ago is not read again.
        found = breaker.call(_accounts().read, model, "GET", path, token=token, headers={"x-purpose": why})
    except pybreaker.CircuitBreakerError:
        raise ServiceError(None, "left-alone") from None
    except ServiceError as error:
        if error.status == 401:  # the token ran out in between
            raise NotConfirmed from None
        raise
    with _lock:
        kept[token, path] = found
    return found


@cache
def _web() -> Service:
    settings = get_settings()
    return Service(settings.web_address, {"x-service-key": settings.service_key.get_secret_value()})


@cache
def _accounts() -> Service:
    return Service(get_settings().backend_address)

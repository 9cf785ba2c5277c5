"""Read the customer's account: the only module of the actions that calls other services."""

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
KEPT_FOR = 3.0  # seconds for which an answer of the account system is reused
MAX_KEPT = 1000  # answers that are kept
FAILURES, PAUSE = 5, 15.0  # after so many failures in a row, no call for so many seconds


class NotConfirmed(Exception):
    """The customer of this conversation is not confirmed, or not any more."""


class Access(BaseModel):
    """The token that opens the customer's account."""

    token: str


def points(conversation: str, why: str) -> Points:
    """Return the points of the conversation's customer; `why` is recorded in the audit trail.

    Like all functions here, raise NotConfirmed or ServiceError.
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
    # The account system is up and refuses: an expired token, an unknown address.
    return isinstance(error, ServiceError) and error.status is not None and 400 <= error.status < 500


kept: TTLCache[tuple[str, str], Any] = TTLCache(MAX_KEPT, KEPT_FOR)
_lock = Lock()
breaker = pybreaker.CircuitBreaker(FAILURES, PAUSE, exclude=[_is_refusal])


def _read(model: type[M], path: str, conversation: str, why: str) -> M:
    # The access is fetched each time, so that a customer who logged out is unconfirmed at once.
    try:
        token = _web().read(Access, "GET", f"/internal/conversations/{conversation}/access").token
    except NotFound:
        raise NotConfirmed from None
    # The token is part of the key, so that nobody gets another customer's answer.
    with _lock:
        known = kept.get((token, path))
    if known is not None:
        return known
    try:
        # The audit trail records each read with its purpose; what was read a moment ago is not read again.
        found = breaker.call(_accounts().read, model, "GET", path, token=token, headers={"x-purpose": why})
    except pybreaker.CircuitBreakerError:
        raise ServiceError(None, "left-alone") from None
    except ServiceError as error:
        if error.status == 401:  # the token expired in between
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

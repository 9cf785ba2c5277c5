"""Read the customer's account: the only module of the actions that calls other services."""

from functools import cache
from threading import Lock

import pybreaker
from cachetools import TTLCache
from pydantic import BaseModel

from bot.account import Account
from bot.http import NotFound, Service, ServiceError
from bot.settings import get_settings

KEPT_FOR = 10.0  # seconds for which an account is kept for the other look-ups of its turn
MAX_KEPT = 1000  # accounts that are kept
FAILURES, PAUSE = 5, 15.0  # after so many failures in a row, no call for so many seconds


class NotConfirmed(Exception):
    """The customer of this conversation is not confirmed, or not any more."""


class Access(BaseModel):
    """The token that opens the customer's account."""

    token: str


def _is_refusal(error: Exception) -> bool:
    # The account system is up and refuses: an expired token, an unknown address.
    return isinstance(error, ServiceError) and error.status is not None and 400 <= error.status < 500


kept: TTLCache[tuple[str, str], Account] = TTLCache(MAX_KEPT, KEPT_FOR)
_lock = Lock()
breaker = pybreaker.CircuitBreaker(FAILURES, PAUSE, exclude=[_is_refusal])


def account(conversation: str, turn: str, why: str) -> Account:
    """Return the account of a conversation's customer; raise NotConfirmed or ServiceError.

    It is read once in a turn, so that a customer who logged out is not confirmed in the next one. The audit trail
    records each read with `why`.
    """
    with _lock:
        known = kept.get((conversation, turn))
    if known is not None:
        return known
    try:
        token = _web().read(Access, "GET", f"/internal/conversations/{conversation}/access").token
    except NotFound:
        raise NotConfirmed from None
    try:
        found = breaker.call(_accounts().read, Account, "GET", "/v1/account", token=token, headers={"x-purpose": why})
    except pybreaker.CircuitBreakerError:
        raise ServiceError(None, "left-alone") from None
    except ServiceError as error:
        if error.status == 401:  # the token expired in between
            raise NotConfirmed from None
        raise
    with _lock:
        kept[conversation, turn] = found
    return found


@cache
def _web() -> Service:
    settings = get_settings()
    return Service(settings.web_address, {"x-service-key": settings.service_key.get_secret_value()})


@cache
def _accounts() -> Service:
    return Service(get_settings().backend_address)

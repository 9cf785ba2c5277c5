"""Read the customer's account: the only door from the actions to the outside."""

from functools import cache
from typing import TypeVar

from pydantic import BaseModel, StrictInt

from bot.http import NotFound, Service, ServiceError
from bot.settings import get_settings

M = TypeVar("M", bound=BaseModel)


class NotConfirmed(Exception):
    """The customer of this conversation has not shown who they are, or no longer counts as confirmed."""


class Points(BaseModel):
    """Points that count, and points that wait until their products have a green tick."""

    total: StrictInt
    waiting: StrictInt


class Access(BaseModel):
    """The token that opens the customer's account."""

    token: str


def points(conversation: str) -> Points:
    """Return the points of the conversation's customer; raise NotConfirmed or ServiceError."""
    return _read(Points, "/v1/points", conversation)


def _read(model: type[M], path: str, conversation: str) -> M:
    try:
        access = _web().read(Access, "GET", f"/internal/conversations/{conversation}/access")
    except NotFound:
        raise NotConfirmed from None
    try:
        return _accounts().read(model, "GET", path, token=access.token)
    except ServiceError as error:
        if error.status == 401:  # the token ran out in between
            raise NotConfirmed from None
        raise


@cache
def _web() -> Service:
    settings = get_settings()
    return Service(settings.web_address, {"x-service-key": settings.service_key.get_secret_value()})


@cache
def _accounts() -> Service:
    return Service(get_settings().backend_address)

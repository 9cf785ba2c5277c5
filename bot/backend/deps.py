"""Share what the endpoints need: settings, database, keys, and an account whose opening is recorded."""

import hmac
import re
from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr

from bot.database import Database
from bot.problems import problem
from bot.settings import Settings

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
FORWARDED = re.compile("forwarded|x-forwarded|x-real-ip|x-client-ip|true-client-ip|cf-|via$")  # headers of proxies
PURPOSE = r"[a-z_]{1,40}"

WRONG_KEY = (401, "The key is missing or wrong", "wrong-key")
NO_ACCESS = (401, "The token is missing, unknown or too old", "no-access")


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _check_key(
    request: Request,
    key: Annotated[str | None, Security(APIKeyHeader(name="X-Api-Key", auto_error=False))],
) -> None:
    _compare(key, request.app.state.settings.backend_key)


def _check_agents_key(
    request: Request,
    key: Annotated[str | None, Security(APIKeyHeader(name="X-Agents-Key", scheme_name="AgentsKey", auto_error=False))],
) -> None:
    _compare(key, request.app.state.settings.agents_key)


def _compare(key: str | None, wanted: SecretStr) -> None:
    # An empty key never matches, even if no key is set.
    if not key or not hmac.compare_digest(key.encode(), wanted.get_secret_value().encode()):
        raise problem(401, "wrong-key", "The key is missing or wrong")


def _token(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(HTTPBearer(auto_error=False))],
) -> str:
    if not bearer:
        raise problem(401, "no-access", "The token is missing", {"www-authenticate": "Bearer"})
    return bearer.credentials


def _purpose(
    x_purpose: Annotated[
        str | None,
        Header(
            description="Why the account is read or written, for the audit trail: at most 40 small letters and "
            "underscores. Anything else, or nothing, is kept as `unknown`.",
            examples=["ask_my_points"],
        ),
    ] = None,
) -> str:
    return x_purpose if x_purpose and re.fullmatch(PURPOSE, x_purpose) else "unknown"


def _this_machine(request: Request) -> None:
    # A proxy on this machine brings requests from elsewhere. Checking the host name protects against DNS rebinding.
    forwarded = any(FORWARDED.match(name) for name in request.headers)
    name = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
    client = request.client
    if forwarded or not (client and ip_address(client.host).is_loopback and name in LOOPBACK_NAMES):
        raise problem(404, "not-found", "There is no such page")


Config = Annotated[Settings, Depends(_settings)]
Data = Annotated[Database, Depends(_database)]
Token = Annotated[str, Depends(_token)]
Purpose = Annotated[str, Depends(_purpose)]
KEYED = [Depends(_check_key)]
AGENTS = [Depends(_check_agents_key)]
THIS_MACHINE = [Depends(_this_machine)]

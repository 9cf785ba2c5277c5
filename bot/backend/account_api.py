"""Serve an account: to its customer by a token, and to an agent who helps the customer."""

from typing import Annotated

from fastapi import APIRouter, Header, Query

from bot.backend import serializers, services, verification
from bot.backend.deps import AGENTS, NO_ACCESS, WRONG_KEY, Data, Purpose, Token
from bot.backend.schemas import AccountOut, Email
from bot.problems import documented, problem

router = APIRouter(prefix="/v1", tags=["account"])


@router.get("/account", responses=documented(NO_ACCESS))
def read_account(token: Token, database: Data, purpose: Purpose) -> AccountOut:
    """Return the token's account; the audit trail keeps for what it was read."""
    with database.write() as session:
        account = verification.find_account(session, token)
        if not account:
            raise problem(401, "no-access", "The token is unknown or too old", {"www-authenticate": "Bearer"})
        services.record(session, "customer", "read account", purpose, account.id)
        return serializers.account_of(session, account)


@router.get(
    "/agents/account",
    tags=["agents"],
    dependencies=AGENTS,
    responses=documented(WRONG_KEY, (404, "No account has this e-mail address", "unknown-email")),
)
def read_account_as_agent(
    email: Annotated[Email, Query(description="Of the account")],
    x_agent: Annotated[
        str,
        Header(pattern=r"^[A-Za-z0-9_.@-]{1,80}$", description="Who asks, for the audit trail", examples=["liga.p"]),
    ],
    database: Data,
    purpose: Purpose,
) -> AccountOut:
    """Return one customer's account; the audit trail keeps who asked."""
    with database.write() as session:
        account = verification.find_by_email(session, email)
        services.record(session, f"agent:{x_agent}", "read account", purpose, account.id if account else None)
        found = serializers.account_of(session, account) if account else None
    if not found:
        raise problem(404, "unknown-email", "No account has this e-mail address")
    return found

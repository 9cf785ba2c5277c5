"""Serve what an agent who helps a customer may read."""

from typing import Annotated

from fastapi import APIRouter, Header, Query

from bot.backend import serializers, services, verification
from bot.backend.deps import AGENTS, WRONG_KEY, Data, Purpose
from bot.backend.schemas import Email, OverviewOut
from bot.problems import documented, problem

router = APIRouter(prefix="/v1/agents", tags=["agents"], dependencies=AGENTS)


@router.get(
    "/account",
    responses=documented(WRONG_KEY, (404, "No account has this e-mail address", "unknown-email")),
)
def read_overview(
    email: Annotated[Email, Query(description="Of the account")],
    x_agent: Annotated[
        str,
        Header(pattern=r"^[A-Za-z0-9_.@-]{1,80}$", description="Who asks, for the audit trail", examples=["liga.p"]),
    ],
    database: Data,
    purpose: Purpose,
) -> OverviewOut:
    """Return all of one customer's account; the audit trail keeps who asked."""
    with database.write() as session:
        account = verification.find_by_email(session, email)
        services.record(session, f"agent:{x_agent}", "read overview", purpose, account.id if account else None)
        overview = serializers.overview_of(session, account) if account else None
    if not overview:
        raise problem(404, "unknown-email", "No account has this e-mail address")
    return overview

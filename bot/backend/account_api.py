"""Serve what a customer's token opens: the account, one endpoint per topic."""

from fastapi import APIRouter

from bot.backend import serializers, services
from bot.backend.deps import NO_ACCESS, Data, Purpose, Token, opened
from bot.backend.schemas import AccountOut, ApplicationOut, MembershipOut, PointsOut, ProductsOut, TiersOut
from bot.problems import documented

router = APIRouter(prefix="/v1", tags=["account"], responses=documented(NO_ACCESS))


@router.get("/account")
def read_account(token: Token, database: Data, purpose: Purpose) -> AccountOut:
    """Return the name and company of the token's account."""
    with opened(database, token, "read account", purpose) as (_, account):
        return AccountOut(name=account.name, company=account.company)


@router.get("/application")
def read_application(token: Token, database: Data, purpose: Purpose) -> ApplicationOut:
    """Return how far the application for the token's account has come."""
    with opened(database, token, "read application", purpose) as (_, account):
        return serializers.application_of(account)


@router.get("/products")
def read_products(token: Token, database: Data, purpose: Purpose) -> ProductsOut:
    """Return the products of the token's account, and whether others may be migrated."""
    with opened(database, token, "read products", purpose) as (session, account):
        return serializers.products_of(session, account)


@router.get("/points")
def read_points(token: Token, database: Data, purpose: Purpose) -> PointsOut:
    """Return the points of the token's account."""
    with opened(database, token, "read points", purpose) as (_, account):
        return serializers.points_of(account)


@router.get("/tiers")
def read_tiers(token: Token, database: Data, purpose: Purpose) -> TiersOut:
    """Return all tiers, and which of them the token's account may choose."""
    with opened(database, token, "read tiers", purpose) as (session, account):
        return serializers.tiers_of(session, account)


@router.get("/membership")
def read_membership(token: Token, database: Data, purpose: Purpose) -> MembershipOut:
    """Return the membership of the token's account, and its invoice."""
    with opened(database, token, "read membership", purpose) as (session, account):
        return serializers.membership_of(account, services.now(session))

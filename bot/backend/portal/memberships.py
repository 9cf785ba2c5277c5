"""Serve the portal's tabs "Available CPS tiers" and "Invoices"."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from bot.backend import serializers, services
from bot.backend.models import Account, Tier
from bot.backend.portal.forms import Form, Typed
from bot.backend.portal.layout import go, page, visit

router = APIRouter()
METHODS: tuple[services.Method, ...] = ("card", "transfer")


@router.get("/tiers")
def show_tiers(request: Request, kind: str = "individual") -> Response:
    """Show the tiers of one kind, and which of them the account may choose."""
    with visit(request, "tiers") as (session, account, moment):
        if not _is_active(account):
            return go("/portal")
        told = serializers.tiers_of(session, account)
        corporate = [tier for tier in told.tiers if tier.kind == "corporate"]
        may_switch = any(tier.id in told.available for tier in corporate)
        values: dict[str, Any] = {
            "told": told,
            "kind": "corporate" if kind == "corporate" and may_switch else "individual",
            "may_switch": may_switch,
            "corporate_above": min((tier.from_points for tier in corporate), default=0) - 1,
            "invited_from": services.INVITED_FROM,
            "membership": serializers.membership_of(account, moment),
        }
        return page(request, "tiers.html", moment, account, **values)


@router.get("/tiers/{tier_id}")
def show_payment(request: Request, tier_id: str) -> Response:
    """Show how a tier can be paid for."""
    with visit(request, "tier") as (session, account, moment):
        tier = session.get(Tier, tier_id[:40])
        return _payment(request, account, moment, tier, Form())


@router.post("/tiers/{tier_id}")
def choose_tier(request: Request, tier_id: str, form: Typed) -> Response:
    """Start the membership that was chosen."""
    with visit(request) as (session, account, moment):
        tier = session.get(Tier, tier_id[:40])
        method = next((one for one in METHODS if one == form.choice("method", METHODS)), None)
        if not tier or not method:
            return _payment(request, account, moment, tier, form)
        try:
            services.choose_tier(session, account, tier, method, moment)
        except services.NotNow:
            return go("/portal/tiers", "not_now")
    return go("/portal/invoices", "tier_chosen")


@router.get("/invoices")
def show_invoices(request: Request) -> Response:
    """Show the membership and its invoice."""
    with visit(request, "membership") as (_, account, moment):
        if not _is_active(account):
            return go("/portal")
        return page(request, "invoices.html", moment, account, told=serializers.membership_of(account, moment))


@router.post("/invoices")
def mark_paid(request: Request) -> Response:
    """Mark the invoice as paid."""
    with visit(request) as (session, account, moment):
        try:
            services.mark_paid(session, account, moment)
        except services.NotNow:
            return go("/portal/invoices", "not_now")
    return go("/portal/invoices", "paid")


def _is_active(account: Account) -> bool:
    return services.application_state(account.application) == "active"


def _payment(request: Request, account: Account, moment: datetime, tier: Tier | None, form: Form) -> Response:
    if not tier or not _is_active(account):
        return page(request, "missing.html", moment, account, status=404)
    if account.membership or services.points_of(account).total < tier.from_points:
        return go("/portal/tiers", "not_now")
    status = 422 if form.errors else 200
    return page(request, "payment.html", moment, account, status=status, tier=tier, form=form, methods=METHODS)

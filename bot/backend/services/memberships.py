"""Handle tiers, memberships and their invoices."""

from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.backend.models import Account, FormerMembership, Membership, Tier
from bot.backend.services.applications import NotNow, application_state
from bot.backend.services.audit import record
from bot.backend.services.products import points_of
from bot.calendar import today

INVOICE_AFTER = timedelta(hours=3)
PAID_WITHIN = timedelta(days=30)
FIRST_NUMBER = 5000  # of memberships from the portal; those of the sample are lower

MembershipState = Literal["none", "invoice_coming", "open", "overdue", "paid"]
Method = Literal["card", "transfer"]


def tiers(session: Session) -> list[Tier]:
    """Return all tiers, the lowest first."""
    return list(session.scalars(select(Tier).order_by(Tier.from_points, Tier.id)))


def available_tiers(all_tiers: list[Tier], total: int) -> list[Tier]:
    """Return the tiers that are open with a number of points."""
    return [tier for tier in all_tiers if total >= tier.from_points]


def invoice_dates(chosen_at: datetime) -> tuple[datetime, date]:
    """Return when the invoice for a membership is issued, and the day on which it is due."""
    issued_at = chosen_at + INVOICE_AFTER
    return issued_at, today(issued_at) + PAID_WITHIN


def is_charged(membership: Membership, moment: datetime) -> bool:
    """Tell whether a card is charged by now, which happens automatically on the day the invoice is due."""
    return membership.method == "card" and today(moment) >= membership.due_on


def membership_state(membership: Membership | None, moment: datetime) -> MembershipState:
    """Return the state of a membership's invoice; the membership itself is active from the start."""
    if not membership:
        return "none"
    if membership.paid_at or is_charged(membership, moment):
        return "paid"
    if moment < membership.issued_at:
        return "invoice_coming"
    return "overdue" if today(moment) > membership.due_on else "open"


def choose_tier(session: Session, account: Account, tier: Tier, method: Method, moment: datetime) -> None:
    """Start an account's membership; raise NotNow if it has one already or may not choose this tier."""
    may = tier in available_tiers(tiers(session), points_of(account).total)
    if account.membership or not may or application_state(account.application) != "active":
        raise NotNow
    issued_at, due = invoice_dates(moment)
    former = session.get(FormerMembership, account.application.old_email or "")
    name = f"{today(moment).year}-{FIRST_NUMBER + account.id}"
    account.membership = Membership(
        tier=tier,
        method=method,
        number=f"LV-{name}",
        previous_number=former.number if former else None,
        chosen_at=moment,
        invoice_number=f"CPS-{name}",
        issued_at=issued_at,
        due_on=due,
    )
    record(session, "portal", "choose tier", "portal", account.id)


def mark_paid(session: Session, account: Account, moment: datetime) -> None:
    """Mark an invoice as paid; raise NotNow if there is none to pay."""
    if not account.membership or membership_state(account.membership, moment) not in ("open", "overdue"):
        raise NotNow
    account.membership.paid_at = moment
    record(session, "portal", "mark paid", "portal", account.id)


def charge_cards(session: Session, moment: datetime) -> None:
    """Charge the cards that are due."""
    by_card = select(Membership).where(Membership.method == "card", Membership.paid_at.is_(None))
    for membership in session.scalars(by_card):
        if is_charged(membership, moment):
            membership.paid_at = moment
            record(session, "clock", "charge card", "time_passed", membership.account_id)

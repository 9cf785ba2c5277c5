"""The account service's rules, as plain functions; codes and tokens have theirs in verification.py."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import database
from bot.backend.models import Account, Application, Clock, Membership, Product, Record, Tier

RIGA = ZoneInfo("Europe/Riga")
HOLIDAYS = holidays.country_holidays("LV")
WORKING_DAYS = 2  # that checking an application may take
INVITED_FROM = 500  # points
INVOICE_AFTER = timedelta(hours=3)
PAID_WITHIN = timedelta(days=30)
FARTHEST = timedelta(days=3660)  # that the clock may be moved forward in all

# One of these documents is enough, by whether the company pays VAT.
ENOUGH = {True: ["vat_certificate", "vat_invoice"], False: ["invoice", "licence", "register_extract"]}

ApplicationState = Literal["received", "documents_missing", "verified", "active", "rejected"]
MigrationStatus = Literal["ready", "not_active", "no_old_email", "nothing_to_migrate", "migrated"]
MembershipState = Literal["none", "invoice_coming", "open", "overdue", "paid"]


class TooFar(Exception):
    """The clock was to be moved farther than it goes."""


class NoMigration(Exception):
    """The account has nothing that may be migrated."""


@dataclass
class Points:
    """An account's points: those that count, and those that wait for a green tick."""

    total: int
    waiting: int
    waiting_products: int


def now(session: Session) -> datetime:
    """Return this moment in UTC, by the clock that the demo moves; for business dates alone."""
    return database.now() + timedelta(seconds=session.get_one(Clock, 1).offset_seconds)


def today(moment: datetime) -> date:
    """Return the day in Latvia at a moment."""
    return moment.astimezone(RIGA).date()


def is_working_day(day: date) -> bool:
    """Tell whether a day is neither a weekend nor a Latvian public holiday."""
    return day.weekday() < 5 and day not in HOLIDAYS


def due_on(submitted_at: datetime) -> date:
    """Return the day by which an application is checked: the second working day after its own."""
    day = today(submitted_at)
    for _ in range(WORKING_DAYS):
        day += timedelta(days=1)
        while not is_working_day(day):
            day += timedelta(days=1)
    return day


def application_state(application: Application) -> ApplicationState:
    """Tell how far an application has come."""
    if application.rejected_at:
        return "rejected"
    if application.activated_at:
        return "active"
    if application.verified_at:
        return "verified"
    enough = set(ENOUGH[application.vat_payer]) & set(application.documents)
    return "received" if enough else "documents_missing"


def documents_wanted(application: Application) -> list[str]:
    """Return the kinds of documents of which one is still needed."""
    return ENOUGH[application.vat_payer] if application_state(application) == "documents_missing" else []


def old_products(session: Session, account: Account) -> list[Product]:
    """Return the products that wait under the old e-mail address that the application gave."""
    old_email = account.application.old_email
    if not old_email:
        return []
    waiting = select(Product).where(Product.account_id.is_(None), Product.old_email == old_email)
    return list(session.scalars(waiting.order_by(Product.id)))


def migration_status(account: Account, waiting: list[Product]) -> MigrationStatus:
    """Tell whether the customer sees the button to migrate products, and why not."""
    if application_state(account.application) != "active":
        return "not_active"
    if not account.application.old_email:
        return "no_old_email"
    if waiting:
        return "ready"
    return "migrated" if any(product.origin == "migrated" for product in account.products) else "nothing_to_migrate"


def migrate_products(session: Session, account: Account, moment: datetime) -> None:
    """Give an account its old products; raise NoMigration where it may have none."""
    waiting = old_products(session, account)
    if migration_status(account, waiting) != "ready":
        raise NoMigration
    for product in waiting:
        product.origin = "migrated"
        account.products.append(product)
    invite_if_due(account, moment)


def points_of(account: Account) -> Points:
    """Add up an account's points."""
    waiting = [product for product in account.products if not product.has_tick]
    return Points(
        total=sum(product.points for product in account.products if product.has_tick),
        waiting=sum(product.points for product in waiting),
        waiting_products=len(waiting),
    )


def invite_if_due(account: Account, moment: datetime) -> None:
    """Invite an account once its points suffice; to be called whenever one of its products changed."""
    if account.invited_at is None and points_of(account).total >= INVITED_FROM:
        account.invited_at = moment


def tiers(session: Session) -> list[Tier]:
    """Return all tiers, the lowest first."""
    return list(session.scalars(select(Tier).order_by(Tier.from_points, Tier.id)))


def available_tiers(all_tiers: list[Tier], total: int) -> list[Tier]:
    """Return the tiers that so many points open."""
    return [tier for tier in all_tiers if total >= tier.from_points]


def invoice_dates(chosen_at: datetime) -> tuple[datetime, date]:
    """Return when the invoice for a membership is issued, and the day by which it is to be paid."""
    issued_at = chosen_at + INVOICE_AFTER
    return issued_at, today(issued_at) + PAID_WITHIN


def membership_state(membership: Membership | None, moment: datetime) -> MembershipState:
    """Tell how far the invoice of a membership has come; the membership itself is active from the start."""
    if not membership:
        return "none"
    if membership.paid_at:
        return "paid"
    if moment < membership.issued_at:
        return "invoice_coming"
    return "overdue" if today(moment) > membership.due_on else "open"


def move_clock(session: Session, hours: int) -> datetime:
    """Move the clock forward for all business dates; return its new time, or raise TooFar."""
    clock = session.get_one(Clock, 1, with_for_update=True)
    if clock.offset_seconds + hours * 3600 > FARTHEST.total_seconds():
        raise TooFar
    clock.offset_seconds += hours * 3600
    return now(session)


def verify_due(session: Session, moment: datetime) -> list[Account]:
    """Verify the applications that are complete and whose day has come; return their accounts."""
    waiting = select(Application).where(
        Application.verified_at.is_(None), Application.activated_at.is_(None), Application.rejected_at.is_(None)
    )
    due = [
        application
        for application in session.scalars(waiting)
        if application_state(application) == "received" and due_on(application.submitted_at) <= today(moment)
    ]
    for application in due:
        application.verified_at = moment
        record(session, "clock", "verify application", "time_passed", application.account_id)
    return [application.account for application in due]


def record(session: Session, who: str, what: str, why: str, account_id: int | None) -> None:
    """Add a line to the audit trail, with the real time and without what was read or written."""
    session.add(Record(at=database.now(), who=who, what=what, why=why, account_id=account_id))

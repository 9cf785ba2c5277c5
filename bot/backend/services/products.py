"""Handle products, their points and their migration."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.backend.models import Account, Product
from bot.backend.services.applications import application_state
from bot.backend.services.audit import record

INVITED_FROM = 500  # points

MigrationStatus = Literal["ready", "not_active", "no_old_email", "nothing_to_migrate", "migrated"]


class Details(TypedDict, total=False):
    """What is known about a product besides its model."""

    serial_number: str
    purchase_date: date
    purchase_country: str  # ISO 3166
    distributor: str


class NoMigration(Exception):
    """The account has nothing to migrate."""


@dataclass
class Points:
    """An account's points: those that count, and those that wait for a green tick."""

    total: int
    waiting: int
    waiting_products: int


def old_products(session: Session, account: Account) -> list[Product]:
    """Return the products that are registered under the old e-mail address in the application."""
    old_email = account.application.old_email
    if not old_email:
        return []
    waiting = select(Product).where(Product.account_id.is_(None), Product.old_email == old_email)
    return list(session.scalars(waiting.order_by(Product.id)))


def migration_status(account: Account, waiting: list[Product]) -> MigrationStatus:
    """Return whether the customer sees the button to migrate products, or the reason why not."""
    if application_state(account.application) != "active":
        return "not_active"
    if not account.application.old_email:
        return "no_old_email"
    if waiting:
        return "ready"
    return "migrated" if any(product.origin == "migrated" for product in account.products) else "nothing_to_migrate"


def migrate_products(session: Session, account: Account, moment: datetime) -> None:
    """Move the old products to an account; raise NoMigration if it may have none."""
    waiting = old_products(session, account)
    if migration_status(account, waiting) != "ready":
        raise NoMigration
    for product in waiting:
        product.origin = "migrated"
        account.products.append(product)
    invite_if_due(account, moment)


def points_of(account: Account) -> Points:
    """Return the sum of an account's points."""
    waiting = [product for product in account.products if not product.has_tick]
    return Points(
        total=sum(product.points for product in account.products if product.has_tick),
        waiting=sum(product.points for product in waiting),
        waiting_products=len(waiting),
    )


def invite_if_due(account: Account, moment: datetime) -> None:
    """Invite an account if it has enough points; call this whenever one of its products has changed."""
    if account.invited_at is None and points_of(account).total >= INVITED_FROM:
        account.invited_at = moment


def register_product(
    session: Session, account: Account, model: str, points: int, details: Details, moment: datetime
) -> None:
    """Register a new product, with or without its details."""
    account.products.append(Product(model=model, points=points, **details))
    invite_if_due(account, moment)
    record(session, "portal", "register product", "portal", account.id)


def complete_product(session: Session, account: Account, product: Product, details: Details, moment: datetime) -> None:
    """Fill in the missing details of a product; existing ones stay."""
    for detail, value in details.items():
        if detail in product.missing:
            setattr(product, detail, value)
    invite_if_due(account, moment)
    record(session, "portal", "complete product", "portal", account.id)

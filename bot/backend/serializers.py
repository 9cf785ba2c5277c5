"""Turn accounts into answers of the HTTP interface."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.backend import services
from bot.backend.models import Account, Product, Tier
from bot.backend.schemas import (
    AccountOut,
    ApplicationOut,
    InvoiceOut,
    MembershipOut,
    MigrationOut,
    PointsOut,
    ProductOut,
    ProductsOut,
    TierIdentity,
    TierName,
    TierOut,
    TiersOut,
)


def application_of(account: Account) -> ApplicationOut:
    """Describe an account's application."""
    application = account.application
    return ApplicationOut(
        state=services.application_state(application),
        submitted_at=application.submitted_at,
        due_on=services.due_on(application.submitted_at),
        verified_at=application.verified_at,
        activated_at=application.activated_at,
        vat_payer=application.vat_payer,
        documents=application.documents,
        documents_wanted=services.documents_wanted(application),
        old_email_given=bool(application.old_email),
    )


def products_of(session: Session, account: Account) -> ProductsOut:
    """Describe an account's products, and what may be migrated."""
    waiting = services.old_products(session, account)
    migration = MigrationOut(status=services.migration_status(account, waiting), waiting=len(waiting))
    return ProductsOut(products=[_product(product) for product in account.products], migration=migration)


def points_of(account: Account) -> PointsOut:
    """Describe an account's points."""
    points = services.points_of(account)
    return PointsOut(
        total=points.total,
        waiting=points.waiting,
        waiting_products=points.waiting_products,
        invited_at=account.invited_at,
    )


def tiers_of(session: Session, account: Account) -> TiersOut:
    """Describe all tiers, and which of them an account's points open."""
    total, every = services.points_of(account).total, services.tiers(session)
    return TiersOut(
        total=total,
        available=[tier.id for tier in services.available_tiers(every, total)],
        tiers=[
            TierOut(id=tier.id, kind=tier.kind, from_points=tier.from_points, name=_tier_name(tier)) for tier in every
        ],
    )


def membership_of(account: Account, moment: datetime) -> MembershipOut:
    """Describe an account's membership at a given moment."""
    membership = account.membership
    state = services.membership_state(membership, moment)
    if not membership:
        return MembershipOut(
            state=state, tier=None, method=None, number=None, previous_number=None, chosen_at=None, invoice=None
        )
    tier = membership.tier
    invoice = InvoiceOut(number=membership.invoice_number, issued_at=membership.issued_at, due_on=membership.due_on)
    return MembershipOut(
        state=state,
        tier=TierIdentity(id=tier.id, kind=tier.kind, name=_tier_name(tier)),
        method=membership.method,
        number=membership.number,
        previous_number=membership.previous_number,
        chosen_at=membership.chosen_at,
        invoice=None if state == "invoice_coming" else invoice,
    )


def account_of(session: Session, account: Account) -> AccountOut:
    """Describe an account in full."""
    return AccountOut(
        email=account.email,
        name=account.name,
        company=account.company,
        application=application_of(account),
        products=products_of(session, account),
        points=points_of(account),
        tiers=tiers_of(session, account),
        membership=membership_of(account, services.now(session)),
    )


def _product(product: Product) -> ProductOut:
    return ProductOut(
        id=product.id,
        model=product.model,
        serial_number=product.serial_number,
        purchase_date=product.purchase_date,
        purchase_country=product.purchase_country,
        distributor=product.distributor,
        points=product.points,
        origin=product.origin,
        has_tick=product.has_tick,
        missing=product.missing,
    )


def _tier_name(tier: Tier) -> TierName:
    return TierName(lv=tier.name_lv, en=tier.name_en)

"""Create sample accounts in every state of their lifecycle, for the demo page and the tests."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.backend import services
from bot.backend.models import Account, Application, FormerMembership, Membership, Product, Tier

SAMPLE = yaml.safe_load((Path(__file__).parent / "sample.yml").read_text(encoding="utf-8"))


def seed(session: Session, with_accounts: bool = True) -> int:
    """Add the tiers and sample accounts that are missing; return how many were added."""
    known_tiers = set(session.scalars(select(Tier.id)))
    known_emails = set(session.scalars(select(Account.email)))
    tiers = [Tier(**tier) for tier in SAMPLE["tiers"] if tier["id"] not in known_tiers]
    session.add_all(tiers)
    session.flush()  # memberships refer to them
    accounts = [sample for sample in SAMPLE["accounts"] if with_accounts and sample["email"] not in known_emails]
    moment = services.now(session)
    for sample in accounts:
        _add_account(session, sample, moment)
    if with_accounts:
        for former in SAMPLE["former_accounts"]:
            _add_former_account(session, former)
    return len(tiers) + len(accounts)


def _add_former_account(session: Session, sample: dict[str, Any]) -> None:
    if session.get(FormerMembership, sample["old_email"]):
        return
    session.add(FormerMembership(old_email=sample["old_email"], number=sample["number"]))
    session.add_all(Product(**product, old_email=sample["old_email"]) for product in sample.get("products", []))


def _add_account(session: Session, sample: dict[str, Any], moment: datetime) -> None:
    application = _application(sample["application"], moment)
    account = Account(
        email=sample["email"],
        name=sample["name"],
        company=sample["company"],
        application=application,
        products=[Product(**product) for product in sample.get("products", [])],
        membership=_membership(sample["membership"], moment) if "membership" in sample else None,
    )
    session.add(account)
    for product in sample.get("old_products", []):
        session.add(Product(**product, old_email=application.old_email))
    session.flush()
    since = application.activated_at or moment
    services.invite_if_due(account, since)
    if sample.get("migrated"):
        services.migrate_products(session, account, since)


def _application(sample: dict[str, Any], moment: datetime) -> Application:
    return Application(
        vat_payer=sample["vat_payer"],
        documents=sample["documents"],
        old_email=sample.get("old_email"),
        submitted_at=moment - timedelta(days=sample["submitted"]),
        verified_at=_ago(sample, "verified", moment),
        activated_at=_ago(sample, "activated", moment),
        rejected_at=_ago(sample, "rejected", moment),
    )


def _membership(sample: dict[str, Any], moment: datetime) -> Membership:
    chosen_at = moment - timedelta(days=sample["chosen"])
    issued_at, due_on = services.invoice_dates(chosen_at)
    return Membership(
        tier_id=sample["tier"],
        method=sample["method"],
        number=sample["number"],
        previous_number=sample.get("previous_number"),
        chosen_at=chosen_at,
        invoice_number=sample["invoice"],
        issued_at=issued_at,
        due_on=due_on,
        paid_at=_ago(sample, "paid", moment),
    )


def _ago(sample: dict[str, Any], what: str, moment: datetime) -> datetime | None:
    return moment - timedelta(days=sample[what]) if what in sample else None

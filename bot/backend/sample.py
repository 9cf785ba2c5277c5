"""Sample accounts in different states, for the demo page and the tests."""

from pathlib import Path

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.backend.models import Account, Product, Tier

SAMPLE = yaml.safe_load((Path(__file__).parent / "sample.yml").read_text(encoding="utf-8"))


def seed(session: Session, with_accounts: bool = True) -> int:
    """Add the tiers, and the sample accounts, that are not there yet; return how many were added."""
    known_tiers = set(session.scalars(select(Tier.id)))
    known_emails = set(session.scalars(select(Account.email)))
    new: list[Tier | Account] = [Tier(**tier) for tier in SAMPLE["tiers"] if tier["id"] not in known_tiers]
    for sample in SAMPLE["accounts"] if with_accounts else []:
        if sample["email"] not in known_emails:
            products = [Product(**product) for product in sample["products"]]
            new.append(
                Account(email=sample["email"], name=sample["name"], company=sample["company"], products=products)
            )
    session.add_all(new)
    return len(new)

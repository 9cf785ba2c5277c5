"""Define a customer's account as typed objects, for the actions and the desk alike."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, StrictBool, StrictInt


class Points(BaseModel):
    """Points that count, and points that wait until their products have a green tick."""

    total: StrictInt
    waiting: StrictInt


class Application(BaseModel):
    """The application for the business account."""

    state: Literal["received", "documents_missing", "verified", "active", "rejected"]
    submitted_at: datetime
    due_on: date
    verified_at: datetime | None
    activated_at: datetime | None
    documents_wanted: list[str]


class Product(BaseModel):
    """A product, and the details that it lacks for its green tick."""

    model: str
    points: StrictInt
    has_tick: StrictBool
    missing: list[str]


class Migration(BaseModel):
    """Whether the blue button is there, or why not, and the number of products that can be migrated."""

    status: Literal["ready", "not_active", "no_old_email", "nothing_to_migrate", "migrated"]
    waiting: StrictInt


class Products(BaseModel):
    """The account's products."""

    products: list[Product]
    migration: Migration


class TierName(BaseModel):
    """A tier's name in both languages."""

    lv: str
    en: str


class Tier(BaseModel):
    """A tier."""

    id: str
    kind: Literal["individual", "corporate"]
    name: TierName


class OpenTier(Tier):
    """A tier, and the points that it requires."""

    from_points: StrictInt


class Tiers(BaseModel):
    """All tiers, the lowest first, and the ids of those that the customer may choose."""

    total: StrictInt
    available: list[str]
    tiers: list[OpenTier]


class Invoice(BaseModel):
    """The membership's invoice."""

    number: str
    issued_at: datetime
    due_on: date


class Membership(BaseModel):
    """The CPS membership and its payment."""

    state: Literal["none", "invoice_coming", "open", "overdue", "paid"]
    tier: Tier | None
    method: Literal["card", "transfer"] | None
    number: str | None
    previous_number: str | None
    chosen_at: datetime | None
    invoice: Invoice | None

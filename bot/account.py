"""Define a customer's account as typed objects with their rules, for the actions and the desk alike."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, StrictBool, StrictInt

from bot.wording import listed, read_data


class Points(BaseModel):
    """Points that count, and points that wait until their products have a green tick."""

    total: StrictInt
    waiting: StrictInt
    invited_at: datetime | None


class Application(BaseModel):
    """The application for the business account."""

    state: Literal["received", "documents_missing", "verified", "active", "rejected"]
    submitted_at: datetime
    due_on: date
    verified_at: datetime | None
    activated_at: datetime | None
    vat_payer: StrictBool
    documents: list[str]
    documents_wanted: list[str]
    old_email_given: StrictBool

    def is_late(self, day: date) -> bool:
        """Tell whether the check of the application is overdue on a day."""
        return self.state == "received" and self.due_on < day


class Product(BaseModel):
    """A product, and the details that it lacks for its green tick."""

    model: str
    points: StrictInt
    origin: str
    has_tick: StrictBool
    missing: list[str]

    def missing_named(self, language: str) -> str:
        """Return the names of the missing details as a list in a sentence; details without a name are left out."""
        names = read_data("account/words.yml")["detail"]
        return listed([names[detail][language] for detail in self.missing if detail in names], language)


class Migration(BaseModel):
    """Whether the blue button is there, or why not, and the number of products that can be migrated."""

    status: Literal["ready", "not_active", "no_old_email", "nothing_to_migrate", "migrated"]
    waiting: StrictInt


class Products(BaseModel):
    """The account's products."""

    products: list[Product]
    migration: Migration

    @property
    def without_tick(self) -> list[Product]:
        """The products that lack a detail."""
        return [product for product in self.products if not product.has_tick]


class TierName(BaseModel):
    """A tier's name in both languages."""

    lv: str
    en: str


class Tier(BaseModel):
    """A tier."""

    id: str
    kind: Literal["individual", "corporate"]
    name: TierName

    def named(self, language: str) -> str:
        """Return the tier's name in a language."""
        name: str = getattr(self.name, language)
        return name


class OpenTier(Tier):
    """A tier, and the points that it requires."""

    from_points: StrictInt


class Tiers(BaseModel):
    """All tiers, the lowest first, and the ids of those that the customer may choose."""

    total: StrictInt
    available: list[str]
    tiers: list[OpenTier]

    @property
    def open(self) -> list[OpenTier]:
        """The tiers that the customer may choose."""
        return [tier for tier in self.tiers if tier.id in self.available]

    @property
    def has_corporate(self) -> bool:
        """Whether a corporate tier is among those that the customer may choose."""
        return any(tier.kind == "corporate" for tier in self.open)

    @property
    def next(self) -> tuple[OpenTier, int] | None:
        """The next tier and the points that it still takes, or None if there is none."""
        closed = [tier for tier in self.tiers if tier.id not in self.available and tier.from_points > self.total]
        following = min(closed, key=lambda tier: tier.from_points, default=None)
        return (following, following.from_points - self.total) if following else None


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

    @property
    def payment(self) -> str:
        """The state of the payment; of an open invoice, how it is paid."""
        return self.method or "card" if self.state == "open" else self.state


class Account(BaseModel):
    """The whole account of one customer."""

    email: str
    name: str
    company: str
    application: Application
    products: Products
    points: Points
    tiers: Tiers
    membership: Membership

"""Look at a customer's account: the desk's only door to the account system, which records every look."""

import re
from datetime import date, datetime
from typing import Literal
from urllib.parse import urlencode

from pydantic import BaseModel, StrictBool, StrictInt

from bot.desk.models import Agent
from bot.http import NotFound, Service
from bot.settings import Settings

HANDLE = r"[A-Za-z0-9_.@-]{1,80}"  # how the audit trail may name an agent
UNKNOWN_EMAIL = "urn:cps:unknown-email"

Purpose = Literal["script", "conversation"]


class UnknownCustomer(Exception):
    """No account has this e-mail address."""


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


class Product(BaseModel):
    """A product, and what keeps it from its green tick."""

    model: str
    points: StrictInt
    origin: str
    has_tick: StrictBool
    missing: list[str]


class Migration(BaseModel):
    """Whether the blue button is there, or why not, and how many products wait for it."""

    status: Literal["ready", "not_active", "no_old_email", "nothing_to_migrate", "migrated"]
    waiting: StrictInt


class Products(BaseModel):
    """The account's products."""

    products: list[Product]
    migration: Migration


class Points(BaseModel):
    """Points that count, and points that wait until their products have a green tick."""

    total: StrictInt
    waiting: StrictInt
    invited_at: datetime | None


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
    """A tier, and the points that open it."""

    from_points: StrictInt


class Tiers(BaseModel):
    """All tiers, the lowest first, and the ids of those that the account may choose."""

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


class Overview(BaseModel):
    """All of one customer's account."""

    email: str
    name: str
    company: str
    application: Application
    products: Products
    points: Points
    tiers: Tiers
    membership: Membership


class Accounts:
    """The account system, as far as agents may look."""

    def __init__(self, settings: Settings) -> None:
        """Take address and key from the settings."""
        key = settings.agents_key.get_secret_value()
        self._service = Service(settings.backend_address, {"x-agents-key": key})

    def read(self, email: str, agent: Agent, purpose: Purpose) -> Overview:
        """Return a customer's account; raise UnknownCustomer, or ServiceError where it cannot be read."""
        headers = {"x-agent": handle(agent), "x-purpose": purpose}
        path = "/v1/agents/account?" + urlencode({"email": email})
        try:
            return self._service.read(Overview, "GET", path, headers=headers)
        except NotFound as error:
            if error.kind == UNKNOWN_EMAIL:
                raise UnknownCustomer from None
            raise  # an account system that has no look for agents


def handle(agent: Agent) -> str:
    """Return how the audit trail names an agent: the e-mail address, or the number where that does not fit."""
    return agent.email if re.fullmatch(HANDLE, agent.email) else f"agent-{agent.id}"

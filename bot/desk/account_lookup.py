"""Look at a customer's account: the desk's only way into the account system, which records every look."""

import re
from datetime import datetime
from typing import Literal
from urllib.parse import urlencode

from pydantic import BaseModel, StrictBool

from bot import account
from bot.account import Membership, Migration, OpenTier
from bot.conversations.models import Agent
from bot.http import NotFound, Service
from bot.settings import Settings

HANDLE = r"[A-Za-z0-9_.@-]{1,80}"  # how the audit trail may name an agent
UNKNOWN_EMAIL = "urn:cps:unknown-email"

Purpose = Literal["script", "conversation"]


class UnknownCustomer(Exception):
    """No account has this e-mail address."""


class Application(account.Application):
    """The application, with the documents that were handed in."""

    vat_payer: StrictBool
    documents: list[str]
    old_email_given: StrictBool


class Product(account.Product):
    """A product, and how it came into the account."""

    origin: str


class Products(BaseModel):
    """The account's products."""

    products: list[Product]
    migration: Migration


class Points(account.Points):
    """The points, and when the invitation was sent."""

    invited_at: datetime | None


class Tiers(BaseModel):
    """All tiers, the lowest first, and the ids of the tiers that the account may choose."""

    available: list[str]
    tiers: list[OpenTier]


class Overview(BaseModel):
    """The whole account of one customer."""

    email: str
    name: str
    company: str
    application: Application
    products: Products
    points: Points
    tiers: Tiers
    membership: Membership


class AgentAccounts:
    """The part of the account system that agents may read."""

    def __init__(self, settings: Settings) -> None:
        """Take address and key from the settings."""
        key = settings.agents_key.get_secret_value()
        self._service = Service(settings.backend_address, {"x-agents-key": key})

    def read(self, email: str, agent: Agent, purpose: Purpose) -> Overview:
        """Return a customer's account; raise UnknownCustomer, or ServiceError if the account cannot be read."""
        headers = {"x-agent": handle(agent), "x-purpose": purpose}
        path = "/v1/agents/account?" + urlencode({"email": email})
        try:
            return self._service.read(Overview, "GET", path, headers=headers)
        except NotFound as error:
            if error.kind == UNKNOWN_EMAIL:
                raise UnknownCustomer from None
            raise  # an account system without look-ups for agents


def handle(agent: Agent) -> str:
    """Return how the audit trail names an agent: by number where an issuer, and not we, vouches for the address."""
    is_ours = not agent.subject and re.fullmatch(HANDLE, agent.email)
    return agent.email if is_ours else f"agent-{agent.id}"

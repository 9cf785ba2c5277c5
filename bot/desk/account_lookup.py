"""Look at a customer's account: the desk's only way into the account system, which records every look."""

import re
from typing import Literal
from urllib.parse import urlencode

from bot.account import Account
from bot.conversations.models import Agent
from bot.http import NotFound, Service
from bot.settings import Settings

HANDLE = r"[A-Za-z0-9_.@-]{1,80}"  # how the audit trail may name an agent
UNKNOWN_EMAIL = "urn:cps:unknown-email"

Purpose = Literal["script", "conversation"]


class UnknownCustomer(Exception):
    """No account has this e-mail address."""


class AgentAccounts:
    """The part of the account system that agents may read."""

    def __init__(self, settings: Settings) -> None:
        """Take address and key from the settings."""
        key = settings.agents_key.get_secret_value()
        self._service = Service(settings.backend_address, {"x-agents-key": key})

    def read(self, email: str, agent: Agent, purpose: Purpose) -> Account:
        """Return a customer's account; raise UnknownCustomer, or ServiceError if the account cannot be read."""
        headers = {"x-agent": handle(agent), "x-purpose": purpose}
        path = "/v1/agents/account?" + urlencode({"email": email})
        try:
            return self._service.read(Account, "GET", path, headers=headers)
        except NotFound as error:
            if error.kind == UNKNOWN_EMAIL:
                raise UnknownCustomer from None
            raise  # an account system without look-ups for agents


def handle(agent: Agent) -> str:
    """Return how the audit trail names an agent: by number where an issuer, and not we, vouches for the address."""
    is_ours = not agent.subject and re.fullmatch(HANDLE, agent.email)
    return agent.email if is_ours else f"agent-{agent.id}"

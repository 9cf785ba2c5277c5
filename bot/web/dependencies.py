"""What the endpoints of the chat and the desk share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from bot.conversations import lifecycle
from bot.conversations.contacts import Contacts
from bot.conversations.files import Files
from bot.conversations.masking import Masking
from bot.conversations.models import Conversation
from bot.conversations.subscriptions import Subscriptions
from bot.conversations.support_hours import SupportHours
from bot.database import Database
from bot.settings import Settings
from bot.web.account_access import CustomerAccounts
from bot.web.dispatcher import RasaDispatcher
from bot.web.events import EventBus
from bot.web.limits import Limits
from bot.web.mail_status import MailStatus
from bot.web.proxy_check import ProxyCheck
from bot.web.typing_indicators import TypingIndicators
from bot.website import Website

MAX_HOST_LENGTH = 100  # characters


@dataclass
class AppState:
    """The objects that the endpoints work with, one set per process."""

    settings: Settings
    database: Database
    accounts: CustomerAccounts
    bus: EventBus
    dispatcher: RasaDispatcher
    limits: Limits
    website: Website
    support_hours: SupportHours
    typing_indicators: TypingIndicators
    masking: Masking
    proxy_check: ProxyCheck
    contacts: Contacts
    mail_status: MailStatus
    files: Files
    subscribed: Subscriptions


def _app_state(request: Request) -> AppState:
    app: AppState = request.app.state.shared
    return app


AppStateDep = Annotated[AppState, Depends(_app_state)]


@contextmanager
def changing(app: AppState, conversation_id: str) -> Iterator[tuple[Session, Conversation]]:
    """Lock an open conversation for a change; afterwards wake its event streams and the dispatcher."""
    with app.database.write() as session:
        yield session, lifecycle.lock(session, conversation_id)
    app.bus.publish(conversation_id)
    app.dispatcher.enqueue(conversation_id)


def address_of(request: Request) -> str:
    """Return whom a limit of an address counts: an IPv4 address, or the /64 network of an IPv6 address.

    Whoever has one IPv6 address usually has all of its /64 network.
    """
    host = request.client.host if request.client else ""
    address = _ip_address(host)
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address) >> 64 << 64, 64)))
    return str(address or host[:MAX_HOST_LENGTH])


def public_address_of(request: Request) -> str | None:
    """Return the same, or None where it may be that of a proxy, behind which are all customers."""
    address = _ip_address(request.client.host if request.client else "")
    return address_of(request) if address and address.is_global else None


def _ip_address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:  # a proxy may pass on anything
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def clean(typed: str) -> str:
    """Remove what no database stores: null characters and lone surrogates."""
    return typed.encode("utf-8", "ignore").decode().replace("\x00", "").strip()

"""What the endpoints of chat and desk work with."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from bot.conversations.masking import Masking
from bot.conversations.support_hours import Office
from bot.database import Database
from bot.settings import Settings
from bot.web.account_access import Accounts
from bot.web.dispatcher import Courier
from bot.web.events import Bells
from bot.web.limits import Limits
from bot.web.typing_indicators import Typists
from bot.website import Website


@dataclass
class Chat:
    """What the endpoints work with; one for the whole process."""

    settings: Settings
    database: Database
    accounts: Accounts
    bells: Bells
    courier: Courier
    limits: Limits
    website: Website
    office: Office
    typists: Typists
    masking: Masking


def _chat(request: Request) -> Chat:
    chat: Chat = request.app.state.chat
    return chat


ChatNow = Annotated[Chat, Depends(_chat)]


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def clean(typed: str) -> str:
    """Take out what no database stores: null characters, and halves of characters."""
    return typed.encode("utf-8", "ignore").decode().replace("\x00", "").strip()

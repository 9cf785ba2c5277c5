"""What the endpoints of the chat work with."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.chat import conversations
from bot.chat.accounts import Accounts
from bot.chat.courier import Bells, Courier
from bot.chat.limits import Limits
from bot.chat.masking import Masking
from bot.chat.models import Conversation
from bot.chat.office import Office
from bot.chat.typists import Typists
from bot.chat.words import detail
from bot.database import Database
from bot.problems import problem
from bot.settings import Settings
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


def _conversation(
    chat: ChatNow,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(HTTPBearer(auto_error=False))],
) -> Conversation:
    with chat.database.read() as session:
        conversation = conversations.find_conversation(session, bearer.credentials) if bearer else None
    if not conversation:
        raise problem(401, "no-session", "The session token is missing or unknown", {"www-authenticate": "Bearer"})
    return conversation


Mine = Annotated[Conversation, Depends(_conversation)]
NO_SESSION = (401, "The session token is missing or unknown")
TOO_MANY = (429, "Too many in too short a time")
UNREACHABLE = (503, "The account system cannot be reached")


def refuse(status: int, name: str, language: str, again: int | None = None, **values: Any) -> Exception:
    """Make a problem whose detail a customer can read; `again` is after how many seconds to try again."""
    kind = name.replace("_", "-")
    headers = {"retry-after": str(again)} if again else None
    return problem(status, kind, kind.replace("-", " ").capitalize(), headers, detail=detail(name, language, **values))


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def clean(typed: str) -> str:
    """Take out what no database stores: null characters, and halves of characters."""
    return typed.encode("utf-8", "ignore").decode().replace("\x00", "").strip()


def check_message_limit(chat: ChatNow, conversation: Mine, request: Request) -> None:
    """Refuse one request too many, from this conversation or from this address."""
    if not chat.limits.allow_message(conversation.id, address_of(request)):
        raise refuse(429, "too_many", conversation.language)


Limited = [Depends(check_message_limit)]

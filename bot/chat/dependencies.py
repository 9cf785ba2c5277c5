"""What the customers' endpoints share: the conversation of a session token, limits, and refusals."""

from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.chat.words import detail
from bot.conversations import lifecycle
from bot.conversations.models import Conversation
from bot.problems import problem
from bot.web.dependencies import AppStateDep, address_of


def _conversation(
    app: AppStateDep,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(HTTPBearer(auto_error=False))],
) -> Conversation:
    with app.database.read() as session:
        conversation = lifecycle.find_conversation(session, bearer.credentials) if bearer else None
    if not conversation:
        raise problem(401, "no-session", "The session token is missing or unknown", {"www-authenticate": "Bearer"})
    return conversation


CurrentConversation = Annotated[Conversation, Depends(_conversation)]
NO_SESSION = (401, "The session token is missing or unknown")
TOO_MANY = (429, "Too many in too short a time")
UNREACHABLE = (503, "The account system cannot be reached")


def refuse(status: int, name: str, language: str, again: int | None = None, **values: Any) -> Exception:
    """Make a problem whose detail a customer can read; `again` is the number of seconds after which to retry."""
    kind = name.replace("_", "-")
    headers = {"retry-after": str(again)} if again else None
    return problem(status, kind, kind.replace("-", " ").capitalize(), headers, detail=detail(name, language, **values))


def check_message_limit(app: AppStateDep, conversation: CurrentConversation, request: Request) -> None:
    """Count a request; refuse it if this conversation or this address has sent too many."""
    if wait := app.limits.count_message(conversation.id, address_of(request)):
        raise refuse(429, "too_many", conversation.language, again=wait)


def check_replay_limit(app: AppStateDep, conversation: CurrentConversation, request: Request) -> None:
    """Count a request that reads the whole conversation; refuse it if there were too many."""
    if wait := app.limits.count_replay(conversation.id, address_of(request)):
        raise refuse(429, "too_many", conversation.language, again=wait)


def check_poll_limit(app: AppStateDep, conversation: CurrentConversation, request: Request) -> None:
    """Count a request that asks for news; refuse it if there were too many."""
    if wait := app.limits.count_poll(conversation.id, address_of(request)):
        raise refuse(429, "too_many", conversation.language, again=wait)


RateLimited = [Depends(check_message_limit)]
ReplayLimited = [Depends(check_replay_limit)]
PollLimited = [Depends(check_poll_limit)]

"""The chat's HTTP interface for files: a picture or a PDF that a customer sends to a person."""

from typing import Annotated
from urllib.parse import unquote

import structlog
from anyio import to_thread
from fastapi import APIRouter, Header, Path, Query, Request, Response

from bot.chat.dependencies import NO_SESSION, TOO_MANY, CurrentConversation, RateLimited, ReplayLimited, refuse
from bot.chat.schemas import CLIENT_ID, StoredOut
from bot.conversations import handoff, identity, notices, transitions
from bot.conversations.files import MAX_FILES, TYPES, cleaned
from bot.conversations.models import Conversation, Message
from bot.database import HIGHEST_ID
from bot.problems import documented
from bot.web.dependencies import AppState, AppStateDep, changing, clean
from bot.web.fair_limiter import FairLimiter
from bot.web.sent_files import send_file
from bot.wording import tidy

log = structlog.get_logger()
router = APIRouter(prefix="/api/conversation/files")
MAX_NAME = 100  # characters
MAX_ENCODED = 12 * MAX_NAME  # four bytes of three characters each
AT_ONCE, OF_AN_ADDRESS = 10, 2  # files that are held in memory at the same time, and those of one address
BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"format": "binary"}}}}}


@router.post(
    "",
    status_code=201,
    response_model_exclude_none=True,
    dependencies=RateLimited,
    openapi_extra=BODY,
    responses=documented(
        NO_SESSION,
        (409, "The customer is talking to the assistant alone, which says so in the chat"),
        (413, "The file is too large"),
        (422, "It is no JPEG, PNG or PDF, or it is broken"),
        TOO_MANY,
        (507, "There is no room for files at the moment"),
    ),
)
async def send(
    request: Request,
    conversation: CurrentConversation,
    app: AppStateDep,
    client_id: Annotated[str, Query(**CLIENT_ID)],
    x_file_name: Annotated[str, Header(max_length=MAX_ENCODED)] = "",
) -> StoredOut:
    """Send a picture or a PDF to the person who has the conversation, once; pictures lose their metadata.

    The name is percent-encoded, in a header, so that no proxy logs it.
    """
    await to_thread.run_sync(_check, app, conversation)  # before 10 MB are read
    uploads: FairLimiter = request.app.state.uploads
    async with uploads.turn(conversation.network_hash or conversation.id):
        content = await request.body()
        return await to_thread.run_sync(_send, app, conversation, client_id, unquote(x_file_name), content)


def _check(app: AppState, conversation: Conversation) -> None:
    if conversation.owner not in transitions.WITH_PEOPLE:
        with changing(app, conversation.id) as (session, mine):
            notices.add_notice_once(session, mine, "no_pictures", "ask_person")
        raise refuse(409, "nobody_to_look", conversation.language)
    if not app.files.has_room():
        log.error("no_room_for_files")
        raise refuse(507, "no_room", conversation.language)


def _send(app: AppState, conversation: Conversation, client_id: str, name: str, content: bytes) -> StoredOut:
    language = conversation.language
    found = cleaned(content)
    if not found:
        raise refuse(422, "wrong_file", language)
    kind, kept = found
    title = tidy(clean(name).replace("/", " "), MAX_NAME) or f"file.{kind}"
    stored = app.files.keep(kind, kept)
    taken = False
    try:
        with changing(app, conversation.id) as (session, mine):
            identity.seen(mine, app.settings.access_idle)
            if handoff.count_files(session, mine) >= MAX_FILES:
                raise refuse(429, "too_many_files", language)
            message, taken = handoff.customer_sends(session, mine, client_id, title, stored, app.masking.hide(title))
    except transitions.InvalidTransition:
        raise refuse(409, "nobody_to_look", language) from None
    finally:
        if not taken:  # refused, or a repeat
            app.files.remove([stored])
    return StoredOut(id=message.id)


@router.get(
    "/{message_id}",
    dependencies=ReplayLimited,
    responses=documented(NO_SESSION, (404, "There is no such file in this conversation"), TOO_MANY)
    | {200: {"content": {kind: {} for kind in TYPES.values()}, "description": "The file"}},
    response_class=Response,
)
def read(
    message_id: Annotated[int, Path(ge=1, le=HIGHEST_ID)], conversation: CurrentConversation, app: AppStateDep
) -> Response:
    """Return a file of this conversation."""
    with app.database.read() as session:
        return send_file(app.files, session.get(Message, message_id), conversation.id)

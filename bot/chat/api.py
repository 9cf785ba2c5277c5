"""The chat's HTTP interface for the widget; docs/chat.openapi.json is its published contract."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session

from bot.chat.dependencies import NO_SESSION, TOO_MANY, CurrentConversation, RateLimited, refuse
from bot.chat.home import step_at
from bot.chat.identity_api import use_secret
from bot.chat.schemas import (
    ChoiceIn,
    ChoiceOut,
    ConversationOut,
    FileOut,
    IdentityOut,
    Language,
    LanguageIn,
    MessageIn,
    MessageOut,
    PictureOut,
    QueueOut,
    StateOut,
    StoredOut,
)
from bot.conversations import files, handoff, identity, lifecycle, messages, pictures, queue, subscriptions, turns
from bot.conversations.masking import DOTS, hide_code
from bot.conversations.models import Choice, Conversation, Message
from bot.conversations.privacy import COMMANDS, make_request
from bot.database import HIGHEST_ID
from bot.problems import documented
from bot.web import drawings
from bot.web.dependencies import AppState, AppStateDep, address_of, changing, clean, public_address_of

router = APIRouter(prefix="/api")
TRY_AGAIN = 10  # seconds after which there may be room for another message


@router.post("/conversations", status_code=201, responses=documented(TOO_MANY))
def open_conversation(body: LanguageIn, app: AppStateDep, request: Request) -> ConversationOut:
    """Begin a conversation; the assistant's greeting arrives by the event stream."""
    if wait := app.limits.count_conversation(address_of(request)):
        raise refuse(429, "too_many", body.language, again=wait)
    address = public_address_of(request)
    app.proxy_check.see(address)
    with app.database.write() as session:
        token, conversation = lifecycle.open_conversation(session, body.language, address)
    app.dispatcher.enqueue(conversation.id)
    return ConversationOut(token=token, language=body.language)


@router.get("/conversation", responses=documented(NO_SESSION))
def read_state(conversation: CurrentConversation, app: AppStateDep) -> StateOut:
    """Return what the widget shows around the messages."""
    with app.database.read() as session:
        return state_of(app, session, conversation)


@router.delete("/conversation", status_code=204, responses=documented(NO_SESSION))
def log_out(conversation: CurrentConversation, app: AppStateDep) -> Response:
    """End this conversation, with what was confirmed in it: its token opens nothing from now on."""
    with changing(app, conversation.id) as (session, mine):
        ended = mine.access_token
        lifecycle.close_conversation(session, mine)
    app.accounts.end_quietly(ended)
    return Response(status_code=204)


@router.post(
    "/conversation/messages",
    status_code=201,
    response_model_exclude_none=True,
    dependencies=RateLimited,
    responses=documented(NO_SESSION, (413, "The message is too long"), (422, "The message is empty"), TOO_MANY)
    | {200: {"model": StoredOut, "description": "A repeat: the message was stored before"}},
)
def send_message(
    body: MessageIn, conversation: CurrentConversation, app: AppStateDep, request: Request, response: Response
) -> StoredOut:
    """Store what the customer typed, once, and have it answered."""
    text, limit = clean(body.text), app.settings.message_length
    if not text:
        raise refuse(422, "empty", conversation.language)
    if len(text) > limit:
        raise refuse(413, "too_long", conversation.language, length=len(text), limit=limit)
    secret = identity.given(conversation, text)
    if secret:
        text = text.replace(secret, DOTS)
    elif conversation.identity == "code":  # a person may ask for the e-mail address, but not for a code
        text = hide_code(text)
    masked = app.masking.hide(text)
    for_rasa = None if secret else messages.as_text(masked)
    stored, is_new = _store(app, conversation, body.client_id, text, for_rasa, response, masked=masked)
    if secret and is_new:
        stored.token = use_secret(app, conversation, address_of(request), secret)
    return stored


@router.post(
    "/conversation/choices",
    status_code=201,
    response_model_exclude_none=True,
    dependencies=RateLimited,
    responses=documented(NO_SESSION, (404, "There is no such button in this conversation"), TOO_MANY)
    | {200: {"model": StoredOut, "description": "A repeat: the choice was stored before"}},
)
def choose(body: ChoiceIn, conversation: CurrentConversation, app: AppStateDep, response: Response) -> StoredOut:
    """Store the button that the customer chose, once, and have it answered."""
    with app.database.read() as session:
        choice = messages.find_choice(session, conversation, body.choice)
    if not choice:
        raise refuse(404, "no_such_choice", conversation.language)
    command = messages.command_of(choice)
    for_rasa = None if command else choice.payload
    stored, _ = _store(app, conversation, body.client_id, choice.title, for_rasa, response, command)
    return stored


@router.post(
    "/conversation/answers/{answer_id}/unhelpful",
    status_code=204,
    dependencies=RateLimited,
    responses=documented(NO_SESSION, (404, "There is no such answer in this conversation"), TOO_MANY),
)
def mark_unhelpful(
    answer_id: Annotated[int, Path(ge=1, le=HIGHEST_ID)], conversation: CurrentConversation, app: AppStateDep
) -> Response:
    """Say that an answer of the assistant did not help; other questions and a person are offered, once."""
    with changing(app, conversation.id) as (session, mine):
        if not turns.note_unhelpful(session, mine, answer_id):
            raise refuse(404, "no_such_answer", mine.language)
    return Response(status_code=204)


@router.put(
    "/conversation/language", status_code=204, dependencies=RateLimited, responses=documented(NO_SESSION, TOO_MANY)
)
def set_language(body: LanguageIn, conversation: CurrentConversation, app: AppStateDep) -> Response:
    """Go on in another language."""
    with changing(app, conversation.id) as (session, mine):
        if mine.language != body.language:
            _check_room(session, mine)
            mine.language = body.language
            messages.tell_rasa(session, mine, f'/set_language{{"language": "{body.language}"}}')
    return Response(status_code=204)


@router.post(
    "/conversation/identity", status_code=204, dependencies=RateLimited, responses=documented(NO_SESSION, TOO_MANY)
)
def begin_identity(conversation: CurrentConversation, app: AppStateDep) -> Response:
    """Ask the customer who they are, so that they find their conversation of another device."""
    with changing(app, conversation.id) as (_, mine):
        if mine.identity == "none":
            identity.ask_identity(mine, "")
    return Response(status_code=204)


@router.post("/conversation/restart", status_code=201, responses=documented(NO_SESSION, TOO_MANY))
def restart(conversation: CurrentConversation, app: AppStateDep, request: Request) -> ConversationOut:
    """End this conversation, with what was confirmed in it, and begin a new one."""
    if wait := app.limits.count_conversation(address_of(request)):
        raise refuse(429, "too_many", conversation.language, again=wait)
    with app.database.write() as session:
        mine = lifecycle.lock(session, conversation.id)
        ended = mine.access_token
        lifecycle.close_conversation(session, mine)
        token, new = lifecycle.open_conversation(session, mine.language, public_address_of(request))
    app.bus.publish(conversation.id)
    app.dispatcher.enqueue(new.id)
    app.accounts.end_quietly(ended)
    return ConversationOut(token=token, language=_language(new))


def _store(
    app: AppState,
    conversation: Conversation,
    client_id: str,
    text: str,
    for_rasa: str | None,
    response: Response,
    command: str | None = None,
    masked: str | None = None,
) -> tuple[StoredOut, bool]:
    with changing(app, conversation.id) as (session, mine):
        identity.seen(mine, app.settings.access_idle)
        if for_rasa and not messages.find_sent(session, mine, client_id):
            _check_room(session, mine)
        message, is_new = handoff.customer_says(session, mine, client_id, text, for_rasa, masked)
        if is_new and command in COMMANDS:
            make_request(session, mine, command, identity.confirmed_email(mine, app.settings.access_idle))
        elif is_new and command == subscriptions.COMMAND:
            app.subscribed.ask(session, mine, identity.confirmed_email(mine, app.settings.access_idle))
        elif is_new and command:
            handoff.handle_command(session, mine, command, app.support_hours)
        app.typing_indicators.stop(conversation.id, "customer")
    if not is_new:
        response.status_code = 200
    return StoredOut(id=message.id), is_new


def _check_room(session: Session, conversation: Conversation) -> None:
    if conversation.owner == "assistant" and messages.is_full(session, conversation):
        raise refuse(429, "too_many_open", conversation.language, again=TRY_AGAIN)


def _language(conversation: Conversation) -> Language:
    return "en" if conversation.language == "en" else "lv"


def state_of(app: AppState, session: Session, conversation: Conversation) -> StateOut:
    """Return what the widget shows around the messages."""
    confirmed = conversation.identity == "confirmed"
    expired = confirmed and not identity.access_of(conversation, app.settings.access_idle)
    by_assistant = conversation.owner == "assistant"
    assistant_types = by_assistant and conversation.id in app.dispatcher.typing
    waits = conversation.owner == "waiting"
    closing = handoff.last_closing(session, conversation) if conversation.owner == "closed" else None
    turn = turns.newest(session, conversation) if by_assistant else None
    return StateOut(
        language=_language(conversation),
        typing=assistant_types or app.typing_indicators.is_typing(conversation.id, "agent"),
        seen=conversation.seen_id,
        agent_delivered=conversation.agent_delivered_id,
        agent_read=conversation.agent_read_id,
        waiting=by_assistant and conversation.id in app.dispatcher.waiting,
        owner=conversation.owner,
        speaker=closing.agent_name if closing else conversation.agent_name,
        queue=QueueOut(place=queue.place_in_queue(session, conversation), minutes=queue.expected_wait(session))
        if waits
        else None,
        wants_ticket=conversation.wants_ticket,
        step=step_at(conversation.place) if by_assistant else None,
        unmarked_answer=turn.answer_id if turn and not turn.unhelpful else None,
        may_rate=closing is not None and closing.score is None,
        may_mail=confirmed and not expired and bool(app.settings.smtp_host and conversation.customer_email),
        identity=IdentityOut(
            state="none" if expired else conversation.identity,
            name=None if expired else conversation.customer_name,
            by_website=not expired and conversation.identity_subject is not None,
        ),
    )


def shown(message: Message, choices: list[Choice]) -> MessageOut:
    """Return a message as the widget gets it."""
    return MessageOut(
        id=message.id,
        author=message.author,
        text=message.text,
        speaker=message.speaker,
        at=message.created_at,
        client_id=message.client_id,
        choices=[
            ChoiceOut(id=choice.id, title=choice.title, command=messages.command_of(choice)) for choice in choices
        ],
        picture=_picture(message.picture),
        file=FileOut.model_validate({"kind": files.kind_of(message.attachment)}) if message.attachment else None,
    )


def _picture(file: str | None) -> PictureOut | None:
    known = pictures.known(file)
    return PictureOut(url=drawings.address(known), alt=pictures.alt(known)) if known else None

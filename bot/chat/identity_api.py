"""The chat's HTTP interface for confirming a customer: by a code sent to an e-mail address, or by a website's token."""

import hashlib
import hmac
from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Request, Response, Security
from fastapi.security import APIKeyHeader
from fastapi_problem.error import Problem
from sqlalchemy.exc import IntegrityError

from bot.chat.dependencies import NO_SESSION, TOO_MANY, UNREACHABLE, CurrentConversation, RateLimited, refuse
from bot.chat.schemas import CodeIn, EmailIn, NameOut, TokenIn
from bot.chat.words import detail
from bot.conversations import handoff, identity, lifecycle, messages, notices, queue
from bot.conversations.masking import is_email
from bot.conversations.models import Conversation
from bot.conversations.words import notice
from bot.http import NotFound, ServiceError
from bot.problems import documented, problem
from bot.web.dependencies import AppState, AppStateDep, address_of, changing, clean
from bot.website import NoKeys, WrongToken

log = structlog.get_logger()
router = APIRouter(prefix="/api/conversation/identity")
internal = APIRouter(prefix="/internal", include_in_schema=False)


@router.post(
    "/email",
    status_code=204,
    dependencies=RateLimited,
    responses=documented(NO_SESSION, (409, "Nothing is to be confirmed"), (422, "Not an e-mail address"), TOO_MANY)
    | documented(UNREACHABLE),
)
def give_email(body: EmailIn, conversation: CurrentConversation, app: AppStateDep, request: Request) -> Response:
    """Have a code sent to an e-mail address; the answer does not tell whether it is known."""
    _send_code(app, conversation, address_of(request), body.email)
    return Response(status_code=204)


@router.post(
    "/code",
    dependencies=RateLimited,
    responses=documented(NO_SESSION, (409, "Nothing is to be confirmed"), (410, "The code is no longer good"))
    | documented((422, "The code is wrong"), TOO_MANY, UNREACHABLE),
)
def give_code(body: CodeIn, conversation: CurrentConversation, app: AppStateDep, request: Request) -> NameOut:
    """Confirm who the customer is; what they asked before is then answered."""
    name = _confirm(app, conversation, address_of(request), body.code)
    app.dispatcher.enqueue(conversation.id)
    return NameOut(name=name)


@router.post(
    "/token",
    dependencies=RateLimited,
    responses=documented(NO_SESSION, (403, "The website's token proves nothing"), TOO_MANY, UNREACHABLE),
)
def give_token(body: TokenIn, conversation: CurrentConversation, app: AppStateDep) -> NameOut:
    """Confirm who the customer is by a token of the website they are logged in to, good for one conversation."""
    name = _accept_token(app, conversation, body.token)
    app.dispatcher.enqueue(conversation.id)
    return NameOut(name=name)


@router.delete("", status_code=204, responses=documented(NO_SESSION))
def end_identity(conversation: CurrentConversation, app: AppStateDep) -> Response:
    """Stop confirming, or make an end of being confirmed."""
    with changing(app, conversation.id) as (session, mine):
        was, ended = mine.identity, mine.access_token
        identity.forget_identity(mine)
        if was == "confirmed":
            identity.forget_told(mine)
            notices.add_notice(session, mine, "logged_out")
        elif was != "none":
            messages.tell_rasa(session, mine, "/identity_cancelled")
    app.accounts.end_quietly(ended)
    return Response(status_code=204)


@internal.get("/conversations/{conversation_id}/access")
def read_access(
    conversation_id: Annotated[str, Path(pattern="^[0-9a-f]{32}$")],
    app: AppStateDep,
    key: Annotated[str | None, Security(APIKeyHeader(name="X-Service-Key", auto_error=False))],
) -> dict[str, str]:
    """Return to our own actions the access of a conversation's confirmed customer."""
    wanted = app.settings.service_key.get_secret_value()
    if not key or not hmac.compare_digest(key.encode(), wanted.encode()):
        raise problem(401, "wrong-key", "The key is missing or wrong")
    with app.database.read() as session:
        conversation = session.get(Conversation, conversation_id)
        is_open = conversation and not conversation.closed_at
        token = identity.access_of(conversation, app.settings.access_idle) if conversation and is_open else None
    if not token:
        raise problem(404, "not-confirmed", "The customer has not shown who they are")
    return {"token": token}


def _send_code(app: AppState, conversation: Conversation, address: str, email: str) -> bool:
    """Have a code sent; return False, and say so in the chat, if e-mail cannot be sent at the moment."""
    language, email = conversation.language, clean(email)
    if conversation.identity not in ("email", "code"):
        raise refuse(409, "not_asked", language)
    if app.limits.must_pause(conversation.id, address):
        raise refuse(429, "pause_codes", language)
    if not is_email(email):
        raise refuse(422, "wrong_email", language)
    if not app.limits.allow_code(address):
        raise refuse(429, "too_many_codes", language)
    try:
        sent = app.accounts.send_code(email, language)
    except ServiceError as error:
        if error.status == 429:
            raise refuse(429, "too_many_codes", language) from None
        raise _unreachable(conversation, error) from None
    with app.database.write() as session:
        mine = lifecycle.lock(session, conversation.id)
        if mine.identity not in ("email", "code"):  # cancelled in the meantime
            raise refuse(409, "not_asked", language)
        identity.code_sent(mine, sent.id, email)
        if sent.delayed:
            notices.add_notice(session, mine, "code_delayed", "ask_person")
    app.mail_status.note(works=not sent.delayed)
    app.bus.publish(conversation.id)
    return not sent.delayed


def _confirm(app: AppState, conversation: Conversation, address: str, typed: str) -> str:
    language = conversation.language
    if conversation.identity != "code" or not conversation.verification_id:
        raise refuse(409, "not_asked", language)
    code = "".join(sign for sign in typed if sign.isascii() and sign.isdigit())
    if len(code) != 6:
        raise refuse(422, "wrong_code", language)
    if not app.limits.begin_try(address):
        raise refuse(429, "pause_codes", language)
    wrong = False
    try:
        access = app.accounts.confirm(conversation.verification_id, code)
    except ServiceError as error:
        wrong = error.status == 422
        if error.status == 410:
            raise refuse(410, "code_spent", language) from None
        if wrong:
            raise refuse(422, "wrong_code", language) from None
        raise _unreachable(conversation, error) from None
    finally:
        app.limits.end_try(conversation.id, address, wrong)
        if wrong and app.limits.must_pause(conversation.id, address):
            _call_person(app, conversation)
    try:
        with app.database.write() as session:
            mine = lifecycle.lock(session, conversation.id)
            if mine.verification_id != conversation.verification_id:  # cancelled in the meantime
                raise refuse(409, "not_asked", language)
            then = identity.confirmed(
                mine, access.token, access.expires_at, access.name, conversation.customer_email or ""
            )
            notices.add_notice(session, mine, "confirmed")
            if then:
                handoff.tell_assistant(session, mine, then)
    except (Problem, lifecycle.Closed):
        app.accounts.end_quietly(access.token)
        raise
    app.bus.publish(conversation.id)
    return access.name


def _call_person(app: AppState, conversation: Conversation) -> None:
    with app.database.write() as session:
        mine = lifecycle.lock(session, conversation.id)
        queue.ask(session, mine, "wrong_codes", app.support_hours)
    app.bus.publish(conversation.id)


def _accept_token(app: AppState, conversation: Conversation, token: str) -> str:
    language = conversation.language
    try:
        assertion = app.website.check(token)
    except WrongToken as wrong:
        log.warning("website_token_refused", conversation=conversation.id, reason=str(wrong))
        raise refuse(403, "wrong_token", language) from None
    except NoKeys:
        raise refuse(503, "unreachable", language) from None
    subject = hashlib.sha256(assertion.email.encode()).hexdigest()
    try:
        with app.database.write() as session:
            mine = lifecycle.lock(session, conversation.id)
            if not identity.use_once(session, mine, assertion):
                raise refuse(403, "wrong_token", language)
            # A reloaded page brings a new token for the same person, for whom nothing changes.
            if mine.identity_subject == subject and identity.access_of(mine, app.settings.access_idle):
                return mine.customer_name or ""
    except IntegrityError:  # used in another conversation at the same moment
        raise refuse(403, "wrong_token", language) from None
    try:
        access = app.accounts.grant(assertion.email)
    except NotFound:
        raise refuse(403, "wrong_token", language) from None
    except ServiceError as error:
        raise _unreachable(conversation, error) from None
    with app.database.write() as session:
        mine = lifecycle.lock(session, conversation.id)
        ended = mine.access_token
        then = identity.confirmed(mine, access.token, access.expires_at, access.name, assertion.email, subject)
        notices.add_notice(session, mine, "confirmed")
        if then:
            handoff.tell_assistant(session, mine, then)
    app.bus.publish(conversation.id)
    app.accounts.end_quietly(ended)
    return access.name


def use_secret(app: AppState, conversation: Conversation, address: str, secret: str) -> None:
    """Use an address or a code that was typed into the chat instead of the form; the result is said in the chat too."""
    try:
        if "@" not in secret:
            _confirm(app, conversation, address, secret)
            return
        if not _send_code(app, conversation, address, secret):
            return
        said = notice("code_sent", conversation.language)
    except Problem as refused:
        said = refused.detail or detail("unreachable", conversation.language)
    with app.database.write() as session:
        messages.add_message(session, lifecycle.lock(session, conversation.id), "notice", said)
    app.bus.publish(conversation.id)


def _unreachable(conversation: Conversation, error: ServiceError) -> Exception:
    log.warning("accounts_unreachable", conversation=conversation.id, reason=str(error))
    return refuse(503, "unreachable", conversation.language)

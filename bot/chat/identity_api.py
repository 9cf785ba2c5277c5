"""The chat's HTTP interface for confirming a customer: by a code sent to an e-mail address, or by a website's token."""

import hashlib
import hmac
from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Request, Response, Security
from fastapi.security import APIKeyHeader
from fastapi_problem.error import Problem
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.chat.dependencies import NO_SESSION, TOO_MANY, UNREACHABLE, CurrentConversation, RateLimited, refuse
from bot.chat.schemas import CodeIn, EmailIn, NameOut, TokenIn
from bot.chat.words import detail
from bot.conversations import handoff, identity, lifecycle, messages, notices, queue, subscriptions
from bot.conversations.masking import is_email
from bot.conversations.models import Conversation
from bot.conversations.privacy import make_request
from bot.conversations.words import notice
from bot.http import NotFound, ServiceError
from bot.problems import documented, problem
from bot.web.account_access import Access
from bot.web.dependencies import AppState, AppStateDep, address_of, changing, clean
from bot.web.limits import HOUR, PAUSE
from bot.website import IdentityAssertion, NoKeys, WrongToken

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
    response_model_exclude_none=True,
    dependencies=RateLimited,
    responses=documented(NO_SESSION, (409, "Nothing is to be confirmed"), (410, "The code is no longer good"))
    | documented((422, "The code is wrong"), TOO_MANY, UNREACHABLE),
)
def give_code(body: CodeIn, conversation: CurrentConversation, app: AppStateDep, request: Request) -> NameOut:
    """Confirm who the customer is; what they asked before is then answered.

    If another customer was confirmed in this conversation, it ends, and the answer names the one in which to go on.
    """
    return _confirm(app, conversation, address_of(request), body.code)


@router.post(
    "/token",
    response_model_exclude_none=True,
    dependencies=RateLimited,
    responses=documented(NO_SESSION, (403, "The website's token proves nothing"), TOO_MANY, UNREACHABLE),
)
def give_token(body: TokenIn, conversation: CurrentConversation, app: AppStateDep) -> NameOut:
    """Confirm who the customer is by a token of the website they are logged in to, good for one conversation.

    If another customer was confirmed in this conversation, it ends; the token is still good for a new one.
    """
    name = _accept_token(app, conversation, body.token)
    app.dispatcher.enqueue(conversation.id)
    return NameOut(name=name)


@router.delete("", status_code=204, responses=documented(NO_SESSION))
def end_identity(conversation: CurrentConversation, app: AppStateDep) -> Response:
    """Stop confirming; where the customer is confirmed, log them out, which ends the conversation."""
    with changing(app, conversation.id) as (session, mine):
        was, ended = mine.identity, mine.access_token
        if was == "confirmed":
            lifecycle.close_conversation(session, mine)
        elif was != "none":
            identity.forget_identity(mine)
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
    decrypted = app.accounts.decrypt(token) if token else None
    if not decrypted:
        raise problem(404, "not-confirmed", "The customer has not shown who they are")
    return {"token": decrypted}


def _send_code(app: AppState, conversation: Conversation, address: str, email: str) -> bool:
    """Have a code sent; return False, and say so in the chat, if e-mail cannot be sent at the moment."""
    language, email = conversation.language, clean(email)
    if conversation.identity not in ("email", "code"):
        raise refuse(409, "not_asked", language)
    if wait := app.limits.pause(conversation.id, address):
        raise refuse(429, "pause_codes", language, again=wait)
    if not is_email(email):
        raise refuse(422, "wrong_email", language)
    if wait := app.limits.count_code(conversation.id, address):
        raise refuse(429, "too_many_codes", language, again=wait)
    try:
        sent = app.accounts.send_code(email, language)
    except ServiceError as error:
        if error.status == 429:
            raise refuse(429, "too_many_codes", language, again=HOUR) from None
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


def _confirm(app: AppState, conversation: Conversation, address: str, typed: str) -> NameOut:
    language = conversation.language
    if conversation.identity != "code" or not conversation.verification_id:
        raise refuse(409, "not_asked", language)
    code = "".join(sign for sign in typed if sign.isascii() and sign.isdigit())
    if len(code) != 6:
        raise refuse(422, "wrong_code", language)
    guess = (conversation.id, address, conversation.customer_email or "")
    if wait := app.limits.begin_try(*guess):
        raise refuse(429, "pause_codes" if wait <= PAUSE else "no_codes_today", language, again=wait)
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
        if not wrong:
            app.limits.take_back_try(*guess)
        elif app.limits.pause(conversation.id, address):
            _call_person(app, conversation)
    try:
        with app.database.write() as session:
            mine = lifecycle.lock(session, conversation.id)
            if mine.verification_id != conversation.verification_id:  # cancelled in the meantime
                raise refuse(409, "not_asked", language)
            email, token, ended = conversation.customer_email or "", None, None
            found = app.contacts.find_open(session, email, mine) if mine.owner == "assistant" else None
            if found and identity.is_somebody_elses(found, email):
                found = None
            if found:
                ended = found.access_token
                token, mine = lifecycle.go_on_in(session, mine, found), found
            elif identity.is_somebody_elses(mine, email):
                token, mine = _begin_anew(session, mine)
            _welcome(app, session, mine, access, email)
            app.contacts.note(session, mine, email)
    except (Problem, lifecycle.Closed):
        app.accounts.end_quietly(access.token)
        raise
    app.accounts.end_quietly(ended)
    app.bus.publish(conversation.id)
    app.bus.publish(mine.id)
    app.dispatcher.enqueue(mine.id)
    return NameOut(name=access.name, token=token, resumed=bool(found))


def _begin_anew(session: Session, conversation: Conversation) -> tuple[str, Conversation]:
    """End a conversation, and begin another one with what was asked before the confirmation."""
    then = conversation.identity_then
    lifecycle.close_conversation(session, conversation)
    token, new = lifecycle.open_conversation(session, conversation.language)
    new.identity_then = then
    return token, new


def _welcome(
    app: AppState, session: Session, conversation: Conversation, access: Access, email: str, subject: str | None = None
) -> None:
    """Store who the customer is, tell them so, and have answered what they asked before."""
    then = identity.confirmed(conversation, access.token, access.expires_at, access.name, email, subject)
    notices.add_notice(session, conversation, "confirmed")
    if then == f"!{subscriptions.COMMAND}":
        app.subscribed.ask(session, conversation, email)
    elif then and then.startswith("!"):
        make_request(session, conversation, then.removeprefix("!"), email)
    elif then:
        handoff.tell_assistant(session, conversation, then)


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
    _make_way(app, conversation, assertion)
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
    try:
        with app.database.write() as session:
            mine = lifecycle.lock(session, conversation.id)
            if identity.is_somebody_elses(mine, assertion.email):  # by now
                raise lifecycle.Closed
            ended = mine.access_token
            _welcome(app, session, mine, access, assertion.email, subject)
            app.contacts.note(session, mine, assertion.email)
    except lifecycle.Closed:
        app.accounts.end_quietly(access.token)
        raise
    app.bus.publish(conversation.id)
    app.accounts.end_quietly(ended)
    return access.name


def _make_way(app: AppState, conversation: Conversation, assertion: IdentityAssertion) -> None:
    """End a conversation in which another customer was confirmed, and raise Closed."""
    with app.database.write() as session:
        mine = lifecycle.lock(session, conversation.id)
        if not identity.is_somebody_elses(mine, assertion.email) or identity.is_spent(session, mine, assertion):
            return
        ended = mine.access_token
        lifecycle.close_conversation(session, mine)
    app.bus.publish(conversation.id)
    app.accounts.end_quietly(ended)
    raise lifecycle.Closed


def use_secret(app: AppState, conversation: Conversation, address: str, secret: str) -> str | None:
    """Use an address or a code that was typed into the chat instead of the form; the result is said in the chat too.

    Return the session token of the conversation in which the customer goes on, if this one was another customer's.
    """
    try:
        if "@" not in secret:
            return _confirm(app, conversation, address, secret).token
        if not _send_code(app, conversation, address, secret):
            return None
        said = notice("code_sent", conversation.language)
    except Problem as refused:
        said = refused.detail or detail("unreachable", conversation.language)
    with app.database.write() as session:
        messages.add_message(session, lifecycle.lock(session, conversation.id), "notice", said)
    app.bus.publish(conversation.id)
    return None


def _unreachable(conversation: Conversation, error: ServiceError) -> Exception:
    log.warning("accounts_unreachable", conversation=conversation.id, reason=str(error))
    return refuse(503, "unreachable", conversation.language)

"""The chat's HTTP interface around a person: call one, leave a message, typing and read signals, rating, transcript."""

import re
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse

from bot import mail
from bot.chat.dependencies import NO_SESSION, TOO_MANY, CurrentConversation, RateLimited, ReplayLimited, refuse
from bot.chat.schemas import PageIn, RatingIn, SeenIn, TicketIn
from bot.conversations import blocking, handoff, identity, lifecycle, messages, presence, queue, transcript, transitions
from bot.conversations.masking import is_email
from bot.database import now
from bot.problems import documented
from bot.web.dependencies import AppStateDep, address_of, changing, clean
from bot.wording import tidy

router = APIRouter(prefix="/api/conversation")
MAX_COMMENT_LENGTH = 1000  # characters
PAGE = re.compile(r"https?://[^/]")
MAX_ADDRESS_LENGTH, MAX_TITLE_LENGTH = 300, 200  # characters of a page


def check_signal_limit(app: AppStateDep, conversation: CurrentConversation) -> None:
    """Count a typing or read signal; refuse it if there were too many."""
    if wait := app.limits.count_signal(conversation.id):
        raise refuse(429, "too_many", conversation.language, again=wait)


@router.post("/person", status_code=204, dependencies=RateLimited, responses=documented(NO_SESSION, TOO_MANY))
def call_person(conversation: CurrentConversation, app: AppStateDep) -> Response:
    """Ask for a person of CPS priority support; how it stands is said in the chat."""
    with changing(app, conversation.id) as (session, mine):
        if app.support_hours.is_open() and (wait := queue.seconds_to_room(session, mine)):
            raise refuse(429, "queue_full", mine.language, again=wait)
        queue.ask(session, mine, "asked", app.support_hours)
    return Response(status_code=204)


@router.delete(
    "/person",
    status_code=204,
    dependencies=RateLimited,
    responses=documented(NO_SESSION, (409, "The customer is not waiting"), TOO_MANY),
)
def stop_waiting(conversation: CurrentConversation, app: AppStateDep) -> Response:
    """Leave the queue and go on with the assistant."""
    try:
        with changing(app, conversation.id) as (session, mine):
            queue.cancel(session, mine)
    except transitions.InvalidTransition:
        raise refuse(409, "not_waiting", conversation.language) from None
    return Response(status_code=204)


@router.post(
    "/ticket",
    status_code=204,
    dependencies=RateLimited,
    responses=documented(
        NO_SESSION, (413, "The message is too long"), (422, "Not an e-mail address, or empty"), TOO_MANY
    ),
)
def leave_ticket(body: TicketIn, conversation: CurrentConversation, app: AppStateDep, request: Request) -> Response:
    """Leave a message that CPS priority support answers by e-mail."""
    email, text, language = clean(body.email), clean(body.text), conversation.language
    limit = app.settings.message_length
    if not is_email(email):
        raise refuse(422, "wrong_email", language)
    if not text:
        raise refuse(422, "empty", language)
    if len(text) > limit:
        raise refuse(413, "too_long", language, length=len(text), limit=limit)
    if wait := app.limits.count_ticket(conversation.id, address_of(request)):
        raise refuse(429, "too_many_tickets", language, again=wait)
    with app.database.read() as session:
        wait = blocking.seconds_blocked(session, conversation)
    if wait:
        raise refuse(429, "too_many_tickets", language, again=wait)
    with changing(app, conversation.id) as (session, mine):
        queue.leave_ticket(session, mine, body.client_id, email, text)
        app.contacts.note(session, mine, email)
    return Response(status_code=204)


@router.delete("/ticket", status_code=204, dependencies=RateLimited, responses=documented(NO_SESSION, TOO_MANY))
def leave_no_ticket(conversation: CurrentConversation, app: AppStateDep) -> Response:
    """Close the form for a message."""
    with changing(app, conversation.id) as (_, mine):
        mine.wants_ticket = False
    return Response(status_code=204)


@router.post(
    "/typing",
    status_code=204,
    dependencies=[Depends(check_signal_limit)],
    responses=documented(NO_SESSION, TOO_MANY),
)
async def show_typing(conversation: CurrentConversation, app: AppStateDep) -> Response:
    """Tell the agent that the customer is writing."""
    if conversation.owner in ("waiting", "agent"):
        app.typing_indicators.note(conversation.id, "customer")
    return Response(status_code=204)


@router.post(
    "/seen",
    status_code=204,
    dependencies=[Depends(check_signal_limit)],
    responses=documented(NO_SESSION, TOO_MANY),
)
def show_seen(body: SeenIn, conversation: CurrentConversation, app: AppStateDep) -> Response:
    """Tell the agent, and the customer's other windows, up to which message the customer has read."""
    with app.database.write() as session:
        mine = lifecycle.lock(session, conversation.id)
        known = (presence.of_customer(mine), mine.seen_id, mine.delivered_id)
        mine.looked_at = now()
        # A message that was seen was delivered, even if the stream has not noted that yet.
        mine.seen_id = max(mine.seen_id, min(body.id, messages.newest(session, mine.id)))
        mine.delivered_id = max(mine.delivered_id, mine.seen_id)
        is_new = known != ("here", mine.seen_id, mine.delivered_id)
    if is_new:  # the chat repeats it for as long as the customer looks
        app.bus.publish(conversation.id)
    return Response(status_code=204)


@router.put(
    "/page",
    status_code=204,
    dependencies=[Depends(check_signal_limit)],
    responses=documented(NO_SESSION, (422, "Not the address of a page"), TOO_MANY),
)
def note_page(body: PageIn, conversation: CurrentConversation, app: AppStateDep) -> Response:
    """Note the page around the chat for an agent to read; of its address, what is before the query."""
    try:
        page = urlsplit(clean(body.url))
        address = f"{page.scheme}://{page.netloc.rpartition('@')[2]}{page.path}"
    except ValueError:
        address = ""
    if not PAGE.match(address):
        raise refuse(422, "wrong_page", conversation.language)
    with app.database.write() as session:
        mine = lifecycle.lock(session, conversation.id)
        mine.page_address = tidy(app.masking.hide(address), MAX_ADDRESS_LENGTH)
        mine.page_title = tidy(app.masking.hide(clean(body.title)), MAX_TITLE_LENGTH) or None
    return Response(status_code=204)


@router.post(
    "/rating",
    status_code=204,
    dependencies=RateLimited,
    responses=documented(NO_SESSION, (409, "There is nothing to rate"), TOO_MANY),
)
def rate(body: RatingIn, conversation: CurrentConversation, app: AppStateDep) -> Response:
    """Say, once, how it was with the agent."""
    with changing(app, conversation.id) as (session, mine):
        closing = handoff.rateable(session, mine)
        if not closing:
            raise refuse(409, "nothing_to_rate", mine.language)
        comment = app.masking.hide(clean(body.comment)[:MAX_COMMENT_LENGTH])
        closing.score, closing.comment = body.score, comment or None
    return Response(status_code=204)


@router.get(
    "/transcript",
    dependencies=ReplayLimited,
    responses=documented(NO_SESSION, TOO_MANY),
    response_class=PlainTextResponse,
)
def read_transcript(conversation: CurrentConversation, app: AppStateDep) -> PlainTextResponse:
    """Return the conversation as a text to keep."""
    with app.database.read() as session:
        text = transcript.write(session, conversation)
    headers = {"content-disposition": 'attachment; filename="cps.txt"'}
    return PlainTextResponse(text, headers=headers)


@router.post(
    "/transcript/letter",
    status_code=204,
    dependencies=RateLimited,
    responses=documented(NO_SESSION, (403, "The customer has not shown who they are"), TOO_MANY)
    | documented((503, "No e-mail can be sent")),
)
def send_transcript(conversation: CurrentConversation, app: AppStateDep) -> Response:
    """Send the conversation to the address that the customer has confirmed."""
    to = conversation.customer_email
    if not to or not identity.access_of(conversation, app.settings.access_idle):
        raise refuse(403, "not_confirmed", conversation.language)
    with app.database.read() as session:
        letter = transcript.letter(session, conversation, to)
    sent = mail.send(app.settings, letter)
    app.mail_status.note(works=sent)
    if not sent:
        raise refuse(503, "no_mail", conversation.language)
    return Response(status_code=204)

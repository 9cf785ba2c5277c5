"""The queue for a person: who enters it, the place in it, the expected wait, and how customers leave it."""

import math
import statistics
from datetime import datetime, timedelta

from babel.dates import format_datetime
from sqlalchemy import and_, delete, false, func, or_, select
from sqlalchemy.orm import Session

from bot.conversations.blocking import seconds_blocked
from bot.conversations.messages import tell_rasa, withdraw
from bot.conversations.models import Conversation, Message, Ticket, Transition, WaitAlert
from bot.conversations.notices import add_notice, add_notice_once, announce, told_while_waiting
from bot.conversations.presence import is_staffed
from bot.conversations.support_hours import SupportHours
from bot.conversations.transitions import HandoffCause, transition, was_with_a_person
from bot.database import now
from bot.wording import LOCALES

RECENT = timedelta(hours=2)  # waits from which the expected wait is estimated
MIN_WAITS, MAX_WAITS = 3, 20
MAX_CALLS, CALLS_WITHIN = 10, timedelta(hours=1)  # of one conversation, which may leave the queue and ask again
MAX_WAITING = 20  # conversations of one network that wait at the same time
FULL = 60  # seconds after which another one of the network may have left the queue
KEEP_ALERTS = timedelta(days=30)
TIMES = {"lv": "d.MM. HH:mm", "en": "d MMMM, HH:mm"}


def ask(session: Session, conversation: Conversation, cause: HandoffCause, support_hours: SupportHours) -> None:
    """Put a customer into the queue if CPS priority support is open, and tell them where they stand.

    Without an explicit request that happens only once in a conversation, so that a misunderstanding does not send a
    customer back to a person. A failed look-up calls only somebody who is there: its answer offers a person anyway, and
    the assistant goes on with other questions.
    """
    if conversation.owner == "agent":
        return
    if conversation.owner == "waiting":
        tell_place(session, conversation, support_hours)
        return
    if seconds_blocked(session, conversation):
        if cause == "asked":
            add_notice_once(session, conversation, "blocked")
        return
    if cause != "asked" and (not support_hours.is_open() or was_with_a_person(session, conversation)):
        return
    if cause == "lookup_failed" and not is_staffed(session):
        return
    if not support_hours.is_open():
        opens_at = support_hours.opens_at()
        if opens_at:
            language = conversation.language
            when = format_datetime(opens_at, TIMES[language], locale=LOCALES[language])
            add_notice(session, conversation, "office_closed_until", "leave_message", when=when)
        else:
            add_notice(session, conversation, "office_closed", "leave_message")
        return
    if seconds_to_room(session, conversation):
        add_notice_once(session, conversation, "queue_full", "leave_message")
        return
    transition(session, conversation, "waiting", cause)
    tell_place(session, conversation, support_hours)


def seconds_to_room(session: Session, conversation: Conversation) -> int:
    """Return the seconds until a conversation may enter the queue: so far it, or its network, has asked too often."""
    if conversation.owner in ("waiting", "agent"):
        return 0
    moment = now()
    calls = select(Transition.at).where(
        Transition.conversation_id == conversation.id,
        Transition.after == "waiting",
        Transition.before.in_(("assistant", "closed")),
        Transition.at > moment - CALLS_WITHIN,
    )
    oldest = session.scalar(calls.order_by(Transition.at.desc()).offset(MAX_CALLS - 1).limit(1))
    if oldest:
        return math.ceil((oldest + CALLS_WITHIN - moment).total_seconds())
    if not conversation.network_hash:
        return 0
    neighbours = select(func.count()).where(
        Conversation.owner == "waiting",
        Conversation.closed_at.is_(None),
        Conversation.network_hash == conversation.network_hash,
    )
    return FULL if (session.scalar(neighbours) or 0) >= MAX_WAITING else 0


def stopped_waiting_since(session: Session, conversation: Conversation, message: Message) -> bool:
    """Tell whether a customer has left the queue since a message, which makes its request for a person obsolete."""
    left = select(Transition.id).where(
        Transition.conversation_id == conversation.id,
        Transition.before == "waiting",
        Transition.after == "assistant",
        Transition.at > message.created_at,
    )
    return session.scalar(left.limit(1)) is not None


def tell_place(session: Session, conversation: Conversation, support_hours: SupportHours) -> None:
    """Tell a waiting customer their place in the queue, how long it may take, and how to leave it."""
    if not is_staffed(session):
        asks_again = told_while_waiting(session, conversation, "queued_unstaffed")
        name = "queued_unstaffed_again" if asks_again else "queued_unstaffed"
        add_notice(session, conversation, name, "leave_message", "cancel_person")
        return
    minutes = expected_wait(session)
    values = {"place": place_in_queue(session, conversation), "minutes": minutes}
    add_notice(
        session, conversation, "queued_wait" if minutes else "queued", "cancel_person", "leave_message", **values
    )


def place_in_queue(session: Session, conversation: Conversation) -> int:
    """Return the place of a waiting conversation in the queue, from 1."""
    earlier = select(func.count()).where(
        Conversation.owner == "waiting",
        Conversation.closed_at.is_(None),
        Conversation.asked_at < conversation.asked_at,
    )
    return (session.scalar(earlier) or 0) + 1


def expected_wait(session: Session) -> int | None:
    """Return how many minutes the last customers waited, or None if too few have waited recently."""
    taken = select(Transition.conversation_id, Transition.at).where(
        Transition.cause == "taken", Transition.at > now() - RECENT
    )
    waits = []
    for conversation_id, at in session.execute(taken.order_by(Transition.id.desc()).limit(MAX_WAITS)):
        asked = select(func.max(Transition.at)).where(
            Transition.conversation_id == conversation_id, Transition.after == "waiting", Transition.at <= at
        )
        waits.append((at - session.scalars(asked).one()).total_seconds())
    return math.ceil(statistics.median(waits) / 60) or 1 if len(waits) >= MIN_WAITS else None


def cancel(session: Session, conversation: Conversation) -> None:
    """Go on with the assistant instead of waiting for a person."""
    transition(session, conversation, "assistant", "cancelled")
    announce(session, conversation, "cancelled")
    _resume(session, conversation)


def leave_ticket(session: Session, conversation: Conversation, client_id: str, email: str, text: str) -> None:
    """Store a message to CPS priority support, once; a waiting customer goes on with the assistant."""
    known = select(Ticket.id).where(Ticket.conversation_id == conversation.id, Ticket.client_id == client_id)
    if session.scalar(known):
        return
    moment = now()
    session.add(
        Ticket(
            conversation_id=conversation.id,
            client_id=client_id,
            email=email,
            text=text,
            created_at=moment,
            due_at=moment,
        )
    )
    conversation.wants_ticket = False
    conversation.reply_email = conversation.reply_email or email
    announce(session, conversation, "ticket")
    if conversation.owner == "waiting":
        transition(session, conversation, "assistant", "ticket")
        _resume(session, conversation)


def overdue(session: Session, agent_seen: datetime | None, waiting_since: datetime) -> list[str]:
    """Return the conversations whose agent was silent, or whose customer has waited, since before these times.

    While `agent_seen` is None, only agents who were marked as gone count as silent.
    """
    silent = Conversation.agent_seen_at < agent_seen if agent_seen else false()
    lost = and_(Conversation.owner == "agent", or_(silent, Conversation.agent_seen_at.is_(None)))
    late = and_(Conversation.owner == "waiting", Conversation.waiting_since < waiting_since)
    return list(session.scalars(select(Conversation.id).where(Conversation.closed_at.is_(None), or_(lost, late))))


def time_out(session: Session, conversation: Conversation) -> None:
    """Return to the assistant a customer whom no agent took, and offer to leave a message."""
    transition(session, conversation, "assistant", "timeout")
    announce(session, conversation, "timeout")
    _resume(session, conversation)


def _resume(session: Session, conversation: Conversation) -> None:
    """Let the assistant answer the customer's last unanswered message, or go on where it stopped."""
    mine = Message.conversation_id == conversation.id
    called = select(func.max(Transition.at)).where(
        Transition.conversation_id == conversation.id,
        Transition.after == "waiting",
        Transition.before.in_(("assistant", "closed")),
    )
    last_of_agent = select(func.coalesce(func.max(Message.id), 0)).where(mine, Message.author == "agent")
    is_left = and_(
        Message.author.in_(("customer", "website")),
        Message.rasa_state == "withdrawn",
        Message.answered_at >= called.scalar_subquery(),  # written in the queue, or open when the wait began
        Message.id > last_of_agent.scalar_subquery(),
    )
    is_pending = and_(Message.author == "customer", Message.rasa_state == "pending")
    last = session.scalar(select(Message).where(mine, or_(is_left, is_pending)).order_by(Message.id.desc()).limit(1))
    for earlier in session.scalars(select(Message).where(mine, is_pending)):
        withdraw(earlier)
    if last:
        last.rasa_state, last.answered_at = "pending", None
    else:
        tell_rasa(session, conversation, "/person_left")


def who_waits(session: Session) -> tuple[int, float]:
    """Return how many customers wait for a person, and for how many seconds the first of them has."""
    waits = (Conversation.owner == "waiting", Conversation.closed_at.is_(None))
    count, first = session.execute(select(func.count(), func.min(Conversation.asked_at)).where(*waits)).one()
    return count, (now() - first).total_seconds() if first else 0.0


def is_long(seconds: float, limit: int) -> bool:
    """Tell whether a wait is too long; a limit of 0 is none."""
    return bool(limit) and seconds > limit


def has_alert_to_change(session: Session, limit: int) -> bool:
    """Tell whether somebody waits for too long and that is not noted yet, or is noted and over."""
    return is_long(who_waits(session)[1], limit) != bool(_open_alert(session))


def change_alert(session: Session, limit: int) -> None:
    """Note once that somebody waits for too long, or that nobody does any more."""
    count, seconds = who_waits(session)
    alert = _open_alert(session)
    if is_long(seconds, limit) and not alert:
        moment = now()
        session.execute(delete(WaitAlert).where(WaitAlert.at < moment - KEEP_ALERTS))
        session.add(WaitAlert(at=moment, waiting=count, seconds=int(seconds), is_open=True, due_at=moment))
    elif alert and not is_long(seconds, limit):
        alert.is_open = None


def _open_alert(session: Session) -> WaitAlert | None:
    return session.scalar(select(WaitAlert).where(WaitAlert.is_open.is_(True)))

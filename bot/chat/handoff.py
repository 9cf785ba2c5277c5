"""Who holds a conversation: the assistant, the queue, an agent, or nobody any more. All changes go through change()."""

import math
import statistics
from datetime import datetime, timedelta
from typing import Literal, get_args

from babel.dates import format_datetime
from sqlalchemy import and_, false, func, or_, select, update
from sqlalchemy.orm import Session

from bot.chat import conversations
from bot.chat.models import Conversation, Message, Ticket, Transition
from bot.chat.office import Office
from bot.database import now
from bot.wording import LOCALES

Owner = Literal["assistant", "waiting", "agent", "closed"]
Wish = Literal["asked", "misses", "lookup_failed", "wrong_codes", "anger"]  # why a person is called
Outcome = Literal["solved", "to_be_continued", "passed_on", "no_answer", "not_for_us"]
WISHES, OUTCOMES = get_args(Wish), get_args(Outcome)

# Every change there is, with its causes. "ended" is the customer's new start.
CHANGES: dict[tuple[str, str], tuple[str, ...]] = {
    ("assistant", "waiting"): WISHES,
    ("closed", "waiting"): ("asked",),
    ("waiting", "agent"): ("taken",),
    ("waiting", "assistant"): ("cancelled", "timeout", "ticket"),
    ("agent", "agent"): ("transferred", "taken_over"),
    ("agent", "waiting"): ("put_back", "agent_gone"),
    ("agent", "assistant"): ("given_back",),
    ("agent", "closed"): ("done", "ended"),
    ("closed", "assistant"): ("customer_wrote",),
    ("assistant", "closed"): ("ended",),
    ("waiting", "closed"): ("ended",),
    ("closed", "closed"): ("ended",),
}
WITH_PEOPLE = ("waiting", "agent")  # whose conversations an agent reads
RECENT = timedelta(hours=2)  # waits that an estimate is made from
LEAST_WAITS, MOST_WAITS = 3, 20
TIMES = {"lv": "d.MM. HH:mm", "en": "d MMMM, HH:mm"}


class NotPossible(Exception):
    """The conversation is in other hands than the change assumes."""


def change(
    session: Session,
    conversation: Conversation,
    after: Owner,
    cause: str,
    agent: tuple[str, str] | None = None,  # id, and the name that customers see
) -> Transition:
    """Give a locked conversation into other hands, and record it; raise NotPossible."""
    before, moment = conversation.owner, now()
    if cause not in CHANGES.get((before, after), ()):
        raise NotPossible(f"{before} to {after}: {cause}")
    acting = agent or ((conversation.agent_id, conversation.agent_name) if before == "agent" else (None, None))
    transition = Transition(
        conversation_id=conversation.id,
        at=moment,
        before=before,
        after=after,
        cause=cause,
        agent_id=acting[0],
        agent_name=acting[1],
        due_at=moment,
    )
    session.add(transition)
    conversation.owner = after
    conversation.agent_id, conversation.agent_name = agent if after == "agent" and agent else (None, None)
    conversation.agent_seen_at = moment if after == "agent" else None
    if after == "agent":
        conversation.wants_ticket = False
    if after == "waiting":
        conversation.waiting_since = moment
        if before in ("assistant", "closed"):
            conversation.asked_at, conversation.cause = moment, cause
            conversation.wants_ticket = False
            _leave_to_a_person(session, conversation)
    elif after in ("assistant", "closed"):
        conversation.asked_at = conversation.waiting_since = None
        if before in WITH_PEOPLE:
            _mask(session, conversation)
    session.flush()
    return transition


def _mask(session: Session, conversation: Conversation) -> None:
    """Leave of what the customer typed for a person what others may read."""
    session.execute(
        update(Message)
        .where(Message.conversation_id == conversation.id, Message.masked.is_not(None))
        .values(text=Message.masked, masked=None)
    )


def may_read_all(conversation: Conversation, agent_id: str) -> bool:
    """Tell whether an agent sees what the customer types for a person as it was typed: in the queue, or as holder."""
    return conversation.owner == "waiting" or (conversation.owner == "agent" and conversation.agent_id == agent_id)


def _leave_to_a_person(session: Session, conversation: Conversation) -> None:
    # What Rasa has not answered yet, the assistant no longer answers.
    session.execute(
        update(Message)
        .where(Message.conversation_id == conversation.id, Message.author == "customer", Message.answered_at.is_(None))
        .values(answered_at=now())
    )


# ---- What the customer does


def ask(session: Session, conversation: Conversation, wish: Wish, office: Office) -> None:
    """Call a person, if there is one at this hour; say how it stands.

    Where the customer did not ask in so many words, that happens once in a conversation: who comes back from a person
    is not sent there again by a misunderstanding.
    """
    if conversation.owner == "agent":
        return
    if conversation.owner == "waiting":
        tell_place(session, conversation, office)
        return
    if wish != "asked" and (not office.is_open() or _was_with_a_person(session, conversation)):
        return
    if not office.is_open():
        opens_at = office.opens_at()
        if opens_at:
            language = conversation.language
            when = format_datetime(opens_at, TIMES[language], locale=LOCALES[language])
            conversations.add_notice(session, conversation, "office_closed_until", "leave_message", when=when)
        else:
            conversations.add_notice(session, conversation, "office_closed", "leave_message")
        return
    change(session, conversation, "waiting", wish)
    tell_place(session, conversation, office)


def stopped_waiting_since(session: Session, conversation: Conversation, message: Message) -> bool:
    """Tell whether a message was written in a queue that the customer has left: what it asked for is past."""
    left = select(Transition.id).where(
        Transition.conversation_id == conversation.id,
        Transition.before == "waiting",
        Transition.after == "assistant",
        Transition.at > message.created_at,
    )
    return session.scalar(left.limit(1)) is not None


def tell_place(session: Session, conversation: Conversation, office: Office) -> None:
    """Tell a waiting customer their place in the queue, how long it may take, and how to leave it."""
    if not office.is_staffed(session):
        conversations.add_notice(session, conversation, "queued_unstaffed", "leave_message", "cancel_person")
        return
    minutes = expected_wait(session)
    values = {"place": place_in_queue(session, conversation), "minutes": minutes}
    conversations.add_notice(
        session, conversation, "queued_wait" if minutes else "queued", "cancel_person", "leave_message", **values
    )


def cancel(session: Session, conversation: Conversation) -> None:
    """Go on with the assistant instead of waiting for a person."""
    change(session, conversation, "assistant", "cancelled")
    conversations.add_notice(session, conversation, "cancelled")
    _resume(session, conversation)


def leave_ticket(session: Session, conversation: Conversation, client_id: str, email: str, text: str) -> None:
    """Keep a message to CPS priority support, once; who waited for a person goes on with the assistant."""
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
    conversations.add_notice(session, conversation, "ticket_kept")
    if conversation.owner == "waiting":
        change(session, conversation, "assistant", "ticket")
        _resume(session, conversation)


def obey(session: Session, conversation: Conversation, command: str, office: Office) -> None:
    """Do what a button under a notice stands for."""
    if command == "ask_person":
        ask(session, conversation, "asked", office)
    elif command == "leave_message":
        conversation.wants_ticket = conversation.owner != "agent"
    elif command == "cancel_person" and conversation.owner == "waiting":
        cancel(session, conversation)


def customer_says(
    session: Session,
    conversation: Conversation,
    client_id: str,
    text: str,
    for_rasa: str | None,
    masked: str | None = None,
) -> tuple[Message, bool]:
    """Store a customer's message, unless it is a repeat, for whoever holds the conversation; tell whether it is new.

    Only a person, or who waits for one, gets the text as it is; the others get what is masked. Where an agent had
    closed it, the assistant answers again.
    """
    earlier = conversations.find_sent(session, conversation, client_id)
    if earlier:
        return earlier, False
    if conversation.owner == "closed" and for_rasa:
        _reopen(session, conversation)
    for_a_person = conversation.owner in WITH_PEOPLE
    shown = text if for_a_person or masked is None else masked
    message = conversations.add_message(session, conversation, "customer", shown, client_id, for_rasa)
    message.masked = masked if masked != shown else None
    if conversation.owner != "assistant":
        message.answered_at = now()  # by a person, or when the assistant is back
    return message, True


def _reopen(session: Session, conversation: Conversation) -> None:
    change(session, conversation, "assistant", "customer_wrote")
    conversations.add_notice(session, conversation, "reopened")


def last_closing(session: Session, conversation: Conversation) -> Transition | None:
    """Return the last closing by an agent."""
    return session.scalar(
        select(Transition)
        .where(Transition.conversation_id == conversation.id, Transition.cause == "done")
        .order_by(Transition.id.desc())
        .limit(1)
    )


def tell_assistant(session: Session, conversation: Conversation, payload: str) -> None:
    """Have the assistant answer something that the customer did not type, unless a person is there for it."""
    if conversation.owner == "closed":
        _reopen(session, conversation)
    message = conversations.tell_rasa(session, conversation, payload)
    if conversation.owner != "assistant":
        message.answered_at = now()


def rateable(session: Session, conversation: Conversation) -> Transition | None:
    """Return the last closing by an agent, if the customer has not rated it."""
    closing = last_closing(session, conversation)
    return closing if closing and closing.score is None else None


def place_in_queue(session: Session, conversation: Conversation) -> int:
    """Return the place of a waiting conversation in the queue, from 1."""
    earlier = select(func.count()).where(
        Conversation.owner == "waiting",
        Conversation.closed_at.is_(None),
        Conversation.asked_at < conversation.asked_at,
    )
    return (session.scalar(earlier) or 0) + 1


def expected_wait(session: Session) -> int | None:
    """Return how many minutes the last customers waited, or None where too few did of late."""
    taken = select(Transition.conversation_id, Transition.at).where(
        Transition.cause == "taken", Transition.at > now() - RECENT
    )
    waits = []
    for conversation_id, at in session.execute(taken.order_by(Transition.id.desc()).limit(MOST_WAITS)):
        asked = select(func.max(Transition.at)).where(
            Transition.conversation_id == conversation_id, Transition.after == "waiting", Transition.at <= at
        )
        waits.append((at - session.scalars(asked).one()).total_seconds())
    return math.ceil(statistics.median(waits) / 60) or 1 if len(waits) >= LEAST_WAITS else None


# ---- What an agent does


def take(session: Session, conversation: Conversation, agent: tuple[str, str]) -> None:
    """Take a waiting conversation; of two agents at once, the second hears NotPossible."""
    change(session, conversation, "agent", "taken", agent)
    conversations.add_notice(session, conversation, "taken", agent=agent[1])


def hand_over(
    session: Session,
    conversation: Conversation,
    agent: tuple[str, str],
    cause: Literal["transferred", "taken_over"] = "transferred",
) -> None:
    """Give a conversation from one agent to another."""
    if conversation.agent_id == agent[0]:
        raise NotPossible("it is theirs already")
    change(session, conversation, "agent", cause, agent)
    conversations.add_notice(session, conversation, "handed_over", agent=agent[1])


def put_back(
    session: Session, conversation: Conversation, cause: Literal["put_back", "agent_gone"] = "put_back"
) -> None:
    """Return a conversation to the queue, where it keeps its place by when the customer asked."""
    name = conversation.agent_name
    change(session, conversation, "waiting", cause)
    place = place_in_queue(session, conversation)
    conversations.add_notice(session, conversation, cause, "cancel_person", agent=name, place=place)


def give_back(session: Session, conversation: Conversation) -> None:
    """Give a conversation back to the assistant, which goes on where it stopped."""
    name = conversation.agent_name
    change(session, conversation, "assistant", "given_back")
    conversations.add_notice(session, conversation, "given_back", agent=name)
    conversations.tell_rasa(session, conversation, "/person_left")


def close(session: Session, conversation: Conversation, outcome: Outcome, line: str = "") -> None:
    """End an agent's part with what came of it, and one line; the customer may rate it."""
    name = conversation.agent_name
    transition = change(session, conversation, "closed", "done")
    transition.outcome, transition.line = outcome, line or None
    conversations.add_notice(session, conversation, "closed", agent=name)


def agent_says(
    session: Session, conversation: Conversation, agent_id: str, text: str, client_id: str
) -> tuple[Message, bool]:
    """Store an agent's message, unless it is a repeat; tell whether it is new. Raise NotPossible."""
    earlier = conversations.find_sent(session, conversation, client_id)
    if earlier:
        return earlier, False
    if conversation.owner != "agent" or conversation.agent_id != agent_id:
        raise NotPossible("it is not theirs")
    message = conversations.add_message(session, conversation, "agent", text, client_id)
    message.speaker = conversation.agent_name
    return message, True


def add_note(session: Session, conversation: Conversation, name: str, text: str) -> None:
    """Keep a note that only agents see."""
    conversations.add_message(session, conversation, "note", text).speaker = name


def alive(session: Session, agent_id: str) -> None:
    """Note a sign of life of an agent, for all that they hold."""
    session.execute(
        update(Conversation)
        .where(Conversation.agent_id == agent_id, Conversation.owner == "agent")
        .values(agent_seen_at=now())
    )


def gone(session: Session, agent_id: str) -> None:
    """Count an agent as gone at once: what they hold is overdue, and goes back to the queue."""
    session.execute(
        update(Conversation)
        .where(Conversation.agent_id == agent_id, Conversation.owner == "agent")
        .values(agent_seen_at=None)
    )


# ---- What time does


def overdue(session: Session, agent_seen: datetime | None, waiting_since: datetime) -> list[str]:
    """Return the conversations whose agent, or whose queue, was last heard of before these moments; None: no agent."""
    silent = Conversation.agent_seen_at < agent_seen if agent_seen else false()
    lost = and_(Conversation.owner == "agent", or_(silent, Conversation.agent_seen_at.is_(None)))
    late = and_(Conversation.owner == "waiting", Conversation.waiting_since < waiting_since)
    return list(session.scalars(select(Conversation.id).where(Conversation.closed_at.is_(None), or_(lost, late))))


def time_out(session: Session, conversation: Conversation) -> None:
    """Let the assistant come back to a customer whom nobody took, and offer to leave a message."""
    change(session, conversation, "assistant", "timeout")
    conversations.add_notice(session, conversation, "timeout", "leave_message", "ask_person")
    _resume(session, conversation)


def _resume(session: Session, conversation: Conversation) -> None:
    """Let the assistant answer what the customer wrote last and nobody answered, or go on where it stopped."""
    mine = Message.conversation_id == conversation.id
    called = select(func.max(Transition.at)).where(
        Transition.conversation_id == conversation.id,
        Transition.after == "waiting",
        Transition.before.in_(("assistant", "closed")),
    )
    last_of_agent = select(func.coalesce(func.max(Message.id), 0)).where(mine, Message.author == "agent")
    last = session.scalar(
        select(Message)
        .where(
            mine,
            Message.author.in_(("customer", "website")),
            Message.for_rasa.is_not(None),
            Message.answered_at >= called.scalar_subquery(),  # written in the queue, or open when it began
            Message.id > last_of_agent.scalar_subquery(),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    if last:
        last.answered_at = None
    else:
        conversations.tell_rasa(session, conversation, "/person_left")


def at_desk(session: Session, conversation_id: str) -> Conversation | None:
    """Return a conversation if a person was ever called to it: what stayed with the assistant is not for agents."""
    conversation = session.get(Conversation, conversation_id)
    return conversation if conversation and _was_with_a_person(session, conversation) else None


def _was_with_a_person(session: Session, conversation: Conversation) -> bool:
    earlier = select(Transition.id).where(Transition.conversation_id == conversation.id, Transition.after == "waiting")
    return session.scalar(earlier.limit(1)) is not None

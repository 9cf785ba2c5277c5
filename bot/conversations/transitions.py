"""Who holds a conversation: the assistant, the queue, an agent, or nobody. All changes go through transition()."""

from typing import Literal, get_args

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.conversations.models import Agent, Conversation, Message, Transition
from bot.database import now
from bot.metrics import HAND_OFFS

Owner = Literal["assistant", "waiting", "agent", "closed"]
HandoffCause = Literal["asked", "misses", "lookup_failed", "wrong_codes", "anger"]  # why a person is called
Outcome = Literal["solved", "to_be_continued", "passed_on", "no_answer", "not_for_us"]
HANDOFF_CAUSES, OUTCOMES = get_args(HandoffCause), get_args(Outcome)
# All possible changes, with their causes. "ended" means that the customer restarted, has logged out, or stayed away.
TRANSITIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("assistant", "waiting"): HANDOFF_CAUSES,
    ("closed", "waiting"): ("asked",),
    ("waiting", "agent"): ("taken",),
    ("waiting", "assistant"): ("cancelled", "timeout", "ticket"),
    ("agent", "agent"): ("transferred", "taken_over"),
    ("agent", "waiting"): ("requeued", "agent_gone", "unanswered"),
    ("agent", "assistant"): ("returned_to_bot",),
    ("agent", "closed"): ("done", "ended"),
    ("closed", "agent"): ("reopened",),
    ("closed", "assistant"): ("customer_wrote",),
    ("assistant", "closed"): ("ended",),
    ("waiting", "closed"): ("ended",),
    ("closed", "closed"): ("ended",),
}
for _cause in HANDOFF_CAUSES:  # so that each is there before it first happens
    HAND_OFFS.labels(_cause)
WITH_PEOPLE = ("waiting", "agent")  # owners whose conversations agents read


class InvalidTransition(Exception):
    """The conversation's owner is not the one that the change assumes."""


def transition(
    session: Session,
    conversation: Conversation,
    after: Owner,
    cause: str,
    agent: Agent | None = None,
) -> Transition:
    """Change the owner of a locked conversation, and record it; raise InvalidTransition."""
    before, moment = conversation.owner, now()
    if cause not in TRANSITIONS.get((before, after), ()):
        raise InvalidTransition(f"{before} to {after}: {cause}")
    nobody: tuple[int | None, str | None] = (None, None)
    holder = (conversation.agent_id, conversation.agent_name) if before == "agent" else nobody
    acting = (agent.id, agent.first_name) if agent else holder
    made = Transition(
        conversation_id=conversation.id,
        at=moment,
        before=before,
        after=after,
        cause=cause,
        agent_id=acting[0],
        agent_name=acting[1],
        due_at=moment,
    )
    session.add(made)
    conversation.owner = after
    conversation.agent_id, conversation.agent_name = acting if after == "agent" else nobody
    conversation.ending = conversation.ending_at = None
    conversation.agent_seen_at = moment if after == "agent" else None
    if after == "agent":
        conversation.wants_ticket = False
        conversation.asked_at = conversation.asked_at or moment
    if before == "waiting" and after != "assistant":
        _leave_to_a_person(session, conversation)  # what the customer asked while waiting
    if after == "waiting":
        conversation.waiting_since = moment
        if before in ("assistant", "closed"):
            conversation.asked_at, conversation.cause = moment, cause
            conversation.wants_ticket = False
            _leave_to_a_person(session, conversation)
            HAND_OFFS.labels(cause).inc()
    elif after in ("assistant", "closed"):
        conversation.asked_at = conversation.waiting_since = None
        if before in WITH_PEOPLE:
            _mask(session, conversation)
    session.flush()
    return made


def _mask(session: Session, conversation: Conversation) -> None:
    """Replace what was typed for a person, or by one, by the masked texts."""
    session.execute(
        update(Message)
        .where(Message.conversation_id == conversation.id, Message.masked.is_not(None))
        .values(text=Message.masked, masked=None)
    )


def _leave_to_a_person(session: Session, conversation: Conversation) -> None:
    # The assistant no longer answers what Rasa has not answered yet.
    of_customer = (Message.conversation_id == conversation.id, Message.author == "customer")
    session.execute(
        update(Message)
        .where(*of_customer, Message.rasa_state == "pending")
        .values(rasa_state="withdrawn", answered_at=now())
    )


def may_read_all(conversation: Conversation, agent_id: int) -> bool:
    """Tell whether an agent sees unmasked what the customer types for a person: in the queue, or as its holder."""
    return conversation.owner == "waiting" or (conversation.owner == "agent" and conversation.agent_id == agent_id)


def was_with_a_person(session: Session, conversation: Conversation) -> bool:
    """Tell whether a person was ever called to a conversation."""
    earlier = select(Transition.id).where(Transition.conversation_id == conversation.id, Transition.after == "waiting")
    return session.scalar(earlier.limit(1)) is not None

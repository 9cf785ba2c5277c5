"""What customers and agents do with a conversation on its way to a person and back."""

from typing import Literal

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.conversations import messages
from bot.conversations.models import Agent, Conversation, Message, Transition
from bot.conversations.notices import announce
from bot.conversations.queue import ask, cancel, place_in_queue
from bot.conversations.support_hours import SupportHours
from bot.conversations.transitions import WITH_PEOPLE, InvalidTransition, Outcome, transition, was_with_a_person
from bot.database import now
from bot.text import fold

# ---- What the customer does


def handle_command(session: Session, conversation: Conversation, command: str, support_hours: SupportHours) -> None:
    """Carry out the command of a button under a notice."""
    if command == "ask_person":
        ask(session, conversation, "asked", support_hours)
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
    """Store a customer's message for whoever holds the conversation, unless it is a repeat; return whether it is new.

    The text is stored unmasked only while a person holds the conversation or the customer waits for one. If an agent
    had closed the conversation, the assistant answers again.
    """
    earlier = messages.find_sent(session, conversation, client_id)
    if earlier:
        return earlier, False
    if conversation.owner == "closed" and for_rasa:
        _reopen(session, conversation)
    # The assistant goes on answering while the customer waits for a person, as long as it keeps up.
    is_heard = conversation.owner == "waiting" and not messages.is_full(session, conversation)
    message = _add(session, conversation, "customer", text, masked, client_id, for_rasa)
    _goes_on(conversation)
    if conversation.owner != "assistant" and not is_heard:
        messages.withdraw(message)
    return message, True


def customer_sends(
    session: Session, conversation: Conversation, client_id: str, name: str, file: str, masked: str
) -> tuple[Message, bool]:
    """Store a file of a customer for a person, unless it is a repeat; return whether it is new.

    Raise InvalidTransition where no person has the conversation.
    """
    earlier = messages.find_sent(session, conversation, client_id)
    if earlier:
        return earlier, False
    if conversation.owner not in WITH_PEOPLE:
        raise InvalidTransition("nobody can look at it")
    message = _add(session, conversation, "customer", name, masked, client_id)
    message.attachment = file
    _goes_on(conversation)
    return message, True


def count_files(session: Session, conversation: Conversation) -> int:
    """Return how many files the customer has sent."""
    sent = select(func.count()).where(Message.conversation_id == conversation.id, Message.attachment.is_not(None))
    return session.scalar(sent) or 0


def _add(
    session: Session,
    conversation: Conversation,
    author: str,
    text: str,
    masked: str | None,
    client_id: str | None = None,
    for_rasa: str | None = None,
) -> Message:
    """Store a message as typed for as long as a person holds the conversation or is waited for, otherwise masked."""
    shown = text if conversation.owner in WITH_PEOPLE or masked is None else masked
    message = messages.add_message(session, conversation, author, shown, client_id, for_rasa)
    message.masked = masked if masked != shown else None
    if author != "note":
        message.folded = fold(shown if masked is None else masked)
    return message


def _goes_on(conversation: Conversation) -> None:
    conversation.looked_at = now()
    conversation.ending = conversation.ending_at = None  # a person goes on with what was written last


def _reopen(session: Session, conversation: Conversation) -> None:
    transition(session, conversation, "assistant", "customer_wrote")
    announce(session, conversation, "customer_wrote")


def last_closing(session: Session, conversation: Conversation) -> Transition | None:
    """Return the last closing by an agent."""
    return session.scalar(
        select(Transition)
        .where(Transition.conversation_id == conversation.id, Transition.cause == "done")
        .order_by(Transition.id.desc())
        .limit(1)
    )


def tell_assistant(session: Session, conversation: Conversation, payload: str) -> None:
    """Have the assistant answer something that the customer did not type, unless a person is in charge."""
    if conversation.owner == "closed":
        _reopen(session, conversation)
    message = messages.tell_rasa(session, conversation, payload)
    if conversation.owner != "assistant":
        messages.withdraw(message)


def rateable(session: Session, conversation: Conversation) -> Transition | None:
    """Return the last closing by an agent, if the customer has not rated it."""
    closing = last_closing(session, conversation)
    return closing if closing and closing.score is None else None


# ---- What an agent does


def take(session: Session, conversation: Conversation, agent: Agent) -> None:
    """Take a waiting conversation; of two agents at once, the second gets InvalidTransition."""
    transition(session, conversation, "agent", "taken", agent)
    announce(session, conversation, "taken", agent=agent.first_name)


def reopen(session: Session, conversation: Conversation, agent: Agent) -> None:
    """Go on with a conversation that was closed."""
    transition(session, conversation, "agent", "reopened", agent)
    announce(session, conversation, "reopened", agent=agent.first_name)


def hand_over(
    session: Session,
    conversation: Conversation,
    agent: Agent,
    cause: Literal["transferred", "taken_over"] = "transferred",
) -> None:
    """Give a conversation from one agent to another."""
    if conversation.agent_id == agent.id:
        raise InvalidTransition("it is theirs already")
    transition(session, conversation, "agent", cause, agent)
    announce(session, conversation, cause, agent=agent.first_name)


def requeue(
    session: Session, conversation: Conversation, cause: Literal["requeued", "agent_gone", "unanswered"] = "requeued"
) -> None:
    """Return a conversation to the queue, at the place that it had by the time of the customer's request."""
    name = conversation.agent_name
    transition(session, conversation, "waiting", cause)
    place = place_in_queue(session, conversation)
    announce(session, conversation, cause, agent=name, place=place)


def return_to_bot(session: Session, conversation: Conversation) -> None:
    """Give a conversation back to the assistant, which goes on where it stopped."""
    name = conversation.agent_name
    transition(session, conversation, "assistant", "returned_to_bot")
    announce(session, conversation, "returned_to_bot", agent=name)
    messages.tell_rasa(session, conversation, "/person_left")


def close(session: Session, conversation: Conversation, outcome: Outcome, line: str = "") -> None:
    """Close a conversation as its agent, with an outcome and a line; the customer may rate it."""
    name = conversation.agent_name
    made = transition(session, conversation, "closed", "done")
    made.outcome, made.line = outcome, line or None
    announce(session, conversation, "done", agent=name)


def agent_says(
    session: Session,
    conversation: Conversation,
    agent_id: int,
    text: str,
    client_id: str,
    masked: str | None = None,
) -> tuple[Message, bool]:
    """Store an agent's message, unless it is a repeat; return whether it is new. Raise InvalidTransition."""
    earlier = messages.find_sent(session, conversation, client_id)
    if earlier:
        return earlier, False
    if conversation.owner != "agent" or conversation.agent_id != agent_id:
        raise InvalidTransition("it is not theirs")
    message = _add(session, conversation, "agent", text, masked, client_id)
    conversation.ending = conversation.ending_at = None
    message.speaker = conversation.agent_name
    return message, True


def add_note(session: Session, conversation: Conversation, name: str, text: str, masked: str | None = None) -> None:
    """Store a note that only agents see."""
    _add(session, conversation, "note", text, masked).speaker = name


def agent_got(conversation: Conversation, agent_id: int, message_id: int, is_read: bool) -> bool:
    """Note up to where the agent who holds a conversation has got, or read, it; return whether that is news."""
    if conversation.owner != "agent" or conversation.agent_id != agent_id:
        return False
    before = (conversation.agent_delivered_id, conversation.agent_read_id)
    conversation.agent_delivered_id = max(conversation.agent_delivered_id, message_id)
    if is_read:
        conversation.agent_read_id = max(conversation.agent_read_id, message_id)
    return before != (conversation.agent_delivered_id, conversation.agent_read_id)


def heartbeat(session: Session, agent_id: int) -> None:
    """Note a sign of life of an agent in all conversations that the agent holds."""
    session.execute(
        update(Conversation)
        .where(Conversation.agent_id == agent_id, Conversation.owner == "agent")
        .values(agent_seen_at=now())
    )


def mark_offline(session: Session, agent_id: int) -> None:
    """Count an agent as gone at once, so that the agent's conversations are overdue and go back to the queue."""
    session.execute(
        update(Conversation)
        .where(Conversation.agent_id == agent_id, Conversation.owner == "agent")
        .values(agent_seen_at=None)
    )


def at_desk(session: Session, conversation_id: str) -> Conversation | None:
    """Return a conversation if a person was ever called to it; agents may not see any other."""
    conversation = session.get(Conversation, conversation_id)
    return conversation if conversation and was_with_a_person(session, conversation) else None

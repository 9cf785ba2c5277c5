"""Tell the customer in the chat what happens to the conversation; the words are in words.yml."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.messages import Button, add_message
from bot.conversations.models import Conversation, Message
from bot.conversations.words import choice, notice

# The notice that tells the customer of a transition, and the buttons under it, by the transition's cause.
NOTICES: dict[str, tuple[str, ...]] = {
    "cancelled": ("cancelled",),
    "timeout": ("timeout", "leave_message", "ask_person"),
    "ticket": ("ticket_kept",),
    "taken": ("taken",),
    "reopened": ("taken_again",),
    "transferred": ("handed_over",),
    "taken_over": ("handed_over",),
    "requeued": ("requeued", "cancel_person"),
    "agent_gone": ("agent_gone", "cancel_person"),
    "unanswered": ("unanswered", "cancel_person"),
    "returned_to_bot": ("returned_to_bot",),
    "done": ("closed",),
    "customer_wrote": ("reopened",),
}


def announce(session: Session, conversation: Conversation, cause: str, **values: object) -> None:
    """Tell the customer of a transition."""
    name, *commands = NOTICES[cause]
    add_notice(session, conversation, name, *commands, **values)


def add_notice(session: Session, conversation: Conversation, name: str, *commands: str, **values: object) -> None:
    """Add a notice of the website side, with buttons that the website side handles itself."""
    text = notice(name, conversation.language, **values)
    add_message(session, conversation, "notice", text, buttons=_buttons(conversation, commands))


def suggest(session: Session, conversation: Conversation, name: str, questions: Sequence[str], *commands: str) -> None:
    """Add a notice with questions to the assistant as buttons, and then buttons that the website side handles."""
    asked = [Button(title=question, payload=question) for question in questions]
    text = notice(name, conversation.language)
    add_message(session, conversation, "notice", text, buttons=[*asked, *_buttons(conversation, commands)])


def _buttons(conversation: Conversation, commands: Sequence[str]) -> list[Button]:
    return [Button(title=choice(one, conversation.language), payload=f"!{one}") for one in commands]


def tell_that_the_assistant_answers(session: Session, conversation: Conversation) -> None:
    """Tell a waiting customer, once per wait, that the assistant answers meanwhile and that they keep their place."""
    if not told_while_waiting(session, conversation, "assistant_meanwhile"):
        add_notice(session, conversation, "assistant_meanwhile")


def told_while_waiting(session: Session, conversation: Conversation, name: str) -> bool:
    """Tell whether a waiting customer has had a notice since the wait began."""
    words = notice(name, conversation.language)
    told = select(Message.id).where(
        Message.conversation_id == conversation.id, Message.author == "notice", Message.text == words
    )
    if conversation.waiting_since:
        told = told.where(Message.created_at >= conversation.waiting_since)
    return session.scalar(told.limit(1)) is not None


def add_notice_once(session: Session, conversation: Conversation, name: str, *commands: str) -> None:
    """Add a notice, unless it is the last one that the customer got."""
    told = select(Message.text).where(
        Message.conversation_id == conversation.id, Message.author.in_(("assistant", "notice"))
    )
    if session.scalar(told.order_by(Message.id.desc()).limit(1)) != notice(name, conversation.language):
        add_notice(session, conversation, name, *commands)

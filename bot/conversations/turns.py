"""Keep how each message of a customer was understood and answered: what was missed, guessed, repeated, contradicted."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.learning_models import Turn
from bot.conversations.models import Conversation, Message
from bot.conversations.notices import suggest

Kind = Literal["miss", "guess", "repeat", "answer"]
# Responses to a message that was not understood, and the one before what is only likely to be meant.
MISSES = {"utter_fallback", "utter_fallback_person", "utter_follow_up_nothing"}
GUESS = "utter_guide_unsure"
AGAIN = "_again"  # with which the name of an answer that was given before ends
COMPLAINT = "complain"  # intent of a message that says that the assistant does not help
REPLIES = ("affirm", "deny")
MAX_RESPONSES = 10  # of one turn that are kept


def kind_of(responses: Sequence[str], is_guess: bool) -> Kind:
    """Return what an answer was, by the names of its responses and by whether other questions were suggested."""
    if MISSES & set(responses):
        return "miss"
    if is_guess or GUESS in responses:
        return "guess"
    return "repeat" if any(name.endswith(AGAIN) for name in responses) else "answer"


def record(
    session: Session,
    conversation: Conversation,
    message: Message,
    responses: Sequence[str],
    about: str | None,
    ranking: Sequence[tuple[str, float]],
    rejects: bool,
    is_guess: bool,
    answer_id: int | None = None,
    instead: Sequence[str] | None = None,
) -> None:
    """Keep the turn of a customer's message that was answered; mark the turn before if this message contradicts it.

    `answer_id` is the last message of the answer, `instead` what may have been meant instead, or None if nothing was
    told that could help.
    """
    before = newest(session, conversation)
    # "No" also answers the questions of the walkthrough, and declines what was offered.
    is_reply = bool(before and before.place) or message.intent in REPLIES
    if before and (message.intent == COMPLAINT or (rejects and not is_reply)):
        before.contradicted = True
    session.add(
        Turn(
            message_id=message.id,
            conversation_id=conversation.id,
            at=message.created_at,
            language=conversation.language,
            intent=message.intent,
            confidence=message.confidence,
            ranking=[list(one) for one in ranking],
            about=about,
            place=conversation.place,
            responses=list(responses)[:MAX_RESPONSES],
            kind=kind_of(responses, is_guess),
            contradicted=False,
            answer_id=None if instead is None else answer_id,
            instead=list(instead or ()),
        )
    )


def newest(session: Session, conversation: Conversation) -> Turn | None:
    """Return the newest turn of a conversation."""
    mine = select(Turn).where(Turn.conversation_id == conversation.id)
    return session.scalar(mine.order_by(Turn.message_id.desc()).limit(1))


def note_unhelpful(session: Session, conversation: Conversation, answer_id: int) -> bool:
    """Keep that an answer did not help, and offer what may have been meant instead, or a person, once.

    Return whether there is such an answer.
    """
    turn = session.scalar(select(Turn).where(Turn.conversation_id == conversation.id, Turn.answer_id == answer_id))
    if turn and not turn.unhelpful:
        turn.unhelpful = True
        if conversation.owner == "assistant":
            name = "unhelpful_instead" if turn.instead else "unhelpful"
            suggest(session, conversation, name, turn.instead, "ask_person")
    return turn is not None

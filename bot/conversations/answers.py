"""What Rasa answers to a message, and how that is stored."""

from datetime import datetime
from typing import Annotated, Any, Literal

import structlog
from pydantic import BaseModel, Field
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.conversations import pictures
from bot.conversations.identity import ask_identity, forget_identity, forget_told
from bot.conversations.lifecycle import lock
from bot.conversations.messages import Button, add_message
from bot.conversations.models import Message
from bot.conversations.notices import add_notice, tell_that_the_assistant_answers

log = structlog.get_logger()


class ConfirmIdentity(BaseModel):
    """An action's wish that the customer shows who they are; the payload is heard once that is done."""

    then: str = Field(max_length=200)


class HandOff(BaseModel):
    """The assistant's wish that a person takes over, and why."""

    cause: Literal["asked", "misses", "lookup_failed", "anger"]


class Custom(BaseModel):
    """What an action says to the website side."""

    confirm_identity: ConfirmIdentity | None = None
    hand_off: HandOff | None = None
    end_identity: bool = False  # the customer says that they are somebody else


DetailName = Annotated[str, Field(max_length=40)]
DetailValue = Annotated[str, Field(max_length=100)]


class Understood(BaseModel):
    """What a message was taken for, how sure that was, whether it was answered, and what the dialogue holds then."""

    intent: str = Field(max_length=80)
    confidence: float
    sure: bool
    place: str | None = Field(max_length=40)  # in the walkthrough
    details: dict[DetailName, DetailValue] = Field({}, max_length=20)
    problem: str | None = Field(None, max_length=80)
    person: int = 0  # who told it, by the conversation's count


class Answer(BaseModel):
    """One answer as Rasa sends it; the first one tells what was understood."""

    text: str = ""
    response: str | None = Field(None, max_length=80)  # its name
    understood: Understood | None = None
    image: Any = None  # the name of a picture
    language: Literal["lv", "en"] | None = None
    buttons: list[Button] = []
    custom: Custom = Custom()


def store_answers(
    session: Session, message_id: int, answers: list[Answer], moment: datetime, meanwhile: bool = False
) -> tuple[str | None, HandOff | None]:
    """Store what Rasa answers to a message, once; silence is put into words. Raise Closed.

    Return the token of a confirmation that this ends, and the wish for a person. While a person holds the conversation,
    nothing that Rasa says is heard. `meanwhile`: Rasa heard it of a customer who waited for a person, and is silent
    where it asks nothing; that is left to the person.
    """
    message = session.get_one(Message, message_id)
    conversation = lock(session, message.conversation_id)
    ended = None
    if any(answer.custom.end_identity for answer in answers):
        ended = conversation.access_token
        forget_identity(conversation)
        forget_told(conversation)
    for understood in (answer.understood for answer in answers if answer.understood):
        message.intent, message.confidence = understood.intent, understood.confidence
        message.understood, conversation.place = understood.sure, understood.place
        if understood.person == conversation.person:  # or it is what an earlier customer told
            conversation.details, conversation.problem = understood.details, understood.problem
    of_message = update(Message).where(Message.id == message_id)
    if meanwhile and not any(answer.text or answer.custom.hand_off for answer in answers):
        if conversation.owner != "assistant":  # or they wait no more, and it is asked again, as anything is
            left = of_message.where(Message.rasa_state == "pending").values(rasa_state="withdrawn", answered_at=moment)
            session.execute(left)
        return ended, None
    first = session.execute(
        of_message.where(Message.rasa_state == "pending").values(rasa_state="answered", answered_at=moment)
    )
    was_pending = bool(first.rowcount)  # type: ignore[attr-defined]
    waits = conversation.owner == "waiting" and message.author == "customer"
    if not was_pending or not (conversation.owner == "assistant" or waits):
        before = "answered" if was_pending else "withdrawn"
        # What it is about is not to be heard twice.
        session.execute(of_message.where(Message.rasa_state == before).values(rasa_state="already_heard"))
        return ended, None
    hand_off = None
    if waits and any(answer.text for answer in answers):
        tell_that_the_assistant_answers(session, conversation)
    for answer in answers:
        conversation.language = answer.language or conversation.language
        picture = pictures.find(answer.image, conversation.language)
        if answer.image and not picture:
            log.error("picture_not_known", conversation=conversation.id, picture=str(answer.image)[:60])
        if answer.text or picture:
            said = add_message(session, conversation, "assistant", answer.text, buttons=answer.buttons, picture=picture)
            said.response = answer.response
        if answer.custom.confirm_identity:
            ask_identity(conversation, answer.custom.confirm_identity.then)
        hand_off = answer.custom.hand_off or hand_off
    if not answers:
        add_notice(session, conversation, "no_answer", "ask_person")
    return ended, hand_off

"""Rasa's answers to a message: their form, and how they are stored."""

from datetime import datetime
from typing import Annotated, Any, Literal

import structlog
from pydantic import BaseModel, Field
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.conversations import pictures, turns
from bot.conversations.identity import ask_identity, forget_identity, forget_told
from bot.conversations.lifecycle import close_conversation, lock
from bot.conversations.messages import Button, add_message
from bot.conversations.models import Message
from bot.conversations.notices import add_notice, tell_that_the_assistant_answers
from bot.conversations.privacy import Privacy
from bot.conversations.subscriptions import Subscriptions

log = structlog.get_logger()


class ConfirmIdentity(BaseModel):
    """A request that the customer confirms who they are; the payload goes to Rasa afterwards."""

    then: str = Field(max_length=200)


class HandOff(BaseModel):
    """A request that a person takes over, and its cause."""

    cause: Literal["asked", "misses", "lookup_failed", "anger"]


class Custom(BaseModel):
    """What an action requests of the website side."""

    confirm_identity: ConfirmIdentity | None = None
    hand_off: HandOff | None = None
    leave_message: bool = False  # the customer wants to: the form for it opens
    end_identity: bool = False  # the customer says that they are not the confirmed person
    language: Literal["lv", "en"] | None = None  # of a wish without a text


DetailName = Annotated[str, Field(max_length=40)]
DetailValue = Annotated[str, Field(max_length=100)]
IntentName = Annotated[str, Field(max_length=80)]
Question = Annotated[str, Field(max_length=100)]


class Understood(BaseModel):
    """How a message was understood, and the state of the dialogue afterwards."""

    intent: str = Field(max_length=80)
    confidence: float
    sure: bool
    place: str | None = Field(max_length=40)  # in the walkthrough
    details: dict[DetailName, DetailValue] = Field({}, max_length=20)
    problem: str | None = Field(None, max_length=80)
    person: int = 0  # the number of the customer who told it
    about: str | None = Field(None, max_length=80)  # address of the answer that the talk is about now
    ranking: list[tuple[IntentName, float]] = Field([], max_length=5)  # the likeliest intents
    rejects: bool = False  # whether it says that the last answer was not what was asked
    guessed: bool = False  # whether other questions were suggested beside the answer
    instead: list[Question] | None = Field(None, max_length=5)  # what may have been meant; None: it was told nothing


class RasaAnswer(BaseModel):
    """One answer as Rasa sends it; only the first has `understood`."""

    text: str = ""
    response: str | None = Field(None, max_length=80)  # the name of the response
    understood: Understood | None = None
    image: Any = None  # the name of a picture
    language: Literal["lv", "en"] | None = None
    buttons: list[Button] = []
    custom: Custom = Custom()


def store_answers(
    session: Session,
    message_id: int,
    answers: list[RasaAnswer],
    moment: datetime,
    meanwhile: bool = False,
    privacy: Privacy | None = None,
    subscribed: Subscriptions | None = None,
) -> tuple[str | None, HandOff | None]:
    """Store Rasa's answers to a message, once, or an apology if there is none. Raise Closed.

    Return the access token of a confirmation that ends here, and the request for a person. Who says that they are not
    the confirmed customer ends the conversation. While a person holds the conversation, Rasa's answers are dropped.
    With `meanwhile`, Rasa was asked while the customer waited for a person: no answer means that the message asks
    nothing, and it is left to the person.
    """
    message = session.get_one(Message, message_id)
    conversation = lock(session, message.conversation_id)
    ended = None
    if _logs_out(answers, meanwhile):
        ended = conversation.access_token
        if conversation.told_by:
            close_conversation(session, conversation)
        else:
            forget_identity(conversation)
            forget_told(conversation)
    for understood in (answer.understood for answer in answers if answer.understood):
        message.intent, message.confidence = understood.intent, understood.confidence
        message.understood, conversation.place = understood.sure, understood.place
        if understood.person == conversation.person:  # otherwise an earlier customer told it
            conversation.details, conversation.problem = understood.details, understood.problem
    of_message = update(Message).where(Message.id == message_id)
    if meanwhile and not any(answer.text or answer.custom.hand_off for answer in answers):
        if conversation.owner != "assistant":  # otherwise the wait is over, and Rasa is asked again
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
        # Rasa has heard the message, so it must not be sent again when the assistant resumes.
        session.execute(of_message.where(Message.rasa_state == before).values(rasa_state="already_heard"))
        return ended, None
    hand_off = said = None
    if waits and any(answer.text for answer in answers):
        tell_that_the_assistant_answers(session, conversation)
    for answer in answers:
        conversation.language = answer.language or answer.custom.language or conversation.language
        picture = pictures.find(answer.image, conversation.language)
        if answer.image and not picture:
            log.error("picture_not_known", conversation=conversation.id, picture=str(answer.image)[:60])
        if answer.text or picture:
            said = add_message(session, conversation, "assistant", answer.text, buttons=answer.buttons, picture=picture)
            said.response = answer.response
        if privacy and answer.response:
            privacy.add_to(session, conversation, answer.response)
        if answer.custom.confirm_identity:
            ask_identity(conversation, answer.custom.confirm_identity.then)
        conversation.wants_ticket = conversation.wants_ticket or answer.custom.leave_message
        hand_off = answer.custom.hand_off or hand_off
    said_names = [answer.response for answer in answers if answer.response]
    if subscribed:
        for response in said_names:
            subscribed.offer_after(session, conversation, response)
    if not answers:
        add_notice(session, conversation, "no_answer", "ask_person")
    heard = answers[0].understood if answers else None
    if heard and message.author == "customer":
        turns.record(
            session,
            conversation,
            message,
            said_names,
            heard.about,
            heard.ranking,
            heard.rejects,
            heard.guessed,
            said.id if said else None,
            heard.instead,
        )
    return ended, hand_off


def _logs_out(answers: list[RasaAnswer], meanwhile: bool) -> bool:
    """Tell whether a customer says that they are not the confirmed one; who waits for a person is given no answer."""
    understood = [answer.understood for answer in answers if answer.understood] if meanwhile else []
    is_understood = any(one.intent == "log_out" and one.sure for one in understood)
    return is_understood or any(answer.custom.end_identity for answer in answers)

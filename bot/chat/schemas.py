"""The requests and responses of the chat's HTTP interface."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["lv", "en"]


class Model(BaseModel):
    """The base of all requests; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class LanguageIn(Model):
    """A language to speak."""

    language: Language


class DraftIn(LanguageIn):
    """What a customer is typing."""

    text: str = Field(max_length=200)


class ConversationOut(BaseModel):
    """A conversation just begun; the token is its only key."""

    token: str
    language: Language


class IdentityOut(BaseModel):
    """Whether the customer has shown who they are: asked for an e-mail address, for a code, or confirmed."""

    state: Literal["none", "email", "code", "confirmed"]
    name: str | None
    by_website: bool = Field(description="Whether the website vouched for the customer")


class QueueOut(BaseModel):
    """Where the customer stands in the queue for a person."""

    place: int
    minutes: int | None = Field(description="How long the last customers waited, where that is known")


class StepOut(BaseModel):
    """A step of the walkthrough."""

    number: int
    count: int = Field(description="How many steps there are")


class QuestionsOut(BaseModel):
    """Questions that the assistant can answer; sent as a message, each gets its answer."""

    questions: list[str]


class StateOut(BaseModel):
    """What the widget shows around the messages."""

    language: Language
    typing: bool = Field(description="Whether the assistant or the agent is writing")
    owner: Literal["assistant", "waiting", "agent", "closed"] = Field(description="Who holds the conversation")
    speaker: str | None = Field(description="The first name of the agent who holds it, or who closed it")
    queue: QueueOut | None
    wants_ticket: bool = Field(description="Whether the customer is about to leave a message")
    step: StepOut | None = Field(description="Where the customer stands in the walkthrough")
    unmarked_answer: int | None = Field(
        description="The assistant's newest answer, if the customer has not said that it did not help"
    )
    may_rate: bool = Field(description="Whether an agent closed it, and the customer has not said how it was")
    may_mail: bool = Field(description="Whether the conversation can be sent to the customer's confirmed address")
    seen: int = Field(description="The last message that the customer has seen, in whatever window")
    agent_delivered: int = Field(description="The last message that reached the agent")
    agent_read: int = Field(description="The last message that the agent has read")
    waiting: bool = Field(description="Whether messages wait because the assistant does not answer")
    identity: IdentityOut


class ChoiceOut(BaseModel):
    """A button under a message."""

    id: str
    title: str
    command: (
        Literal["ask_person", "leave_message", "cancel_person", "request_export", "request_erasure", "notify"] | None
    ) = Field(description="What it does about a person, or about the customer's data; none: the assistant answers")


class PictureOut(BaseModel):
    """A drawing that goes with a message."""

    url: str = Field(description="Where it is: a path on this server")
    alt: str = Field(description="What it shows, in the language of the message")


class FileOut(BaseModel):
    """A file that the customer has sent; the message's text is its name."""

    kind: Literal["jpeg", "png", "pdf"]


class MessageOut(BaseModel):
    """One message of the conversation."""

    id: int
    author: Literal["customer", "assistant", "agent", "notice"]
    speaker: str | None = Field(description="The first name of the agent who wrote it")
    text: str
    at: datetime
    client_id: str | None
    choices: list[ChoiceOut]
    picture: PictureOut | None
    file: FileOut | None


class NewsOut(BaseModel):
    """What is new in a conversation, and what stands around its messages."""

    messages: list[MessageOut]
    state: StateOut


class UnreadOut(BaseModel):
    """How many messages the customer has not seen."""

    count: int


CLIENT_ID: dict[str, Any] = {"min_length": 8, "max_length": 64, "pattern": r"^[A-Za-z0-9-]+$"}


class MessageIn(Model):
    """What a customer types; a repeat with the same client_id is stored once."""

    client_id: str = Field(**CLIENT_ID)
    text: str


class ChoiceIn(Model):
    """A button that a customer chose."""

    client_id: str = Field(**CLIENT_ID)
    choice: str = Field(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")


NEXT = Field(
    None, description="Where to go on: this conversation was another customer's, and has ended; none: it goes on here"
)


class StoredOut(BaseModel):
    """The id under which a message is stored; a code that was typed may lead to another conversation."""

    id: int
    token: str | None = NEXT


class EmailIn(Model):
    """Whom to send a code."""

    email: str = Field(max_length=500)


class CodeIn(Model):
    """A code as the customer read it."""

    code: str = Field(max_length=50)


class TokenIn(Model):
    """A token with which the website vouches for its customer."""

    token: str = Field(min_length=1, max_length=5000)


class TokensIn(LanguageIn):
    """Tokens of the website's customer who has logged out."""

    tokens: list[Annotated[str, Field(min_length=1, max_length=5000)]] = Field(max_length=21)


class NameOut(BaseModel):
    """Who the customer has shown to be."""

    name: str
    token: str | None = NEXT
    resumed: bool = Field(False, description="Whether they go on in what they have begun on another device")


class TicketIn(Model):
    """A message for CPS priority support; a repeat with the same client_id is kept once."""

    client_id: str = Field(**CLIENT_ID)
    email: str = Field(max_length=500)
    text: str


class PageIn(Model):
    """The page on which the customer has opened the chat."""

    url: str = Field(max_length=2000)
    title: str = Field("", max_length=1000)


class SeenIn(Model):
    """The last message that stands before the customer's eyes."""

    id: int = Field(ge=0, le=2**53, strict=True)  # strict: true is not a number


class RatingIn(Model):
    """How it was with the agent, from 1 (bad) to 5 (good)."""

    score: int = Field(ge=1, le=5, strict=True)
    comment: str = ""

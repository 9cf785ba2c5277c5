"""The base class of actions that read the customer's account."""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import backend
from actions.backend import NotConfirmed
from bot.account import Account
from bot.http import ServiceError

# More threads than asyncio's default, so that slow calls of some chats do not hold up the others.
THREADS = ThreadPoolExecutor(40, "lookup")
FIGURE = re.compile(r"\d{2}")
TELLING = ("points", "tier", "products")  # values that every response with them says
OFFERS_PERSON = {"utter_my_nothing_more", "utter_my_invitation_late"}  # responses that ask whether to call one
log = structlog.get_logger()


async def read_account(tracker: Tracker, why: str) -> Account:
    """Return the customer's account, read off the event loop; raise NotConfirmed or ServiceError."""
    turn = tracker.latest_message["message_id"]
    read = partial(copy_context().run, backend.account, tracker.sender_id, turn, why)  # it logs the request's id, too
    return await asyncio.get_running_loop().run_in_executor(THREADS, read)


class Lookup(Action, ABC):
    """Answer from the account, or say that it cannot be read."""

    topic: str  # the intent, which is sent again after a confirmation or for a retry

    def name(self) -> str:
        """Return the action's name in the domain."""
        return f"action_{self.topic.removeprefix('ask_')}"

    @abstractmethod
    def answer(
        self, account: Account, language: str, dispatcher: CollectingDispatcher, details: Mapping[str, str]
    ) -> None:
        """Say the answer; `details` are what the customer told, points only if this message names them."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Answer, or ask the customer to confirm who they are, or say that the account cannot be read."""
        again = f"/{self.topic}"
        try:
            account = await read_account(tracker, self.topic)
        except NotConfirmed:
            # The website side shows the form, so that neither address nor code passes through Rasa.
            wish = {"confirm_identity": {"then": again}}
            dispatcher.utter_message(response="utter_confirm_identity", json_message=wish)
        except ServiceError as error:
            log.warning("lookup_failed", conversation=tracker.sender_id, topic=self.topic, reason=str(error))
            # After the first failure a retry is offered; after the second, a person is called.
            person = {"hand_off": {"cause": "lookup_failed"}} if failed_before(tracker.events) else None
            dispatcher.utter_message(response="utter_backend_failed", retry=again, json_message=person)
        else:
            log.info("account_read", conversation=tracker.sender_id, topic=self.topic)
            self._tell(account, dispatcher, tracker)
        said = {message["response"] for message in dispatcher.messages}
        return [SlotSet("offer", "person")] if said & OFFERS_PERSON else []

    def _tell(self, account: Account, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        """Say the answer; to a customer who asks on, only its first part or, after that, that there is no more."""
        details = dict(tracker.get_slot("details") or {})
        text = tracker.latest_message.get("text") or ""
        if not FIGURE.search(text):
            details.pop("points", None)
        self.answer(account, tracker.get_slot("language"), dispatcher, details)
        is_typed = bool(text) and not text.startswith("/")
        if is_typed and not details.get("points") and is_said_before(dispatcher.messages, tracker.events):
            del dispatcher.messages[1:]
            if len(said_before(tracker.events)) == 1:
                dispatcher.messages.clear()
                dispatcher.utter_message(response="utter_my_nothing_more")


def failed_before(events: list[dict[str, Any]]) -> bool:
    """Tell whether the answer to the customer's previous message was that the account cannot be read."""
    return "utter_backend_failed" in [name for name, _ in said_before(events)]


def is_said_before(messages: list[dict[str, Any]], events: list[dict[str, Any]]) -> bool:
    """Tell whether the previous message was answered by the same responses with the same values."""
    before = said_before(events)
    return [name for name, _ in before] == [message["response"] for message in messages] and all(
        message[value] in text
        for message, (_, text) in zip(messages, before, strict=True)
        for value in TELLING
        if value in message
    )


def said_before(events: list[dict[str, Any]]) -> list[tuple[str | None, str]]:
    """Return the names and texts of the responses to the customer's previous message, in their order."""
    turns: list[list[tuple[str | None, str]]] = [[]]  # by turn, the newest turn first
    for event in reversed(events):
        if event.get("event") == "user":
            turns.append([])
        elif event.get("event") == "bot":
            turns[-1].append(((event.get("metadata") or {}).get("utter_action"), event.get("text") or ""))
    return turns[1][::-1] if len(turns) > 1 else []

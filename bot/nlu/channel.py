"""The REST channel, with the language and name of each response; a failed turn is answered with an error."""

from __future__ import annotations

import asyncio
import hmac
import itertools
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import TrackerStore
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME as NOT_UNDERSTOOD
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.dialogue.answers import read_answers
from bot.dialogue.follow_ups import REJECTS
from bot.logs import name_request
from bot.nlu.dialogue_policy import meant_instead
from bot.nlu.suggesting import SUGGESTED
from bot.nlu.tracker_store import one_turn
from bot.text import fold, looked_at

logger = logging.getLogger(__name__)
READERS = ThreadPoolExecutor(max_workers=1)  # embeddings take most of the time, and no lock of Python's
OF_A_PERSON = ("details", "about", "offer")  # slots that belong to one customer


def as_item(recipient_id: str, message: dict[str, Any]) -> dict[str, Any]:
    """Turn what the dialogue says into one item of the answer, without empty fields."""
    item = {
        "recipient_id": recipient_id,
        "text": message.get("text"),
        "buttons": message.get("buttons"),
        "image": message.get("image"),
        "custom": message.get("custom"),
        "attachment": message.get("attachment"),
        "language": _language_of(message),
        "response": message.get("utter_action"),
    }
    return {key: value for key, value in item.items() if value}


def _language_of(message: dict[str, Any]) -> str | None:
    # The variant was chosen by its condition on this slot, so the slot holds the language of the text.
    return next((c["value"] for c in message.get("condition") or [] if c["name"] == "language"), None)


class WholeMessages(CollectingOutputChannel):
    """Collect each message as one item; Rasa's own splits text at blank lines and sends custom data apart."""

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one message."""
        await self._persist_message(as_item(recipient_id, message))


def understood(tracker: DialogueStateTracker) -> dict[str, Any]:
    """Return how the last message was understood, with what confidence, and what the dialogue knows now."""
    parsed = tracker.latest_message.parse_data
    ranking = [one for one in parsed.get("intent_ranking", []) if one["name"] != NOT_UNDERSTOOD]
    likeliest = ranking[0] if ranking else parsed["intent"]
    path = tracker.get_slot("guide_path")
    about = read_answers().get(tracker.get_slot("about") or "")
    return {
        "intent": likeliest["name"],
        "confidence": likeliest["confidence"],
        # A message may be understood from the conversation, however unsure its intent.
        "sure": not _spoke(tracker, "action_fallback"),
        "place": path[-1] if path and not tracker.get_slot("guide_paused") else None,
        "details": tracker.get_slot("details") or {},
        "problem": about.address if about and about.aspect == "problem" else None,
        "person": person_in(tracker.latest_message),
        "about": tracker.get_slot("about"),
        "ranking": [(one["name"], one["confidence"]) for one in ranking[:3]],
        "guessed": bool(tracker.get_slot(SUGGESTED)),
        "instead": meant_instead(tracker),
        "rejects": bool(REJECTS.search(fold(tracker.latest_message.text or ""))),
    }


def _spoke(tracker: DialogueStateTracker, action: str) -> bool:
    """Tell whether an action spoke since the customer's last message."""
    turn = itertools.takewhile(lambda event: not isinstance(event, UserUttered), reversed(tracker.events))
    return any(isinstance(event, ActionExecuted) and event.action_name == action for event in turn)


def person_in(message: UserUttered | None) -> int:
    """Return the number of the customer who wrote a message, as the website side counts them."""
    metadata = (message.metadata if message else None) or {}
    return int(metadata.get("person") or 0)


async def forget_earlier_person(store: TrackerStore, sender: str, person: int) -> None:
    """Clear what the tracker holds about a customer once somebody else continues the conversation."""
    if not person:  # still the first customer, as almost always: do not read the tracker
        return
    tracker = await store.retrieve(sender)
    if tracker and person_in(tracker.latest_message) != person:
        for slot in OF_A_PERSON:
            tracker.update(SlotSet(slot, None))
        await store.save(tracker)


def said_before(tracker: DialogueStateTracker | None, number: int | None) -> list[dict[str, Any]]:
    """Return the answer to the message with this number if it was heard lately."""
    if not tracker or number is None:
        return []
    events = list(tracker.events)
    place = next((n for n in reversed(range(len(events))) if _number(events[n]) == number), len(events))
    turn = itertools.takewhile(lambda event: not isinstance(event, UserUttered), events[place + 1 :])
    said = [event for event in turn if isinstance(event, BotUttered)]
    # Rasa keeps a picture as an attachment as well.
    kept = [{**one.metadata, **one.data, "text": one.text, "attachment": None} for one in said]
    return [as_item(tracker.sender_id, one) for one in kept]


def _number(event: Event) -> int | None:
    return (event.metadata or {}).get("message") if isinstance(event, UserUttered) else None


async def parsed(processor: MessageProcessor, message: UserMessage) -> dict[str, Any]:
    """Return how a message is understood, read in a thread so that other conversations go on meanwhile."""
    return await asyncio.get_running_loop().run_in_executor(READERS, asyncio.run, processor.parse_message(message))


class Turns:
    """Run each turn once and to its end, so that a caller that gave up waiting can ask again for its answer."""

    def __init__(self) -> None:
        """Start with no turn under way."""
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def do(self, sender: str, turn: Callable[[], Awaitable[Any]]) -> Any:
        """Run a turn after the earlier turns of its conversation, and to its end, even if its caller is gone."""
        lock = self._locks.setdefault(sender, asyncio.Lock())

        async def in_order() -> Any:
            async with lock:
                return await turn()

        task = asyncio.create_task(in_order())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)  # Sanic cancels its own task when the client disconnects


def has_key(headers: Mapping[str, str], key: str) -> bool:
    """Tell whether a request has the key, or needs none."""
    return not key or hmac.compare_digest(headers.get("x-rasa-key", "").encode(errors="replace"), key.encode())


def _has_model(request: Request) -> bool:
    # Without a model Rasa drops the message and answers with an empty list.
    agent = request.app.ctx.agent
    return agent is not None and agent.is_ready()


def _error(status: int, text: str) -> HTTPResponse:
    return response.json({"error": text}, status=status)


class ChatChannel(RestInput):
    """Answer POST {"sender", "message", "metadata"} at /webhooks/rest/webhook with a list of items."""

    def __init__(self, key: str) -> None:
        """Remember the key that a caller has to send; without one, nobody has to."""
        self.key = key

    @classmethod
    def from_credentials(cls, credentials: dict[str, str] | None) -> ChatChannel:
        """Read the key from credentials.yml."""
        return cls(**(credentials or {}))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Define the routes."""
        routes, turns = Blueprint("chat_channel"), Turns()

        @routes.get("/")
        async def health(request: Request) -> HTTPResponse:
            if not _has_model(request):
                return _error(503, "no model is loaded")
            return response.json({"status": "ok"})

        @routes.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            if not has_key(request.headers, self.key):
                return _error(401, "the key is missing or wrong")
            body = request.json
            if not isinstance(body, dict) or not all(
                isinstance(body.get(key), str) and body[key].strip() for key in ("sender", "message")
            ):
                return _error(400, "sender and message are needed, both texts")
            if not _has_model(request):
                return _error(503, "no model is loaded")
            sender, metadata = body["sender"], self.get_metadata(request) or {}
            name_request(metadata.get("request"))
            typed = body["message"]
            text = typed if typed.startswith("/") else looked_at(typed)
            agent = request.app.ctx.agent

            async def turn() -> list[dict[str, Any]]:
                # Rasa's own handler takes this lock too, but only after the first read.
                async with agent.lock_store.lock(sender), agent.tracker_store.alone(sender):
                    with one_turn():
                        return await heard()

            async def heard() -> list[dict[str, Any]]:
                tracker = await agent.tracker_store.retrieve(sender)
                messages = said_before(tracker, metadata.get("message"))
                if not messages:
                    said = WholeMessages()
                    await forget_earlier_person(agent.tracker_store, sender, metadata.get("person") or 0)
                    message = UserMessage(text, said, sender, input_channel=self.name(), metadata=metadata)
                    message.parse_data = await parsed(agent.processor, message)
                    await agent.processor.handle_message(message)
                    messages, tracker = said.messages, await agent.tracker_store.retrieve(sender)
                if not messages and metadata.get("with_person"):
                    messages = [{}]  # a waiting customer gets no text, but the agent sees what was understood
                if messages:
                    messages[0]["understood"] = understood(tracker)
                return messages

            try:
                messages = await turns.do(sender, turn)
            except Exception as error:
                # The message stays out of the log, and so does the error's own text, which may quote it.
                logger.error("A message of conversation %s was not handled: %s", sender, type(error).__name__)
                return _error(500, "the message was not handled")
            # Rasa hides the failure of an action, even of a stopped action server. Every rule of ours says something.
            return response.json(messages) if messages else _error(500, "nothing was said")

        return routes

"""The REST channel, with the language and the name of each response, and honest about failures."""

import itertools
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from rasa.core.tracker_store import TrackerStore
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME as NOT_UNDERSTOOD
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.answers import read_answers

logger = logging.getLogger(__name__)
OF_A_PERSON = ("details", "about", "offer")  # slots that hold what one customer told, and was told


def as_item(recipient_id: str, message: dict[str, Any]) -> dict[str, Any]:
    """Turn what the dialogue says into one item of the answer, without what it lacks."""
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
    # The variant was chosen by its condition on the slot: that is the language of its words.
    return next((c["value"] for c in message.get("condition") or [] if c["name"] == "language"), None)


class WholeMessages(CollectingOutputChannel):
    """Collect each message as one item; Rasa's own splits text at blank lines and sends custom data apart."""

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one message."""
        await self._persist_message(as_item(recipient_id, message))


def understood(tracker: DialogueStateTracker) -> dict[str, Any]:
    """Tell what the last message was taken for, how sure that was, and what the dialogue holds now."""
    parsed = tracker.latest_message.parse_data
    named = parsed["intent"]
    likeliest = next((one for one in parsed.get("intent_ranking", []) if one["name"] != NOT_UNDERSTOOD), named)
    path = tracker.get_slot("guide_path")
    about = read_answers().get(tracker.get_slot("about") or "")
    return {
        "intent": likeliest["name"],
        "confidence": likeliest["confidence"],
        # A message may be understood by what was said before, whatever its intent.
        "sure": not _spoke(tracker, "action_fallback"),
        "place": path[-1] if path and not tracker.get_slot("guide_paused") else None,
        "details": tracker.get_slot("details") or {},
        "problem": about.address if about and about.aspect == "problem" else None,
        "person": person_in(tracker.latest_message),
    }


def _spoke(tracker: DialogueStateTracker, action: str) -> bool:
    """Tell whether an action spoke since the customer's last message."""
    turn = itertools.takewhile(lambda event: not isinstance(event, UserUttered), reversed(tracker.events))
    return any(isinstance(event, ActionExecuted) and event.action_name == action for event in turn)


def person_in(message: UserUttered | None) -> int:
    """Return who wrote a message, as the website side counts them."""
    metadata = (message.metadata if message else None) or {}
    return int(metadata.get("person") or 0)


async def forget_earlier_person(store: TrackerStore, sender: str, person: int) -> None:
    """Empty what the conversation keeps of a customer, where somebody else goes on with it."""
    if not person:  # nobody has ended yet, as almost always: nothing is to be read
        return
    tracker = await store.retrieve(sender)
    if tracker and person_in(tracker.latest_message) != person:
        for slot in OF_A_PERSON:
            tracker.update(SlotSet(slot, None))
        await store.save(tracker)


def _has_model(request: Request) -> bool:
    # Without one Rasa drops the message, and the answer would be an empty list.
    agent = request.app.ctx.agent
    return agent is not None and agent.is_ready()


def _error(status: int, text: str) -> HTTPResponse:
    return response.json({"error": text}, status=status)


class ChatChannel(RestInput):
    """POST {"sender", "message", "metadata"} to /webhooks/rest/webhook, get a list of items back."""

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Define the routes."""
        routes = Blueprint("chat_channel")

        @routes.get("/")
        async def health(request: Request) -> HTTPResponse:
            if not _has_model(request):
                return _error(503, "no model is loaded")
            return response.json({"status": "ok"})

        @routes.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            body = request.json
            if not isinstance(body, dict) or not all(
                isinstance(body.get(key), str) and body[key].strip() for key in ("sender", "message")
            ):
                return _error(400, "sender and message are needed, both texts")
            if not _has_model(request):
                return _error(503, "no model is loaded")
            said, metadata = WholeMessages(), self.get_metadata(request) or {}
            try:
                store = request.app.ctx.agent.tracker_store
                await forget_earlier_person(store, body["sender"], metadata.get("person") or 0)
                await on_new_message(
                    UserMessage(
                        body["message"],
                        said,
                        body["sender"],
                        input_channel=self.name(),
                        metadata=metadata,
                    )
                )
            except Exception as error:
                # What was said stays out of the log, and so does the error's own text, which may quote it.
                logger.error("A message of conversation %s was not handled: %s", body["sender"], type(error).__name__)
                return _error(500, "the message was not handled")
            # Rasa swallows the failure of an action, a stopped action server too. Every rule of ours ends in words.
            if not said.messages:
                return _error(500, "nothing was said")
            tracker = await request.app.ctx.agent.tracker_store.retrieve(body["sender"])
            said.messages[0]["understood"] = understood(tracker)
            return response.json(said.messages)

        return routes

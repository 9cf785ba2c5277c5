"""Answer a message that was not understood: offer the likeliest questions, and after a second miss a person."""

import itertools
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.dialogue import suggestions
from bot.wording import read_data

MAX_TOPICS = 3
MISSES = ("action_fallback", "utter_follow_up_nothing")  # actions that answer a message that was not understood


class Fallback(Action):
    """Offer what the customer may have meant; unlike Rasa's own fallback, keep the turn."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_fallback"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Offer the likeliest questions, or topics, at the first miss, and a person from the second in a row on."""
        if misses_in_a_row(tracker.events) > 1:
            wish = {"hand_off": {"cause": "misses"}}
            dispatcher.utter_message(response="utter_fallback_person", json_message=wish)
        else:
            language = tracker.get_slot("language")
            buttons = suggestions.buttons(tracker.get_slot("suggested") or (), language)
            buttons = buttons or likeliest(tracker.latest_message.get("intent_ranking", []), language)
            dispatcher.utter_message(response="utter_fallback", buttons=buttons)
        return []


def misses_in_a_row(events: list[dict[str, Any]]) -> int:
    """Count the latest messages in a row that were not understood, including this one."""
    spoke: list[bool] = []  # by message: whether it was not understood
    for event in events:
        if event.get("event") == "user":
            spoke.append(False)
        elif spoke and event.get("event") == "action" and event.get("name") in MISSES:
            spoke[-1] = True
    return 1 + len(list(itertools.takewhile(bool, reversed(spoke[:-1]))))


def likeliest(ranking: list[dict[str, Any]], language: str) -> list[dict[str, str]]:
    """Return buttons for the topics that the classifier finds likeliest."""
    topics = read_data("topics.yml")
    names = [intent["name"] for intent in ranking if intent["name"] in topics][:MAX_TOPICS]
    return [{"title": topics[name][language], "payload": f"/{name}"} for name in names]

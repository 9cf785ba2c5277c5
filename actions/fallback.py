"""Answer a message that was not understood: offer the likeliest topics, and after a second miss a person."""

import itertools
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

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
        """Offer the likeliest topics at the first miss, and a person from the second miss in a row on."""
        if misses_in_a_row(tracker.events) > 1:
            wish = {"hand_off": {"cause": "misses"}}
            dispatcher.utter_message(response="utter_fallback_person", json_message=wish)
        else:
            guessed = has_guessed(tracker.events)
            ranking = tracker.latest_message.get("intent_ranking", [])
            buttons = likeliest(ranking, tracker.get_slot("language"), besides=1 if guessed else 0)
            dispatcher.utter_message(response="utter_fallback_other" if guessed else "utter_fallback", buttons=buttons)
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


def has_guessed(events: list[dict[str, Any]]) -> bool:
    """Tell whether the likeliest topic was answered already in this turn."""
    turn = itertools.takewhile(lambda event: event.get("event") != "user", reversed(events))
    return any(event.get("name") == "utter_fallback_guess" for event in turn)


def likeliest(ranking: list[dict[str, Any]], language: str, besides: int = 0) -> list[dict[str, str]]:
    """Return buttons for the topics that the classifier finds likeliest, without the first few."""
    topics = read_data("topics.yml")
    names = [intent["name"] for intent in ranking if intent["name"] in topics][besides : MAX_TOPICS + besides]
    return [{"title": topics[name][language], "payload": f"/{name}"} for name in names]

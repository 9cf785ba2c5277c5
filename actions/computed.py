"""The base class of actions that compute an answer from what the customer told."""

from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.dialogue.answers import AGAIN, read_answers
from bot.dialogue.phrasing import MAX_SAID

OFFERS_PERSON = ("utter_last_day_over", "utter_enough_invitation_late")  # prefixes of responses that offer a person


class Computed(Action, ABC):
    """Say one response, in another wording to a customer who asks again, and remember it."""

    @abstractmethod
    def compute(self, goal: str, details: dict[str, str], language: str) -> tuple[str, dict[str, str]]:
        """Return the name of the response and the values of its placeholders; `goal` is what the answer computes."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Compute the response and say it."""
        details = tracker.get_slot("details") or {}
        said: list[str] = tracker.get_slot("said") or []
        answer = read_answers().get(tracker.get_slot("about") or "")
        goal = (answer.computed if answer else None) or ""
        name, words = self.compute(goal, details, tracker.get_slot("language"))
        if name in said:
            name += AGAIN
        dispatcher.utter_message(response=name, **words)
        offer = "person" if name.startswith(OFFERS_PERSON) else None
        said = [*(one for one in said if one != name), name][-MAX_SAID:]
        return [SlotSet("said", said), SlotSet("offer", offer)]

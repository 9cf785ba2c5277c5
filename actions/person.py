"""Tell how to reach CPS priority support."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.settings import get_settings


class Person(Action):
    """Give the contact details that the settings hold; without any, leave them out."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_person"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Say who can help, and how to reach them."""
        settings = get_settings()
        contact = ", ".join(filter(None, (settings.support_phone, settings.support_email)))
        if contact:
            dispatcher.utter_message(response="utter_person_contact", contact=contact)
        else:
            dispatcher.utter_message(response="utter_person")
        return []

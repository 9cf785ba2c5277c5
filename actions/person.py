"""Hand the conversation over to a person of CPS priority support."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.settings import get_settings


class Person(Action):
    """Call a person; give the contact details that the settings hold."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_person"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Request a person; the website side knows whether one is available, and tells the customer."""
        settings = get_settings()
        contact = ", ".join(filter(None, (settings.support_phone, settings.support_email)))
        if contact:
            dispatcher.utter_message(response="utter_person_contact", contact=contact)
        # No text of ours tells the language of this wish, which may be another than that of the window.
        wish = {"hand_off": {"cause": "asked"}, "language": tracker.get_slot("language")}
        dispatcher.utter_message(json_message=wish)
        return []

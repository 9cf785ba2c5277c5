"""Tell a customer their membership number."""

from rasa_sdk.executor import CollectingDispatcher

from actions import backend
from actions.lookup import Lookup
from bot.wording import plain


class MyMembership(Lookup):
    """Say the membership number, and the previous one."""

    topic = "ask_my_membership"

    def answer(self, conversation: str, language: str, dispatcher: CollectingDispatcher) -> None:
        """Read the membership and say its number."""
        membership = backend.membership(conversation, self.topic)
        if not membership.number or not membership.tier:
            dispatcher.utter_message(response="utter_my_membership_none")
            return
        dispatcher.utter_message(
            response="utter_my_membership_changed" if membership.previous_number else "utter_my_membership",
            number=plain(membership.number),
            previous=plain(membership.previous_number or ""),
            tier=plain(getattr(membership.tier.name, language)),
        )

"""Tell a customer their membership number."""

from collections.abc import Mapping

from rasa_sdk.executor import CollectingDispatcher

from actions.lookup import Lookup
from bot.account import Account
from bot.wording import plain


class MyMembership(Lookup):
    """Say the membership number, and the previous one."""

    topic = "ask_my_membership"

    def answer(
        self, account: Account, language: str, dispatcher: CollectingDispatcher, details: Mapping[str, str]
    ) -> None:
        """Say the number of the membership."""
        membership = account.membership
        if not membership.number or not membership.tier:
            dispatcher.utter_message(response="utter_my_membership_none")
            return
        dispatcher.utter_message(
            response="utter_my_membership_changed" if membership.previous_number else "utter_my_membership",
            number=plain(membership.number),
            previous=plain(membership.previous_number or ""),
            tier=plain(membership.tier.named(language)),
        )

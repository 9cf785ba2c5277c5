"""Tell a customer which tiers they may choose."""

from rasa_sdk.executor import CollectingDispatcher

from actions import backend
from actions.backend import Tiers
from actions.lookup import Lookup
from bot.wording import counted, listed, plain


class MyTiers(Lookup):
    """Name the tiers that are open to the account, and the points that the next tier takes."""

    topic = "ask_my_tiers"

    def answer(self, conversation: str, language: str, dispatcher: CollectingDispatcher) -> None:
        """Read the tiers and say which the customer may choose."""
        found = backend.tiers(conversation, self.topic)
        names = {tier.id: plain(getattr(tier.name, language)) for tier in found.tiers}
        points = counted("points", found.total, language)
        if found.available:
            kinds = {tier.kind for tier in found.tiers if tier.id in found.available}
            dispatcher.utter_message(
                response="utter_my_tiers_corporate" if "corporate" in kinds else "utter_my_tiers",
                points=points,
                tiers=listed([names[tier] for tier in found.available if tier in names], language),
            )
        else:
            dispatcher.utter_message(response="utter_my_tiers_none", points=points)
        say_next(found, language, dispatcher)


def say_next(found: Tiers, language: str, dispatcher: CollectingDispatcher) -> None:
    """Say how many points the next tier takes, if there is one."""
    closed = [tier for tier in found.tiers if tier.id not in found.available and tier.from_points > found.total]
    if closed:
        following = min(closed, key=lambda tier: tier.from_points)
        missing = counted("points_short", following.from_points - found.total, language)
        dispatcher.utter_message(
            response="utter_my_tiers_next", tier=plain(getattr(following.name, language)), missing=missing
        )

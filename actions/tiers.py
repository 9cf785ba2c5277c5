"""Tell a customer which tiers they may choose."""

from collections.abc import Mapping

from rasa_sdk.executor import CollectingDispatcher

from actions.lookup import Lookup
from bot.account import Account, Tiers
from bot.wording import counted, listed, plain


class MyTiers(Lookup):
    """Name the tiers that are open to the account, and the points that the next tier takes."""

    topic = "ask_my_tiers"

    def answer(
        self, account: Account, language: str, dispatcher: CollectingDispatcher, details: Mapping[str, str]
    ) -> None:
        """Say which tiers the customer may choose."""
        say_tiers(account.tiers, language, dispatcher)


def say_tiers(tiers: Tiers, language: str, dispatcher: CollectingDispatcher) -> None:
    """Name the tiers that are open, and what the next one takes."""
    points = counted("points", tiers.total, language)
    if tiers.open:
        dispatcher.utter_message(
            response="utter_my_tiers_corporate" if tiers.has_corporate else "utter_my_tiers",
            points=points,
            tiers=listed([plain(tier.named(language)) for tier in tiers.open], language),
        )
    else:
        dispatcher.utter_message(response="utter_my_tiers_none", points=points)
    say_next(tiers, language, dispatcher)


def say_next(tiers: Tiers, language: str, dispatcher: CollectingDispatcher) -> None:
    """Say how many points the next tier takes, if there is one."""
    if tiers.next:
        tier, missing = tiers.next
        dispatcher.utter_message(
            response="utter_my_tiers_next",
            tier=plain(tier.named(language)),
            missing=counted("points_short", missing, language),
        )

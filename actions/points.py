"""Tell a customer their points."""

from collections.abc import Mapping

from rasa_sdk.executor import CollectingDispatcher

from actions.lookup import Lookup
from actions.tiers import say_next
from bot.account import Account
from bot.wording import counted


class MyPoints(Lookup):
    """Say how many points the account has, how many wait for a green tick, and how many the next tier takes."""

    topic = "ask_my_points"

    def answer(
        self, account: Account, language: str, dispatcher: CollectingDispatcher, details: Mapping[str, str]
    ) -> None:
        """Say the points."""
        points = account.points
        dispatcher.utter_message(
            response="utter_my_points_waiting" if points.waiting else "utter_my_points",
            points=counted("points", points.total, language),
            waiting=counted("points", points.waiting, language),
            total=counted("points", points.total + points.waiting, language),
        )
        say_next(account.tiers, language, dispatcher)

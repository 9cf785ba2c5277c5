"""Tell a customer their points."""

from rasa_sdk.executor import CollectingDispatcher

from actions.lookup import Lookup
from actions.products import say_products
from actions.tiers import say_next
from bot.account import Account
from bot.wording import counted


class MyPoints(Lookup):
    """Say how many points the account has, which products still lack theirs, and how many the next tier takes."""

    topic = "ask_my_points"

    def answer(self, account: Account, language: str, dispatcher: CollectingDispatcher) -> None:
        """Say the points."""
        points = account.points
        dispatcher.utter_message(response="utter_my_points", points=counted("points", points.total, language))
        if points.waiting:
            say_products(account.products, language, dispatcher)
        say_next(account.tiers, language, dispatcher)

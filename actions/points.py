"""Tell a customer their points."""

from rasa_sdk.executor import CollectingDispatcher

from actions import backend
from actions.lookup import Lookup
from actions.products import say_products
from actions.tiers import say_next
from bot.wording import counted


class MyPoints(Lookup):
    """Say how many points the account has, which products still lack theirs, and how many the next tier takes."""

    topic = "ask_my_points"

    def answer(self, conversation: str, language: str, dispatcher: CollectingDispatcher) -> None:
        """Read the points and say them."""
        points = backend.points(conversation, self.topic)
        dispatcher.utter_message(response="utter_my_points", points=counted("points", points.total, language))
        if points.waiting:
            say_products(backend.products(conversation, self.topic).products, language, dispatcher)
        say_next(backend.tiers(conversation, self.topic), language, dispatcher)

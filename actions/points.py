"""Tell a customer their points."""

from rasa_sdk.executor import CollectingDispatcher

from actions import backend
from actions.lookup import Lookup
from actions.wording import counted


class MyPoints(Lookup):
    """Say how many points the account has, and how many wait for a green tick."""

    topic = "ask_my_points"

    def answer(self, conversation: str, language: str, dispatcher: CollectingDispatcher) -> None:
        """Read the points and say them."""
        points = backend.points(conversation)
        dispatcher.utter_message(response="utter_my_points", points=counted("points", points.total, language))
        if points.waiting:
            waiting = counted("points", points.waiting, language)
            dispatcher.utter_message(response="utter_my_points_waiting", waiting=waiting)

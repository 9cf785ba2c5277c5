"""Tell a customer whether their invitation has been sent."""

from collections.abc import Mapping

from rasa_sdk.executor import CollectingDispatcher

from actions.enough import INVITATION
from actions.lookup import Lookup
from bot.account import Account
from bot.wording import counted, dated


class MyInvitation(Lookup):
    """Say when the invitation was sent or, if it was not, whether the points are enough for it."""

    topic = "ask_my_invitation"

    def answer(
        self, account: Account, language: str, dispatcher: CollectingDispatcher, details: Mapping[str, str]
    ) -> None:
        """Say whether the invitation has been sent."""
        points = account.points
        if points.invited_at:
            outcome = "sent"
        elif points.total >= INVITATION:
            outcome = "late"
        else:
            outcome = "with_waiting" if points.total + points.waiting >= INVITATION else "short"
        dispatcher.utter_message(
            response=f"utter_my_invitation_{outcome}",
            sent=dated(points.invited_at, language),
            points=counted("points", points.total, language),
            waiting=counted("points", points.waiting, language),
            total=counted("points", points.total + points.waiting, language),
            missing=counted("points_short", max(0, INVITATION - points.total), language),
        )

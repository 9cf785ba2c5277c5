"""Tell a customer whether their own points, or those that they name, are enough for a tier."""

from collections.abc import Mapping

from rasa_sdk.executor import CollectingDispatcher

from actions.lookup import Lookup
from actions.tiers import say_tiers
from bot.account import Account, OpenTier, Tiers
from bot.wording import counted, plain


class MyGoal(Lookup):
    """Compare the account's points with what a tier takes, with those that wait for a green tick as well."""

    topic = "ask_my_tiers"

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_my_goal"

    def answer(
        self, account: Account, language: str, dispatcher: CollectingDispatcher, details: Mapping[str, str]
    ) -> None:
        """Say whether the points are enough."""
        tier = wanted(account.tiers, details.get("tier"))
        if tier is None:
            say_tiers(account.tiers, language, dispatcher)
            return
        points, waiting = account.tiers.total, account.points.waiting
        total = int(details.get("points", points + waiting))
        is_supposed = total not in (points, points + waiting)
        if not is_supposed:
            total = points + waiting
        is_enough = "yes" if total >= tier.from_points else "no"
        if is_supposed:
            outcome = f"supposed_{is_enough}"
        elif tier.id in account.tiers.available:
            outcome = "open"
        else:
            outcome = f"with_waiting_{is_enough}" if waiting else "short"
        dispatcher.utter_message(
            response=f"utter_my_goal_{outcome}",
            tier=plain(tier.named(language)),
            takes=counted("points_from", tier.from_points, language),
            points=counted("points", points, language),
            waiting=counted("points", waiting, language),
            total=counted("points", total, language),
            missing=counted("points_short", max(0, tier.from_points - total), language),
        )


def wanted(tiers: Tiers, named: str | None) -> OpenTier | None:
    """Return the tier that the customer names, or the next one; None if there is neither."""
    found = next((tier for tier in tiers.tiers if named in (tier.id, tier.kind)), None) if named else None
    return found or (tiers.next[0] if tiers.next else None)

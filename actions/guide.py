"""Begin the walkthrough where the customer's account stands."""

from functools import cache
from typing import Any

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.backend import NotConfirmed
from actions.enough import CORPORATE, INVITATION
from actions.lookup import read_account
from bot.account import Account
from bot.dialogue.guide import Guide, read_guide
from bot.http import ServiceError

WHY = "guide_start"  # purpose in the audit trail
walkthrough = cache(read_guide)
log = structlog.get_logger()


def place_of(account: Account) -> str:
    """Return the first place of the walkthrough that is still to be done, by the account."""
    products, membership, state = account.products, account.membership, account.application.state
    if state != "active":
        return {"received": "waiting", "documents_missing": "documents", "verified": "password"}.get(
            state, walkthrough().first
        )
    if membership.state == "paid":
        return walkthrough().last
    if membership.state != "none":
        return f"payment_{membership.method}" if membership.method else "payment"
    if products.migration.status == "ready":
        return "products_migrate"
    if not products.products:
        return "products_register"
    if products.without_tick:
        return "ticks_missing"
    if account.points.total < INVITATION:
        return "tiers_few"
    return "tiers_corporate" if account.points.total >= CORPORATE else "tiers_choose"


class GuideStart(Action):
    """Begin the walkthrough where a confirmed customer's account stands, or at the first step if it cannot be read."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_guide_start"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Find the place and say it."""
        guide = walkthrough()
        try:
            name = place_of(await read_account(tracker, WHY))
        except (NotConfirmed, ServiceError) as error:
            log.warning("guide_start_without_account", conversation=tracker.sender_id, reason=type(error).__name__)
            name = guide.first
        if name not in (guide.first, guide.last):
            dispatcher.utter_message(response="utter_guide_by_account")
        dispatcher.utter_message(response=f"utter_guide_{name}", **_steps(guide, name))
        return [
            SlotSet("guide_path", [name]),
            SlotSet("guide_step", guide.nodes[name].step),
            SlotSet("guide_paused", False),
        ]


def _steps(guide: Guide, name: str) -> dict[str, int]:
    return {"guide_step": guide.nodes[name].step, "guide_steps": len(guide.opens)}

"""Tell whether the points that a customer names are enough."""

from actions.computed import Computed
from bot.wording import counted

INVITATION, ANY, CORPORATE = 500, 2000, 2501  # points; corporate tiers take more than 2500


class Enough(Computed):
    """Compare the customer's points with those that an invitation and the tiers take."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_enough"

    def compute(self, goal: str, details: dict[str, str], language: str) -> tuple[str, dict[str, str]]:
        """Choose the response by what the customer wants to reach."""
        points = int(details.get("points") or 0)
        outcome, least = outcome_of(goal or "tiers", points)
        words = {"points": counted("points", points, language)}
        if least:
            words["missing"] = counted("points_short", least - points, language)
        return f"utter_enough_{outcome}", words


def outcome_of(goal: str, points: int) -> tuple[str, int]:
    """Return the outcome for a goal, and the points that are still missing, or 0."""
    if goal == "invitation_late":  # the customer says that it has not come
        return ("invitation_late", 0) if points >= INVITATION else ("invitation_no", INVITATION)
    if goal == "invitation":
        return ("invitation_yes", 0) if points >= INVITATION else ("invitation_no", INVITATION)
    if goal == "corporate":
        return ("corporate_yes", 0) if points >= CORPORATE else ("corporate_no", CORPORATE)
    if goal == "any":
        if points >= ANY:
            return "any_yes", 0
        return ("any_some", ANY) if points >= INVITATION else ("any_no", INVITATION)
    if goal == "missing":
        steps = (("missing", INVITATION), ("missing_any", ANY), ("missing_corporate", CORPORATE))
        return next(((name, least) for name, least in steps if points < least), ("missing_nothing", 0))
    if points >= CORPORATE:
        return "tiers_all", 0
    if points >= ANY:
        return "tiers_any", CORPORATE
    return ("tiers_some", ANY) if points >= INVITATION else ("tiers_none", INVITATION)

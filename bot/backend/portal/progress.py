"""Show the nine steps of the guide, and how far an account has come."""

from datetime import datetime

from bot.backend import services
from bot.backend.models import Account


def steps_of(account: Account, moment: datetime) -> list[tuple[str, str]]:
    """Return the steps, each with its state: done, now, ahead or left_out."""
    state = services.application_state(account.application)
    points = services.points_of(account)
    done = {
        "apply": True,
        "documents": state not in ("documents_missing", "rejected"),
        "old_email": True,
        "wait": state in ("verified", "active"),
        "password": state == "active",
        "products": bool(account.products),
        "points": bool(account.products) and not points.waiting_products,
        "tier": bool(account.membership),
        "payment": services.membership_state(account.membership, moment) == "paid",
    }
    current = next((step for step in done if not done[step]), "") if state != "rejected" else ""
    stands = {step: "done" if done[step] else "now" if step == current else "ahead" for step in done}
    if not account.application.old_email:
        stands["old_email"] = "left_out"
    return list(stands.items())

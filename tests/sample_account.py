"""An account as the account system sends it."""

from typing import Any

MOMENT = "2026-11-16T09:30:00Z"
ACCOUNT: dict[str, Any] = {
    "email": "anna.berzina@example.com",
    "name": "Anna Bērziņa",
    "company": 'SIA "Gaismas studija"',
    "application": {
        "state": "active",
        "submitted_at": MOMENT,
        "due_on": "2026-11-19",
        "verified_at": MOMENT,
        "activated_at": MOMENT,
        "vat_payer": True,
        "documents": ["vat_certificate"],
        "documents_wanted": [],
        "old_email_given": False,
    },
    "products": {
        "products": [
            {"model": "EOS R5", "points": 721, "origin": "registered", "has_tick": True, "missing": []},
            {"model": "EOS R3", "points": 200, "origin": "registered", "has_tick": False, "missing": ["distributor"]},
        ],
        "migration": {"status": "no_old_email", "waiting": 0},
    },
    "points": {"total": 721, "waiting": 200, "waiting_products": 1, "invited_at": MOMENT},
    "tiers": {
        "total": 721,
        "available": ["silver"],
        "tiers": [
            {"id": "silver", "kind": "individual", "name": {"lv": "sudraba", "en": "silver"}, "from_points": 500},
            {"id": "gold", "kind": "individual", "name": {"lv": "zelta", "en": "gold"}, "from_points": 1000},
        ],
    },
    "membership": {
        "state": "open",
        "tier": {"id": "silver", "kind": "individual", "name": {"lv": "sudraba", "en": "silver"}},
        "method": "card",
        "number": "LV-2026-1",
        "previous_number": None,
        "chosen_at": MOMENT,
        "invoice": {"number": "CPS-2026-1", "issued_at": MOMENT, "due_on": "2026-12-16"},
    },
}


def account_with(**parts: dict[str, Any]) -> dict[str, Any]:
    """Return an account in which some fields of some parts are other ones: `account_with(points={"total": 0})`."""
    return ACCOUNT | {name: ACCOUNT[name] | fields for name, fields in parts.items()}

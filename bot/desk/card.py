"""Show an agent a customer's account, as a card."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import yaml

from bot.account import Account, Product, Tier
from bot.calendar import today as today_in_latvia
from bot.wording import counted, dated, listed, tidy

WORDS = yaml.safe_load((Path(__file__).parent / "card.yml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Line:
    """One line of the card; `warns` marks what the agent should look at twice."""

    label: str
    value: str
    warns: bool = False


@dataclass(frozen=True)
class Group:
    """Lines of the card that belong together."""

    title: str
    lines: list[Line]


@dataclass(frozen=True)
class Card:
    """The customer's name, and what the account shows."""

    name: str
    company: str
    email: str
    groups: list[Group]


def say(language: str, path: str, **values: object) -> str:
    """Return the words of a group and name, as in "labels.due", with the values filled in."""
    group, name = path.split(".")
    text: str = WORDS[group][name][language]
    return text.format(**values)


def card_of(account: Account, language: str, today: date | None = None) -> Card:
    """Put an account into words; `today` is the date in Latvia."""
    groups = [
        Group(say(language, f"groups.{name}"), lines(account, language, today or today_in_latvia()))
        for name, lines in GROUPS.items()
    ]
    return Card(tidy(account.name), tidy(account.company), account.email, groups)


# The card


def _application(account: Account, language: str, today: date) -> list[Line]:
    application, speak = account.application, partial(say, language)
    state = application.state
    lines = [
        ("state", speak(f"application.{state}"), state in ("documents_missing", "rejected")),
        ("submitted", dated(application.submitted_at, language), False),
    ]
    if state == "received":
        due, late = dated(application.due_on, language), application.is_late(today)
        lines.append(("due", speak("values.late", day=due) if late else due, late))
    if application.verified_at:
        lines.append(("verified", dated(application.verified_at, language), False))
    if application.activated_at:
        lines.append(("activated", dated(application.activated_at, language), False))
    lines.append(("vat_payer", speak("values.yes" if application.vat_payer else "values.no"), False))
    lines.append(("documents", documents_named(application.documents, language) or speak("values.none"), False))
    if application.documents_wanted:
        lines.append(("documents_wanted", documents_named(application.documents_wanted, language), True))
    given = "values.given" if application.old_email_given else "values.not_given"
    lines.append(("old_email", speak(given), False))
    return _lines(lines, language)


def _products(account: Account, language: str, today: date) -> list[Line]:
    products, speak = account.products.products, partial(say, language)
    said = [Line(tidy(product.model), _product(product, language), not product.has_tick) for product in products]
    if not said:
        said = [Line(speak("groups.products"), speak("values.none"), True)]
    return [*said, Line(speak("labels.button"), button_said(account, language))]


def _points(account: Account, language: str, today: date) -> list[Line]:
    points, speak = account.points, partial(say, language)
    lines = [("total", counted("points", points.total, language), False)]
    if points.waiting:
        lines.append(("waiting", counted("points", points.waiting, language), True))
    if points.invited_at:
        lines.append(("invited", dated(points.invited_at, language), False))
    lines.append(("tiers", open_tiers(account, language) or speak("values.none"), False))
    if account.tiers.next:
        tier, missing = account.tiers.next
        words = {"tier": tier_name(tier, language), "missing": counted("points_short", missing, language)}
        lines.append(("next", speak("values.short", **words), False))
    return _lines(lines, language)


def _membership(account: Account, language: str, today: date) -> list[Line]:
    membership, speak = account.membership, partial(say, language)
    if not membership.tier:
        return _lines([("tier", speak("values.not_chosen"), False)], language)
    lines = [("tier", tier_name(membership.tier, language), False), ("number", tidy(membership.number or ""), False)]
    if membership.previous_number:
        lines.append(("previous", tidy(membership.previous_number), False))
    if membership.method:
        lines.append(("method", speak(f"method.{membership.method}"), False))
    if membership.invoice:
        lines.append(("invoice", tidy(membership.invoice.number), False))
        lines.append(("issued", dated(membership.invoice.issued_at, language), False))
        lines.append(("pay_by", dated(membership.invoice.due_on, language), False))
    if membership.state != "none":
        lines.append(("payment", speak(f"payment.{membership.state}"), membership.state == "overdue"))
    return _lines(lines, language)


GROUPS: dict[str, Callable[[Account, str, date], list[Line]]] = {
    "application": _application,
    "products": _products,
    "points": _points,
    "membership": _membership,
}


def _lines(lines: list[tuple[str, str, bool]], language: str) -> list[Line]:
    return [Line(say(language, f"labels.{label}"), value, warns) for label, value, warns in lines]


def documents_named(kinds: list[str], language: str) -> str:
    """Return the names of documents, joined; documents without a name are left out."""
    return ", ".join(WORDS["documents"][kind][language] for kind in kinds if kind in WORDS["documents"])


def _product(product: Product, language: str) -> str:
    said = [counted("points", product.points, language)]
    said += [say(language, "product.migrated")] if product.origin == "migrated" else []
    if product.has_tick:
        said.append(say(language, "product.tick"))
    else:
        said.append(say(language, "product.no_tick", missing=product.missing_named(language)))
    return ", ".join(said)


def button_said(account: Account, language: str) -> str:
    """Return why the blue button is shown or not."""
    migration = account.products.migration
    waiting = counted("products", migration.waiting, language)
    return say(language, f"button.{migration.status}", products=waiting)


def open_tiers(account: Account, language: str) -> str:
    """Return the names of the tiers that the customer may choose, joined."""
    return listed([tier_name(tier, language) for tier in account.tiers.open], language)


def tier_name(tier: Tier, language: str) -> str:
    """Return what a tier is called, as one line."""
    return tidy(tier.named(language))

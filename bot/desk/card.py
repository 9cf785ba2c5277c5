"""What a customer's account shows an agent: the card, and what it tells about a step of the walkthrough."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

import yaml

from bot.desk.accounts import Membership, Overview, Product
from bot.guide import Guide, Place
from bot.wording import RIGA, counted, dated, listed, read_data, tidy

WORDS = yaml.safe_load((Path(__file__).parent / "card.yml").read_text(encoding="utf-8"))

Stand = Literal["done", "not_yet", "unknown"]


@dataclass(frozen=True)
class Line:
    """One line of the card; warns where the agent should look twice."""

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
    """Whose account it is, and what it shows."""

    name: str
    company: str
    email: str
    groups: list[Group]


@dataclass(frozen=True)
class Check:
    """What an account tells about a place, in one line, and the answer to its question that it suggests, if any."""

    stand: Stand
    text: str
    answer: str | None = None


def say(language: str, path: str, **values: object) -> str:
    """Return the words of a group and name, as in "labels.due", with what is filled in."""
    group, name = path.split(".")
    text: str = WORDS[group][name][language]
    return text.format(**values)


def card_of(overview: Overview, language: str, today: date | None = None) -> Card:
    """Put an account into words; today is the day in Latvia."""
    groups = [
        Group(say(language, f"groups.{name}"), lines(overview, language, today or _today()))
        for name, lines in GROUPS.items()
    ]
    return Card(tidy(overview.name), tidy(overview.company), overview.email, groups)


def check(guide: Guide, place: Place, overview: Overview | None, language: str, today: date | None = None) -> Check:
    """Compare a place of the walkthrough with the account; None where no account has the e-mail address."""
    step = list(guide.opens)[place.step - 1]
    speak = partial(say, language)
    if overview is None:
        return Check("not_yet" if step == "apply" else "unknown", speak("checks.nobody"))
    found = CHECKS[step](place.name, overview, language, today or _today())
    return found if found.answer in place.answers else replace(found, answer=None)


def is_late(overview: Overview, today: date) -> bool:
    """Tell whether an application should have been checked before today."""
    return overview.application.state == "received" and overview.application.due_on < today


def _today() -> date:
    return datetime.now(RIGA).date()


# The card


def _application(overview: Overview, language: str, today: date) -> list[Line]:
    application, speak = overview.application, partial(say, language)
    state = application.state
    lines = [
        ("state", speak(f"application.{state}"), state in ("documents_missing", "rejected")),
        ("submitted", dated(application.submitted_at, language), False),
    ]
    if state == "received":
        due, late = dated(application.due_on, language), is_late(overview, today)
        lines.append(("due", speak("values.late", day=due) if late else due, late))
    if application.verified_at:
        lines.append(("verified", dated(application.verified_at, language), False))
    if application.activated_at:
        lines.append(("activated", dated(application.activated_at, language), False))
    lines.append(("vat_payer", speak("values.yes" if application.vat_payer else "values.no"), False))
    lines.append(("documents", _documents(application.documents, language) or speak("values.none"), False))
    if application.documents_wanted:
        lines.append(("documents_wanted", _documents(application.documents_wanted, language), True))
    given = "values.given" if application.old_email_given else "values.not_given"
    lines.append(("old_email", speak(given), False))
    return _lines(lines, language)


def _products(overview: Overview, language: str, today: date) -> list[Line]:
    products, speak = overview.products.products, partial(say, language)
    said = [Line(tidy(product.model), _product(product, language), not product.has_tick) for product in products]
    if not said:
        said = [Line(speak("groups.products"), speak("values.none"), True)]
    return [*said, Line(speak("labels.button"), _button(overview, language))]


def _points(overview: Overview, language: str, today: date) -> list[Line]:
    points, speak = overview.points, partial(say, language)
    lines = [("total", counted("points", points.total, language), False)]
    if points.waiting:
        lines.append(("waiting", counted("points", points.waiting, language), True))
    if points.invited_at:
        lines.append(("invited", dated(points.invited_at, language), False))
    lines.append(("tiers", _open_tiers(overview, language) or speak("values.none"), False))
    following = _next_tier(overview, language)
    if following:
        lines.append(("next", speak("values.short", tier=following[0], missing=following[1]), False))
    return _lines(lines, language)


def _membership(overview: Overview, language: str, today: date) -> list[Line]:
    membership, speak = overview.membership, partial(say, language)
    if not membership.tier:
        return _lines([("tier", speak("values.not_chosen"), False)], language)
    lines = [("tier", _name(membership.tier, language), False), ("number", tidy(membership.number or ""), False)]
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


GROUPS: dict[str, Callable[[Overview, str, date], list[Line]]] = {
    "application": _application,
    "products": _products,
    "points": _points,
    "membership": _membership,
}


def _lines(lines: list[tuple[str, str, bool]], language: str) -> list[Line]:
    return [Line(say(language, f"labels.{label}"), value, warns) for label, value, warns in lines]


def _documents(kinds: list[str], language: str) -> str:
    return ", ".join(WORDS["documents"][kind][language] for kind in kinds if kind in WORDS["documents"])


def _product(product: Product, language: str) -> str:
    said = [counted("points", product.points, language)]
    said += [say(language, "product.migrated")] if product.origin == "migrated" else []
    said.append(say(language, "product.tick") if product.has_tick else _lacking(product, language))
    return ", ".join(said)


def _lacking(product: Product, language: str) -> str:
    details = read_data("account/words.yml")["detail"]
    missing = [details[name][language] for name in product.missing if name in details]
    return say(language, "product.no_tick", missing=listed(missing, language))


def _button(overview: Overview, language: str) -> str:
    migration = overview.products.migration
    waiting = counted("products", migration.waiting, language)
    return say(language, f"button.{migration.status}", products=waiting)


def _open_tiers(overview: Overview, language: str) -> str:
    tiers = overview.tiers
    return listed([_name(tier, language) for tier in tiers.tiers if tier.id in tiers.available], language)


def _next_tier(overview: Overview, language: str) -> tuple[str, str] | None:
    """Return the name of the next tier and the points that are missing, if there is one."""
    total, tiers = overview.points.total, overview.tiers
    closed = [tier for tier in tiers.tiers if tier.id not in tiers.available and tier.from_points > total]
    if not closed:
        return None
    following = min(closed, key=lambda tier: tier.from_points)
    return _name(following, language), counted("points_short", following.from_points - total, language)


def _name(tier: Any, language: str) -> str:
    return tidy(getattr(tier.name, language))


# What the account tells about a step


def _check_apply(place: str, overview: Overview, language: str, today: date) -> Check:
    application = overview.application
    submitted, due = dated(application.submitted_at, language), dated(application.due_on, language)
    if application.state == "rejected":
        return _rejected(overview, language)
    name = "received_due" if application.state == "received" else "received"
    return Check("done", say(language, f"checks.{name}", submitted=submitted, due=due))


def _check_documents(place: str, overview: Overview, language: str, today: date) -> Check:
    application = overview.application
    answer = "yes" if application.vat_payer else "no"
    if application.state == "documents_missing":
        return Check("not_yet", say(language, "checks.document_missing"), answer)
    if application.state == "rejected":
        return _rejected(overview, language)
    documents = _documents(application.documents, language)
    return Check("done", say(language, "checks.document_there", documents=documents), answer)


def _check_old_email(place: str, overview: Overview, language: str, today: date) -> Check:
    if overview.application.old_email_given:
        return Check("done", say(language, "checks.old_email_given"), "yes")
    # Whether there was an account before, only the customer can tell.
    stands: dict[str, Stand] = {"old_email_yes": "not_yet", "old_email_no": "done"}
    return Check(stands.get(place, "unknown"), say(language, "checks.old_email_not_given"))


def _check_waiting(place: str, overview: Overview, language: str, today: date) -> Check:
    application, speak = overview.application, partial(say, language)
    submitted, due = dated(application.submitted_at, language), dated(application.due_on, language)
    if application.state == "rejected":
        return _rejected(overview, language)
    if application.state == "documents_missing":
        return Check("not_yet", speak("checks.document_missing"), "no")
    if application.state == "received":
        name = "late" if is_late(overview, today) else "received_due"
        return Check("not_yet", speak(f"checks.{name}", submitted=submitted, due=due), "no")
    return Check("done", speak("checks.password_sent", verified=dated(application.verified_at, language)), "yes")


def _check_password(place: str, overview: Overview, language: str, today: date) -> Check:
    application, speak = overview.application, partial(say, language)
    if application.state == "rejected":
        return _rejected(overview, language)
    if application.state == "active":
        return Check("done", speak("checks.active", activated=dated(application.activated_at, language)))
    if application.state == "verified":
        return Check("not_yet", speak("checks.password_not_set", verified=dated(application.verified_at, language)))
    return Check("not_yet", speak("checks.no_account_yet"))


def _check_products(place: str, overview: Overview, language: str, today: date) -> Check:
    count, status, speak = len(overview.products.products), overview.products.migration.status, partial(say, language)
    products = speak("checks.products", products=counted("products", count, language))
    button = speak("checks.button", button=_button(overview, language))
    text = f"{products if count else speak('checks.no_products')} {button}"
    answer = None if status == "not_active" else "yes" if status == "ready" else "no"
    return Check("done" if count and status != "ready" else "not_yet", text, answer)


def _check_ticks(place: str, overview: Overview, language: str, today: date) -> Check:
    products = overview.products.products
    if not products:
        return Check("not_yet", say(language, "checks.no_products"))
    ticked = sum(product.has_tick for product in products)
    done = ticked == len(products)
    text = say(language, "checks.ticks", ticked=ticked, all=len(products))
    return Check("done" if done else "not_yet", text, "yes" if done else "no")


def _check_tiers(place: str, overview: Overview, language: str, today: date) -> Check:
    tiers, membership, speak = overview.tiers, overview.membership, partial(say, language)
    points, names = counted("points", overview.points.total, language), _open_tiers(overview, language)
    corporate = any(tier.kind == "corporate" for tier in tiers.tiers if tier.id in tiers.available)
    asked = {"tiers": bool(names), "tiers_few": bool(names), "tiers_more": corporate}.get(place)
    answer = None if asked is None else "yes" if asked else "no"
    if membership.tier:
        return Check("done", speak("checks.chosen", tier=_name(membership.tier, language)), answer)
    if names:
        enough = place in ("tiers", "tiers_few")  # there the question is whether one may choose at all
        return Check("done" if enough else "not_yet", speak("checks.tiers", points=points, tiers=names), answer)
    following = _next_tier(overview, language)
    return Check("not_yet", speak("checks.no_tiers", points=points, missing=following[1] if following else ""), answer)


def _check_payment(place: str, overview: Overview, language: str, today: date) -> Check:
    membership, speak = overview.membership, partial(say, language)
    if membership.state == "none":
        return Check("not_yet", speak("checks.not_chosen"))
    if place == "finish":
        name = "number_changed" if membership.previous_number else "number"
        numbers = {"number": tidy(membership.number or ""), "previous": tidy(membership.previous_number or "")}
        return Check("done", speak(f"checks.{name}", **numbers))
    return Check("done" if membership.state == "paid" else "not_yet", _pay(membership, language), membership.method)


def _pay(membership: Membership, language: str) -> str:
    invoice = membership.invoice
    name = f"open_{membership.method or 'card'}" if membership.state == "open" else membership.state
    return say(
        language,
        f"checks.{name}",
        chosen=dated(membership.chosen_at, language),
        invoice=tidy(invoice.number) if invoice else "",
        due=dated(invoice.due_on if invoice else None, language),
    )


def _rejected(overview: Overview, language: str) -> Check:
    submitted = dated(overview.application.submitted_at, language)
    return Check("not_yet", say(language, "checks.rejected", submitted=submitted))


CHECKS: dict[str, Callable[[str, Overview, str, date], Check]] = {
    "apply": _check_apply,
    "documents": _check_documents,
    "old_email": _check_old_email,
    "waiting": _check_waiting,
    "password": _check_password,
    "products": _check_products,
    "ticks": _check_ticks,
    "tiers": _check_tiers,
    "payment": _check_payment,
}

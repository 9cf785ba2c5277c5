"""Tell what a customer's account says about a step of the walkthrough."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Literal

from bot.account import Account, Membership
from bot.calendar import today as today_in_latvia
from bot.desk.card import button_said, documents_named, open_tiers, say, tier_name
from bot.dialogue.guide import Guide, Node
from bot.wording import counted, dated, tidy

CheckStatus = Literal["done", "not_yet", "unknown"]


@dataclass(frozen=True)
class Check:
    """What an account says about a place, in one line, and the answer to the place's question that it suggests."""

    status: CheckStatus
    text: str
    answer: str | None = None


def check(guide: Guide, place: Node, account: Account | None, language: str, today: date | None = None) -> Check:
    """Compare a place of the walkthrough with the account, which is None if no account has the e-mail address."""
    step = list(guide.opens)[place.step - 1]
    speak = partial(say, language)
    if account is None:
        return Check("not_yet" if step == "apply" else "unknown", speak("checks.nobody"))
    found = CHECKS[step](place.name, account, language, today or today_in_latvia())
    return found if found.answer in place.answers else replace(found, answer=None)


def place_of(guide: Guide, account: Account) -> str:
    """Return the place where an account stands: the first step that it shows as open, or the end for who has paid."""
    if account.membership.tier:
        return guide.last if account.membership.state == "paid" else guide.opens["payment"]
    before = [name for step, name in guide.opens.items() if step != "payment"]
    not_yet = (name for name in before if check(guide, guide.nodes[name], account, "en").status == "not_yet")
    return next(not_yet, guide.opens["tiers"])


def _check_apply(place: str, account: Account, language: str, today: date) -> Check:
    application = account.application
    submitted, due = dated(application.submitted_at, language), dated(application.due_on, language)
    if application.state == "rejected":
        return _rejected(account, language)
    name = "received_due" if application.state == "received" else "received"
    return Check("done", say(language, f"checks.{name}", submitted=submitted, due=due))


def _check_documents(place: str, account: Account, language: str, today: date) -> Check:
    application = account.application
    answer = "yes" if application.vat_payer else "no"
    if application.state == "documents_missing":
        return Check("not_yet", say(language, "checks.document_missing"), answer)
    if application.state == "rejected":
        return _rejected(account, language)
    documents = documents_named(application.documents, language)
    return Check("done", say(language, "checks.document_there", documents=documents), answer)


def _check_old_email(place: str, account: Account, language: str, today: date) -> Check:
    if account.application.old_email_given:
        return Check("done", say(language, "checks.old_email_given"), "yes")
    # Only the customer knows whether there was an account before.
    statuses: dict[str, CheckStatus] = {"old_email_yes": "not_yet", "old_email_no": "done"}
    return Check(statuses.get(place, "unknown"), say(language, "checks.old_email_not_given"))


def _check_waiting(place: str, account: Account, language: str, today: date) -> Check:
    application, speak = account.application, partial(say, language)
    submitted, due = dated(application.submitted_at, language), dated(application.due_on, language)
    if application.state == "rejected":
        return _rejected(account, language)
    if application.state == "documents_missing":
        return Check("not_yet", speak("checks.document_missing"), "no")
    if application.state == "received":
        name = "late" if application.is_late(today) else "received_due"
        return Check("not_yet", speak(f"checks.{name}", submitted=submitted, due=due), "no")
    return Check("done", speak("checks.password_sent", verified=dated(application.verified_at, language)), "yes")


def _check_password(place: str, account: Account, language: str, today: date) -> Check:
    application, speak = account.application, partial(say, language)
    if application.state == "rejected":
        return _rejected(account, language)
    if application.state == "active":
        return Check("done", speak("checks.active", activated=dated(application.activated_at, language)))
    if application.state == "verified":
        return Check("not_yet", speak("checks.password_not_set", verified=dated(application.verified_at, language)))
    return Check("not_yet", speak("checks.no_account_yet"))


def _check_products(place: str, account: Account, language: str, today: date) -> Check:
    count, status, speak = len(account.products.products), account.products.migration.status, partial(say, language)
    products = speak("checks.products", products=counted("products", count, language))
    button = speak("checks.button", button=button_said(account, language))
    text = f"{products if count else speak('checks.no_products')} {button}"
    answer = None if status == "not_active" else "yes" if status == "ready" else "no"
    return Check("done" if count and status != "ready" else "not_yet", text, answer)


def _check_ticks(place: str, account: Account, language: str, today: date) -> Check:
    products = account.products.products
    if not products:
        return Check("not_yet", say(language, "checks.no_products"))
    ticked = len(products) - len(account.products.without_tick)
    done = ticked == len(products)
    text = say(language, "checks.ticks", ticked=ticked, all=len(products))
    return Check("done" if done else "not_yet", text, "yes" if done else "no")


def _check_tiers(place: str, account: Account, language: str, today: date) -> Check:
    tiers, membership, speak = account.tiers, account.membership, partial(say, language)
    points, names = counted("points", account.points.total, language), open_tiers(account, language)
    asked = {"tiers": bool(names), "tiers_few": bool(names), "tiers_more": tiers.has_corporate}.get(place)
    answer = None if asked is None else "yes" if asked else "no"
    if membership.tier:
        return Check("done", speak("checks.chosen", tier=tier_name(membership.tier, language)), answer)
    if names:
        enough = place in ("tiers", "tiers_few")  # these ask whether the customer may choose a tier at all
        return Check("done" if enough else "not_yet", speak("checks.tiers", points=points, tiers=names), answer)
    missing = counted("points_short", tiers.next[1], language) if tiers.next else ""
    return Check("not_yet", speak("checks.no_tiers", points=points, missing=missing), answer)


def _check_payment(place: str, account: Account, language: str, today: date) -> Check:
    membership, speak = account.membership, partial(say, language)
    if membership.state == "none":
        return Check("not_yet", speak("checks.not_chosen"))
    if place == "finish":
        name = "number_changed" if membership.previous_number else "number"
        numbers = {"number": tidy(membership.number or ""), "previous": tidy(membership.previous_number or "")}
        return Check("done", speak(f"checks.{name}", **numbers))
    return Check("done" if membership.state == "paid" else "not_yet", _pay(membership, language), membership.method)


def _pay(membership: Membership, language: str) -> str:
    invoice = membership.invoice
    return say(
        language,
        f"checks.{membership.payment}",
        chosen=dated(membership.chosen_at, language),
        invoice=tidy(invoice.number) if invoice else "",
        due=dated(invoice.due_on if invoice else None, language),
    )


def _rejected(account: Account, language: str) -> Check:
    submitted = dated(account.application.submitted_at, language)
    return Check("not_yet", say(language, "checks.rejected", submitted=submitted))


CHECKS: dict[str, Callable[[str, Account, str, date], Check]] = {
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

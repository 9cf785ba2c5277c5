"""The events of accounts: found in what is true of an account now, each once."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.backend.models import Account, Event
from bot.backend.services.applications import application_state
from bot.backend.services.memberships import membership_state
from bot.calendar import today

DUE_SOON = timedelta(days=5)  # before the day on which an invoice is due
STILL = timedelta(days=3)  # after which a product without a tick is worth a word


class News(NamedTuple):
    """Something that is true of an account: its type, which product or invoice, and what the event says of it."""

    kind: str
    subject: str = ""
    facts: dict[str, str] = {}  # noqa: RUF012
    after: timedelta = timedelta(0)


def note_events(session: Session, moment: datetime) -> None:
    """Note what has become true of any account, and drop what has not arrived yet and is true no longer."""
    known = {(event.account_id, event.kind, event.subject): event for event in session.scalars(select(Event))}
    for account in session.scalars(select(Account)):
        true = {(account.id, news.kind, news.subject): news for news in _true_of(account, moment)}
        for key, news in true.items():
            if key not in known:
                session.add(
                    Event(
                        id=secrets.token_hex(16),
                        account_id=account.id,
                        kind=news.kind,
                        subject=news.subject,
                        facts=news.facts,
                        at=moment + news.after,
                        attempts=0,
                    )
                )
        for key, event in known.items():
            if key[0] == account.id and key not in true and not event.done_at:
                session.delete(event)


def _true_of(account: Account, moment: datetime) -> Iterator[News]:
    state = application_state(account.application)
    if state == "verified":
        yield News("application.approved")
    if state == "documents_missing":
        yield News("application.documents_missing")
    if account.invited_at and not account.membership:
        yield News("points.reached")
    if state == "active":
        for product in account.products:
            if not product.has_tick:
                yield News("product.incomplete", str(product.id), {"product": product.model}, STILL)
    membership = account.membership
    payment = membership_state(membership, moment)
    if not membership or payment not in ("open", "overdue"):
        return
    facts = {"due_on": membership.due_on.isoformat()}
    if payment == "overdue":
        yield News("invoice.overdue", membership.invoice_number, facts)
        return
    yield News("invoice.issued", membership.invoice_number, facts)
    if membership.due_on - today(moment) <= DUE_SOON:
        yield News("invoice.due_soon", membership.invoice_number, facts)

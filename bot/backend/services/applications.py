"""Handle a company's application for its account, from submission to activation."""

from datetime import date, datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.backend.models import Account, Application, Record
from bot.backend.services.audit import record
from bot.calendar import last_day_of_check, today

# One of these documents is enough; which ones depends on whether the company pays VAT.
ENOUGH = {True: ["vat_certificate", "vat_invoice"], False: ["invoice", "licence", "register_extract"]}

ApplicationState = Literal["received", "documents_missing", "verified", "active", "rejected"]


class EmailTaken(Exception):
    """Another account already has this e-mail address."""


class NotNow(Exception):
    """The state of the account does not allow this."""


def due_on(submitted_at: datetime) -> date:
    """Return the day by which an application is checked: the second working day after its submission."""
    return last_day_of_check(today(submitted_at))


def application_state(application: Application) -> ApplicationState:
    """Return the state of an application."""
    if application.rejected_at:
        return "rejected"
    if application.activated_at:
        return "active"
    if application.verified_at:
        return "verified"
    enough = set(ENOUGH[application.vat_payer]) & set(application.documents)
    return "received" if enough else "documents_missing"


def documents_wanted(application: Application) -> list[str]:
    """Return the kinds of documents of which one is still missing."""
    return ENOUGH[application.vat_payer] if application_state(application) == "documents_missing" else []


def apply(session: Session, account: Account) -> None:
    """Create an account with its application; raise EmailTaken if the e-mail address is in use."""
    session.add(account)
    try:
        session.flush()
    except IntegrityError:
        raise EmailTaken from None
    record(session, "portal", "apply", "portal", account.id)


def applied_here(session: Session) -> list[Account]:
    """Return the accounts that applied through the portal, the newest first."""
    here = select(Record.account_id).where(Record.who == "portal", Record.what == "apply")
    return list(session.scalars(select(Account).where(Account.id.in_(here)).order_by(Account.id.desc())))


def add_document(session: Session, account: Account, kind: str, moment: datetime) -> None:
    """Add a document to an application that lacks one; raise NotNow otherwise."""
    application = account.application
    if application_state(application) != "documents_missing":
        raise NotNow
    application.documents = [*application.documents, kind]
    if application_state(application) == "received":
        application.submitted_at = moment  # the check starts when there is enough to check
    record(session, "portal", "add document", "portal", account.id)


def set_password(session: Session, account: Account, moment: datetime) -> None:
    """Activate a verified account; raise NotNow otherwise. The demo stores no password."""
    if application_state(account.application) != "verified":
        raise NotNow
    account.application.activated_at = moment
    record(session, "portal", "set password", "portal", account.id)


def verify_due(session: Session, moment: datetime) -> list[Account]:
    """Verify the complete applications whose check is due; return their accounts."""
    waiting = select(Application).where(
        Application.verified_at.is_(None), Application.activated_at.is_(None), Application.rejected_at.is_(None)
    )
    due = [
        application
        for application in session.scalars(waiting)
        if application_state(application) == "received" and due_on(application.submitted_at) <= today(moment)
    ]
    for application in due:
        application.verified_at = moment
        record(session, "clock", "verify application", "time_passed", application.account_id)
    return [application.account for application in due]

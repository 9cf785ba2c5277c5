"""Serve the demo portal, in which made-up customers go through the whole registration, to this machine alone."""

import re
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.backend import demo, serializers, services, verification
from bot.backend.deps import THIS_MACHINE, Config, Data
from bot.backend.models import Account, Application
from bot.backend.portal import memberships, products
from bot.backend.portal.forms import Form, Typed
from bot.backend.portal.layout import SESSION, go, language_of, page, visit
from bot.backend.portal.progress import steps_of
from bot.backend.sample import SAMPLE
from bot.calendar import today
from bot.problems import problem

DOCUMENTS = [kind for kinds in services.ENOUGH.values() for kind in kinds]
PLACE = r"/portal(/[a-z0-9]+){0,2}"
MOVES = {"hour": 1, "working_day": None, "month": 30 * 24}  # hours


def _same_origin(request: Request) -> None:
    # Browsers send the origin of a form: reject those of other websites.
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if request.method == "POST" and request.headers.get("origin") != own:
        raise problem(403, "foreign-origin", "This form belongs to another page")


router = APIRouter(prefix="/portal", include_in_schema=False, dependencies=[*THIS_MACHINE, Depends(_same_origin)])
router.include_router(products.router)
router.include_router(memberships.router)


@router.get("")
def show_home(request: Request) -> Response:
    """Show how far the account has come."""
    with visit(request, "application") as (session, account, _):
        return _home(request, session, account, Form())


@router.get("/login")
def show_login(request: Request, database: Data) -> Response:
    """Show the accounts that can be opened."""
    with database.read() as session:
        notes = {sample["email"]: sample["note"] for sample in SAMPLE["accounts"]}
        return page(request, "login.html", services.now(session), accounts=_may_log_in(session), notes=notes)


@router.post("/login")
def log_in(request: Request, config: Config, database: Data, form: Typed) -> Response:
    """Open a session for a sample customer, or one who applied here."""
    with database.write() as session:
        account = next((one for one in _may_log_in(session) if one.email == form.value("email")), None)
        if not account:
            return go("/portal/login", "not_now")
        return _begin_session(request, session, account, config.access_lifetime)


@router.post("/logout")
def log_out(request: Request, database: Data) -> Response:
    """End the session."""
    with database.write() as session:
        account_id = verification.end_access(session, request.cookies.get(SESSION, ""))
        if account_id:
            services.record(session, "portal", "log out", "portal", account_id)
    answer = go("/portal/login", "logged_out")
    answer.delete_cookie(SESSION, path="/portal", httponly=True, samesite="strict")
    return answer


@router.get("/apply")
def show_application_form(request: Request, database: Data) -> Response:
    """Show the form to apply for an account."""
    with database.read() as session:
        return _application_form(request, session, Form())


@router.post("/apply")
def apply(request: Request, config: Config, database: Data, form: Typed) -> Response:
    """Create an account from an application, and log in."""
    applicant = Account(
        company=form.text("company", 200), name=form.text("name", 200), email=form.email("email"), products=[]
    )
    vat_payer = form.choice("vat_payer", ("yes", "no")) == "yes"
    documents = form.choices("documents", DOCUMENTS)
    old_email = form.email("old_email", required=False)
    if not form.value("authorised"):
        form.errors["authorised"] = "authorised"
    try:
        with database.write() as session:
            if form.errors:
                return _application_form(request, session, form)
            applicant.application = Application(
                vat_payer=vat_payer,
                documents=documents,
                old_email=old_email or None,
                submitted_at=services.now(session),
            )
            services.apply(session, applicant)
            return _begin_session(request, session, applicant, config.access_lifetime, "applied")
    except services.EmailTaken:
        form.errors["email"] = "taken"
    with database.read() as session:
        return _application_form(request, session, form)


@router.post("/document")
def add_document(request: Request, form: Typed) -> Response:
    """Add a document to an application."""
    with visit(request) as (session, account, moment):
        kind = form.choice("document", services.documents_wanted(account.application))
        if form.errors and services.documents_wanted(account.application):
            return _home(request, session, account, form)
        try:
            services.add_document(session, account, kind, moment)
        except services.NotNow:
            return go("/portal", "not_now")
    return go("/portal", "document_added")


@router.post("/password")
def set_password(request: Request) -> Response:
    """Activate a verified account."""
    with visit(request) as (session, account, moment):
        try:
            services.set_password(session, account, moment)
        except services.NotNow:
            return go("/portal", "not_now")
    return go("/portal", "password_set")


@router.post("/clock")
def move_clock(request: Request, form: Typed) -> Response:
    """Move the demo's clock, and return to the same page."""
    place = form.value("here") if re.fullmatch(PLACE, form.value("here")) else "/portal"
    move = form.choice("move", MOVES)
    try:
        if form.errors:
            return go(place, "not_now")
        demo.pass_time(request, MOVES[move], language_of(request))
    except services.TooFar:
        return go(place, "not_now")
    return go(place, "clock_moved")


def _home(request: Request, session: Session, account: Account, form: Form) -> Response:
    moment = services.now(session)
    return page(
        request,
        "home.html",
        moment,
        account,
        here="/portal",
        status=422 if form.errors else 200,
        application=serializers.application_of(account),
        form=form,
        points=serializers.points_of(account),
        migration=serializers.products_of(session, account).migration,
        membership=serializers.membership_of(account, moment),
        invited_from=services.INVITED_FROM,
        steps=steps_of(account, moment),
        today=today(moment),
    )


def _application_form(request: Request, session: Session, form: Form) -> Response:
    status = 422 if form.errors else 200
    former = [sample["old_email"] for sample in SAMPLE["former_accounts"] if "products" in sample]
    values: dict[str, Any] = {"form": form, "kinds": services.ENOUGH, "former": former}
    return page(request, "apply.html", services.now(session), status=status, **values)


def _may_log_in(session: Session) -> list[Account]:
    # Other accounts cannot be opened here.
    emails = [sample["email"] for sample in SAMPLE["accounts"]]
    samples = session.scalars(select(Account).where(Account.email.in_(emails)).order_by(Account.id))
    return [*services.applied_here(session), *samples]


def _begin_session(
    request: Request, session: Session, account: Account, lifetime: int, done: str = "logged_in"
) -> Response:
    verification.end_access(session, request.cookies.get(SESSION, ""))
    token, _ = verification.new_access(session, account, lifetime)
    services.record(session, "portal", "log in", "portal", account.id)
    answer = go("/portal", done)
    answer.set_cookie(SESSION, token, lifetime, path="/portal", httponly=True, samesite="strict")
    return answer

"""Serve the portal's tab "My Products"."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import yaml
from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath

from bot.backend import serializers, services
from bot.backend.models import Account, Product
from bot.backend.portal.forms import Form, Typed
from bot.backend.portal.layout import countries, go, page, visit
from bot.calendar import today

router = APIRouter(prefix="/products")
POINTS = yaml.safe_load((Path(__file__).parent / "points.yml").read_text(encoding="utf-8"))
LIST = "/portal/products"
ProductId = Annotated[int, InPath(ge=1, lt=2**31)]


def points_for(model: str) -> int:
    """Return the points that the demo invents for a model."""
    known = {name.casefold(): points for name, points in POINTS["models"].items()}
    points: int = known.get(model.casefold(), POINTS["default"])
    return points


@router.get("")
def show_products(request: Request) -> Response:
    """Show the account's products."""
    with visit(request, "products") as (session, account, moment):
        if not _is_active(account):
            return go("/portal")
        told = serializers.products_of(session, account)
        values: dict[str, Any] = {
            "told": told,
            "points": serializers.points_of(account),
            "invited_from": services.INVITED_FROM,
        }
        return page(request, "products.html", moment, account, **values)


@router.post("/migrate")
def migrate_products(request: Request) -> Response:
    """Move the old products to the account."""
    with visit(request) as (session, account, moment):
        try:
            services.migrate_products(session, account, moment)
            services.record(session, "portal", "migrate products", "portal", account.id)
        except services.NoMigration:
            return go(LIST, "not_now")
    return go(LIST, "migrated")


@router.get("/new")
def show_new_product(request: Request) -> Response:
    """Show the form to register a product."""
    with visit(request, "products") as (_, account, moment):
        return _new_product(request, account, moment, Form()) if _is_active(account) else go("/portal")


@router.post("/new")
def register_product(request: Request, form: Typed) -> Response:
    """Register a product; only its model is required."""
    with visit(request) as (session, account, moment):
        if not _is_active(account):
            return go("/portal", "not_now")
        model = form.text("model", 200)
        details = _details(form, moment)
        if form.errors:
            return _new_product(request, account, moment, form)
        services.register_product(session, account, model, points_for(model), details, moment)
    return go(LIST, "product_registered")


@router.get("/{product_id}")
def show_product(request: Request, product_id: ProductId) -> Response:
    """Show a product, and a form for its missing details."""
    with visit(request, "product") as (_, account, moment):
        return _product(request, account, moment, product_id, Form())


@router.post("/{product_id}")
def complete_product(request: Request, product_id: ProductId, form: Typed) -> Response:
    """Fill in the missing details of a product."""
    with visit(request) as (session, account, moment):
        product = _find(account, product_id)
        details = _details(form, moment)
        if not details and not form.errors:
            form.errors["serial_number"] = "nothing"
        if not product or form.errors:
            return _product(request, account, moment, product_id, form)
        services.complete_product(session, account, product, details, moment)
    return go(f"{LIST}/{product_id}", "product_saved")


def _is_active(account: Account) -> bool:
    return services.application_state(account.application) == "active"


def _find(account: Account, product_id: int) -> Product | None:
    own = account.products if _is_active(account) else []
    return next((product for product in own if product.id == product_id), None)


def _details(form: Form, moment: datetime) -> services.Details:
    details: Any = {
        "serial_number": form.text("serial_number", 100, required=False),
        "purchase_date": form.day("purchase_date", today(moment)),
        "purchase_country": form.choice("purchase_country", countries("en"), required=False),
        "distributor": form.text("distributor", 200, required=False),
    }
    given: services.Details = {name: value for name, value in details.items() if value}  # type: ignore[assignment]
    return given


def _new_product(request: Request, account: Account, moment: datetime, form: Form) -> Response:
    values: dict[str, Any] = {"form": form, "models": POINTS["models"], "latest": today(moment)}
    return page(request, "new_product.html", moment, account, status=422 if form.errors else 200, **values)


def _product(request: Request, account: Account, moment: datetime, product_id: int, form: Form) -> Response:
    product = _find(account, product_id)
    if not product:
        return page(request, "missing.html", moment, account, status=404)
    if not form.errors:
        form = Form()
    values: dict[str, Any] = {"product": product, "form": form, "latest": today(moment)}
    return page(request, "product.html", moment, account, status=422 if form.errors else 200, **values)

"""The rules of an account's lifecycle, without a server."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backend.models import REQUIRED_DETAILS, Account, Application, Membership, Product
from bot.backend.services import (
    application_state,
    documents_wanted,
    due_on,
    invite_if_due,
    invoice_dates,
    membership_state,
    migration_status,
    points_of,
)
from bot.calendar import is_working_day, today

NOW = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
WHOLE = {
    "serial_number": "1",
    "purchase_date": date(2026, 1, 1),
    "purchase_country": "LV",
    "distributor": "Foto Centrs",
}
VAT, NO_VAT = ["vat_certificate", "vat_invoice"], ["invoice", "licence", "register_extract"]


def application(documents=("invoice",), vat_payer=False, **more) -> Application:
    return Application(vat_payer=vat_payer, documents=list(documents), submitted_at=NOW, **more)


@pytest.mark.parametrize(
    ("came", "state"),
    [
        ({}, "received"),
        ({"documents": []}, "documents_missing"),
        ({"verified_at": NOW}, "verified"),
        ({"verified_at": NOW, "activated_at": NOW}, "active"),
        ({"rejected_at": NOW}, "rejected"),
        ({"documents": [], "rejected_at": NOW}, "rejected"),
    ],
)
def test_an_application_is_as_far_as_it_has_come(came, state):
    assert application_state(application(**came)) == state


@pytest.mark.parametrize("kind", [*VAT, *NO_VAT])
def test_a_vat_payer_and_others_need_different_documents(kind):
    assert documents_wanted(application([kind], vat_payer=True)) == ([] if kind in VAT else VAT)
    assert documents_wanted(application([kind], vat_payer=False)) == ([] if kind in NO_VAT else NO_VAT)


@pytest.mark.parametrize(
    ("submitted", "due"),
    [
        ("2026-11-23T10:00+02:00", "2026-11-25"),  # Monday to Wednesday
        ("2026-11-20T10:00+02:00", "2026-11-24"),  # over a weekend
        ("2026-11-21T10:00+02:00", "2026-11-24"),  # on a Saturday
        ("2026-11-22T10:00+02:00", "2026-11-24"),  # on a Sunday
        ("2026-11-16T10:00+02:00", "2026-11-19"),  # over 18 November
        ("2026-11-18T10:00+02:00", "2026-11-20"),  # on 18 November
        ("2028-11-17T10:00+02:00", "2028-11-22"),  # 18 November is a Saturday, so Monday is free
        ("2026-12-23T10:00+02:00", "2026-12-29"),  # over Christmas
        ("2026-12-25T10:00+02:00", "2026-12-29"),  # at Christmas
        ("2026-12-30T10:00+02:00", "2027-01-05"),  # over the New Year
        ("2026-01-15T10:00+02:00", "2026-01-17"),  # to a Saturday that is worked instead of 2 January
        ("2026-11-19T21:30+00:00", "2026-11-23"),  # Thursday in Riga
        ("2026-11-19T22:30+00:00", "2026-11-24"),  # Friday in Riga already
    ],
)
def test_an_application_is_checked_by_the_second_working_day(submitted, due):
    assert due_on(datetime.fromisoformat(submitted)) == date.fromisoformat(due)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_two_working_days_lie_after_the_day_of_submission(moment):
    days = (due_on(moment) - today(moment)).days
    after = [today(moment) + timedelta(days=count) for count in range(1, days + 1)]
    assert sum(is_working_day(day) for day in after) == 2
    assert is_working_day(due_on(moment))


@pytest.mark.parametrize(
    ("came", "own", "waiting", "status"),
    [
        ({"activated_at": NOW, "old_email": "old@example.com"}, [], 2, "ready"),
        ({"activated_at": NOW, "old_email": "old@example.com"}, ["migrated"], 1, "ready"),
        ({"verified_at": NOW, "old_email": "old@example.com"}, [], 2, "not_active"),
        ({"old_email": None}, [], 0, "not_active"),
        ({"activated_at": NOW}, ["registered"], 0, "no_old_email"),
        ({"activated_at": NOW, "old_email": "old@example.com"}, [], 0, "nothing_to_migrate"),
        ({"activated_at": NOW, "old_email": "old@example.com"}, ["registered"], 0, "nothing_to_migrate"),
        ({"activated_at": NOW, "old_email": "old@example.com"}, ["registered", "migrated"], 0, "migrated"),
    ],
)
def test_the_customer_sees_the_button_or_there_is_a_reason(came, own, waiting, status):
    account = Account(application=application(**came), products=[Product(origin=origin) for origin in own])
    assert migration_status(account, [Product()] * waiting) == status


@pytest.mark.parametrize("missing", REQUIRED_DETAILS)
def test_a_product_names_the_detail_that_it_lacks(missing):
    assert Product(**WHOLE).missing == []
    assert Product(**{**WHOLE, missing: None}).missing == [missing]
    assert Product(model='<b onclick="x()">**EOS**</b>').missing == list(REQUIRED_DETAILS)


@pytest.mark.parametrize(("points", "invited"), [(499, None), (500, NOW), (2501, NOW)])
def test_an_account_is_invited_at_500_points(points, invited):
    account = Account(products=[Product(points=points, **WHOLE)])
    invite_if_due(account, NOW)
    assert account.invited_at == invited


def test_waiting_points_do_not_invite():
    account = Account(products=[Product(points=499, **WHOLE), Product(points=100)])
    invite_if_due(account, NOW)
    assert account.invited_at is None


def test_an_account_is_invited_once_whatever_happens_later():
    account = Account(products=[Product(points=500, **WHOLE)])
    invite_if_due(account, NOW)
    account.products[0].serial_number = None
    invite_if_due(account, NOW + timedelta(days=1))
    account.products[0].serial_number = "1"
    invite_if_due(account, NOW + timedelta(days=2))
    assert account.invited_at == NOW


@given(st.lists(st.tuples(st.integers(0, 3000), st.booleans()), min_size=1), st.data())
def test_a_lost_green_tick_never_brings_points(products, data):
    account = Account(products=[Product(points=points, **(WHOLE if whole else {})) for points, whole in products])
    before = points_of(account)
    data.draw(st.sampled_from(account.products)).distributor = None
    after = points_of(account)
    assert after.total <= before.total
    assert after.total + after.waiting == before.total + before.waiting


def chosen(**more) -> Membership:
    issued_at, due = invoice_dates(NOW)
    return Membership(chosen_at=NOW, issued_at=issued_at, due_on=due, **more)


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (timedelta(0), "invoice_coming"),
        (timedelta(hours=2, minutes=59), "invoice_coming"),
        (timedelta(hours=3), "open"),
        (timedelta(days=30), "open"),  # the day it is due
        (timedelta(days=31), "overdue"),
    ],
)
def test_an_invoice_comes_within_hours_and_is_due_after_30_days(after, state):
    assert membership_state(chosen(), NOW + after) == state


@pytest.mark.parametrize(("days", "state"), [(29, "open"), (30, "paid"), (400, "paid")])
def test_a_card_is_charged_on_the_day_that_the_invoice_names(days, state):
    assert membership_state(chosen(method="card"), NOW + timedelta(days=days)) == state
    assert membership_state(chosen(method="transfer"), NOW + timedelta(days=days)) == (
        "open" if days < 31 else "overdue"
    )


def test_a_paid_invoice_is_never_overdue():
    assert membership_state(chosen(paid_at=NOW), NOW + timedelta(days=400)) == "paid"


def test_no_membership_is_a_state_too():
    assert membership_state(None, NOW) == "none"


def test_an_invoice_is_due_on_a_day_in_latvia():
    issued_at, due = invoice_dates(datetime(2026, 11, 16, 20, 0, tzinfo=UTC))  # 01:00 on the 17th in Riga
    assert due == date(2026, 12, 17)
    assert issued_at.hour == 23

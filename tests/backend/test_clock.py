"""The clock that the demo moves forward, and what happens to accounts meanwhile."""

import sqlite3

import pytest
import requests
from sqlalchemy import text

from bot.backend import services
from bot.backend.models import Account
from bot.database import Database
from tests.backend.conftest import ANNA, start_backend
from tests.conftest import stop_process
from tests.customer import letters_to


def forward(backend, hours: int, **more) -> requests.Response:
    return backend.call("POST", "/v1/clock", {"forward_hours": hours, **more})


def state(backend, topic: str, name: str) -> str:
    return backend.read(topic, f"{name}@example.com")["state"]


def test_an_application_is_verified_when_its_day_has_come(own_backend):
    due = own_backend.read("application", "kristine.balode@example.com")["due_on"]
    assert forward(own_backend, 10 * 24).status_code == 200
    told = own_backend.read("application", "kristine.balode@example.com")
    assert (told["state"], told["due_on"]) == ("verified", due)
    assert told["verified_at"][:10] >= due
    assert state(own_backend, "application", "andris.krumins") == "verified"
    assert state(own_backend, "application", "dace.zarina") == "documents_missing"
    assert state(own_backend, "application", "guna.lace") == "rejected"


def test_an_application_whose_day_is_not_there_waits(own_backend):
    forward(own_backend, 1)
    assert state(own_backend, "application", "kristine.balode") == "received"


@pytest.mark.parametrize(("language", "words"), [("lv", "paroli"), ("en", "Set the password")])
def test_the_password_letter_comes_once_in_the_chosen_language(own_backend, language, words):
    before = letters_to(own_backend.address, "kristine.balode@example.com")
    forward(own_backend, 10 * 24, language=language)
    forward(own_backend, 24, language=language)
    letters = letters_to(own_backend.address, "kristine.balode@example.com")
    assert len(letters) == len(before) + 1
    assert words in letters[0]
    assert not letters_to(own_backend.address, "dace.zarina@example.com")


def test_the_verification_is_in_the_audit_trail(own_backend):
    forward(own_backend, 10 * 24)
    lines = [(line.who, line.what) for line in own_backend.trail() if line.who == "clock"]
    assert lines == [("clock", "verify application")] * 2


def test_an_invoice_comes_and_the_card_is_charged_by_the_day_it_is_due(own_backend):
    states = [state(own_backend, "membership", "toms.abols")]
    for hours in (4, 31 * 24):
        forward(own_backend, hours)
        states.append(state(own_backend, "membership", "toms.abols"))
    assert states == ["invoice_coming", "open", "paid"]
    assert ("clock", "charge card") in [(line.who, line.what) for line in own_backend.trail()]


def test_a_transfer_that_does_not_come_is_overdue(own_backend):
    assert state(own_backend, "membership", "sandra.eglite") == "open"
    forward(own_backend, 31 * 24)
    assert state(own_backend, "membership", "sandra.eglite") == "overdue"


def test_tokens_and_codes_keep_the_real_time(own_backend):
    token = own_backend.token_for(ANNA)
    forward(own_backend, 24 * 30)
    assert own_backend.call("GET", "/v1/account", token=token).status_code == 200


@pytest.mark.parametrize("body", [{}, {"forward_hours": 0}, {"forward_hours": -5}, {"forward_hours": 1, "more": 1}])
def test_the_clock_goes_forward_alone(backend, body):
    assert backend.call("POST", "/v1/clock", body).status_code == 422


def test_the_clock_does_not_leave_the_calendar(own_backend):
    moves = [forward(own_backend, 24 * 366).status_code for _ in range(11)]
    assert moves == [200] * 10 + [409]


def test_the_clock_is_moved_from_this_machine_alone_and_not_published(backend):
    elsewhere = requests.post(
        backend.address + "/v1/clock", json={"forward_hours": 1}, headers={"host": "evil.example:80"}, timeout=10
    )
    assert elsewhere.status_code == 404
    assert "/v1/clock" not in requests.get(backend.address + "/openapi.json", timeout=10).json()["paths"]


def test_the_clock_stands_still_without_the_demo(tmp_path):
    backend, process = start_backend(tmp_path, demo="false")
    try:
        assert forward(backend, 1).status_code == 404
    finally:
        stop_process(process)


def test_old_products_are_migrated_once_and_invite(own_backend):
    with Database(own_backend.database).write() as session:
        account = session.query(Account).filter_by(email="inga.kruze@example.com").one()
        services.migrate_products(session, account, services.now(session))
        assert account.invited_at
        with pytest.raises(services.NoMigration):
            services.migrate_products(session, account, services.now(session))
    told = own_backend.read("products", "inga.kruze@example.com")
    assert [one["origin"] for one in told["products"]] == ["registered", "migrated", "migrated"]
    assert told["migration"] == {"status": "migrated", "waiting": 0}
    assert own_backend.read("points", "inga.kruze@example.com")["total"] == 520


def test_hostile_names_are_told_as_they_are(own_backend):
    hostile = "<img src=x onerror=alert(1)> **EOS** [R5](javascript:x) 'quote"
    with Database(own_backend.database).write() as session:
        session.execute(
            text("UPDATE products SET model = :model WHERE serial_number = '3310000817'"), {"model": hostile}
        )
    assert own_backend.read("products", "peter.smith@example.com")["products"][3]["model"] == hostile


def test_an_account_from_before_applications_is_an_active_one(tmp_path):
    from alembic import command
    from alembic.config import Config

    from bot.backend.api import MIGRATIONS

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = f"sqlite:///{tmp_path / 'backend.db'}"
    command.upgrade(config, "0001")
    with sqlite3.connect(tmp_path / "backend.db") as old:
        old.execute("INSERT INTO accounts VALUES (1, 'old@example.com', 'Olga', 'SIA Vecais')")
        old.execute("INSERT INTO products (account_id, model, points, country) VALUES (1, 'EOS R', 90, 'LV')")
    backend, process = start_backend(tmp_path)
    try:
        assert state(backend, "application", "old") == "active"
        assert backend.read("application", "old@example.com")["documents_wanted"] == []
        product = backend.read("products", "old@example.com")["products"][0]
        assert (product["purchase_country"], product["origin"]) == ("LV", "registered")
    finally:
        stop_process(process)

"""The reference backend posts signed events to the website side when the state of an account changes, each once."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select, update

from bot.backend.events import AGAIN, Events
from bot.backend.models import Account, Event
from bot.database import Database, now
from bot.settings import Settings
from bot.webhooks import is_genuine
from tests.portal_client import PortalClient

KEY = "whsec_" + "a2V5IG9mIHRoZSB0ZXN0cyB3aXRoIDMyIGxldHRlcnM="


class Heard:
    """What a website side hears; its status may be changed."""

    def __init__(self) -> None:
        self.status, self.events = 204, []
        heard = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                assert self.path == "/api/account-events"
                if is_genuine(headers, content, KEY):
                    heard.events.append((headers["webhook-id"], json.loads(content)))
                self.send_response(heard.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()

    def of(self, email: str) -> list[str]:
        return [event["type"] for _, event in self.events if event["email"] == email]


@pytest.fixture
def heard() -> Iterator[Heard]:
    started = Heard()
    yield started
    started.server.shutdown()


@pytest.fixture
def events(own_backend, heard) -> Iterator[Events]:
    database = Database(own_backend.database)
    yield Events(Settings(events_key=KEY, web_port=heard.server.server_port), database)
    database.engine.dispose()


def forward(backend, events: Events, hours: int) -> None:
    assert backend.call("POST", "/v1/clock", {"forward_hours": hours}).status_code == 200
    events.post_due()
    events.post_due()  # more than one round takes


def id_of(backend, email: str) -> int:
    with Database(backend.database).read() as session:
        return session.scalars(select(Account.id).where(Account.email == email)).one()


def test_a_customer_on_the_way_through_the_portal_is_told_each_step_once(own_backend, heard, events):
    events.post_due()
    client = PortalClient(own_backend)
    client.apply(documents=[])
    events.post_due()
    client.press("/document", document="vat_certificate")
    forward(own_backend, events, 10 * 24)
    client.press("/password")
    details = {"serial_number": "1", "purchase_date": "2026-01-05", "purchase_country": "LV", "distributor": "X"}
    client.register("EOS R5")
    forward(own_backend, events, 24)
    assert heard.of(client.email) == ["application.documents_missing", "application.approved"]
    forward(own_backend, events, 3 * 24)
    for _ in range(10):
        client.register("EOS R3", **details)
    events.post_due()
    client.press("/tiers/silver", method="transfer")
    for hours in (4, 24 * 24, 24, 24, 6 * 24, 24):
        forward(own_backend, events, hours)
    assert heard.of(client.email) == [
        "application.documents_missing",
        "application.approved",
        "product.incomplete",
        "points.reached",
        "invoice.issued",
        "invoice.due_soon",
        "invoice.overdue",
    ]
    ids = [webhook_id for webhook_id, _ in heard.events]
    assert len(set(ids)) == len(ids)
    facts = {event["type"]: event for _, event in heard.events if event["email"] == client.email}
    assert facts["product.incomplete"]["product"] == "EOS R5"
    assert facts["invoice.overdue"]["due_on"] == client.told("membership")["invoice"]["due_on"]


def test_a_product_that_gets_its_tick_in_time_is_not_mentioned(own_backend, heard, events):
    client = PortalClient(own_backend).become_active()
    client.register("EOS R5")
    events.post_due()
    product = client.told("products")["products"][0]["id"]
    details = {"serial_number": "1", "purchase_date": "2026-01-05", "purchase_country": "LV", "distributor": "X"}
    client.press(f"/products/{product}", **details)
    forward(own_backend, events, 10 * 24)
    assert "product.incomplete" not in heard.of(client.email)


def test_what_does_not_arrive_is_posted_again_under_the_same_id_until_it_is_given_up(own_backend, heard, events):
    account = id_of(own_backend, "dace.zarina@example.com")
    heard.status = 500

    def posted() -> list[str]:
        with events._database.write() as session:
            mine = update(Event).where(Event.account_id == account, Event.again_at.is_not(None))
            session.execute(mine.values(again_at=now()))
        events.post_due()
        return [one for one, event in heard.events if event["email"] == "dace.zarina@example.com"]

    assert len(posted()) == 1
    events.post_due()
    assert len(heard.of("dace.zarina@example.com")) == 1
    for _ in range(len(AGAIN) + 3):
        ids = posted()
    assert len(ids) == len(AGAIN) + 1
    assert len(set(ids)) == 1


def test_what_did_not_arrive_and_is_true_no_longer_is_not_posted_later(own_backend, heard, events):
    client = PortalClient(own_backend)
    client.apply(documents=[])
    heard.status = 500
    events.post_due()
    assert heard.of(client.email) == ["application.documents_missing"]
    client.press("/document", document="vat_certificate")
    forward(own_backend, events, 10 * 24)
    with events._database.write() as session:
        session.execute(update(Event).where(Event.again_at.is_not(None)).values(again_at=now()))
    heard.status = 204
    events.post_due()
    assert heard.of(client.email).count("application.documents_missing") == 1


def test_nothing_is_posted_without_the_key(own_backend, heard):
    silent = Events(Settings(web_port=heard.server.server_port), Database(own_backend.database))
    silent.start()
    assert silent._thread.ident is None  # it was never started
    silent.stop()
    assert heard.events == []

"""The demo portal, page by page, over HTTP; the account interface then answers accordingly."""

import html
import re
import signal
from collections.abc import Iterator

import pytest
import requests
from sqlalchemy import update

from bot.backend.models import Product
from bot.backend.portal.layout import FOLDER, WORDS
from bot.database import Database
from tests.backend.conftest import Backend, start_backend
from tests.conftest import stop_process
from tests.customer import letters_to
from tests.portal_client import PortalClient, text_of

OLD_EMAIL = "studija@old.example.com"
PAGES = ["", "/login", "/apply", "/products", "/products/new", "/tiers", "/invoices"]
WHOLE = {"serial_number": "1", "purchase_date": "2024-05-01", "purchase_country": "LV", "distributor": "Foto Centrs"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def demo(request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """A backend on each kind of database, which the portal's customers may change."""
    url = request.getfixturevalue("new_postgresql")() if request.param == "postgresql" else ""
    started, process = start_backend(tmp_path_factory.mktemp("portal"), url)
    yield started
    stop_process(process, signal.SIGTERM)


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize(
    "email", ["", "martins.liepa@example.com", "ilze.ozola@example.com", "laura.vitola@example.com"]
)
def test_every_page_has_all_its_words_in_both_languages(demo, email, language):
    visitor = PortalClient(demo, email, language)
    for path in PAGES:
        visitor.see(path)
        assert visitor.seen.status_code == 200, path
        assert f'<html lang="{language}">' in visitor.seen.text
        assert visitor.seen.text.count("<h1>") == 1
        assert "{" not in text_of(visitor.seen)


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize(
    "name", ["kristine.balode", "dace.zarina", "edgars.vilks", "guna.lace", "inga.kruze", "toms.abols", "vita.rozite"]
)
def test_the_home_page_has_words_for_every_state(demo, name, language):
    visitor = PortalClient(demo, f"{name}@example.com", language)
    state = visitor.told("application")["state"]
    assert WORDS["home"][state][language] in visitor.see("") or state == "active"
    visitor.see("/invoices")
    assert visitor.seen.status_code == 200


def test_every_word_is_shown_somewhere():
    sources = "".join(path.read_text(encoding="utf-8") for path in [*FOLDER.glob("*.html"), *FOLDER.glob("*.py")])
    groups = r'say\("(\w+)\." ~|say\("(\w+)\.(\w+)"'
    used, begun = set(), {"errors", "done", "counted"}
    for group, owner, name in re.findall(groups, sources):
        begun |= {group} - {""}
        used |= {(owner, name)}
    words = {(group, name) for group, names in WORDS.items() for name in names}
    assert used - words - {("", "")} == set()
    lost = {(group, name) for group, name in words - used if group not in begun and f'"{group}.{name}"' not in sources}
    assert not lost


def test_the_language_is_switched_on_the_same_page_and_remembered(demo):
    visitor = PortalClient(demo, "martins.liepa@example.com")
    visitor.see("/tiers", kind="corporate")
    link = re.search(r'href="([^"]*)" lang="en"', visitor.seen.text).group(1)
    assert html.unescape(link) == "/portal/tiers?kind=corporate&language=en"
    assert "Corporate tiers" in visitor.see("/tiers", kind="corporate", language="en")
    assert "Invoices" in visitor.see("/invoices")


def test_who_is_not_logged_in_is_sent_to_log_in(demo):
    visitor = PortalClient(demo)
    for path in ("", "/products", "/products/1", "/tiers", "/tiers/gold", "/invoices"):
        visitor.see(path)
        assert visitor.seen.url.endswith("/portal/login"), path
    for path in ("/document", "/password", "/products/migrate", "/products/new", "/tiers/gold", "/invoices"):
        visitor.press(path)
        assert visitor.seen.url.endswith("/portal/login"), path


def test_the_session_is_a_cookie_that_no_script_and_no_other_site_gets(demo):
    answer = requests.post(
        f"{demo.address}/portal/login",
        data={"email": "anna.berzina@example.com"},
        headers={"origin": demo.address},
        allow_redirects=False,
        timeout=30,
    )
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/portal", "max-age=28800"))


def test_who_logs_out_is_out(demo):
    visitor = PortalClient(demo, "anna.berzina@example.com")
    token = visitor.browser.cookies["portal_session"]
    assert demo.call("GET", "/v1/account", token=token).status_code == 200
    visitor.press("/logout")
    assert demo.call("GET", "/v1/account", token=token).status_code == 401
    assert "Anna Bērziņa" in visitor.see("")  # on the list of accounts
    assert visitor.seen.url.endswith("/portal/login")


def test_nobody_logs_in_as_somebody_unknown(demo):
    visitor = PortalClient(demo, "nobody@example.com")
    visitor.see("")
    assert visitor.seen.url.endswith("/portal/login")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1"])
@pytest.mark.parametrize("path", ["/login", "/apply", "/password", "/clock", "/products/new"])
def test_a_form_of_another_page_is_refused(demo, path, origin):
    before = len(demo.trail())
    PortalClient(demo).press(path, origin, email="anna.berzina@example.com", move="hour")
    visitor = PortalClient(demo)
    visitor.press(path, origin, email="anna.berzina@example.com", move="hour")
    assert visitor.seen.status_code == 403
    assert len(demo.trail()) == before


def test_a_form_without_an_origin_is_refused(demo):
    assert requests.post(f"{demo.address}/portal/clock", data={"move": "hour"}, timeout=30).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_other_machines_see_no_portal(demo, path):
    answer = requests.get(f"{demo.address}/portal{path}", headers={"host": "evil.example:80"}, timeout=30)
    assert answer.status_code == 404


def test_there_is_no_portal_without_the_demo(tmp_path):
    backend, process = start_backend(tmp_path, demo="false")
    try:
        for path in PAGES:
            assert requests.get(f"{backend.address}/portal{path}", timeout=30).status_code == 404
    finally:
        stop_process(process)


def test_the_portal_is_not_in_the_published_contract(demo):
    paths = requests.get(f"{demo.address}/openapi.json", timeout=30).json()["paths"]
    assert not [path for path in paths if path.startswith("/portal")]


def test_a_page_runs_the_assistants_script_only_and_is_in_no_frame(demo):
    visitor = PortalClient(demo)
    visitor.see("/login")
    policy = visitor.seen.headers["content-security-policy"]
    assert "script-src http://127.0.0.1:8080; frame-src http://127.0.0.1:8080;" in policy
    assert "frame-ancestors 'none'" in policy
    assert visitor.seen.headers["cache-control"] == "no-store"
    assert visitor.seen.text.count("<script") == 1


def test_an_application_is_received_then_verified_then_active(demo):
    visitor = PortalClient(demo)
    assert "Pieteikums tiek pārbaudīts" in visitor.apply(old_email=OLD_EMAIL.upper())
    told = visitor.told("application")
    assert (told["state"], told["old_email_given"], told["documents"]) == ("received", True, ["vat_certificate"])

    assert "Šobrīd tas nav iespējams" in visitor.press("/password")
    visitor.press("/clock", move="working_day", here="/portal")
    assert visitor.told("application")["state"] == "received"
    assert "Konts ir izveidots" in visitor.press("/clock", move="working_day", here="/portal")
    assert visitor.told("application")["state"] == "verified"
    assert len(letters_to(demo.address, visitor.email)) == 1

    assert "Konts ir aktīvs" in visitor.press("/password")
    assert visitor.told("application")["state"] == "active"
    assert visitor.told("products")["migration"]["status"] == "ready"
    steps = [(line.who, line.what) for line in demo.trail() if line.who in ("portal", "clock")]
    for step in [("portal", "apply"), ("clock", "verify application"), ("portal", "set password")]:
        assert step in steps


def test_a_document_that_was_missing_can_be_given_later(demo):
    visitor = PortalClient(demo)
    assert "Trūkst dokumenta" in visitor.apply(documents=["licence"])
    assert visitor.told("application")["state"] == "documents_missing"
    assert "Izvēlieties vienu no iespējām" in visitor.press("/document", document="licence")
    assert "Pieteikums tiek pārbaudīts" in visitor.press("/document", document="vat_invoice")
    told = visitor.told("application")
    assert (told["state"], told["documents"]) == ("received", ["licence", "vat_invoice"])


def test_who_applied_may_log_in_again(demo):
    visitor = PortalClient(demo)
    visitor.apply(name="Atgriezies Klients")
    visitor.press("/logout")
    assert "Atgriezies Klients" in visitor.see("/login")
    assert "Labdien, Atgriezies Klients!" in visitor.press("/login", email=visitor.email)


@pytest.mark.parametrize(
    ("typed", "field", "error"),
    [
        ({"company": ""}, "company", "required"),
        ({"name": "  "}, "name", "required"),
        ({"name": "x" * 201}, "name", "too_long"),
        ({"email": "no address"}, "email", "email"),
        ({"email": "x" * 250 + "@example.com"}, "email", "too_long"),
        ({"email": "ANNA.Berzina@example.com"}, "email", "taken"),
        ({"vat_payer": "perhaps"}, "vat_payer", "choose"),
        ({"old_email": "old"}, "old_email", "email"),
        ({"authorised": ""}, "authorised", "authorised"),
    ],
)
def test_what_is_wrong_in_an_application_is_told_and_nothing_typed_is_lost(demo, typed, field, error):
    visitor = PortalClient(demo)
    text = visitor.apply(**{"company": 'Kas "Cits"', "old_email": OLD_EMAIL, **typed})
    page = visitor.seen.text
    assert visitor.seen.status_code == 422
    assert WORDS["errors"][error]["lv"] in text
    assert f'href="#{field}"' in page
    assert f'id="{field}_error"' in page
    for name, value in {"company": "Kas &#34;Cits&#34;", "old_email": OLD_EMAIL, **typed}.items():
        if name not in ("vat_payer", "authorised"):
            assert f'id="{name}" name="{name}" value="{value.strip()}"' in page
    assert re.search(r'value="vat_certificate" checked', page)
    assert page.startswith("<!doctype html>")
    assert "<title>Kļūda: " in page


def test_what_hostile_hands_type_is_shown_as_text(demo):
    hostile = "<img src=x onerror=alert(1)>{{ 7 * 7 }} {0} 'quote\""
    visitor = PortalClient(demo).become_active(company=hostile, name=hostile)
    visitor.register(hostile, serial_number=hostile, distributor=hostile)
    (product,) = visitor.told("products")["products"]
    assert product["model"] == hostile
    for path in ("", "/products", f"/products/{product['id']}", "/login"):
        text = visitor.see(path)
        assert "<img" not in visitor.seen.text
        assert hostile in text


def test_zero_bytes_and_too_much_break_nothing(demo):
    visitor = PortalClient(demo)
    assert "Labdien, a b!" in visitor.apply(name="a\x00b", company="c\ud800".encode("utf-8", "replace").decode())
    visitor.press("/apply", company="x" * 20_000)
    assert visitor.seen.status_code == 413


def test_old_products_are_migrated_by_the_blue_button(demo):
    with Database(demo.database).write() as session:  # another test may have registered them
        session.execute(
            update(Product).where(Product.old_email == OLD_EMAIL).values(account_id=None, origin="registered")
        )
    visitor = PortalClient(demo).become_active(old_email=OLD_EMAIL)
    assert "MIGRĒT PRODUKTUS" in visitor.see("/products")
    page = visitor.press("/products/migrate")
    assert "MIGRĒT PRODUKTUS" not in page
    assert page.count("Zaļā atzīme: punkti piešķirti") == 2
    assert visitor.told("products")["migration"]["status"] == "migrated"
    assert "Šobrīd tas nav iespējams" in visitor.press("/products/migrate")


def test_who_gave_no_old_email_sees_no_blue_button_and_why(demo):
    page = PortalClient(demo).become_active().see("/products")
    assert "MIGRĒT PRODUKTUS" not in page
    assert "vecā CPS e-pasta adrese netika norādīta" in page


def test_a_product_gets_its_tick_and_the_account_its_invitation_when_it_is_complete(demo):
    visitor = PortalClient(demo).become_active()
    visitor.register("eos  r5 MARK II", serial_number="0123")
    (product,) = visitor.told("products")["products"]
    assert (product["points"], product["missing"]) == (500, ["purchase_date", "purchase_country", "distributor"])
    path = f"/products/{product['id']}"
    assert "Aizpildiet vismaz vienu lauku" in visitor.press(path)
    visitor.press(path, purchase_date="2024-02-01", purchase_country="LV", serial_number="another")
    assert visitor.told("products")["products"][0]["missing"] == ["distributor"]
    assert visitor.told("points")["invited_at"] is None
    assert "Zaļā atzīme: punkti piešķirti" in visitor.press(path, distributor="Foto Centrs")
    (product,) = visitor.told("products")["products"]
    assert (product["has_tick"], product["serial_number"]) == (True, "0123")
    assert visitor.told("points")["total"] == 500
    assert visitor.told("points")["invited_at"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"model": ""}, "model"),
        ({"purchase_date": "2099-01-01"}, "purchase_date"),
        ({"purchase_date": "yesterday!"}, "purchase_date"),
        ({"purchase_date": "0001-01-01"}, "purchase_date"),
        ({"purchase_country": "XX"}, "purchase_country"),
        ({"distributor": "x" * 201}, "distributor"),
    ],
)
def test_what_is_wrong_with_a_product_is_told_and_nothing_typed_is_lost(demo, typed, field):
    visitor = PortalClient(demo, "laura.vitola@example.com")
    visitor.press("/products/new", **{"model": "EOS R8", "serial_number": "SN<1>", **typed})
    assert visitor.seen.status_code == 422
    assert f'id="{field}_error"' in visitor.seen.text
    assert 'value="SN&lt;1&gt;"' in visitor.seen.text
    assert visitor.told("products")["products"] == []


def test_the_product_of_somebody_else_is_not_there(demo):
    theirs = demo.read("products", "anna.berzina@example.com")["products"][2]
    visitor = PortalClient(demo, "laura.vitola@example.com")
    for number in (theirs["id"], 10**9):
        visitor.see(f"/products/{number}")
        assert visitor.seen.status_code == 404
        assert theirs["model"] not in visitor.seen.text
        visitor.press(f"/products/{number}", distributor="mine")
        assert visitor.seen.status_code == 404
    assert demo.read("products", "anna.berzina@example.com")["products"][2] == theirs


def test_a_tier_is_chosen_and_paid_by_transfer(demo):
    visitor = PortalClient(demo).become_active()
    visitor.register("EOS R1", **WHOLE)
    page = visitor.see("/tiers")
    assert page.count("Vēl nav pieejams") == 1  # platinum
    assert "vairāk nekā 2500 punktu" in page
    assert "Izvēlieties vienu no iespējām" in visitor.press("/tiers/gold")
    assert "Abonementu var lietot uzreiz" in visitor.press("/tiers/gold", method="transfer")
    told = visitor.told("membership")
    assert (told["state"], told["tier"]["id"], told["method"]) == ("invoice_coming", "gold", "transfer")
    assert re.fullmatch(r"LV-\d{4}-\d+", told["number"])
    assert "Šobrīd tas nav iespējams" in visitor.press("/invoices")

    for _ in range(3):
        visitor.press("/clock", move="hour", here="/portal/invoices")
    assert visitor.told("membership")["state"] == "open"
    visitor.press("/clock", move="month", here="/portal/invoices")
    visitor.press("/clock", move="working_day", here="/portal/invoices")
    assert visitor.told("membership")["state"] == "overdue"
    assert "samaksāts" in visitor.press("/invoices")
    assert visitor.told("membership")["state"] == "paid"
    assert "Šobrīd tas nav iespējams" in visitor.press("/tiers/silver", method="card")


def test_a_card_is_charged_by_itself_and_the_former_number_is_told(demo):
    visitor = PortalClient(demo).become_active(old_email=OLD_EMAIL)
    visitor.register("EOS R1", **WHOLE)
    visitor.press("/tiers/silver", method="card")
    assert "LV-2017-0288" in visitor.see("/invoices")
    visitor.press("/clock", move="month", here="/portal/invoices")
    visitor.press("/clock", move="working_day", here="/portal/invoices")
    told = visitor.told("membership")
    assert (told["state"], told["previous_number"]) == ("paid", "LV-2017-0288")
    assert ("clock", "charge card") in [(line.who, line.what) for line in demo.trail()]


@pytest.mark.parametrize(("tier", "status"), [("platinum", 200), ("corporate", 200), ("made-up", 404)])
def test_a_tier_that_is_not_open_cannot_be_chosen(demo, tier, status):
    visitor = PortalClient(demo, "anna.berzina@example.com")
    visitor.press(f"/tiers/{tier}", method="card")
    assert visitor.seen.status_code == status
    assert visitor.told("membership")["state"] == "none"


def test_the_switch_to_corporate_tiers_is_there_above_2500_points(demo):
    link = "/portal/tiers?kind=corporate"
    page = PortalClient(demo, "martins.liepa@example.com")
    page.see("/tiers")
    assert f'href="{link}"' in page.seen.text
    assert "Korporatīvais līmenis" in page.see("/tiers", kind="corporate")
    other = PortalClient(demo, "peter.smith@example.com")
    assert "Korporatīvais līmenis" not in other.see("/tiers", kind="corporate")
    assert f'href="{link}"' not in other.seen.text


@pytest.mark.parametrize("path", ["/products", "/products/new", "/tiers", "/invoices"])
def test_an_account_that_is_not_active_sees_the_home_page_alone(demo, path):
    visitor = PortalClient(demo, "guna.lace@example.com")
    visitor.see(path)
    assert visitor.seen.url == f"{demo.address}/portal"
    assert f'href="/portal{path}"' not in visitor.seen.text
    visitor.press("/products/new", model="EOS R8")
    assert visitor.told("products")["products"] == []


@pytest.mark.parametrize("here", ["", "https://evil.example", "//evil.example", "/portal/../v1", "/portal\r\nx: y"])
def test_the_clock_leads_back_to_the_portal_alone(demo, here):
    visitor = PortalClient(demo, "guna.lace@example.com")
    visitor.press("/clock", move="hour", here=here)
    assert visitor.seen.url == f"{demo.address}/portal?done=clock_moved"


def test_the_clock_stops_where_its_calendar_ends(own_backend):
    for _ in range(10):
        assert own_backend.call("POST", "/v1/clock", {"forward_hours": 24 * 366 - 20}).status_code == 200
    assert "nav iespējams" in PortalClient(own_backend, "guna.lace@example.com").press(
        "/clock", move="month", here="/portal"
    )

"""Customers at the demo portal ask the assistant in its corner, and hear the present state of their account."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from bot.backend.portal.layout import WORDS
from tests.backend.conftest import Backend
from tests.conftest import GENEROUS, Stack, running
from tests.e2e.customer_page import ANSWER, CustomerPage
from tests.portal_client import HOSTILE, HOSTILE_MODELS, PortalClient, hostile_customer

ROOM = {"width": 1600, "height": 900}  # wide enough for the portal beside the open chat
ASK = {
    "status": {"lv": "kas notiek ar manu pieteikumu?", "en": "what is happening with my application?"},
    "button": {"lv": "kāpēc es neredzu zilo pogu?", "en": "why don't I see the blue button?"},
    "products": {"lv": "kāpēc man nav zaļās atzīmes?", "en": "why do I have no green tick?"},
    "points": {"lv": "cik man ir punktu?", "en": "how many points do I have?"},
    "tiers": {"lv": "kādus līmeņus es varu izvēlēties?", "en": "which tiers can I choose?"},
    "payment": {"lv": "kad man jāmaksā?", "en": "when do I have to pay?"},
    "number": {"lv": "vai mans abonementa numurs mainīsies?", "en": "does my membership number change?"},
}


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An assistant for this module alone, as its customers move the clock of the accounts."""
    with running(tmp_path_factory.mktemp("moving"), **GENEROUS) as started:
        yield started


class Guest(CustomerPage):
    """A customer at the portal with the chat open."""

    def word(self, path: str) -> str:
        group, name = path.split(".")
        return WORDS[group][name][self.language]

    def press(self, path: str, more: str = "") -> None:
        """Press the button or follow the link with these words."""
        name = self.word(path) + more
        self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name)).first.click()

    def fill(self, **fields: str) -> None:
        for name, typed in fields.items():
            self.page.locator(f"#{name}").fill(typed)

    def ask(self, topic: str, *told: str) -> None:
        """Ask the assistant, and wait for the present state."""
        self.open()
        expect(self.chat.locator("#confirmed-name")).to_be_visible(timeout=ANSWER)
        self.say(ASK[topic][self.language])
        for text in told:
            self.hears(text)


@pytest.fixture
def arrive(browser: Browser, moving: Stack) -> Iterator[Callable[[str], Guest]]:
    """Return a function that opens the portal for a customer; no page may violate a Content-Security-Policy."""
    guests: list[Guest] = []

    def come(language: str) -> Guest:
        context = browser.new_context(viewport=ROOM)
        guests.append(Guest(context, moving, language, f"{moving.backend}/portal/login?language={language}"))
        return guests[-1]

    yield come
    complaints = [text for guest in guests for text in guest.complaints]
    for guest in guests:
        guest.context.close()
    assert [text for text in complaints if "Content Security Policy" in text or text.startswith("uncaught")] == []


def apply(guest: Guest, vat_payer: bool, document: str, **fields: str) -> None:
    guest.press("login.apply")
    guest.fill(company="SIA Jauns", name="Jana Jauna", **fields)
    page = guest.page
    page.get_by_label(guest.word("apply.payer" if vat_payer else "apply.no_payer"), exact=True).check()
    page.get_by_label(guest.word(f"documents.{document}"), exact=True).check()
    page.get_by_label(guest.word("apply.authorised")).check()
    guest.press("apply.send")
    expect(page.get_by_role("status")).to_have_text(guest.word("done.applied"))


def register(guest: Guest, model: str, **details: str) -> None:
    guest.press("portal.products")
    guest.press("products.register")
    guest.fill(model=model, **details)
    if details:
        guest.page.locator("#purchase_country").select_option("LV")
    guest.press("products.register")
    expect(guest.page.get_by_role("status")).to_have_text(guest.word("done.product_registered"))


def choose(guest: Guest, tier: str, method: str) -> None:
    guest.press("portal.tiers")
    guest.press("tiers.choose", f" - {tier}")
    guest.page.get_by_label(guest.word(f"payment.{method}")).check()
    guest.press("payment.confirm")
    expect(guest.page.get_by_role("status")).to_have_text(guest.word("done.tier_chosen"))


WHOLE = {"serial_number": "0123", "purchase_date": "2024-05-01", "distributor": "Foto Centrs"}


def test_a_latvian_customer_migrates_pays_by_card_and_hears_at_each_step_what_is_true_now(arrive) -> None:
    guest = arrive("lv")
    apply(guest, True, "vat_certificate", email="migrates@example.com", old_email="studija@old.example.com")
    guest.ask("status", "ir saņemts")
    guest.ask("button", "konts vēl nav aktīvs")
    guest.press("portal.working_day")
    guest.press("portal.working_day")
    guest.ask("status", "ir apstiprināts")
    guest.press("home.set_password")
    guest.ask("status", "ir aktīvs")
    guest.ask("button", "ir pieejama.*3 produkti")

    guest.press("portal.products")
    guest.press("products.migrate")
    guest.ask("button", "jau ir migrēti")
    guest.ask("products", "EF 24-70mm[^\\n]*trūkst sērijas numura un izplatītāja")
    guest.ask("points", "kontā ir 450 punkti")
    guest.ask("tiers", "450 punkti, un līmeni izvēlēties vēl nevar")
    guest.press("products.view", " - EF 24-70mm")
    guest.fill(serial_number="0042", distributor="Foto Centrs")
    guest.press("products.save")
    guest.ask("products", "ir zaļā atzīme.*600 punkti")
    guest.ask("tiers", "600 punkti. Varat izvēlēties: sudraba līmenis\\.")
    register(guest, "EOS R1", **WHOLE)
    guest.ask("tiers", "1.?600 punkti. Varat izvēlēties: sudraba līmenis, zelta līmenis un platīna līmenis")
    guest.ask("payment", "rēķina nav un nekas nav jāmaksā")

    choose(guest, "zelta līmenis", "card")
    guest.ask("payment", "rēķina vēl nav: to saņemsiet dažu stundu laikā")
    guest.ask("number", "abonementa numurs ir LV-[^.]*zelta.*agrākais bija LV-2017-0288")
    for _ in range(3):
        guest.press("portal.hour")
    guest.ask("payment", "ir izrakstīts.*ar karti")
    guest.press("invoices.mark_paid")
    guest.ask("payment", "ir samaksāts")


def test_an_english_customer_registers_pays_by_transfer_and_hears_at_each_step_what_is_true_now(arrive) -> None:
    guest = arrive("en")
    apply(guest, False, "vat_certificate", email="registers@example.com")
    guest.ask("status", "lacks a document.*an invoice to the company")
    guest.page.get_by_label(guest.word("documents.licence")).check()
    guest.press("home.add_document")
    guest.ask("status", "has been received")
    guest.press("portal.working_day")
    guest.press("portal.working_day")
    guest.ask("status", "is approved")
    guest.press("home.set_password")
    guest.ask("status", "is active")
    guest.ask("button", "did not give an old CPS")
    guest.ask("products", "no products yet")

    register(guest, "EOS R1")
    guest.ask("products", "EOS R1[^\\n]*missing serial number, purchase date, country of purchase and distributor")
    guest.ask("points", "Your account has 0 points", "500 points short")
    guest.ask("tiers", "cannot choose a tier yet", "500 points short")
    guest.press("products.view", " - EOS R1")
    guest.fill(**WHOLE)
    guest.page.locator("#purchase_country").select_option("EE")
    guest.press("products.save")
    guest.ask("products", "have the green tick.*1,000 points")
    guest.ask("tiers", "You can choose: silver tier and gold tier", "600 points short")
    guest.ask("payment", "nothing to pay")

    choose(guest, "silver tier", "transfer")
    guest.ask("payment", "no invoice yet: it comes within a few hours")
    guest.ask("number", "membership number is LV-[^.]*silver tier")
    for _ in range(3):
        guest.press("portal.hour")
    guest.ask("payment", "has been issued.*by bank transfer")
    guest.press("portal.month")
    guest.press("portal.working_day")
    guest.ask("payment", "has passed")
    guest.press("invoices.mark_paid")
    guest.ask("payment", "has been paid")


@pytest.fixture(scope="module")
def hostile(moving: Stack) -> PortalClient:
    database = f"sqlite:///{moving.folder / 'backend.db'}"
    return hostile_customer(Backend(moving.backend, database, key=moving.backend_key))


@pytest.mark.parametrize("language", ["lv", "en"])
def test_hostile_names_are_text_in_the_chat_and_on_the_portal(arrive, hostile: PortalClient, language: str) -> None:
    guest = arrive(language)
    page = guest.page
    page.locator(f'button[value="{hostile.email}"]').click()
    for path in ("portal.home", "portal.products"):
        guest.press(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.locator("img, svg[onload], script:not([src]), [onclick], [onerror], main b").count() == 0
    guest.ask("products", r"EOS|kit")
    expect(guest.chat.locator("#confirmed-name")).to_have_text(HOSTILE["name"].replace("\u202e", ""))
    answer = guest.messages.filter(has_text="RF 50mm").last
    for model in HOSTILE_MODELS[:7]:
        expect(answer.get_by_role("listitem").filter(has_text=" ".join(model.split()))).to_have_count(1)
    expect(answer.get_by_role("listitem").last).to_contain_text("elbisrever RF 50mm (kit) \\ - one")
    assert answer.locator("a, img, svg, script, iframe, b, i, em, code, del, table, h1").count() == 0
    assert answer.locator("strong").count() == len(HOSTILE_MODELS) + 2  # the models, and two more bold texts
    assert guest.chat.locator("#conversation a[href*=evil], #conversation img, #confirmed-name *").count() == 0
    frame = next(frame for frame in page.frames if frame.url.startswith(f"{guest.stack.web}/chat"))
    assert (
        frame.evaluate("document.querySelectorAll('[onerror], [onload], [onclick], script:not([nonce])').length") == 0
    )
    assert frame.title() == {"lv": "CPS asistents", "en": "CPS assistant"}[language]
    assert not [request.url for request in guest.requested if "evil" in request.url]

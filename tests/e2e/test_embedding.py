"""The chat on pages of all kinds, which stand on another site than the chat, in a real browser."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from bot.conversations import identity, lifecycle
from bot.database import now
from tests.agent import Agent
from tests.conftest import Web
from tests.e2e.customer_page import ANSWER, DESKTOP, PHONE, CustomerPage, violations
from tests.e2e.test_person import Liga, with_liga
from tests.proxies import Proxied, proxy

SCRIPT = '<script src="{chat}/widget.js" data-language="lv" {more}></script>'
RUDE = """<style>
  :not(html, body, head) { all: unset !important; display: none !important; opacity: 0 !important; }
  div, section, iframe { display: none; } button { color: red !important; position: static !important; }
</style>"""
PLAIN = "<main><h1>Lapa</h1><p><a href='/two'>Divi</a></p></main>"


@dataclass
class Site:
    """A website of somebody else's, with the chat on its pages."""

    address: str
    pages: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    made = Site("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            html, headers = made.pages.get(self.path.split("?")[0], ("", {}))
            self.send_response(200 if html else 404)
            self.send_header("content-type", "text/html; charset=utf-8")
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.address = f"http://localhost:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def chat(start_web: Callable[..., Web], site: Site) -> Web:
    started = start_web(frame_ancestors=f"'self' {site.address}")
    Agent(started.folder).sits_down()
    return started


@pytest.fixture
def liga(chat: Web) -> Liga:
    return Liga(chat)


Arrive = Callable[..., CustomerPage]


@pytest.fixture
def arrive(browser: Browser, chat: Web, site: Site) -> Iterator[Arrive]:
    """Return a function that opens a page of the site, made of what stands in its head and in its body."""
    contexts: list[BrowserContext] = []
    complaints: list[list[str]] = []

    def open_page(
        head: str = SCRIPT,
        body: str = PLAIN,
        size: tuple[int, int] = DESKTOP,
        at: Web | Proxied = chat,
        context: BrowserContext | None = None,
        before: str = "",
        page: str = "/one?secret=1#part",
        attributes: str = "defer",
        **headers: str,
    ) -> CustomerPage:
        fill = {"{chat}": at.web, "{more}": attributes}
        html = f'<!doctype html><html lang="lv"><head><title>Lapa</title>{head}</head><body>{body}</body></html>'
        for name, value in fill.items():
            html = html.replace(name, value)
        given = {name.replace("_", "-"): value.replace("{chat}", at.web) for name, value in headers.items()}
        for path in ("/one", "/two"):
            site.pages[path] = (html, given)
        if not context:
            context = browser.new_context(viewport={"width": size[0], "height": size[1]})
            contexts.append(context)
        if before:
            context.add_init_script(before)
        customer = CustomerPage(context, at, "lv", f"{site.address}{page}")
        complaints.append(customer.complaints)
        return customer

    yield open_page
    for one in contexts:
        one.close()
    assert [text for some in complaints for text in some if "uncaught" in text or "Content Security" in text] == []


def opens(customer: CustomerPage) -> None:
    expect(customer.launcher).to_have_count(1)
    customer.open()
    expect(customer.person).to_be_visible(timeout=ANSWER)
    expect(customer.box).to_be_in_viewport(ratio=1)


INJECTED = """<script>setTimeout(() => {
  const script = document.createElement("script");
  script.src = "{chat}/widget.js";
  script.dataset.language = "lv";
  document.head.append(script);
  script.onload = () => script.remove();
});</script>"""
LOADED = {
    "in the head, at once": (SCRIPT, ""),
    "deferred": (SCRIPT, "defer"),
    "async": (SCRIPT, "async"),
    "as a module": (SCRIPT, 'type="module"'),
    "injected by a tag manager": (INJECTED, ""),
    "twice": (SCRIPT * 2, "defer"),
    "twice, at other times": (SCRIPT + INJECTED, ""),
    "below a base": ('<base href="https://elsewhere.example/x/" target="_top">' + SCRIPT, ""),
    "among rude styles": (RUDE + SCRIPT, "defer"),
}


@pytest.mark.parametrize(("head", "attributes"), LOADED.values(), ids=LOADED)
def test_however_the_script_is_loaded_the_chat_opens(arrive: Arrive, head: str, attributes: str) -> None:
    opens(arrive(head, attributes=attributes))


def test_a_strict_policy_needs_to_allow_the_script_and_the_frame_alone(arrive: Arrive) -> None:
    policy = "default-src 'none'; script-src {chat}; frame-src {chat}; require-trusted-types-for 'script'"
    customer = arrive(Content_Security_Policy=policy)
    opens(customer)
    customer.page.reload()
    expect(customer.box).to_be_visible(timeout=ANSWER)


@pytest.mark.parametrize("path", ["", "/assistant", "/a/b"])
def test_the_chat_stands_under_a_path_of_another_site(arrive: Arrive, chat: Web, path: str) -> None:
    with proxy(chat.web, path=path) as address:
        customer = arrive(at=Proxied(address, chat.backend))
        opens(customer)
        customer.person.click()
        expect(customer.chat.locator("#speaking")).to_contain_text("vieta rindā", timeout=ANSWER)
        privacy = customer.chat.locator("#privacy").evaluate("link => link.href")
        assert privacy == f"{address}/privacy?language=lv"
        asked = [request.url for request in customer.requested if "localhost" not in request.url]
        assert [url for url in asked if not url.startswith(f"{address}/")] == []


REPLACED = {
    "the body": "document.body.replaceWith(document.createElement('body'))",
    "what is in the body": "document.body.innerHTML = '<p>Cita lapa</p>'",
    "all": "document.documentElement.replaceChildren(document.createElement('head'), document.createElement('body'))",
}


@pytest.mark.parametrize("replace", REPLACED.values(), ids=REPLACED)
def test_the_chat_outlives_what_the_page_replaces(arrive: Arrive, liga: Liga, replace: str) -> None:
    customer = arrive()
    opens(customer)
    customer.person.click()
    expect(customer.chat.locator("#speaking")).to_contain_text("vieta rindā", timeout=ANSWER)
    customer.page.evaluate(replace)
    expect(customer.launcher).to_have_count(1)
    expect(customer.chat.locator("#speaking")).to_contain_text("vieta rindā", timeout=ANSWER)
    customer.launcher.click()
    expect(customer.page.locator("iframe")).to_be_hidden()


def test_on_a_phone_back_closes_the_chat_first_and_the_page_behind_does_not_scroll(arrive: Arrive) -> None:
    customer = arrive(body="<p>" + "rinda<br>" * 300, size=PHONE)
    page = customer.page
    opens(customer)
    assert page.evaluate("getComputedStyle(document.documentElement).overflowY") == "hidden"
    page.go_back()
    expect(page.locator("iframe")).to_be_hidden()
    assert page.url.endswith("/one?secret=1#part")
    assert page.evaluate("getComputedStyle(document.documentElement).overflowY") == "visible"
    opens(customer)
    customer.button("Aizvērt sarunu").click()
    expect(page.locator("iframe")).to_be_hidden()
    page.wait_for_function("!history.state")
    page.go_back()
    assert page.url == "about:blank"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_open_chat_is_open_on_the_next_page(arrive: Arrive, liga: Liga, size: tuple[int, int]) -> None:
    customer = arrive(size=size)
    with_liga(customer, liga)
    customer.page.evaluate("location.href = '/two'")
    expect(customer.chat.locator("#speaking")).to_contain_text("Līga", timeout=ANSWER)
    if size == PHONE:
        customer.page.go_back()
        expect(customer.page.locator("iframe")).to_be_hidden()
        assert customer.page.url.endswith("/two")


def test_every_page_counts_what_is_unread_without_loading_the_chat(arrive: Arrive, liga: Liga) -> None:
    customer = arrive(size=PHONE)
    with_liga(customer, liga)
    token = customer.token
    liga.says(token, "Labdien!")
    customer.hears("Labdien!")
    customer.button("Aizvērt sarunu").click()
    first = len(customer.requested)
    liga.says(token, "Vai redzat?")
    expect(customer.launcher).to_have_accessible_name(re.compile(r"jaunas ziņas: 1$"), timeout=ANSWER)
    customer.page.goto(customer.page.url.replace("/one", "/two"))
    expect(customer.launcher).to_have_accessible_name(re.compile(r"jaunas ziņas: 1$"), timeout=ANSWER)
    expect(customer.page).to_have_title("(1) Lapa")
    assert violations(customer.page) == []
    assert not [one.url for one in customer.requested[first:] if re.search("/chat|/assets/chat|/events", one.url)]
    expect(customer.page.locator("iframe")).to_be_hidden()
    customer.launcher.click()
    expect(customer.message("Vai redzat?")).to_be_visible(timeout=ANSWER)
    expect(customer.page).to_have_title("Lapa")


LOUD = """window.sounds = 0; window.AudioContext = class extends AudioContext {
  constructor() { super(); window.sounds += 1; }
};"""


@pytest.mark.parametrize(("attributes", "sounds"), [("defer data-sound", 1), ("defer", 0)])
def test_what_comes_sounds_once_where_the_page_wants_it(
    arrive: Arrive, liga: Liga, attributes: str, sounds: int
) -> None:
    customer = arrive(attributes=attributes, before=LOUD)
    with_liga(customer, liga)
    customer.launcher.click()
    liga.says(customer.token, "Vai redzat?")
    expect(customer.launcher).to_have_accessible_name(re.compile(r"jaunas ziņas: 1$"), timeout=ANSWER)
    assert customer.page.evaluate("sounds") == sounds
    customer.page.reload()
    expect(customer.launcher).to_have_accessible_name(re.compile(r"jaunas ziņas: 1$"), timeout=ANSWER)
    assert customer.page.evaluate("sounds") == 0


def test_who_has_said_nothing_costs_nothing_on_the_next_page(arrive: Arrive) -> None:
    customer = arrive()
    opens(customer)
    customer.launcher.click()
    first = len(customer.requested)
    customer.page.goto(customer.page.url.replace("/one", "/two"))
    customer.page.wait_for_load_state("networkidle")
    assert {one.url.rpartition("/")[2] for one in customer.requested[first:]} == {"two?secret=1", "widget.js"}


def test_what_was_read_in_one_tab_is_not_unread_in_another(arrive: Arrive, liga: Liga) -> None:
    customer = arrive()
    with_liga(customer, liga)
    customer.launcher.click()
    other = arrive(context=customer.context)
    liga.says(customer.token, "Vai redzat?")
    for one in (customer, other):
        expect(one.launcher).to_have_accessible_name(re.compile("jaunas ziņas: 1$"), timeout=ANSWER)
    other.launcher.click()
    expect(other.message("Vai redzat?")).to_be_visible(timeout=ANSWER)
    expect(customer.launcher).to_have_accessible_name("Jautāt CPS asistentam", timeout=ANSWER)


def test_where_frames_may_store_nothing_the_page_keeps_the_key(arrive: Arrive, liga: Liga) -> None:
    customer = arrive()  # as a private window, which forbids frames of other sites to store anything
    words = with_liga(customer, liga)
    denied = "() => { try { return localStorage && '' } catch ({name}) { return name } }"
    assert customer.page.frames[1].evaluate(denied) == "SecurityError"
    kept = customer.token
    customer.page.reload()
    expect(customer.chat.locator("#speaking")).to_have_text(words["agent"], timeout=ANSWER)
    customer.launcher.click()
    liga.says(kept, "Vai redzat?")
    other = arrive(context=customer.context)
    expect(other.launcher).to_have_accessible_name(re.compile("jaunas ziņas: 1$"), timeout=ANSWER)
    other.launcher.click()
    expect(other.message("Vai redzat?")).to_be_visible(timeout=ANSWER)


def test_where_the_page_keeps_the_key_a_log_out_ends_the_conversation(arrive: Arrive, liga: Liga) -> None:
    customer = arrive()
    with_liga(customer, liga)
    token = customer.token
    until = now() + timedelta(hours=1)
    liga.do(token, lambda _, mine: identity.confirmed(mine, "t", until, "Anna", "anna@example.com"))
    expect(customer.chat.locator("#confirmed-name")).to_have_text("Anna", timeout=ANSWER)
    customer.launcher.click()
    customer.page.reload()
    with customer.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        customer.page.evaluate("cpsAssistant.logout()")
    customer.page.wait_for_function("!localStorage.getItem('cps-kept').includes('cps-token')")
    with liga.database.read() as session:
        assert lifecycle.find_conversation(session, token) is None


def test_the_launcher_stands_where_and_looks_as_its_attributes_say(arrive: Arrive) -> None:
    attributes = 'defer data-side="left" data-offset="40 60" data-color="#0b5a8a" data-label="Jautā CPS"'
    customer = arrive(attributes=attributes, size=(800, 600))
    expect(customer.launcher).to_have_accessible_name("Jautā CPS")
    expect(customer.launcher).to_have_text("Jautā CPS")
    expect(customer.launcher).to_have_css("background-color", "rgb(11, 90, 138)")
    place = customer.launcher.bounding_box()
    assert place
    assert (place["x"], 600 - place["y"] - place["height"]) == (40, 60)
    assert violations(customer.page) == []
    opens(customer)
    frame = customer.page.locator("iframe").bounding_box()
    assert frame
    assert (frame["x"], frame["y"] >= 0) == (40, True)


@pytest.mark.parametrize(("theme", "scheme"), [("dark", "light"), ("light", "dark")])
def test_the_page_may_say_whether_the_chat_is_dark(arrive: Arrive, browser: Browser, theme: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    customer = arrive(attributes=f'defer data-theme="{theme}"', context=context)
    opens(customer)
    colour = {"light": "rgb(244, 244, 244)", "dark": "rgb(18, 18, 20)"}[theme]
    expect(customer.chat.locator("body")).to_have_css("background-color", colour)
    assert violations(customer.page.frames[1]) == []
    context.close()


def test_a_page_opens_and_closes_the_chat_and_hears_of_it(arrive: Arrive, liga: Liga) -> None:
    customer = arrive()
    page = customer.page
    page.evaluate("""() => {
      window.heard = [];
      for (const name of ["open", "close", "message", "unread"]) {
        cpsAssistant.on(name, (detail) => heard.push([name, detail?.author ?? detail ?? null]));
      }
      window.end = cpsAssistant.on("open", () => heard.push("ended"));
      end();
      cpsAssistant.open();
    }""")
    with_liga(customer, liga)
    page.evaluate("cpsAssistant.close()")
    expect(page.locator("iframe")).to_be_hidden()
    liga.says(customer.token, "Labdien!")
    page.wait_for_function("heard.some(([name]) => name === 'unread')", timeout=ANSWER)
    page.evaluate("cpsAssistant.toggle()")
    expect(customer.message("Labdien!")).to_be_visible()
    heard = page.evaluate("heard")
    assert [one for one in heard if one[0] in ("open", "close")] == [["open", None], ["close", None], ["open", None]]
    assert ["unread", 1] in heard
    assert ["message", "agent"] in heard
    assert "ended" not in heard


def test_an_agent_reads_on_which_page_the_customer_is(arrive: Arrive, liga: Liga, site: Site) -> None:
    customer = arrive()
    with_liga(customer, liga)

    def page_of(_: object, mine: object) -> tuple[str, str]:
        return mine.page_address, mine.page_title  # type: ignore[attr-defined]

    assert liga.do(customer.token, page_of) == (f"{site.address}/one", "Lapa")
    with customer.page.expect_response("**/api/conversation/page"):
        customer.page.evaluate("cpsAssistant.setPage({url: 'https://a.example/rēķini?id=1', title: 'Rēķini'})")
    assert liga.do(customer.token, page_of) == ("https://a.example/rēķini", "Rēķini")


def test_a_link_in_a_letter_leads_back_and_asks_elsewhere_who_the_customer_is(arrive: Arrive, liga: Liga) -> None:
    elsewhere = arrive(page="/one#cps-assistant", size=PHONE)
    expect(elsewhere.chat.locator("#email")).to_be_visible(timeout=ANSWER)
    customer = arrive()
    words = with_liga(customer, liga)
    customer.launcher.click()
    back = arrive(page="/two#cps-assistant", context=customer.context)
    expect(back.chat.locator("#speaking")).to_have_text(words["agent"], timeout=ANSWER)
    expect(back.chat.locator("#email")).to_be_hidden()


def test_a_browser_that_is_too_old_gets_no_launcher_and_no_error(arrive: Arrive) -> None:
    customer = arrive(before="delete CSSStyleSheet.prototype.replaceSync")
    customer.page.wait_for_load_state("networkidle")
    expect(customer.launcher).to_have_count(0)
    assert customer.page.evaluate("window.cpsAssistant") is None
    assert customer.complaints == []

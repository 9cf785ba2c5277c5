"""A customer who uses the demo portal over HTTP."""

import html
import re
import uuid

import requests

from tests.backend.conftest import Backend


class PortalClient:
    """A visitor of the portal with a browser of their own: `visitor.press("/password")`."""

    def __init__(self, backend: Backend, email: str = "", language: str = "lv") -> None:
        """Open the portal, and log in to an account if one is named."""
        self.backend, self.email, self.language = backend, email, language
        self.browser = requests.Session()
        self.browser.cookies.set("portal_language", language, path="/portal")
        if email:
            self.press("/login", email=email)

    def see(self, path: str, **more: str) -> str:
        """Return the text of a page as a browser shows it."""
        self.seen = self.browser.get(f"{self.backend.address}/portal{path}", params=more, timeout=30)
        return text_of(self.seen)

    def press(self, path: str, origin: str = "", **typed) -> str:
        """Submit a form; return the text of the page that follows."""
        address = f"{self.backend.address}/portal{path}"
        headers = {"origin": origin or self.backend.address}
        self.seen = self.browser.post(address, data=typed, headers=headers, timeout=30)
        return text_of(self.seen)

    def apply(self, **typed) -> str:
        """Apply as a new customer."""
        self.email = f"{uuid.uuid4().hex}@example.com"
        new = {
            "company": "SIA Jauns",
            "name": "Jana Jauna",
            "email": self.email,
            "vat_payer": "yes",
            "authorised": "yes",
        }
        return self.press("/apply", **{**new, "documents": ["vat_certificate"], **typed})

    def become_active(self, **typed) -> "PortalClient":
        """Apply, wait and set the password."""
        self.apply(**typed)
        for _ in range(2):
            self.press("/clock", move="working_day", here="/portal")
        self.press("/password")
        assert self.told("application")["state"] == "active"
        return self

    def register(self, model: str, **details: str) -> str:
        return self.press("/products/new", model=model, **details)

    def told(self, topic: str) -> dict:
        """Return the answer of the account interface on a topic."""
        return self.backend.read(topic, self.email)


# Names that contain markup. The first is shown in the chat, the others in its answers.
HOSTILE = {
    "name": 'Jana <b onclick="alert(1)">Jauna</b> [x](https://evil.example) \u202eanaJ',
    "company": '"><script>document.title="owned"</script> /restart',
}
HOSTILE_MODELS = [
    '<img src=x onerror="document.title=1">',
    "<script>document.title=1</script><svg/onload=alert(1)>",
    "[free points](https://evil.example) [x](javascript:alert(1))",
    "![picture](https://evil.example/x.png) <https://evil.example>",
    "https://evil.example/login or http://evil.example",
    '/set_language{"language": "en"} /identity_cancelled {points} {{7*7}}',
    "** bold** __it__ `code` ~~gone~~ | # x",
    "\u202eelbisrever\u202c \u2066\u200f RF 50mm (kit) \\ \u2028- one",
]


def hostile_customer(backend: Backend) -> PortalClient:
    """Apply with hostile names, and register products with more of them."""
    visitor = PortalClient(backend).become_active(**HOSTILE)
    for model in HOSTILE_MODELS:
        visitor.register(model, serial_number=model[:100])
    assert len(visitor.told("products")["products"]) == len(HOSTILE_MODELS)
    return visitor


def text_of(page: requests.Response) -> str:
    shown = re.sub(r"<style.*?</style>|<[^>]*>", " ", page.text, flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(shown))

"""A token of the website proves who the customer is, and everything else proves nothing."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.keys import new_private_key
from bot.settings import Settings
from bot.website import MAX_LIFETIME, NoKeys, Website, WrongToken, sign_token

KEY = new_private_key()
RSA = rsa.generate_private_key(65537, 2048)


def public(pem: str) -> str:
    key = serialization.load_pem_private_key(pem.encode(), None).public_key()
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return key.public_bytes(*form).decode()


def signed(
    key: Any = KEY,
    algorithm: str = "ES256",
    headers: dict | None = None,
    issued: int = 0,
    ends: int = 300,
    **changed: Any,
) -> str:
    """A valid token with some claims changed; None removes a claim. Times are in seconds from now, or made from it."""
    moment = int(time.time())
    claims = {
        "iss": "website",
        "aud": "cps-assistant",
        "sub": " Anna@Example.com ",
        "iat": moment + issued,
        "exp": moment + ends,
        "jti": "0123456789",
    }
    given = {name: value(moment) if callable(value) else value for name, value in (claims | changed).items()}
    return jwt.encode({name: value for name, value in given.items() if value is not None}, key, algorithm, headers)


@pytest.fixture
def website() -> Website:
    return Website(Settings(website_key=public(KEY).replace("\n", "\\n"), demo=False))


def test_a_good_token_tells_whom_it_speaks_for(website):
    assertion = website.check(signed())
    assert (assertion.email, assertion.id) == ("anna@example.com", "0123456789")


@pytest.mark.parametrize(
    "changed",
    [
        {"issued": -300, "ends": -90},
        {"issued": 90, "ends": 700},
        {"ends": MAX_LIFETIME + 60},
        {"exp": "soon"},
        {"iat": "now"},
        pytest.param(
            {"iat": lambda now: now * 1000, "exp": lambda now: now * 1000 + 300_000}, id="times in milliseconds"
        ),
        {"iat": [1], "exp": {"a": 1}},
        {"exp": float("inf")},
        {"jti": 123456789},
        {"iss": "another"},
        {"aud": "another"},
        {"jti": "short"},
        *({claim: None} for claim in ("iss", "aud", "sub", "exp", "iat", "jti")),
        pytest.param({"key": new_private_key()}, id="key of another"),  # the same name in every worker
        {"key": "x" * 64, "algorithm": "HS256"},
        {"key": None, "algorithm": "none"},
    ],
    ids=str,
)
def test_a_token_that_is_not_as_agreed_proves_nothing(website, changed):
    with pytest.raises(WrongToken) as refused:
        website.check(signed(**changed))
    assert str(refused.value), "an operator can read why"
    assert "anna" not in str(refused.value).lower()


@pytest.mark.parametrize(
    "changed",
    [
        {"issued": 15},
        {"issued": 45, "ends": 345},
        {"issued": -300, "ends": -30},
        pytest.param({"exp": lambda now: str(now + 300)}, id="end as text"),
        pytest.param({"iat": str}, id="beginning as text"),
        pytest.param({"iat": str, "exp": lambda now: str(now + 300)}, id="both as text"),
        pytest.param({"iat": lambda now: now + 0.5, "exp": lambda now: now + 300.5}, id="parts of seconds"),
    ],
    ids=str,
)
def test_clocks_may_differ_by_a_minute_and_numbers_may_be_text(website, changed):
    assertion = website.check(signed(**changed))
    assert assertion.email == "anna@example.com"
    assert assertion.expires_at > time.time() - 60


@pytest.mark.parametrize("token", ["", "a.b.c", "\x00", "x" * 4000, "{}"])
def test_nonsense_proves_nothing(website, token):
    with pytest.raises(WrongToken):
        website.check(token)


def test_the_demos_own_key_is_worth_nothing_beside_a_real_one_or_without_the_demo():
    own = Settings(demo_key=KEY)
    assert Website(own).check(sign_token(own, "anna@example.com")).email == "anna@example.com"
    for settings in (Settings(demo_key=KEY, website_key=public(new_private_key())), Settings(demo_key=KEY, demo=False)):
        with pytest.raises(WrongToken):
            Website(settings).check(sign_token(own, "anna@example.com"))


@pytest.fixture
def keys() -> Iterator[str]:
    """The address of a website's key set."""
    key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key())) | {"kid": "1", "use": "sig", "alg": "RS256"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"keys": [key]}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/jwks.json"
    server.shutdown()
    server.server_close()


def test_keys_may_be_read_from_the_website(keys):
    website = Website(Settings(website_jwks=keys))
    assert website.check(signed(RSA, "RS256", {"kid": "1"})).email == "anna@example.com"
    with pytest.raises(WrongToken):
        website.check(signed(RSA, "RS256", {"kid": "2"}))


def test_keys_that_cannot_be_read_are_told_apart():
    with pytest.raises(NoKeys):
        Website(Settings(website_jwks="http://127.0.0.1:9/jwks.json")).check(signed(RSA, "RS256", {"kid": "1"}))


@pytest.mark.parametrize("name", ["website_key", "demo_key"])
def test_a_key_that_is_none_is_a_wrong_setting(name):
    with pytest.raises(ValueError, match="PEM"):
        Settings(**{name: "no key"})

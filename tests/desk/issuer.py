"""A small OpenID provider on loopback: it lets everybody in at once, and gives false answers if a test wants them."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "the-desk", "the-desk's secret: with signs"


class Provider(ThreadingHTTPServer):
    """The provider; its attributes determine its answers."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port of this machine."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server_port}/realm"
        self.key, self.other_key = (RSAKey.generate_key(2048, {"kid": "one"}, private=True) for _ in range(2))
        self.codes: dict[str, dict[str, str]] = {}  # the request of each valid code
        self.asked: list[str] = []
        self.behave()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def behave(self) -> None:
        """Reset the attributes, so that the provider answers correctly."""
        self.person: dict[str, Any] = {"sub": "1", "email": "one@example.com", "name": "Anna One", "groups": ["agents"]}
        self.claims: Callable[[dict], dict] = lambda claims: claims
        self.answer: Callable[[dict], dict] = lambda answer: answer
        self.sign: Callable[[dict], str] = lambda claims: self.signed(claims)
        self.metadata: dict[str, Any] = {}
        self.broken = ""
        self.userinfo: dict[str, Any] = {}  # none is offered as long as it is empty

    def signed(self, claims: dict, key: Any = None, alg: str = "RS256") -> str:
        return jwt.encode({"alg": alg, "kid": "one"}, claims, key or self.key, algorithms=[alg])


class Handler(BaseHTTPRequestHandler):
    """Discovery, authorisation, token and keys."""

    server: Provider

    def log_message(self, *_: Any) -> None:
        """Log nothing."""

    def do_GET(self) -> None:
        """Answer a request of a browser or of the desk."""
        url, provider = urlsplit(self.path), self.server
        provider.asked.append(url.path)
        if provider.broken and url.path.endswith(provider.broken):
            self.send(503, {})
        elif url.path == "/realm/.well-known/openid-configuration":
            self.send(200, self.about() | provider.metadata)
        elif url.path == "/realm/jwks":
            self.send(200, {"keys": [provider.key.as_dict(private=False)]})
        elif url.path == "/realm/userinfo":
            assert self.headers["authorization"] == "Bearer x"
            self.send(200, provider.userinfo)
        elif url.path == "/realm/authorize":
            asked = dict(parse_qsl(url.query))
            assert asked["response_type"] == "code"
            assert asked["client_id"] == CLIENT
            assert asked["code_challenge_method"] == "S256"
            assert "openid" in asked["scope"].split()
            code = secrets.token_urlsafe(8)
            provider.codes[code] = asked
            answer = provider.answer({"code": code, "state": asked["state"], "iss": provider.issuer})
            self.send_response(302)
            self.send_header("location", f"{asked['redirect_uri']}?{urlencode(answer)}")
            self.end_headers()
        else:
            self.send(404, {})

    def do_POST(self) -> None:
        """Exchange a code for a token, once."""
        provider = self.server
        provider.asked.append(self.path)
        sent = {k: v[0] for k, v in parse_qs(self.rfile.read(int(self.headers["content-length"])).decode()).items()}
        if provider.broken and self.path.endswith(provider.broken):
            self.send(503, {})
            return
        given = base64.b64decode(self.headers["authorization"].removeprefix("Basic ")).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=")
        asked = provider.codes.pop(sent["code"], None)
        if (
            not asked
            or given != f"{CLIENT}:{SECRET}"
            or asked["code_challenge"] != challenge.decode()
            or asked["redirect_uri"] != sent["redirect_uri"]
        ):
            self.send(400, {"error": "invalid_grant"})
            return
        now = int(time.time())
        claims = {"iss": provider.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        id_token = provider.sign(provider.claims(claims | provider.person))
        self.send(200, {"access_token": "x", "token_type": "Bearer", "id_token": id_token})

    def about(self) -> dict[str, Any]:
        at = self.server.issuer
        return ({"userinfo_endpoint": f"{at}/userinfo"} if self.server.userinfo else {}) | {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }

    def send(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

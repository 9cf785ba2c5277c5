"""Tries to be somebody else: forged tokens and sign-ins, requests from other websites, guesses, who has an account."""

import base64
import json
import secrets
import statistics
import time
import uuid
from collections.abc import Iterator

import jwt
import requests

from bot.keys import new_private_key
from tests.attack.attacker import MEASURED, Outcome, Target, Visitor, attack, refused
from tests.desk.conftest import Browser
from tests.desk.test_access import CHANGES, ask

GUESSES = 40
ASKED = 4  # codes for an address: there may be five an hour
ELSEWHERE = "https://elsewhere.example"
OF_A_STRANGER = "nobody.at.all@example.com"


def _tokens(target: Target) -> Iterator[tuple[str, str]]:
    """Yield website tokens that nobody of the website signed."""
    key, moment = new_private_key(), int(time.time())
    claims = {
        "iss": "website",
        "aud": "cps-assistant",
        "sub": target.known,
        "iat": moment,
        "exp": moment + 300,
        "jti": secrets.token_urlsafe(16),
    }
    for algorithm, by in (("ES256", key), ("HS256", "x" * 64), ("none", None)):
        yield f"signed by nobody, {algorithm}", jwt.encode(claims, by, algorithm)
    jwk = {"kty": "oct", "k": base64.urlsafe_b64encode(b"x" * 64).decode()}
    for name, value in (
        ("kid", "../../dev/null"),
        ("kid", "' UNION SELECT 'x"),
        ("jku", f"{ELSEWHERE}/jwks.json"),
        ("x5u", f"{ELSEWHERE}/key.pem"),
        ("jwk", jwk),
        ("crit", ["exp"]),
    ):
        yield f"with {name} in its header", jwt.encode(claims, key, "ES256", {name: value})
    for name, value in (
        ("sub", "*"),
        ("sub", f"{target.known}\x00"),
        ("sub", [target.known]),
        ("aud", ["cps-assistant", "x"]),
        ("exp", 9e18),
        ("exp", "x"),
        ("iat", -1),
        ("jti", ""),
        ("nbf", "x"),
    ):
        yield f"{name} is {str(value)[:12]!r}", jwt.encode(claims | {name: value}, key, "ES256")
    for spelled in ("none", "None", "NONE", "nOnE", "ES256", "RS256", "HS256", "PS256", "EdDSA"):
        header, body = (
            base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=")
            for one in ({"alg": spelled, "typ": "JWT"}, claims)
        )
        for signature in ("", "AAAA"):
            yield f"{spelled} with the signature {signature!r}", f"{header}.{body}.{signature}"
    for text in ("", ".", "..", "a.b.c", "eyJ", "\u0000", "é" * 50, "a" * 4000, "null", "{}"):
        yield f"no token: {text[:8]!r}", text


@attack("forged website tokens")
def forge_tokens(target: Target) -> Iterator[Outcome]:
    """Nobody is confirmed by a token that the website has not signed."""
    victim = Visitor(target)
    for tried, token in _tokens(target):
        answer = victim.call("POST", "conversation/identity/token", {"token": token})
        outcome = refused(tried, answer, 403, 422, 503)
        yield outcome._replace(held=outcome.held and victim.state()["identity"]["state"] == "none")


@attack("guessed keys of conversations")
def guess_keys(target: Target) -> Iterator[Outcome]:
    """A conversation opens to its key alone."""
    guesses = [secrets.token_urlsafe(32) for _ in range(GUESSES)]
    guesses += ["", " ", "null", "undefined", "' OR 1=1 --", "%", "*", "a" * 5000, "0" * 64]
    for guess in guesses:
        for path in ("", "/transcript"):
            headers = {"authorization": f"Bearer {guess}"}
            yield refused(f"{path} {guess[:12]!r}", target.ask("GET", f"/api/conversation{path}", headers=headers), 401)
    path = f"/internal/conversations/{uuid.uuid4().hex}/access"
    for key in ("", "x" * 32, "service-key"):
        yield refused(f"{path[:24]} {key[:8]!r}", target.ask("GET", path, headers={"x-service-key": key}), 401, 404)


@attack("forged sign-ins at the desk")
def forge_sign_ins(target: Target) -> Iterator[Outcome]:
    """Nobody enters the desk without a password."""
    names = ("agent@example.com", "supervisor@example.com", OF_A_STRANGER, "' OR '1'='1", "admin", "", "%", "\x00")
    for name in names:
        for password in ("", "password", "' OR '1'='1", "x" * 4000):
            form = {"email": name, "password": password}
            answer = target.ask("POST", "/desk/sign-in", data=form, headers={"origin": target.web})
            outcome = refused(f"{name[:20]!r} with {password[:10]!r}", answer, 403, 422)
            yield outcome._replace(held=outcome.held and not answer.cookies.get("desk_session"))
    for cookie in (secrets.token_urlsafe(32), "", "1", "null", "../x", "' OR 1=1 --", "a" * 3000):
        answer = target.ask("GET", "/desk", headers={"cookie": f"desk_session={cookie}"})
        yield refused(f"cookie {cookie[:12]!r}", answer, 401)
    for then in ("https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"):
        answer = target.ask("GET", "/desk/sign-in", params={"then": then})
        yield Outcome(f"then={then}", str(answer.status_code), f'value="{then}"' not in answer.text)


@attack("requests from other websites")
def cross_sites(target: Target) -> Iterator[Outcome]:
    """No other website acts with an agent's session, or reads the chat's answers."""
    for method in ("OPTIONS", "GET", "POST"):
        for path in ("/api/conversation", "/api/conversations", "/api/conversation/events", "/desk", "/health"):
            headers = {"origin": ELSEWHERE, "access-control-request-method": "POST"}
            answer = target.ask(method, path, headers=headers)
            allowed = [name for name in answer.headers if name.lower().startswith("access-control-allow")]
            yield Outcome(f"{method} {path}", str(answer.status_code), not allowed and answer.status_code < 500)
    if not target.password:
        return
    browser = Browser(target.web)
    signed_in = browser.sign_in("supervisor@example.com", target.password)
    if signed_in.status_code != 303:
        yield Outcome("sign in as the demo's supervisor", str(signed_in.status_code), False)
        return
    csrf = browser.csrf
    for method, path in CHANGES:
        for token, headers in (
            (csrf, {"origin": ELSEWHERE}),
            (csrf, {"origin": "null"}),
            (csrf, {"origin": target.web + ".elsewhere.example"}),
            (csrf, {"origin": "", "referer": f"{ELSEWHERE}/{target.web}"}),
            ("", {}),
            (csrf[:-1] + "x", {}),
            ("", {"origin": ELSEWHERE, "sec-fetch-site": "cross-site"}),
        ):
            yield refused(
                f"{method} {path} {headers or 'without the token'}", ask(browser, method, path, token, **headers), 403
            )
    yield Outcome("the session is still there", "200", browser.is_in)
    browser.post("/desk/sign-out")


@attack("who has an account")
def enumerate_accounts(target: Target) -> Iterator[Outcome]:
    """Whether an address is known shows neither in an answer nor in its time."""
    took: dict[str, list[float]] = {target.known: [], OF_A_STRANGER: []}
    said: dict[str, set[tuple[int, str]]] = {target.known: set(), OF_A_STRANGER: set()}
    visitors = [Visitor(target) for _ in took]
    for visitor in visitors:
        visitor.say("cik man ir punktu?")
    for _ in range(ASKED):
        for email, visitor in zip(took, visitors, strict=True):
            began = time.perf_counter()
            answer = visitor.call("POST", "conversation/identity/email", {"email": email})
            took[email].append((time.perf_counter() - began) * 1000)
            said[email].add((answer.status_code, answer.text))
            yield Outcome("ask for a code", str(answer.status_code), answer.status_code in (204, 429))
    known, unknown = (statistics.median(took[email]) for email in took)
    same = said[target.known] == said[OF_A_STRANGER]
    yield Outcome("the answers", "same" if same else "differ", same)
    yield Outcome(f"a code: median {known:.0f} ms for a known address, {unknown:.0f} ms for another", MEASURED)
    for name in ("agent@example.com", OF_A_STRANGER):
        form = {"email": name, "password": "wrong password"}
        answer = target.ask("POST", "/desk/sign-in", data=form, headers={"origin": target.web})
        yield Outcome(f"sign in as {name}", str(answer.status_code), answer.status_code in (403, 429))


def is_up(web: str) -> bool:
    """Tell whether an assistant answers at an address."""
    try:
        return requests.get(f"{web}/health", timeout=10).ok
    except requests.RequestException:
        return False

"""Tries with what is sent: intents and scripts that are typed, odd paths, malformed and oversized bodies."""

import json
import re
import uuid
from collections.abc import Iterator

import requests

from tests.attack.attacker import Outcome, Target, Visitor, attack, refused

INTENTS = (
    '/ask_points{"points": 9999}',
    "/ask_my_points",
    "/ask_my_status",
    '/set_language{"language": "en"}',
    '/start{"language": "en"}',
    "/identity_cancelled",
    "/person_left",
    '/guide_answer{"answer": "yes"}',
    '/guide_jump{"step": "9"}',
    "/guide_start",
    "/log_out",
    "/restart",
    "/session_start",
    "/back",
    '/inform{"name": "__import__"}',
    "/action_person",
    "/ask_my_points@0.99",
)
FORMS = ("{}", "  {}", "\n{}", "\u200b{}", "\u202e{}", "\ufeff{}", "{}\x00")
SCRIPTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><svg onload=alert(1)>',
    "'-alert(1)-'",
    "javascript:alert(1)",
    "[x](javascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "</script><script>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href='jAvAsCrIpT:alert(1)'>x</a>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "\u202e<b onmouseover=alert(1)>",
)
PATHS = (
    "/../etc/passwd",
    "/assets/../../settings.py",
    "/assets/%2e%2e/%2e%2e/settings.py",
    "/assets/..%2f..%2fsettings.py",
    "/assets/..%5c..%5csettings.py",
    "/assets/%00style.css",
    "/assets/style.css%00.js",
    "/assets//etc/passwd",
    "/assets/....//....//settings.py",
    "/assets/" + "a" * 4000,
    "/pictures/../words.yml",
    "/pictures/%2e%2e%2fwords.yml.svg",
    "/pictures/{{7*7}}.svg",
    "/desk/assets/../../settings.py",
    "/desk/assets/%2e%2e%2fwords.yml",
    "/desk/conversations/../team",
    "/.env",
    "/.git/config",
    "/var/chat.db",
    "/chat.db",
    "/docs",
    "/redoc",
    "/internal/",
    "/internal/conversations/",
    "/webhooks/rest/webhook",
    "/conversations/x/tracker",
    "/v1/account",
    "/mailbox",
    "/portal",
    "/server-status",
    "/metrics",
    "//elsewhere.example",
    "/%0d%0aset-cookie:x=1",
)
ALL_PAGES = ("/chat", "/", "/privacy", "/desk/sign-in")
BODIES = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"0",
    b'"x"',
    b"\xff\xfe",
    b"\x00" * 100,
    b'{"text": 5}',
    b'{"text": null, "client_id": null}',
    b'{"text": ["a"], "client_id": "0123456789"}',
    b'{"text": {"$ne": 1}, "client_id": "0123456789"}',
    b'{"client_id": "x", "text": "a"}',
    b'{"client_id": "' + b"x" * 5000 + b'", "text": "a"}',
    b"[" * 20_000 + b"]" * 20_000,
    b'{"a":' * 5000 + b"1" + b"}" * 5000,
    b'{"text": NaN, "client_id": Infinity}',
    b'{"text": 1e999, "client_id": "0123456789"}',
    b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
)
CHANGES = ("messages", "choices", "identity/email", "identity/code", "identity/token", "ticket")


@attack("typed intents")
def type_intents(target: Target) -> Iterator[Outcome]:
    """What is typed is text: an intent with its slash is answered as the same text is without one that Rasa knows."""
    tries = [form.format(intent) for form in FORMS[:1] for intent in INTENTS]
    tries += [form.format(INTENTS[0]) for form in FORMS[1:]]
    for tried in tries:
        answer = _answer(target, tried)
        same = any(answer == _answer(target, tried.replace("/", slash)) for slash in ("\u2215", ""))
        yield Outcome(repr(tried), "as text" if same else "as an intent", same)


def _answer(target: Target, text: str) -> tuple[str, str, str, str]:
    """Return what a new customer hears, and what becomes of the conversation."""
    customer = Visitor(target)
    said = customer.say(text)
    state = customer.state()
    return said, state["language"], state["owner"], state["identity"]["state"]


@attack("scripts")
def inject_scripts(target: Target) -> Iterator[Outcome]:
    """No script of a stranger runs on a page of ours."""
    for page in ALL_PAGES:
        for script in SCRIPTS:
            for name in ("language", "then", "v", "done"):
                answer = target.ask("GET", page, params={name: script})
                is_page = "text/html" in answer.headers.get("content-type", "")
                held = answer.status_code < 500 and not (is_page and script in answer.text) and _is_strict(answer)
                yield Outcome(f"{page}?{name}={script[:24]}", str(answer.status_code), held)
    customer = Visitor(target)
    for script in SCRIPTS:
        sent = customer.call("POST", "conversation/messages", {"client_id": str(uuid.uuid4()), "text": script})
        yield refused(f"typed {script[:24]}", sent, 201)
    for path in ("conversation/transcript", "conversation"):
        answer = customer.call("GET", path)
        kind = answer.headers["content-type"].partition(";")[0]
        held = kind in ("text/plain", "application/json") and answer.headers["x-content-type-options"] == "nosniff"
        yield Outcome(f"{path} with scripts in it", kind, held)


def _is_strict(answer: requests.Response) -> bool:
    """Tell whether a page's policy lets no script run but its own."""
    policy = answer.headers.get("content-security-policy", "")
    if "text/html" not in answer.headers.get("content-type", ""):
        return answer.headers.get("x-content-type-options") == "nosniff"
    scripts = re.search(r"(?:script|default)-src ([^;]*)", policy)
    return bool(scripts) and "unsafe" not in policy.replace("'unsafe-inline'; sandbox", "") and "*" not in scripts[1]


@attack("paths")
def try_paths(target: Target) -> Iterator[Outcome]:
    """Only what is listed is served."""
    for path in PATHS:
        request = requests.Request("GET", target.web).prepare()
        request.url = target.web + path  # as it stands here, without being tidied up
        with requests.Session() as session:
            answer = session.send(request, timeout=30, allow_redirects=False)
        yield refused(path[:50], answer, 400, 401, 403, 404, 405, 414, 422)._replace(
            held=answer.status_code in (303, 400, 401, 403, 404, 405, 414, 422, 429) and "root:" not in answer.text
        )


@attack("malformed bodies")
def send_bodies(target: Target) -> Iterator[Outcome]:
    """A body that is not as agreed is refused, and not sent back."""
    for path in CHANGES:
        customer = Visitor(target, is_greeted=False)  # one for each, as there may be so many messages a minute
        headers = dict(customer.session.headers) | {"content-type": "application/json"}
        for body in BODIES:
            answer = target.ask("POST", f"/api/conversation/{path}", data=body, headers=headers)
            held = 400 <= answer.status_code < 500 and (len(body) < 20 or body.decode("latin-1") not in answer.text)
            yield Outcome(f"{path} {body[:20]!r}", str(answer.status_code), held)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x" * 500):
        sent = json.dumps({"client_id": str(uuid.uuid4()), "text": "a"})
        answer = target.ask("POST", "/api/conversation/messages", data=sent, headers=headers | {"content-type": kind})
        yield refused(f"as {kind[:30]}", answer, 400, 415, 422)


@attack("oversized requests")
def send_too_much(target: Target) -> Iterator[Outcome]:
    """What is too long is refused, before it costs much."""
    customer = Visitor(target, is_greeted=False)
    for letter in ("a", "ā", "🙏", "a\u0301", "\u0000", "\n"):
        for length in (10_001, 70_000, 2_000_000):
            body = {"client_id": str(uuid.uuid4()), "text": letter * length}
            answer = customer.call("POST", "conversation/messages", body)
            yield refused(f"{length} times {letter!r}", answer, 413, 422)
    for name, value in (("x-long", "a" * 100_000), ("cookie", "a=b; " * 20_000), ("authorization", "a" * 70_000)):
        try:
            answer = target.ask("GET", "/api/conversation", headers={name: value})
        except requests.ConnectionError:
            yield Outcome(f"header {name} of {len(value)} characters", "closed")
        else:
            yield refused(f"header {name} of {len(value)} characters", answer, 400, 401, 431)
    answer = target.ask("GET", "/chat", params={"language": "l" * 60_000})
    yield refused("query of 60000 characters", answer, 400, 414, 422)

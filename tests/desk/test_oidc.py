"""Signing in through an OpenID Connect issuer: a real one on this machine, which also gives false answers."""

import base64
import hmac
import json
import time
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from bot.desk import agents
from bot.desk.account_lookup import handle
from bot.desk.oidc import Issuer, NoAccess, Refused, Unreachable
from bot.safety import check
from bot.settings import Settings, SettingsError, read_settings
from tests.conftest import stop_process
from tests.desk.conftest import PASSWORD, Browser, start_desk
from tests.desk.issuer import CLIENT, SECRET, Provider


@pytest.fixture(scope="module")
def provider():
    started = Provider()
    yield started
    started.shutdown()


@pytest.fixture(scope="module")
def desk(tmp_path_factory, provider):
    """A desk whose agents sign in through the provider."""
    started = start_desk(tmp_path_factory.mktemp("oidc"), **settings(provider))
    yield started
    stop_process(started.process)


@pytest.fixture(autouse=True)
def well_behaved(provider):
    provider.behave()


def settings(provider: Provider) -> dict[str, str]:
    return {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "oidc_agents": "agents",
        "oidc_supervisors": "leads",
    }


def begin(browser: Browser, then: str = "/desk") -> str:
    """Press "Sign in with …", and let the provider answer; return the address to which it redirects the browser."""
    sent = browser.get(f"/desk/sign-in/issuer?then={then}")
    assert sent.status_code == 303, sent.text
    back = requests.get(sent.headers["location"], allow_redirects=False, timeout=30).headers["location"]
    assert back.startswith(f"{browser.address}/desk/sign-in/callback?")
    return back.removeprefix(browser.address)


def sign_in(browser: Browser, then: str = "/desk") -> requests.Response:
    return browser.get(begin(browser, then))


def person(number: int, **more) -> dict:
    return {
        "sub": f"s{number}",
        "email": f"p{number}@example.com",
        "name": f"Person {number}",
        "groups": ["agents"],
        **more,
    }


def test_an_agent_of_the_issuer_signs_in_and_goes_on_to_the_page_asked_for(desk, provider):
    provider.person = person(1, name="Līga  Viena\n")
    browser = desk.visit()
    answer = sign_in(browser, "/desk/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/account")
    assert browser.is_in
    agent = desk.get("p1@example.com")
    assert (agent.name, agent.role, agent.password_hash) == ("Līga Viena", "agent", None)
    assert agent.subject == f"{provider.issuer} s1"


def test_the_same_person_is_the_same_agent_whatever_their_name_and_address_are_now(desk, provider):
    provider.person = person(2)
    sign_in(desk.visit())
    before = desk.get("p2@example.com")
    provider.person = person(2, name="Jana Divi", email="moved@example.com")
    assert sign_in(desk.visit()).status_code == 303
    after = desk.get("p2@example.com")
    assert (after.id, after.name) == (before.id, "Jana Divi")


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"groups": ["x", "leads", "agents"]}, "supervisor"),
        ({"groups": [], "roles": ["leads"]}, "supervisor"),
        ({"groups": "leads"}, "supervisor"),
        ({"groups": ["agents"], "roles": ["x"]}, "agent"),
    ],
)
def test_the_issuers_groups_and_roles_say_what_one_may_do(desk, provider, claims, role):
    provider.person = person(3, **claims)
    browser = desk.visit()
    assert sign_in(browser).status_code == 303
    assert desk.get("p3@example.com").role == role
    assert browser.get("/desk/team").status_code == (200 if role == "supervisor" else 403)


def test_a_role_is_taken_away_at_the_next_sign_in(desk, provider):
    provider.person = person(4, groups=["leads"])
    browser = desk.visit()
    sign_in(browser)
    provider.person = person(4)
    sign_in(browser)
    assert desk.get("p4@example.com").role == "agent"


@pytest.mark.parametrize(
    "claims",
    [
        {"groups": []},
        {"groups": ["agents-of-another"]},
        {"groups": ["AGENTS"]},
        {"groups": None},
        {"groups": [["agents"]]},
    ],
)
def test_nobody_comes_in_without_the_group(desk, provider, claims):
    provider.person = person(5, **claims)
    browser = desk.visit()
    answer = sign_in(browser)
    assert answer.status_code == 403
    assert 'id="wrong"' in answer.text
    assert not browser.is_in


def test_who_has_no_group_is_told_whom_to_ask(desk, provider):
    provider.person = person(5, groups=["guests"])
    assert "Jums nav piekļuves šai darbvietai" in sign_in(desk.visit()).text


LIES = {
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "another-client"},
    "audiences without us": {"aud": ["a", "b"]},
    "another audience, by us": {"aud": "another-client", "azp": CLIENT},
    "meant for another": {"aud": [CLIENT, "b"], "azp": "b"},
    "another issuer": {"iss": "https://evil.example"},
    "expired": {"exp": int(time.time()) - 120},
    "never expires": {"exp": None},
    "of the future": {"iat": int(time.time()) + 86_400, "nbf": int(time.time()) + 86_400},
    "nobody": {"sub": None},
    "an empty subject": {"sub": ""},
    "a list as subject": {"sub": ["s6"]},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_with_a_wrong_claim_opens_nothing(desk, provider, lie):
    provider.person = person(6)
    provider.claims = lambda claims: {name: value for name, value in (claims | LIES[lie]).items() if value is not None}
    browser = desk.visit()
    answer = sign_in(browser)
    assert answer.status_code == 403
    assert "Pieteikties neizdevās" in answer.text
    assert not browser.is_in


def signed_with(secret: bytes, claims: dict) -> str:
    """Sign a token with a shared secret by hand, because libraries refuse to do so with a public key."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "kid": "one"}, claims)]
    body = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(hmac.digest(secret, body, "sha256")).rstrip(b"=")
    return (body + b"." + signature).decode()


FORGERIES = {
    "another key": lambda provider, claims: provider.signed(claims, provider.other_key),
    "the client's secret": lambda _, claims: signed_with(SECRET.encode(), claims),
    "a public key as a secret": lambda provider, claims: signed_with(provider.key.as_pem(private=False), claims),
    "no signature": lambda provider, claims: "eyJhbGciOiJub25lIn0." + provider.signed(claims).split(".")[1] + ".",
    "a cut signature": lambda provider, claims: provider.signed(claims)[:-10],
    "another body": lambda provider, claims: ".".join(
        [
            provider.signed(claims).split(".")[0],
            provider.signed(claims | {"groups": ["leads"]}).split(".")[1],
            provider.signed(claims).split(".")[2],
        ]
    ),
    "nonsense": lambda *_: "nonsense",
    "nothing": lambda *_: "",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_token_that_the_issuer_did_not_sign_opens_nothing(desk, provider, forgery):
    provider.person = person(7)
    provider.sign = lambda claims: FORGERIES[forgery](provider, claims)
    browser = desk.visit()
    answer = sign_in(browser)
    assert answer.status_code == 403
    assert "Pieteikties neizdevās" in answer.text
    assert not browser.is_in


@pytest.mark.parametrize(
    "change",
    [
        {"state": "another"},
        {"state": ""},
        {"code": ""},
        {"code": "made-up"},
        {"iss": "https://evil.example"},
        {"error": "access_denied", "code": ""},
    ],
)
def test_an_answer_that_was_not_asked_for_opens_nothing(desk, provider, change):
    provider.answer = lambda answer: answer | change
    browser = desk.visit()
    assert sign_in(browser).status_code == 403
    assert not browser.is_in


def test_an_answer_is_good_in_the_browser_that_asked_and_only_once(desk, provider):
    provider.person = person(8)
    browser, other = desk.visit(), desk.visit()
    back = begin(browser)
    assert other.get(back).status_code == 403
    begin(other)
    assert other.get(back).status_code == 403  # its own state differs
    back = begin(browser)
    assert browser.get(back).status_code == 303
    assert desk.visit().get(back).status_code == 403
    browser.post("/desk/sign-out")
    assert browser.get(back).status_code == 403


@pytest.mark.parametrize("kept", ["", "nonsense", "e30=", "x" * 4000])
def test_an_odd_cookie_is_no_attempt(desk, kept):
    browser = desk.visit()
    back = begin(browser)
    answer = desk.visit().get(back, cookie=f"desk_sign_in={kept}")
    assert answer.status_code == 403


def test_an_attempt_leads_to_pages_of_the_desk_only(desk, provider):
    provider.person = person(9)
    assert sign_in(desk.visit(), "https://evil.example/").headers["location"] == "/desk"


def test_every_sign_in_begins_a_new_session(desk, provider):
    provider.person = person(10)
    browser = desk.visit()
    sign_in(browser)
    before = browser.token
    sign_in(browser)
    assert browser.token != before
    other = desk.visit()
    other.session.cookies.set("desk_session", before, path="/desk")
    assert not other.is_in


def test_a_disabled_agent_stays_out_whatever_the_issuer_says(desk, provider):
    provider.person = person(11)
    sign_in(desk.visit())
    with desk.database.write() as session:
        agents.disable(session, agents.by_email(session, "p11@example.com"))
    browser = desk.visit()
    assert sign_in(browser).status_code == 403
    assert not browser.is_in


def test_an_agent_who_had_a_password_is_known_by_an_address_that_the_issuer_has_verified(desk, provider):
    agent = desk.add()
    provider.person = person(12, email=agent.email.upper())
    assert sign_in(desk.visit()).status_code == 403
    provider.person = person(12, email=agent.email.upper(), email_verified=True)
    assert sign_in(desk.visit()).status_code == 303
    assert desk.get(agent.email).id == agent.id
    assert desk.get(agent.email).password_hash is None
    provider.person = person(13, email=agent.email, email_verified=True)  # the address belongs to another agent
    assert sign_in(desk.visit()).status_code == 403


@pytest.mark.parametrize(
    ("email", "name"), [("liga.paraudzina2@example.com", "Liga Paraudzina"), ("_18@example.com", "CPS")]
)
def test_customers_never_see_an_address_for_a_name(desk, provider, email, name):
    provider.person = person(18, sub=email, email=email, name=" ")
    sign_in(desk.visit())
    assert desk.get(email).name == name


@pytest.mark.parametrize("email", ["", "no address", None, 5])
def test_nobody_comes_in_without_an_address(desk, provider, email):
    provider.person = person(14, email=email)
    assert sign_in(desk.visit()).status_code == 403


def test_passwords_are_off_and_the_page_offers_the_issuer_instead(desk, provider):
    page = desk.visit().get("/desk/sign-in?then=/desk/team&language=en").text
    assert f"Sign in with 127.0.0.1:{provider.server_port}" in page
    assert "password" not in page
    agent = desk.add()
    assert desk.visit().sign_in(agent.email, PASSWORD).status_code == 404
    provider.person = person(15, groups=["leads"])
    supervisor = desk.visit()
    sign_in(supervisor)
    assert 'name="old"' not in supervisor.get("/desk/account").text
    assert 'name="password"' not in supervisor.get("/desk/team").text
    form = {"email": "by.hand@example.com", "name": "By Hand", "role": "agent", "password": PASSWORD}
    assert supervisor.post("/desk/team", form).status_code == 404
    assert supervisor.post(f"/desk/team/{agent.id}/role", {"role": "supervisor"}).status_code == 404
    assert supervisor.post("/desk/account/password", {"old": PASSWORD, "new": PASSWORD}).status_code == 404
    assert supervisor.post(f"/desk/team/{agent.id}/disable").status_code == 303
    assert desk.get(agent.email).disabled_at


@pytest.mark.parametrize("broken", ["/token", "/jwks"])
def test_an_issuer_that_does_not_answer_is_named(desk, provider, broken):
    back = begin(browser := desk.visit())
    provider.broken = broken
    answer = browser.get(back)
    assert answer.status_code == 403
    assert "serveri pašlaik nevar sasniegt" in answer.text


def test_the_issuers_addresses_are_asked_for_once(desk, provider):
    provider.person = person(16)
    sign_in(desk.visit())
    provider.asked.clear()
    sign_in(desk.visit())
    assert provider.asked == ["/realm/authorize", "/realm/token", "/realm/jwks"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://another.example"},
        {"token_endpoint": "http://another.example/token"},
        {"jwks_uri": "http://another.example/jwks"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ],
)
def test_an_issuer_that_tells_odd_addresses_is_not_asked(provider, metadata):
    provider.metadata = metadata
    with pytest.raises(Unreachable):
        Issuer(Settings(**settings(provider))).begin("http://127.0.0.1/desk/sign-in/callback", "/desk")


def test_logs_tell_why_and_not_who(desk, provider):
    provider.person = person(17, groups=[])
    sign_in(desk.visit())
    provider.person = person(17)
    provider.claims = lambda claims: claims | {"nonce": "another"}
    sign_in(desk.visit())
    log = desk.log.read_text()
    assert "no group" in log
    assert "wrong token" in log
    for secret in ("p17@example.com", "s17", "Person 17", SECRET):
        assert secret not in log


def logged(desk, reason: str) -> dict:
    """Return the last line of the log with a reason."""
    lines = [line for line in desk.log.read_text().splitlines() if line.startswith("{")]
    return [one for one in map(json.loads, lines) if one.get("reason") == reason][-1]


def test_a_refusal_names_the_claims_and_groups_that_came(desk, provider):
    provider.person = person(19, groups=["CPS-Agents", "/staff"], realm_access={"roles": ["agents"]})
    assert sign_in(desk.visit()).status_code == 403
    line = logged(desk, "no group")
    assert line["groups"] == ["CPS-Agents", "staff"]
    assert {"sub", "groups", "realm_access", "realm_access.roles"} <= set(line["claims"])
    assert "p19@example.com" not in json.dumps(line)


def test_what_is_logged_of_a_refusal_has_a_bound(desk, provider):
    provider.person = person(19, groups=[f"{number}" * 300 for number in range(200)])
    assert sign_in(desk.visit()).status_code == 403
    groups = logged(desk, "no group")["groups"]
    assert len(groups) <= 50
    assert max(map(len, groups)) <= 100


@pytest.mark.parametrize(
    ("groups", "claims", "is_let_in"),
    [
        ("groups, roles", {"groups": ["/agents"]}, True),
        ("groups, roles", {"groups": "x, agents"}, True),
        ("groups, roles", {"groups": ["x", 5, None, "agents"]}, True),
        ("groups, roles", {"groups": {"agents": True}}, False),
        ("groups, roles", {"groups": ["staff/agents"]}, False),
        ("groups, roles", {"realm_access": {"roles": ["agents"]}}, False),
        ("realm_access.roles", {"realm_access": {"roles": ["agents"]}}, True),
        ("realm_access.roles", {"realm_access": ["roles"], "groups": ["agents"]}, False),
        ("https://example.com/groups", {"https://example.com/groups": ["agents"]}, True),
        ("a.b.c", {"a.b": {"c": "agents"}}, True),
    ],
)
def test_the_groups_are_read_where_the_setting_says(provider, groups, claims, is_let_in):
    provider.person = person(20) | {"groups": None} | claims
    issuer = Issuer(Settings(**settings(provider), oidc_groups=groups))
    assert issued(issuer) is is_let_in


def issued(issuer: Issuer) -> bool:
    """Sign in at an issuer without a browser; return whether the person may work at the desk."""
    here = "http://127.0.0.1/desk/sign-in/callback"
    url, attempt = issuer.begin(here, "/desk")
    back = requests.get(url, allow_redirects=False, timeout=30).headers["location"]
    try:
        issuer.finish(here, attempt, dict(parse_qsl(urlsplit(back).query)))
    except NoAccess:
        return False
    return True


def test_what_is_null_is_as_good_as_absent(desk, provider):
    provider.person = person(21, name=None, roles=None, email_verified=None, given_name=None)
    assert sign_in(desk.visit()).status_code == 303
    assert desk.get("p21@example.com").name == "P"


def test_what_the_token_leaves_out_is_read_from_userinfo(provider):
    told = person(22, email_verified="true")
    provider.userinfo = told
    here = "http://127.0.0.1/desk/sign-in/callback"
    for token in ({"sub": "s22"}, {"sub": "s22", "groups": None, "email": None, "email_verified": True, "name": None}):
        provider.person = token
        issuer = Issuer(Settings(**settings(provider)))
        url, attempt = issuer.begin(here, "/desk")
        back = requests.get(url, allow_redirects=False, timeout=30).headers["location"]
        found = issuer.finish(here, attempt, dict(parse_qsl(urlsplit(back).query)))
        assert (found.email, found.email_verified, found.name) == ("p22@example.com", True, "Person 22")
        assert found.role == "agent"


def test_userinfo_says_nothing_of_another_person_and_never_overrules_the_token(provider):
    issuer = Issuer(Settings(**settings(provider)))
    provider.person, provider.userinfo = {"sub": "s23"}, person(24)
    with pytest.raises(Refused, match="somebody else"):
        issued(issuer)
    provider.person, provider.userinfo = person(23, groups=["guests"]), person(23)
    assert not issued(Issuer(Settings(**settings(provider))))
    provider.person, provider.broken = {"sub": "s23"}, "/userinfo"
    with pytest.raises(Unreachable):
        issued(Issuer(Settings(**settings(provider))))


def test_an_address_that_is_not_verified_is_logged_and_can_be_linked_once(desk, provider):
    agent = desk.add()
    provider.person = person(25, email=agent.email)
    assert sign_in(desk.visit()).status_code == 403
    line = logged(desk, "the issuer has not verified the address of an agent")
    assert line["agent"] == agent.id
    assert agent.email not in json.dumps(line)
    with desk.database.write() as session:
        agents.link(agents.by_email(session, agent.email))
    assert sign_in(desk.visit()).status_code == 303
    linked = desk.get(agent.email)
    assert (linked.id, linked.subject) == (agent.id, f"{provider.issuer} s25")
    provider.person = person(26, email=agent.email)
    assert sign_in(desk.visit()).status_code == 403
    assert logged(desk, "the address belongs to another person of the issuer")["agent"] == agent.id


def test_the_audit_trail_never_names_an_agent_by_an_address_that_an_issuer_told(desk, provider):
    provider.person = person(27, email="boss@example.com")
    sign_in(desk.visit())
    agent = desk.get("boss@example.com")
    assert handle(agent) == f"agent-{agent.id}"
    assert handle(desk.add("by.hand@example.com")) == "by.hand@example.com"


def test_a_cookie_that_the_desk_did_not_write_begins_nothing(desk, provider):
    provider.person = person(28)
    browser = desk.visit()
    back = begin(browser)
    kept = browser.session.cookies.get("desk_sign_in", path="/desk/sign-in")
    body, signature = kept.rsplit(".", 1)
    attempt = json.loads(base64.urlsafe_b64decode(body))
    forged = base64.urlsafe_b64encode(json.dumps(attempt | {"then": "/desk/team"}).encode()).decode()
    for other in (forged, f"{forged}.{signature}", f"{body}.", body):
        assert desk.visit().get(back, cookie=f"desk_sign_in={other}").status_code == 403
    assert browser.get(back).status_code == 303


def test_an_attempt_ends_after_a_while(provider):
    issuer = Issuer(Settings(**settings(provider)))
    _, attempt = issuer.begin("http://127.0.0.1/desk/sign-in/callback", "/desk")
    assert issuer.unseal(issuer.seal(attempt)) == attempt
    with pytest.raises(Refused, match="too long ago"):
        issuer.unseal(issuer.seal(attempt.model_copy(update={"ends": time.time() - 1})))


@pytest.mark.parametrize("missing", ["oidc_client_id", "oidc_client_secret", "oidc_agents"])
def test_an_issuer_without_the_rest_stops_the_start(monkeypatch, missing):
    given = {
        "oidc_issuer": "https://login.example.com",
        "oidc_client_id": "x",
        "oidc_client_secret": "x",
        "oidc_agents": "x",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"CPS_{name.upper()}", "" if name == missing else value)
    with pytest.raises(SettingsError, match=f"CPS_{missing.upper()} is missing"):
        check(read_settings())


@pytest.mark.parametrize(
    "issuer",
    [
        "http://login.example.com",
        "login.example.com",
        "https://",
        "https://user@login.example.com",
        "http://127.0.0.1.evil.example",
        "http://localhost@evil.example",
        "ftp://login.example.com",
    ],
)
def test_an_issuer_over_plain_http_stops_the_start(monkeypatch, issuer):
    monkeypatch.setenv("CPS_OIDC_ISSUER", issuer)
    with pytest.raises(SettingsError, match="CPS_OIDC_ISSUER is wrong"):
        read_settings()


def test_a_demo_password_that_is_too_short_stops_the_start_and_is_not_shown(monkeypatch):
    monkeypatch.setenv("CPS_DEMO_PASSWORD", "hush-hush")
    with pytest.raises(SettingsError, match="CPS_DEMO_PASSWORD is wrong") as stopped:
        read_settings()
    assert "hush" not in str(stopped.value)

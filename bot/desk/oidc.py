"""Sign-in by OpenID Connect, code flow with PKCE: the issuer says who a person is, and the groups what they may do."""

import base64
import hmac
import secrets
import time
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from cachetools import TTLCache, cached
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ValidationError

from bot.setting_types import is_secure_address
from bot.settings import Settings

ALGORITHMS = ["RS256", "ES256"]  # never "none" or an algorithm with a shared secret
TIMEOUT, LEEWAY = 5, 60  # seconds: for an answer from the issuer; that clocks may differ
KEPT = 600  # seconds for which the issuer's addresses are cached
SCOPE = "openid email profile"
MAX_SUBJECT = 255  # characters
ATTEMPT_LIFE = 600  # seconds that a sign-in at the issuer may take
MAX_LOGGED, MAX_LOGGED_LENGTH = 50, 100  # names of claims and groups, and characters of each


class Refused(Exception):
    """The issuer's answer is refused; the text says why, without personal data, and `more` helps to mend it."""

    def __init__(self, reason: str, **more: Any) -> None:
        """Store what the log may show."""
        super().__init__(reason)
        self.more = more


class NoAccess(Refused):
    """The issuer knows the person, who may not work at the desk."""


class Unreachable(Exception):
    """The issuer cannot be reached, or its answer is malformed."""


class Attempt(BaseModel):
    """A sign-in in progress: what the browser keeps until it returns from the issuer."""

    state: str
    nonce: str
    verifier: str
    then: str
    ends: float  # seconds since 1970


class Addresses(BaseModel):
    """The issuer's discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


@dataclass(frozen=True)
class Person:
    """A person whom the issuer let in."""

    subject: str  # the issuer's address and its id of the person
    email: str
    email_verified: bool
    name: str
    role: str


class Issuer:
    """The issuer that the settings name."""

    def __init__(self, settings: Settings) -> None:
        """Take the issuer from the settings; no request is made yet."""
        self._settings = settings
        self.name = urlsplit(settings.oidc_issuer).netloc
        self._read_addresses = cached(TTLCache(1, KEPT), lock=Lock())(self._discover)

    def begin(self, redirect_uri: str, then: str) -> tuple[str, Attempt]:
        """Return the address to send the browser to, and the attempt that it has to keep."""
        attempt = Attempt(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            then=then,
            ends=time.time() + ATTEMPT_LIFE,
        )
        addresses = self._read_addresses()
        url, _ = self._client(redirect_uri, addresses).create_authorization_url(
            addresses.authorization_endpoint,
            state=attempt.state,
            nonce=attempt.nonce,
            code_verifier=attempt.verifier,
        )
        return url, attempt

    def finish(self, redirect_uri: str, attempt: Attempt, answer: dict[str, str]) -> Person:
        """Return the person who came back from the issuer; raise Refused or Unreachable."""
        if not hmac.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            raise Refused("wrong state")
        if answer.get("iss", self._settings.oidc_issuer) != self._settings.oidc_issuer:
            raise Refused("another issuer")
        if not answer.get("code"):
            raise Refused("no code")
        addresses = self._read_addresses()
        client = self._client(redirect_uri, addresses)
        try:
            token = client.fetch_token(
                addresses.token_endpoint,
                grant_type="authorization_code",
                code=answer["code"],
                code_verifier=attempt.verifier,
                allow_redirects=False,
            )
            keys = KeySet.import_key_set(_get(client, addresses.jwks_uri))
        except OAuthError:
            raise Refused("wrong code") from None
        except (OSError, ValueError, JoseError):  # requests' errors are OSErrors
            raise Unreachable from None
        claims = self._check(token, keys, attempt.nonce)
        if not (self._role(claims) and _text(claims, "email")):
            claims = self._with_userinfo(claims, client, addresses)
        return self._person(claims)

    def seal(self, attempt: Attempt) -> str:
        """Return a text for a cookie from which only this desk reads the attempt again."""
        kept = base64.urlsafe_b64encode(attempt.model_dump_json().encode()).decode()
        return f"{kept}.{self._signature(kept)}"

    def unseal(self, sealed: str) -> Attempt:
        """Return the attempt in a cookie; raise Refused if it was not made here, or is too old."""
        kept, _, signature = sealed.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(kept).encode()):
            raise Refused("not begun here")
        attempt = Attempt.model_validate_json(base64.urlsafe_b64decode(kept))
        if attempt.ends < time.time():
            raise Refused("begun too long ago")
        return attempt

    def _signature(self, kept: str) -> str:
        # The secret at the issuer is the one that all processes of the desk share.
        secret = self._settings.oidc_client_secret.get_secret_value()
        return hmac.new(secret.encode(), b"sign-in " + kept.encode(), "sha256").hexdigest()

    def _discover(self) -> Addresses:
        client = self._client("", None)
        try:
            told = _get(client, self._settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration")
            addresses = Addresses.model_validate(told)
        except (OSError, ValueError):
            raise Unreachable from None
        wanted = [addresses.authorization_endpoint, addresses.token_endpoint, addresses.jwks_uri]
        wanted += filter(None, [addresses.userinfo_endpoint])
        if addresses.issuer != self._settings.oidc_issuer or not all(map(is_secure_address, wanted)):
            raise Unreachable
        return addresses

    def _client(self, redirect_uri: str, addresses: Addresses | None) -> OAuth2Session:
        takes_header = addresses is None or "client_secret_basic" in addresses.token_endpoint_auth_methods_supported
        return OAuth2Session(
            self._settings.oidc_client_id,
            self._settings.oidc_client_secret.get_secret_value(),
            token_endpoint_auth_method="client_secret_basic" if takes_header else "client_secret_post",
            scope=SCOPE,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            default_timeout=TIMEOUT,
        )

    def _check(self, token: dict[str, Any], keys: KeySet, nonce: str) -> dict[str, Any]:
        try:
            decoded = jwt.decode(str(token.get("id_token", "")), keys, algorithms=ALGORITHMS)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self._settings.oidc_issuer},
                    "aud": {"essential": True, "value": self._settings.oidc_client_id},
                },
                {
                    "nonce": nonce,
                    "client_id": self._settings.oidc_client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(leeway=LEEWAY)
        except (JoseError, ValidationError, ValueError, TypeError) as error:
            claim = getattr(error, "claim_name", None)
            raise Refused(f"wrong token: {type(error).__name__}{f' of {claim}' if claim else ''}") from None
        if not 0 < len(_text(claims, "sub")) <= MAX_SUBJECT:
            raise Refused("wrong token: no sub")
        return dict(claims)

    def _with_userinfo(self, claims: dict[str, Any], client: OAuth2Session, addresses: Addresses) -> dict[str, Any]:
        """Return the claims with those that only the issuer's userinfo tells."""
        if not addresses.userinfo_endpoint:
            return claims
        try:
            told = client.request("GET", addresses.userinfo_endpoint, allow_redirects=False)
            told.raise_for_status()
            more = told.json()
        except (OSError, ValueError, OAuthError):
            raise Unreachable from None
        if not isinstance(more, dict) or more.get("sub") != claims["sub"]:
            raise Refused("userinfo of somebody else")
        if not _text(claims, "email"):
            claims = claims | {"email_verified": None}  # it is said of the address that follows
        return more | {name: value for name, value in claims.items() if value not in (None, "", [])}

    def _role(self, claims: dict[str, Any]) -> str:
        mine = self._groups(claims)
        if self._settings.oidc_supervisors and self._settings.oidc_supervisors.lstrip("/") in mine:
            return "supervisor"
        return "agent" if self._settings.oidc_agents.lstrip("/") in mine else ""

    def _groups(self, claims: dict[str, Any]) -> set[str]:
        # Some issuers write a group as a path.
        return {group.lstrip("/") for path in self._settings.oidc_group_claims for group in _listed(claims, path)}

    def _person(self, claims: dict[str, Any]) -> Person:
        role = self._role(claims)
        if not role:
            groups = sorted(self._groups(claims))
            raise NoAccess("no group", claims=_shortened(_names(claims)), groups=_shortened(groups))
        subject = f"{self._settings.oidc_issuer} {claims['sub']}"
        verified = claims.get("email_verified") in (True, "true")
        return Person(subject, _text(claims, "email").strip().lower(), verified, _text(claims, "name"), role)


def _get(client: OAuth2Session, url: str) -> Any:
    answer = client.request("GET", url, withhold_token=True, allow_redirects=False)
    answer.raise_for_status()
    return answer.json()


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _listed(claims: dict[str, Any], path: str) -> list[str]:
    """Return the texts in a claim; a dot in its path may lead into a claim, or be part of a name."""
    value = claims.get(path)
    if isinstance(value, str):
        return [value, *(part.strip() for part in value.split(","))]
    if isinstance(value, list):
        return [one for one in value if isinstance(one, str)]
    for place, sign in enumerate(path):
        inner = claims.get(path[:place]) if sign == "." else None
        if isinstance(inner, dict):
            return _listed(inner, path[place + 1 :])
    return []


def _names(claims: dict[str, Any]) -> list[str]:
    inner = [f"{name}.{one}" for name, value in claims.items() if isinstance(value, dict) for one in value]
    return sorted([*claims, *inner])


def _shortened(names: list[str]) -> list[str]:
    return [name[:MAX_LOGGED_LENGTH] for name in names[:MAX_LOGGED]]

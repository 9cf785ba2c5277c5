"""Sign-in by OpenID Connect, code flow with PKCE: the issuer says who a person is, and the groups what they may do."""

import hmac
import secrets
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
from pydantic import BaseModel, Field, ValidationError

from bot.settings import Settings, is_secure_address

ALGORITHMS = ["RS256", "ES256"]  # never "none" or an algorithm with a shared secret
TIMEOUT, LEEWAY = 5, 10  # seconds: for an answer from the issuer; that clocks may differ
KEPT = 600  # seconds for which the issuer's addresses are cached
SCOPE = "openid email profile"


class Refused(Exception):
    """The issuer's answer is refused; the text says why, without personal data."""


class Unreachable(Exception):
    """The issuer cannot be reached, or its answer is malformed."""


class Attempt(BaseModel):
    """A sign-in in progress: what the browser keeps until it returns from the issuer."""

    state: str
    nonce: str
    verifier: str
    then: str


class Addresses(BaseModel):
    """The issuer's discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


class Claims(BaseModel):
    """The claims in the issuer's ID token."""

    sub: str = Field(min_length=1, max_length=255)
    email: str = ""
    email_verified: bool = False
    name: str = ""
    groups: list[str] | str = []
    roles: list[str] | str = []


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
        return self._person(self._check(token, keys, attempt.nonce))

    def _discover(self) -> Addresses:
        client = self._client("", None)
        try:
            told = _get(client, self._settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration")
            addresses = Addresses.model_validate(told)
        except (OSError, ValueError):
            raise Unreachable from None
        wanted = (addresses.authorization_endpoint, addresses.token_endpoint, addresses.jwks_uri)
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

    def _check(self, token: dict[str, Any], keys: KeySet, nonce: str) -> Claims:
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
            return Claims.model_validate(dict(claims))
        except (JoseError, ValidationError, ValueError, TypeError) as error:
            raise Refused(f"wrong token: {type(error).__name__}") from None

    def _person(self, claims: Claims) -> Person:
        mine = {*_listed(claims.groups), *_listed(claims.roles)}
        if self._settings.oidc_supervisors and self._settings.oidc_supervisors in mine:
            role = "supervisor"
        elif self._settings.oidc_agents in mine:
            role = "agent"
        else:
            raise Refused("no group")
        subject = f"{self._settings.oidc_issuer} {claims.sub}"
        return Person(subject, claims.email.strip().lower(), claims.email_verified, claims.name, role)


def _get(client: OAuth2Session, url: str) -> Any:
    answer = client.request("GET", url, withhold_token=True, allow_redirects=False)
    answer.raise_for_status()
    return answer.json()


def _listed(value: list[str] | str) -> list[str]:
    return [value] if isinstance(value, str) else value

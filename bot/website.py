"""Sign and check the tokens that identify customers logged in on a website: JSON Web Tokens, RS256 or ES256."""

import secrets
import time
from dataclasses import dataclass

import jwt

from bot.keys import read_public_key
from bot.settings import Settings

ALGORITHMS = ["RS256", "ES256"]  # never "none", nor one with a shared secret
CLAIMS = ["iss", "aud", "sub", "exp", "iat", "jti"]
MAX_LIFETIME = 900  # seconds between iat and exp
LEEWAY = 60  # seconds by which two clocks may differ
TIMEOUT = 5  # seconds for the website's keys


class WrongToken(Exception):
    """The token is invalid; the text says why, without what it says."""


class NoKeys(Exception):
    """The website's keys are unavailable at the moment."""


@dataclass(frozen=True)
class IdentityAssertion:
    """Whom a token speaks for, and what tells it from all other tokens."""

    email: str
    id: str
    expires_at: float  # seconds since 1970


def sign_token(settings: Settings, email: str) -> str:
    """Sign a token for a customer of the demo, as a website's server does."""
    moment = int(time.time())
    claims = {
        "iss": settings.website_issuer,
        "aud": settings.website_audience,
        "sub": email,
        "iat": moment,
        "exp": moment + MAX_LIFETIME,
        "jti": secrets.token_urlsafe(16),
    }
    return jwt.encode(claims, settings.demo_key.get_secret_value(), algorithm="ES256")


class Website:
    """Check the tokens of the website in the settings."""

    def __init__(self, settings: Settings) -> None:
        """Take the key, or the address of the keys, from the settings."""
        self._settings = settings
        pem = settings.website_key or (settings.demo_key.get_secret_value() if settings.demo else "")
        self._key = read_public_key(pem) if pem and not settings.website_jwks else None
        self._jwks = jwt.PyJWKClient(settings.website_jwks, timeout=TIMEOUT) if settings.website_jwks else None

    def check(self, token: str) -> IdentityAssertion:
        """Return whom a token speaks for; raise WrongToken or NoKeys."""
        try:
            key = self._jwks.get_signing_key_from_jwt(token).key if self._jwks else self._key
            if key is None:
                raise WrongToken("no key is set")
            claims = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._settings.website_audience,
                issuer=self._settings.website_issuer,
                leeway=LEEWAY,
                options={"require": CLAIMS},
            )
            issued, expires = float(claims["iat"]), float(claims["exp"])  # some servers write them as text
        except jwt.PyJWKClientConnectionError:
            raise NoKeys from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            raise WrongToken(type(error).__name__) from None
        if not 0 < expires - issued <= MAX_LIFETIME:
            raise WrongToken("exp is not within 15 minutes of iat")
        if not 8 <= len(claims["jti"]) <= 200:
            raise WrongToken("jti has not 8 to 200 characters")
        return IdentityAssertion(str(claims["sub"]).strip().lower(), claims["jti"], expires)

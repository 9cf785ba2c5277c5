"""The types of settings: what each may be, and the words that say so."""

import re
from base64 import b64decode
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from opening_hours import validate
from pydantic import AfterValidator, BeforeValidator, SecretStr

from bot.keys import MIN_KEY_LENGTH, read_public_key

ROOT = Path(__file__).resolve().parent.parent
MIN_PASSWORD_LENGTH = 12  # characters
RISKS = ("frame_ancestors", "trusted_proxies")  # settings that may be open to everybody if that is accepted
LOOPBACK = r"127\.0\.0\.1|\[::1\]|localhost"
WEBHOOK_SECRET = "whsec_"  # noqa: S105 the beginning of a secret in base64, as https://www.standardwebhooks.com says
MASKED_KINDS = ("email", "phone", "personal_code", "iban", "card")


def listed(names: str) -> list[str]:
    """Return the names that stand in a setting with commas between them."""
    return [name.strip() for name in names.split(",") if name.strip()]


def with_driver(url: str) -> str:
    """Return the URL of a database with our driver; Rasa's environment has another, so a URL should name none."""
    return re.sub(r"^postgresql://", "postgresql+psycopg://", url)


def is_of_this_machine(url: str) -> bool:
    """Tell whether an address leads no further than this machine."""
    return bool(re.fullmatch(rf"https?://({LOOPBACK})(:\d+)?([/?][^\s#]*)?", url))


def is_secure_address(url: str) -> bool:
    """Tell whether an address is of https, or of this machine."""
    return is_of_this_machine(url) or bool(re.fullmatch(r"https://[^\s/?#@]+([/?][^\s#]*)?", url))


def _known_kinds(kinds: str) -> str:
    if kinds != "none" and set(listed(kinds)) - set(MASKED_KINDS):
        raise ValueError(f"should be none, or kinds among {', '.join(MASKED_KINDS)}")
    return kinds


def _known_risks(names: str) -> str:
    if set(listed(names)) - set(RISKS):
        raise ValueError(f"should be settings among {', '.join(RISKS)}")
    return names


def _as_it_was_set(mode: str | bool) -> str:
    # Earlier releases only knew whether to use STARTTLS.
    return {"true": "auto", "false": "none"}.get(str(mode).lower(), str(mode))


def _sender(sender: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(sender)[1]) or not sender.isprintable():
        raise ValueError("should be an address such as cps@example.com, or CPS <cps@example.com>")
    return sender


def _absolute(folder: Path) -> Path:
    return folder if folder.is_absolute() else ROOT / folder


def _hours(hours: str) -> str:
    if not validate(hours):
        raise ValueError("should be opening hours such as Mo-Fr 09:00-17:00; PH off")
    return hours


def _secure_address(url: str) -> str:
    if url and not is_secure_address(url):
        raise ValueError("should be an address that begins with https://")
    return url


def _public_address(url: str) -> str:
    if url and not re.fullmatch(r"https?://[^\s\"<>]+", url):
        raise ValueError("should be an address that begins with https:// or http://")
    return url


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("should be one line")
    return text


def _at_least(secret: SecretStr, length: int) -> SecretStr:
    if 0 < len(secret.get_secret_value()) < length:
        raise ValueError(f"should have at least {length} characters")
    return secret


def _webhook_secret(secret: SecretStr) -> SecretStr:
    beginning, _, encoded = secret.get_secret_value().partition(WEBHOOK_SECRET)
    try:
        b64decode("" if beginning else encoded, validate=True)
    except ValueError:
        raise ValueError(f"should be base64 after {WEBHOOK_SECRET}") from None
    return secret


def _database(url: str) -> str:
    if url and not re.match(r"(sqlite|postgresql)(\+\w+)?://", url):
        raise ValueError("should be a URL that begins with sqlite:// or postgresql://")
    return url


def _pem(key: str) -> str:
    if key:
        read_public_key(key)
    return key


def _secret_pem(key: SecretStr) -> SecretStr:
    _pem(key.get_secret_value())
    return key


def _sources(sources: str) -> str:
    if not re.fullmatch(r"[^;,\r\n]+", sources):
        raise ValueError("should be sites with spaces between them")
    return sources


def _proxies(proxies: str) -> str:
    for proxy in proxies.split(","):
        if proxy.strip() != "*":
            ip_network(proxy.strip(), strict=False)
    return proxies


Folder = Annotated[Path, AfterValidator(_absolute)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
SecureUrl = Annotated[str, AfterValidator(_secure_address)]
PublicUrl = Annotated[str, AfterValidator(_public_address)]
OneLine = Annotated[str, AfterValidator(_one_line)]
Sources = Annotated[str, AfterValidator(_sources)]
Proxies = Annotated[str, AfterValidator(_proxies)]
Risks = Annotated[str, AfterValidator(_known_risks)]
MaskedKinds = Annotated[str, AfterValidator(_known_kinds)]
Sender = Annotated[str, AfterValidator(_sender)]
TlsMode = Annotated[Literal["auto", "starttls", "implicit", "none"], BeforeValidator(_as_it_was_set)]
OpeningHours = Annotated[str, AfterValidator(_hours)]
Pem = Annotated[str, AfterValidator(_pem)]
SecretPem = Annotated[SecretStr, AfterValidator(_secret_pem)]
Password = Annotated[SecretStr, AfterValidator(lambda password: _at_least(password, MIN_PASSWORD_LENGTH))]
WebhookSecret = Annotated[SecretStr, AfterValidator(_webhook_secret)]
LongKey = Annotated[SecretStr, AfterValidator(lambda key: _at_least(key, MIN_KEY_LENGTH))]

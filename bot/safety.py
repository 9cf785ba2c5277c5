"""Refuse to start with settings that are unsafe, or of which a part is missing.

Only the supervisor checks this: it alone holds every secret (bot/environments.py).
"""

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from bot.keys import MIN_KEY_LENGTH
from bot.setting_types import is_of_this_machine
from bot.settings import PREFIX, Settings, SettingsError

KEYS = (
    "backend_key",
    "agents_key",
    "service_key",
    "rasa_key",
    "actions_key",
    "access_key",
    "webhook_secret",
    "events_key",
)
NEEDED = {
    "backend_url": ("backend_key",),
    "webhook_url": ("webhook_secret",),
    "events_key": ("smtp_host", "public_url"),
    "reader_url": ("reader_model",),
    "oidc_issuer": ("oidc_client_id", "oidc_client_secret", "oidc_agents"),
}
ANY_SITE = re.compile(r"https?:|(https?://)?\*(:(\d+|\*))?", re.I)  # in a Content-Security-Policy


def check(settings: Settings) -> None:
    """Raise SettingsError with the first reason not to start."""
    for reason in _reasons(settings):
        raise SettingsError(reason)


def _reasons(settings: Settings) -> Iterator[str]:
    for name, needed in NEEDED.items():
        for other in needed:
            if getattr(settings, name) and not getattr(settings, other):
                yield f"{_named(other)} is missing: {_named(name)} requires it"
    for name in KEYS:
        if 0 < len(getattr(settings, name).get_secret_value()) < MIN_KEY_LENGTH:
            yield f"{_named(name)} is wrong: should have at least {MIN_KEY_LENGTH} characters"
    for name, count, database in (
        ("web_processes", settings.web_processes, "chat_database"),
        ("rasa_processes", settings.rasa_processes, "tracker_database"),
    ):
        if count > 1 and getattr(settings, f"{database}_url").startswith("sqlite"):
            yield f"{_named(name)} is {count}, and SQLite is for one process: set {_named(database)} to PostgreSQL"
    if settings.notify_from >= settings.notify_until:
        yield "CPS_NOTIFY_FROM is wrong: should be an hour before CPS_NOTIFY_UNTIL"
    if settings.demo:
        yield from _reasons_of_a_demo(settings)
    elif not settings.smtp_host:
        yield "CPS_SMTP_HOST is missing: without a demo, e-mails need a mail server"
    accepted = settings.accepted
    if "trusted_proxies" not in accepted and any(map(_is_everybody, settings.trusted_proxies.split(","))):
        yield _open("trusted_proxies", "anybody could pretend to be another address: list your proxies")
    if "frame_ancestors" not in accepted and any(map(ANY_SITE.fullmatch, settings.frame_ancestors.split())):
        yield _open("frame_ancestors", "any site could show the chat as its own: list your sites")


def _reasons_of_a_demo(settings: Settings) -> Iterator[str]:
    # Its sample agents read conversations, and its page signs tokens for customers.
    if settings.backend_url and not is_of_this_machine(settings.backend_url):
        yield "CPS_BACKEND_URL is of another machine, and a demo must not read real accounts: set CPS_DEMO to false"
    if settings.web_host != "localhost" and not _is_loopback(settings.web_host):
        yield "CPS_WEB_HOST is beyond this machine, and a demo is for this machine alone: set CPS_DEMO to false"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name, which may lead anywhere
        return False


def _is_everybody(proxy: str) -> bool:
    return proxy.strip() == "*" or ip_network(proxy.strip(), strict=False).prefixlen == 0


def _open(name: str, danger: str) -> str:
    return f"{_named(name)} lets everybody in, and {danger}, or write {name} into CPS_ACCEPTED_RISKS"


def _named(name: str) -> str:
    return PREFIX + name.upper()

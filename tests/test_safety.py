"""What is unsafe does not start: the real start ends with one line that names the setting."""

import re

import pytest

from bot.safety import check
from bot.settings import Settings
from tests.conftest import start_stack

LONG = "k" * 32
LIVE = {"demo": "false", "smtp_host": "mail.example.com"}
ACCOUNTS = {"backend_url": "https://accounts.example.com", "backend_key": LONG}


@pytest.mark.stack
@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"web_processes": "2"}, "CPS_WEB_PROCESSES"),  # on SQLite
        ({"rasa_processes": "2"}, "CPS_RASA_PROCESSES"),
        ({"web_processes": "2", "chat_database": "sqlite:///chat.db"}, "CPS_WEB_PROCESSES"),
        (ACCOUNTS, "CPS_BACKEND_URL"),  # a demo before a real account system
        ({"web_host": "0.0.0.0"}, "CPS_WEB_HOST"),
        ({"web_host": "::"}, "CPS_WEB_HOST"),
        ({"web_host": "chat.example.com"}, "CPS_WEB_HOST"),
        ({"demo": "false"}, "CPS_SMTP_HOST"),
        (LIVE | ACCOUNTS | {"backend_url": "http://accounts.example.com"}, "CPS_BACKEND_URL"),
        (LIVE | {"website_jwks": "http://www.example.com/jwks.json"}, "CPS_WEBSITE_JWKS"),
        (LIVE | ACCOUNTS | {"backend_key": ""}, "CPS_BACKEND_KEY"),
        (LIVE | ACCOUNTS | {"backend_key": LONG[1:]}, "CPS_BACKEND_KEY"),
        ({"agents_key": LONG[1:]}, "CPS_AGENTS_KEY"),
        ({"service_key": LONG[1:]}, "CPS_SERVICE_KEY"),
        ({"webhook_url": "https://helpdesk.example.com"}, "CPS_WEBHOOK_SECRET"),
        ({"reader_url": "https://models.example.com/v1"}, "CPS_READER_MODEL"),
        ({"webhook_url": "https://helpdesk.example.com", "webhook_secret": LONG[1:]}, "CPS_WEBHOOK_SECRET"),
        ({"events_key": LONG}, "CPS_SMTP_HOST"),
        ({"events_key": LONG, "smtp_host": "mail.example.com"}, "CPS_PUBLIC_URL"),
        (LIVE | {"events_key": LONG[1:], "public_url": "https://chat.example.com"}, "CPS_EVENTS_KEY"),
        ({"notify_from": "21"}, "CPS_NOTIFY_FROM"),
        ({"trusted_proxies": "*"}, "CPS_TRUSTED_PROXIES"),
        ({"trusted_proxies": "127.0.0.1, 0.0.0.0/0"}, "CPS_TRUSTED_PROXIES"),
        ({"frame_ancestors": "*"}, "CPS_FRAME_ANCESTORS"),
        ({"frame_ancestors": "'self' https:"}, "CPS_FRAME_ANCESTORS"),
        ({"frame_ancestors": "https://*", "accepted_risks": "trusted_proxies"}, "CPS_FRAME_ANCESTORS"),
    ],
)
def test_what_is_unsafe_stops_the_start_with_one_line_that_names_the_setting(tmp_path, settings, named):
    started = start_stack(tmp_path, **settings)
    assert started.process.wait(timeout=60) == 1
    (line,) = started.output.splitlines()
    assert re.search(rf"stopped: {named} ", line)
    assert LONG[1:] not in line
    assert not (tmp_path / "logs").exists()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        LIVE | ACCOUNTS | {"web_host": "0.0.0.0"},
        {"web_host": "localhost"},
        {"backend_url": "http://127.0.0.1:9", "backend_key": LONG},  # an account system under development
        {"frame_ancestors": "https://*.example.com", "trusted_proxies": "10.0.0.0/8"},
        {"frame_ancestors": "*", "trusted_proxies": "*", "accepted_risks": "frame_ancestors, trusted_proxies"},
        {"notify_from": 23, "notify_until": 24},
    ],
)
def test_what_is_safe_may_start(settings):
    check(Settings(**settings))

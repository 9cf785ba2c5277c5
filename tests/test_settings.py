"""Settings are known, typed and documented, and a wrong one stops the start with one line."""

import os
import re
import subprocess
import sys

import pytest

from bot.privacy.stores import open_stores
from bot.settings import ROOT, Settings

DOCUMENTED = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def read(**settings: str) -> subprocess.CompletedProcess:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CPS_")}
    command = [sys.executable, "-c", "from bot.settings import get_settings; get_settings()"]
    return subprocess.run(command, env=clean | settings, capture_output=True, text=True, cwd=ROOT)


def default_of(name: str) -> str:
    default = Settings.model_fields[name].default
    if hasattr(default, "get_secret_value"):
        default = default.get_secret_value()
    if default is None:
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_documentation_lists_the_setting_with_its_default_and_meaning(name):
    row = re.search(rf"^\| `CPS_{name.upper()}` \| (.*?) \| (.*?) \|$", DOCUMENTED, re.M)
    assert row, f"CPS_{name.upper()} is not in docs/configuration.md"
    assert row.group(1) == (f"`{default_of(name)}`" if default_of(name) else "")
    assert row.group(2) == Settings.model_fields[name].description


def test_machines_share_the_folder_of_sent_files_that_is_set(tmp_path):
    for given, folder in (({}, tmp_path / "files"), ({"files_dir": tmp_path / "shared"}, tmp_path / "shared")):
        stores = open_stores(Settings(data_dir=tmp_path, **given))
        assert stores.files.folder == folder
        stores.close()


def test_the_documentation_lists_no_setting_that_does_not_exist():
    listed = set(re.findall(r"^\| `CPS_(\w+)`", DOCUMENTED, re.M))
    assert listed == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"CPS_WEB_PORT": "many"}, "CPS_WEB_PORT"),
        ({"CPS_WEB_PORT": "70000"}, "CPS_WEB_PORT"),
        ({"CPS_WEBPORT": "8080"}, "CPS_WEBPORT"),
        ({"CPS_MESSAGE_LENGTH": "-1"}, "CPS_MESSAGE_LENGTH"),
        ({"CPS_LOG_LEVEL": "loud"}, "CPS_LOG_LEVEL"),
        ({"CPS_SMTP_TLS": "perhaps"}, "CPS_SMTP_TLS"),
        ({"CPS_ANSWER_TIMEOUT": "soon"}, "CPS_ANSWER_TIMEOUT"),
        ({"CPS_BACKEND_URL": "nonsense", "CPS_BACKEND_KEY": "k"}, "CPS_BACKEND_URL"),
        ({"CPS_BACKEND_URL": "http://accounts.example.com"}, "CPS_BACKEND_URL"),
        ({"CPS_READER_URL": "http://models.example.com/v1"}, "CPS_READER_URL"),
        ({"CPS_WEBSITE_JWKS": "http://www.example.com/jwks.json"}, "CPS_WEBSITE_JWKS"),
        ({"CPS_TRACKER_DATABASE": "nonsense"}, "CPS_TRACKER_DATABASE"),
        ({"CPS_FRAME_ANCESTORS": "x; script-src *"}, "CPS_FRAME_ANCESTORS"),
        ({"CPS_TRUSTED_PROXIES": "x y"}, "CPS_TRUSTED_PROXIES"),
        ({"CPS_ACCEPTED_RISKS": "everything"}, "CPS_ACCEPTED_RISKS"),
        ({"CPS_WEBHOOK_SECRET": "whsec_no base64"}, "CPS_WEBHOOK_SECRET"),
        ({"CPS_PRIVACY_URL": "javascript:alert(1)"}, "CPS_PRIVACY_URL"),
        ({"CPS_CONTROLLER": "Canon\nSIA"}, "CPS_CONTROLLER"),
    ],
)
def test_a_wrong_setting_stops_with_one_line_that_names_it(settings, named):
    done = read(**settings)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert named in done.stderr


def test_one_kind_of_postgresql_url_serves_all_three_databases():
    url = "postgresql://user:password@host/name"
    settings = Settings(chat_database=url, backend_database=url, tracker_database=url)
    assert settings.chat_database_url == settings.backend_database_url == "postgresql+psycopg://user:password@host/name"
    assert settings.tracker_database_url == url


def test_an_empty_setting_is_as_good_as_none():
    assert read(CPS_WEB_PORT="").returncode == 0


def test_a_secret_does_not_show_in_a_settings_text():
    assert "hush" not in repr(Settings(backend_key="hush"))

"""The samples in deploy/ do what docs/deploy.md says: nginx runs in front of the assistant, units are checked."""

import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import yaml

from bot.app import MAX_BODY
from bot.settings import ROOT, Settings
from tests.conftest import free_ports, stop_process, wait_for

DEPLOY = ROOT / "deploy"
FOLDER = "/opt/cps/assistant"  # of docs/deploy.md
UNITS = ("cps.service", "cps-backup.service", "cps-backup.timer")
MAIN = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/cps.conf;
}}
"""


@pytest.fixture(scope="module")
def proxied(start_web, tmp_path_factory) -> Iterator[str]:
    """The address of nginx with the sample's configuration, in front of the website side."""
    folder, (plain, secure, down) = tmp_path_factory.mktemp("nginx"), free_ports(3)
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    words = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"]
    subprocess.run(["openssl", "req", *words, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    web = start_web(demo="false", smtp_host="127.0.0.1")
    given = (DEPLOY / "nginx.conf").read_text()
    for before, after in (
        ("listen [::]:80;", ""),
        ("listen [::]:443 ssl http2;", ""),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl", f"listen 127.0.0.1:{secure} ssl"),
        ("127.0.0.1:8080;", f"{web.web.removeprefix('http://')}; server 127.0.0.1:{down};"),  # a machine that is down
        ("/etc/letsencrypt/live/chat.example.com/fullchain.pem", str(certificate)),
        ("/etc/letsencrypt/live/chat.example.com/privkey.pem", str(key)),
    ):
        assert before in given, before
        given = given.replace(before, after)
    (folder / "cps.conf").write_text(given)
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
    process = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-p", folder, "-c", folder / "nginx.conf"])
    address = f"https://127.0.0.1:{secure}"
    wait_for(lambda: requests.get(f"{address}/health", verify=False, timeout=5).ok)
    yield address
    stop_process(process, signal.SIGQUIT)


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
class TestNginx:
    """What a customer meets on the other side."""

    def test_what_is_not_for_customers_is_closed(self, proxied):
        for path in ("/internal/conversations/" + "0" * 32 + "/access", "/metrics", "/ready"):
            answered = requests.get(proxied + path, verify=False, timeout=10)
            assert (answered.status_code, "nginx" in answered.text) == (404, True), path
        assert requests.get(f"{proxied}/chat", verify=False, timeout=10).ok

    def test_an_event_stream_arrives_while_it_is_open(self, proxied):
        begun = requests.post(f"{proxied}/api/conversations", json={"language": "lv"}, verify=False, timeout=30)
        key = {"authorization": f"Bearer {begun.json()['token']}"}
        address = f"{proxied}/api/conversation/events"
        with requests.get(address, headers=key, stream=True, verify=False, timeout=10) as stream:
            assert any(line.startswith(b"event: ") for line in stream.iter_lines(chunk_size=1))

    def test_a_body_has_a_bound(self, proxied):
        assert requests.post(f"{proxied}/api/conversations", b"x" * 70_000, verify=False, timeout=10).status_code == 413

    def test_web_knows_that_it_is_https_and_believes_no_address_that_a_client_names(self, proxied):
        assert "strict-transport-security" in requests.get(f"{proxied}/chat", verify=False, timeout=10).headers
        given = (DEPLOY / "nginx.conf").read_text()
        assert re.findall(r"X-Forwarded-For (\S+);", given) == ["$remote_addr"]

    def test_it_speaks_http2(self, proxied):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["h2", "http/1.1"])
        host, port = proxied.removeprefix("https://").split(":")
        with context.wrap_socket(socket.create_connection((host, int(port))), server_hostname=host) as it:
            assert it.selected_alpn_protocol() == "h2"


@pytest.fixture
def units(tmp_path) -> list[Path]:
    """The units, with the project where it is now."""
    for name in UNITS:
        given = (DEPLOY / name).read_text().replace(f"{FOLDER}/.venv/app/bin/python", sys.executable)
        (tmp_path / name).write_text(given.replace(FOLDER, str(ROOT)))
    return [tmp_path / name for name in UNITS]


def test_systemd_knows_every_line_of_the_units(units):
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "cps" in line]) == (0, [])


@pytest.mark.parametrize("name", [name for name in UNITS if name.endswith(".service")])
def test_the_services_are_hardened(units, name):
    unit = next(path for path in units if path.name == name)
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", unit]  # 2.0 of 10: the less the better
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:]


def test_what_the_units_start_is_there():
    for name in ("cps.service", "cps-backup.service"):
        for module in re.findall(r"python -m bot\.(\w+)", (DEPLOY / name).read_text()):
            assert (ROOT / "bot" / f"{module}.py").exists()


def test_the_samples_name_only_settings_that_exist():
    known = {f"CPS_{name.upper()}" for name in Settings.model_fields} | {"CPS_DOMAIN", "CPS_UPSTREAM"}
    for path in DEPLOY.iterdir():
        assert set(re.findall(r"\bCPS_[A-Z_]+", path.read_text())) <= known, path.name


def test_the_sample_of_the_settings_is_accepted():
    lines = re.findall(r'^(CPS_\w+)="?(.*?)"?$', (DEPLOY / "cps.env").read_text(), re.M)
    done = subprocess.run(
        [sys.executable, "-c", "from bot.settings import *; from bot.safety import check; check(get_settings())"],
        cwd=ROOT,
        env=dict(lines) | {"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_containers_have_no_privileges_and_only_the_proxy_is_reached():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    for name, service in compose["services"].items():
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert bool(service.get("ports")) == (name == "proxy"), name
    assistant = compose["services"]["assistant"]
    assert (assistant["cap_drop"], assistant["read_only"]) == (["ALL"], True)
    proxy = compose["services"]["proxy"]["networks"]["outside"]["ipv4_address"]
    assert assistant["environment"]["CPS_TRUSTED_PROXIES"] == proxy
    assert re.search(r"^USER (?!0|root)", (DEPLOY / "Dockerfile").read_text(), re.M)


def test_the_page_names_files_that_are_there():
    page = (ROOT / "docs" / "deploy.md").read_text()
    for name in set(re.findall(r"deploy/([\w.-]+)", page)) - {".env"}:
        assert (DEPLOY / name).exists(), name


def test_the_body_limits_of_the_proxies_are_that_of_web():
    assert "client_max_body_size 64k;" in (DEPLOY / "nginx.conf").read_text()
    assert "max_size 64KB" in (DEPLOY / "Caddyfile").read_text()
    assert MAX_BODY == 64_000

"""Starting, supervising and stopping the processes; a fault stops the start with one line."""

import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from bot.model import model_path
from bot.settings import ROOT, get_settings
from tests.conftest import Stack, free_ports, start_stack, stop_process, wait_for, wait_until_ready
from tests.customer import Customer
from tests.databases import make_chat

pytestmark = pytest.mark.stack


def first_words(stack: Stack) -> str:
    """Return the output of a start that fails."""
    assert stack.process.wait(timeout=60) == 1
    return stack.output


def children(pid: int) -> list[int]:
    """Return the ids of all descendants of a process."""
    listing = subprocess.run(["ps", "-eww", "-o", "pid,ppid"], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listing.splitlines()[1:]]
    found, new = [], [pid]
    while new:
        new = [child for child, parent in pairs if parent in new]
        found += new
    return found


def test_a_taken_port_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = first_words(start_stack(tmp_path, web_port=port))
    assert "stopped" in said
    assert str(port) in said
    assert "CPS_WEB_PORT" in said
    assert len(said.strip().splitlines()) == 1


def test_one_port_for_two_is_named(tmp_path):
    (port,) = free_ports(1)
    said = first_words(start_stack(tmp_path, web_port=str(port), rasa_port=str(port)))
    assert "CPS_WEB_PORT" in said
    assert "CPS_RASA_PORT" in said


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    said = first_words(start_stack(tmp_path, data_dir=tmp_path / "file" / "below"))
    assert "CPS_DATA_DIR" in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.skipif(os.geteuid() != 0 or not os.path.ismount("/proc"), reason="only root can mount a small disk")
def test_a_full_disk_is_named(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        said = first_words(start_stack(tmp_path, data_dir=small))
    finally:
        subprocess.run(["umount", str(small)], check=True)
    assert "MiB free" in said
    assert "CPS_DATA_DIR" in said


def test_an_unknown_setting_is_named(tmp_path):
    assert "CPS_COLOUR" in first_words(start_stack(tmp_path, colour="blue"))


def test_a_database_that_does_not_answer_is_named(tmp_path):
    said = first_words(start_stack(tmp_path, chat_database="postgresql+psycopg://nobody@127.0.0.1:9/none"))
    (line,) = [line for line in said.splitlines() if "stopped" in line]
    assert "CPS_CHAT_DATABASE" in line


@pytest.mark.parametrize(("name", "setting"), [("chat", "CHAT"), ("backend", "BACKEND"), ("rasa", "TRACKER")])
@pytest.mark.parametrize("place", [0, 8192], ids=["its beginning", "its middle"])
def test_a_damaged_database_is_named_with_what_to_do(tmp_path, name, setting, place):
    path = tmp_path / f"{name}.db"
    make_chat(f"sqlite:///{path}")
    content = path.read_bytes()
    path.write_bytes(content[:place] + b"\xff" * 8192 + content[place + 8192 :])
    (line,) = [line for line in first_words(start_stack(tmp_path)).splitlines() if "stopped" in line]
    assert f"CPS_{setting}_DATABASE" in line
    assert "damaged" in line
    assert str(path) in line
    assert "make restore" in line


def test_a_damaged_model_is_said_and_the_former_one_answers(tmp_path):
    models = tmp_path / "models"
    models.mkdir()
    whole = model_path(get_settings())
    damaged = models / whole.name
    shutil.copy(whole, models / "former.tar.gz")
    damaged.write_bytes(whole.read_bytes()[:-100_000])
    started = start_stack(tmp_path, models_dir=models)
    try:
        wait_until_ready(started)
        assert "was damaged; the former one, former.tar.gz, answers" in started.output
        assert "500" in Customer(started.web).say("cik punktu vajag, lai pievienotos?")
    finally:
        stop_process(started.process)


def test_make_names_a_python_that_is_missing():
    done = subprocess.run(["make", "run", "PYTHON=python9"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode
    assert "python9 is missing" in done.stderr


def test_everything_listens_on_loopback_only(stack):
    listing = subprocess.run(["ss", "-ltnH"], capture_output=True, text=True, check=False).stdout
    if not listing:
        pytest.skip("this machine has no ss")
    for part in ("web", "rasa", "actions", "backend"):
        port = getattr(stack, f"{part}_port")
        addresses = [line.split()[3] for line in listing.splitlines() if line.split()[3].endswith(f":{port}")]
        assert addresses == [f"127.0.0.1:{port}"], part


def test_no_process_that_people_reach_names_its_server(stack):
    for address in (stack.web, stack.backend):
        assert "server" not in requests.get(f"{address}/health", timeout=30).headers


def test_the_demo_prints_how_to_sign_in_to_the_desk_and_one_can(stack):
    said = next(line for line in stack.output.splitlines() if "desk" in line)
    assert f"{stack.web}/desk" in said
    assert stack.demo_password not in stack.output  # which is a file
    for email in re.findall(r"\S+@example\.com", said):
        form = {"email": email, "password": stack.demo_password}
        origin = {"origin": stack.web}
        opened = requests.post(f"{stack.web}/desk/sign-in", form, headers=origin, allow_redirects=False, timeout=10)
        assert opened.headers["location"] == "/desk", email
    assert len(re.findall(r"\S+@example\.com", said)) == 2


def test_a_terminal_shows_the_password_of_the_demo():
    program = "from bot.run import *; print(how_to_sign_in(get_settings()))"
    ours, theirs = pty.openpty()
    given = os.environ | {"CPS_DEMO_PASSWORD": Stack.demo_password}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=given, stdout=theirs, check=True)
    os.close(theirs)
    assert Stack.demo_password in os.read(ours, 1000).decode()
    os.close(ours)


def test_rasa_runs_without_tensorflow_and_in_little_memory(stack):
    process = Path(f"/proc/{stack.pid_of('rasa')}")
    if not process.exists():
        pytest.skip("this machine does not show what a process has loaded")
    assert "/numpy/" in (process / "maps").read_text()
    assert "/tensorflow/" not in (process / "maps").read_text()
    resident = int(re.search(r"VmRSS:\s+(\d+) kB", (process / "status").read_text())[1]) / 1024
    assert resident < 600, f"{resident:.0f} MiB"


def test_a_process_that_dies_is_started_again_and_that_is_said(stack):
    before = stack.pid_of("actions")
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: "actions ended with code -9; it is started again" in stack.output)
    wait_for(lambda: requests.get(f"{stack.actions}/health", timeout=2).ok)
    assert stack.pid_of("actions") != before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_supervisor(tmp_path, number):
    started = start_stack(tmp_path)
    try:
        wait_until_ready(started)
        below = children(started.process.pid)
        assert len(below) >= 4
    finally:
        began = time.monotonic()
        code = stop_process(started.process, number)
    if number != signal.SIGKILL:
        assert code == 0
        assert "stopping" in started.output
    wait_for(lambda: not [pid for pid in below if os.path.exists(f"/proc/{pid}/cmdline") and alive(pid)], 20)
    print(f"stopped after {time.monotonic() - began:.1f} s")


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

"""What the assistant writes is closed to the other accounts of the machine."""

import re
from pathlib import Path

import pytest

from bot.environments import NEEDED, SECRETS, environment_of, environment_of_rasa
from bot.keys import kept_key
from bot.private import close_files
from bot.run import with_keys
from bot.settings import Settings
from tests.conftest import start_stack

DATA = ("chat.db", "chat.db-wal", "access.key", "logs/web.log", "logs/web.log.1")


def open_to_others(folder: Path) -> list[str]:
    """Return what other accounts may read or write in a folder, except for the test's own output."""
    written = [path for path in folder.rglob("*") if path.name != "run.out"]
    return [str(path) for path in [folder, *written] if path.stat().st_mode & 0o077]


def leave_open(folder: Path) -> None:
    """Write what an earlier release wrote, which everybody may read."""
    (folder / "logs").mkdir()
    (folder / "models" / "cache").mkdir(parents=True)
    for name in (
        "chat.db",
        "chat.db-wal",
        "access.key",
        "logs/web.log",
        "logs/web.log.1",
        "models/1.tar.gz",
        "models/cache/1",
    ):
        (folder / name).touch()
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)


@pytest.mark.stack
def test_a_start_closes_what_was_left_open_and_says_so(tmp_path):
    leave_open(tmp_path)
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:9/none"
    started = start_stack(tmp_path, tracker_database=nowhere)
    assert started.process.wait(timeout=60) == 1
    (line,) = [line for line in started.output.splitlines() if "open to other accounts" in line]
    assert re.search(r"\d+ files and folders", line)
    assert not [path for path in open_to_others(tmp_path) if "models" not in path]


def test_folders_of_models_are_closed_and_what_belongs_to_everybody_is_left(tmp_path):
    leave_open(tmp_path)
    (tmp_path / "other.txt").write_text("not ours")
    (tmp_path / "other.txt").chmod(0o644)
    (tmp_path / "models" / "link").symlink_to(tmp_path / "other.txt")
    assert close_files(Settings(data_dir=tmp_path, models_dir=tmp_path / "models")) == 11
    assert open_to_others(tmp_path) == [str(tmp_path / "other.txt"), str(tmp_path / "models" / "link")]
    tmp_path.chmod(0o1777)
    assert close_files(Settings(data_dir=tmp_path, models_dir=tmp_path / "models")) == 0


def test_all_that_a_running_assistant_writes_is_closed(stack):
    assert (stack.folder / "chat.db").exists()
    assert (stack.folder / "access.key").exists()
    assert (stack.folder / "logs" / "rasa.log").exists()
    assert not open_to_others(stack.folder)


def test_only_the_actions_get_the_key_of_the_second_reader():
    settings = Settings(reader_key="key-of-the-reader")
    having = {part for part in NEEDED if "key-of-the-reader" in environment_of(part, settings).values()}
    assert having == {"actions"}


@pytest.mark.parametrize(
    ("part", "needed"),
    [
        ("web", "access_key agents_key backend_key demo_key rasa_key service_key"),
        ("actions", "actions_key service_key"),
        ("backend", "agents_key backend_key demo_key"),
        ("rasa", ""),
    ],
)
def test_a_process_has_only_the_secrets_that_it_needs(stack, part, needed):
    environment = dict(
        line.split("=", 1) for line in Path(f"/proc/{stack.pid_of(part)}/environ").read_text().split("\0") if line
    )
    given = {name for name in SECRETS if environment.get(f"CPS_{name.upper()}")}
    assert given == set(needed.split())
    for secret in {"service_key", "backend_key", "demo_password"} - given:
        assert getattr(stack, secret) not in environment.values()


@pytest.mark.parametrize(
    ("demo", "without_key", "is_open"),
    [
        (True, "demo", True),
        (False, "demo", False),
        (True, "never", False),
        (False, "always", True),
    ],
)
def test_rasa_answers_without_a_key_where_the_setting_says_so(demo, without_key, is_open):
    settings = with_keys(Settings(demo=demo, rasa_without_key=without_key))
    key = environment_of_rasa(settings)["RASA_KEY"]
    assert key == ("" if is_open else settings.rasa_key.get_secret_value())


def test_a_key_is_made_once_and_kept_from_others(tmp_path):
    path = tmp_path / "access.key"
    key = kept_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert kept_key(path) == key
    path.write_text(key[:10])
    with pytest.raises(ValueError, match="delete it"):
        kept_key(path)

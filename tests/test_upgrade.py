"""An upgrade says what it will do, asks, makes a backup and migrates; while the assistant runs, its start migrates."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from bot import backup, conversations
from bot.database import Database
from bot.desk.database import update
from bot.model import model_path
from bot.settings import ROOT, Settings
from tests.conftest import free_ports
from tests.databases import make_chat
from tests.odd_server import serve_oddly
from tests.test_backup import tools_of_postgresql  # noqa: F401  a fixture

LACKS = "- migration of chat: 0028 Create the blocks"


@pytest.fixture(params=["sqlite", "postgresql"])
def older(request, tmp_path) -> dict[str, str]:
    """The settings of an assistant of the release before, with a trained model of this one."""
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    given = {}
    if request.param == "postgresql":
        request.getfixturevalue("tools_of_postgresql")
        url = request.getfixturevalue("new_postgresql")()
        given = dict.fromkeys(("CPS_CHAT_DATABASE", "CPS_BACKEND_DATABASE", "CPS_TRACKER_DATABASE"), url)
    update(url)
    config = Config()
    config.set_main_option("script_location", str(Path(conversations.__path__[0]) / "migrations"))
    config.attributes["url"] = url
    command.downgrade(config, "0027")
    models = tmp_path / "models"
    models.mkdir()
    (models / model_path(Settings()).name).write_bytes(b"trained")
    (port,) = free_ports(1)
    return given | {"CPS_DATA_DIR": str(tmp_path), "CPS_MODELS_DIR": str(models), "CPS_WEB_PORT": str(port), "URL": url}


def upgrade(older: dict[str, str], folder: Path, *more: str, said: str = "") -> subprocess.CompletedProcess:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CPS_")}
    given = clean | {name: value for name, value in older.items() if name != "URL"}
    words = [sys.executable, "-m", "bot.upgrade", str(folder), *more]
    return subprocess.run(words, cwd=ROOT, env=given, input=said, capture_output=True, text=True, check=False)


def schema(older: dict[str, str]) -> str:
    database = Database(older["URL"])
    with database.read() as session:
        found = str(session.scalar(text("SELECT version_num FROM alembic_chat")))
    database.engine.dispose()
    return found


def test_it_says_what_it_will_do_and_does_nothing_without_a_yes(older, tmp_path):
    done = upgrade(older, tmp_path / "copies", said="no\n")
    assert done.returncode == 1
    assert "nothing has been changed" in done.stderr
    assert LACKS in done.stdout
    assert "is there already" in done.stdout
    assert f"a backup below {tmp_path / 'copies'}" in done.stdout
    assert not (tmp_path / "copies").exists()
    assert schema(older) == "0027"


def test_it_makes_a_backup_and_then_migrates_and_has_nothing_to_do_afterwards(older, tmp_path):
    done = upgrade(older, tmp_path / "copies", said="yes\n")
    assert done.returncode == 0, done.stderr
    assert schema(older) > "0027"
    (copy,) = (tmp_path / "copies").iterdir()
    assert str(copy) in done.stdout
    settings = {name.removeprefix("CPS_").lower(): value for name, value in older.items() if name.startswith("CPS_")}
    assert backup.check_backup(Settings(**settings), copy)
    again = upgrade(older, tmp_path / "copies")
    assert "nothing to do" in again.stdout
    assert len(list((tmp_path / "copies").iterdir())) == 1


def test_while_the_assistant_runs_its_next_start_migrates(older, tmp_path):
    with serve_oddly() as server:
        server.answers["/health"] = [(200, b"{}")]
        done = upgrade(older | {"CPS_WEB_PORT": str(server.server_port)}, tmp_path / "copies", "--yes")
    assert done.returncode == 0, done.stderr
    assert "now restart the assistant" in done.stdout
    assert schema(older) == "0027"
    assert list((tmp_path / "copies").iterdir())


def test_a_database_of_a_later_release_is_refused(tmp_path):
    make_chat(f"sqlite:///{tmp_path / 'chat.db'}")
    with Database(f"sqlite:///{tmp_path / 'chat.db'}").write() as session:
        session.execute(text("UPDATE alembic_desk SET version_num = '9999'"))
    (port,) = free_ports(1)
    done = upgrade({"CPS_DATA_DIR": str(tmp_path), "CPS_WEB_PORT": str(port)}, tmp_path / "copies", "--yes")
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "migration 9999, which this release does not know" in last
    assert not (tmp_path / "copies").exists()

"""A person's data in the terminal: make personal-data."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.conversations import lifecycle, queue
from bot.conversations.models import Conversation, Ticket
from bot.database import Database
from bot.desk.models import AuditEntry
from bot.privacy import cli
from bot.settings import ROOT
from tests.databases import make_chat
from tests.terminal import run_command

EMAIL = "anna@example.com"


@pytest.fixture
def database(tmp_path) -> Database:
    """A database in which somebody left a message."""
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    make_chat(url)
    made = Database(url)
    with made.write() as session:
        conversation = lifecycle.open_conversation(session, "lv")[1]
        queue.leave_ticket(session, conversation, "client-0001", EMAIL, "please call")
    return made


def command(folder: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess:
    return run_command(cli.main, folder, *words, typed=typed)


def left(database: Database, kind) -> list:
    with database.read() as session:
        return list(session.scalars(select(kind)))


def test_a_person_is_found_exported_and_erased(tmp_path, database):
    assert "tickets\t1\n" in command(tmp_path, "find", "Anna@example.com").stdout
    assert json.loads(command(tmp_path, "export", EMAIL).stdout)["conversations"][0]["tickets"][0]["email"] == EMAIL
    assert 'lang="en"' in command(tmp_path, "export", EMAIL, "--html", "--language", "en").stdout
    for typed in ("", "yes\n", "anna@example.co\n"):
        refused = command(tmp_path, "erase", EMAIL, typed=typed)
        assert refused.returncode == 1
        assert refused.stderr == "the addresses are not the same: nothing has been erased\n"
    assert len(left(database, Conversation)) == 1
    done = command(tmp_path, "erase", EMAIL, typed="Anna@example.com\n")
    assert done.stdout.endswith("erased\n"), done.stderr
    assert left(database, Conversation) == left(database, Ticket) == []
    assert [one.what for one in left(database, AuditEntry)] == ["found", "exported", "exported", "erased"]


def test_what_is_no_address_and_a_database_that_does_not_answer_are_named_in_one_line(tmp_path, monkeypatch):
    done = command(tmp_path, "find", "anna")
    assert (done.returncode, done.stderr) == (1, "anna is no e-mail address\n")
    monkeypatch.setenv("CPS_CHAT_DATABASE", "postgresql://nobody@127.0.0.1:9/none")
    done = subprocess.run(
        [sys.executable, "-m", "bot.privacy.cli", "find", EMAIL],
        env=os.environ | {"CPS_DATA_DIR": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "database cannot be used" in done.stderr


@pytest.mark.parametrize(
    ("given", "run"),
    [
        (["EMAIL=a@example.com"], "bot.privacy.cli find 'a@example.com'"),
        (["DO=export", "HTML=1", "EMAIL=o'neil@example.com"], r"bot.privacy.cli export 'o'\''neil@example.com' --html"),
    ],
)
def test_make_passes_on_what_it_is_given(given, run):
    words = ["make", "-n", "personal-data", *given]
    assert run in subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout

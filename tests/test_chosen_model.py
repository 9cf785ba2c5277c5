"""A model that a supervisor chooses at the desk answers without a message lost, outlasts a start, and can be left."""

import io
import os
import signal
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.conversations import trials
from bot.conversations.learning_models import ModelChoice
from bot.database import Database
from bot.model import model_path, name_of, project_of
from bot.settings import ROOT, Settings
from bot.trial import project
from tests.conftest import GENEROUS, Stack, start_stack, stop_process, wait_for, wait_until_ready
from tests.customer import Customer

pytestmark = pytest.mark.stack

ANSWERS = "data/waiting/answers.yml"
OLD, NEW = "**Līdz 2 darba dienām.** Brīvdienas", "**Līdz 2 darba dienām.** Svētdienas"


def retold(model: Path, other: Path) -> None:
    """Write a model that is like another one, but for a sentence: training takes minutes."""
    with tarfile.open(model) as source, tarfile.open(other, "w:gz", compresslevel=1) as target:
        for member in source:
            content = source.extractfile(member).read() if member.isfile() else b""
            if member.name.endswith(("domain.yml", "metadata.json")):
                assert OLD.encode() in content
                content = content.replace(OLD.encode(), NEW.encode())
                member.size = len(content)
            target.addfile(member, io.BytesIO(content))


@pytest.fixture
def settings(tmp_path) -> Settings:
    """A folder of models with that of the repository's data and, under its hash, that of changed data."""
    (tmp_path / "models").mkdir()
    base = model_path(Settings())
    os.link(base, tmp_path / "models" / base.name)
    found = Settings(data_dir=tmp_path, models_dir=tmp_path / "models")
    text = (ROOT / ANSWERS).read_text(encoding="utf-8")
    assert OLD in text
    retold(base, project.make(found, {ANSWERS: text.replace(OLD, NEW, 1)}))
    return found


@pytest.fixture
def start(settings) -> Iterator:
    """Return a function that starts the assistant in that folder."""
    started: list[Stack] = []

    def begin() -> Stack:
        started.append(start_stack(settings.data_dir, models_dir=settings.models_dir, **GENEROUS))
        wait_until_ready(started[-1])
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            stop_process(one.process, signal.SIGINT)


def newest(database: Database) -> ModelChoice:
    with database.read() as session:
        return session.scalars(select(ModelChoice).order_by(ModelChoice.id.desc())).first()


def choose(database: Database, model: str | None, base: str) -> None:
    with database.write() as session:
        trials.use(session, "Marta Liela", model, base)


def waiting_time(stack: Stack) -> str:
    return Customer(stack.web).say("cik ilgi jāgaida?", 180)


def test_a_chosen_model_answers_and_is_left_again(settings, start):
    base = name_of(model_path(settings))
    (other,) = {name_of(one) for one in settings.models_dir.glob("*.tar.gz")} - {base}
    database, running = Database(settings.chat_database_url), start()
    assert "Brīvdienas" in waiting_time(running)

    heard: list[str] = []
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            heard.append(waiting_time(running))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        wait_for(lambda: heard)
        choose(database, other, base)
        wait_for(lambda: newest(database).used_at, 180)
    finally:
        is_over.set()
        asking.join()
    assert all("Brīvdienas" in one or "Svētdienas" in one for one in heard), heard
    assert "Svētdienas" in waiting_time(running)
    assert f"the model {other} was chosen at the desk" in running.output
    assert "ended with code" not in running.output
    actions = Path(f"/proc/{running.pid_of('actions')}/cwd").resolve()
    assert actions == project_of(settings.models_dir / f"{other}.tar.gz"), "it reads the data of the model"

    assert stop_process(running.process, signal.SIGINT) == 0
    running = start()
    assert "Svētdienas" in waiting_time(running)
    choose(database, None, base)
    wait_for(lambda: newest(database).used_at, 180)
    assert "Brīvdienas" in waiting_time(running)

    choose(database, other, "0" * 16)
    wait_for(lambda: newest(database).problem == "data_changed")
    assert "the repository's data has changed since; that of the repository answers" in running.output
    choose(database, "f" * 16, base)
    wait_for(lambda: newest(database).problem == "missing")
    assert "Brīvdienas" in waiting_time(running)

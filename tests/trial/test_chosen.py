"""Which model the assistant starts with."""

import os

import pytest

from bot.conversations import trials
from bot.database import Database
from bot.model import model_path, name_of, project_of
from bot.settings import ROOT, Settings
from bot.trial import project
from bot.trial.chosen import Choices, Used
from tests.databases import make_chat

CHANGED = "data/waiting/answers.yml"


@pytest.fixture
def settings(tmp_path) -> Settings:
    (tmp_path / "models").mkdir()
    return Settings(data_dir=tmp_path, models_dir=tmp_path / "models")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def choose(settings):
    """Return a function that makes tables and chooses a model."""
    make_chat(settings.chat_database_url)
    database = Database(settings.chat_database_url)

    def choose(model: str | None, base: str) -> Database:
        with database.write() as session:
            trials.use(session, "Marta Liela", model, base)
        return database

    return choose


def problem(database: Database) -> str | None:
    with database.read() as session:
        return trials.choice(session).problem


def tried(settings: Settings) -> Used:
    """Make a model of changed data."""
    changed = (ROOT / CHANGED).read_text(encoding="utf-8") + "\n"
    model = project.make(settings, {CHANGED: changed})
    os.link(model_path(Settings()), model)
    return Used(model, project_of(model))


def test_without_a_database_or_a_choice_it_is_that_of_the_repository(settings, said):
    assert Choices(settings, said.append).at_start() is None
    make_chat(settings.chat_database_url)
    assert Choices(settings, said.append).at_start() is None
    assert said == []


def test_it_is_what_was_chosen_last(settings, said, choose):
    used, base = tried(settings), name_of(model_path(settings))
    database = choose(name_of(used.model), base)
    assert Choices(settings, said.append).at_start() == used
    assert (problem(database), said) == (None, [])
    choose(None, base)
    assert Choices(settings, said.append).at_start() is None
    assert (problem(database), said) == (None, [])


def test_one_line_says_that_the_data_has_changed(settings, said, choose):
    used = tried(settings)
    database = choose(name_of(used.model), "0" * 16)
    choices = Choices(settings, said.append)
    assert choices.at_start() is None
    assert problem(database) == "data_changed"
    (line,) = said
    assert "the repository's data has changed since" in line
    assert Choices(settings, said.append).at_start() is None
    assert said == [line], "once"


@pytest.mark.parametrize("what", ["model", "data", "damaged"])
def test_what_is_not_whole_is_not_used(settings, said, choose, what):
    used = tried(settings)
    if what == "data":
        used.root.rename(settings.data_dir / "away")
    else:
        used.model.unlink()
    if what == "damaged":
        used.model.write_bytes(b"\x1f\x8b no model")
    database = choose(name_of(used.model), name_of(model_path(settings)))
    assert Choices(settings, said.append).at_start() is None
    assert problem(database) == "missing"
    assert "it is not there any more" in said[0]


def test_changed_files_end_the_choice(settings, said, choose):
    used = tried(settings)
    database = choose(name_of(used.model), name_of(model_path(settings)))
    choices = Choices(settings, said.append)
    assert choices.at_start() == used
    choices.supersede()
    assert problem(database) == "data_changed"
    choices.supersede()
    assert len(said) == 1

"""A trial asks the model in use and another one the same, with real processes."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.model import model_path, name_of, project_of
from bot.processes import kill_group
from bot.settings import ROOT, Settings
from bot.trial import project
from bot.trial.serving import own_settings
from tests.conftest import wait_for
from tests.test_chosen_model import ANSWERS, NEW, OLD, retold

pytestmark = pytest.mark.stack

HELD_OUT = {
    "intents": {"greet": {"lv": ["Labdien"], "en": ["Good morning"]}},
    "out_of_scope": {"lv": ["kāds rīt būs laiks Rīgā"], "en": ["what is the capital of Peru"]},
}
TOLD = {
    "lv": [{"user": "cik ilgi jāgaida?", "must": "brīvdienas"}],
    "en": [{"story": "two in a row", "turns": [{"user": "hello", "must": "."}, {"user": "thank you", "must": "xyz"}]}],
}
JUDGED = [{"language": "lv", "turns": [{"user": "cik ilgi jāgaida?", "facts": ["Svētdienas"], "message_id": 5}]}]


@pytest.fixture
def settings(tmp_path) -> Settings:
    (tmp_path / "models").mkdir()
    base = model_path(Settings())
    os.link(base, tmp_path / "models" / base.name)
    return Settings(data_dir=tmp_path, models_dir=tmp_path / "models")


@pytest.fixture
def small(tmp_path) -> Path:
    """A copy of the project with a small exam."""
    copy = tmp_path / "project"
    for folder in (*project.CODE, "data"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=project.LEFT_OUT)
    for name in project.FILES:
        shutil.copy(ROOT / name, copy / name)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    (copy / "exam/told").mkdir(parents=True)
    (copy / "exam/held_out.yml").write_text(yaml.safe_dump(HELD_OUT), encoding="utf-8")
    shutil.copy(ROOT / "exam/told/patterns.yml", copy / "exam/told/patterns.yml")
    for language, talks in TOLD.items():
        (copy / f"exam/told/waits.{language}.yml").write_text(yaml.safe_dump(talks), encoding="utf-8")
    return copy


def begin(settings: Settings, root: Path, **task) -> subprocess.Popen:
    """Start a trial."""
    given = {"CPS_DATA_DIR": str(settings.data_dir), "CPS_MODELS_DIR": str(settings.models_dir)}
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    command = [sys.executable, "-m", "bot.trial.work"]
    trial = subprocess.Popen(command, cwd=root, env=os.environ | given, text=True, start_new_session=True, **pipes)
    with trial.stdin as to:
        json.dump({"files": {}, "judged": [], "in_use": None} | task, to)
    trial.stdin = None
    return trial


def tried(settings: Settings, root: Path, **task) -> list[dict]:
    """Return what a trial tells."""
    trial = begin(settings, root, **task)
    said, failed = trial.communicate()
    assert trial.returncode == 0, failed
    return [step for step in map(json.loads, said.splitlines()) if step]


def test_both_models_are_asked_and_compared(settings, small):
    changed = (ROOT / ANSWERS).read_text(encoding="utf-8").replace(OLD, NEW, 1)
    other = project.make(settings, {ANSWERS: changed})
    base = model_path(settings)
    retold(base, other)  # it is there, so none is trained
    said = tried(settings, small, files={ANSWERS: changed}, judged=JUDGED)
    assert said[0] == {"state": "training", "model": name_of(other), "base": name_of(base)}
    assert said[1] == {"state": "asking", "asked": 0, "questions": 2 * 8}
    assert said[-1]["state"] == "done", said[-1]
    result = said[-1]["result"]
    assert result["counts"] == {
        "held_out": {"questions": 4, "before": 4, "after": 4, "gained": 0, "lost": 0},
        "told": {"questions": 3, "before": 2, "after": 1, "gained": 0, "lost": 1},
        "judged": {"questions": 1, "before": 0, "after": 1, "gained": 1, "lost": 0},
    }
    lost, gained = result["changed"]
    assert (lost["text"], lost["gained"]) == ("cik ilgi jāgaida?", False)
    assert "Brīvdienas" in lost["before"]
    assert "Svētdienas" in lost["after"]
    assert (gained["message_id"], gained["gained"], "text" in gained) == (5, True, False)
    left = {path.name for path in settings.data_dir.iterdir()}
    assert left == {"models", "project"}, "neither logs nor trackers stay"


def test_a_trial_that_is_ended_leaves_nothing_behind(settings, small):
    base = model_path(settings)
    (settings.data_dir / "trial0").mkdir()  # of one that was killed
    changed = (ROOT / ANSWERS).read_text(encoding="utf-8").replace(OLD, NEW, 1)
    for state in ("training", "asking"):
        models = {base.name}
        if state == "asking":
            other = project.make(settings, {ANSWERS: changed})
            retold(base, other)
            models |= {other.name, name_of(other)}
        trial = begin(settings, small, files={ANSWERS: changed}, judged=JUDGED)
        assert any(json.loads(line).get("state") == state for line in trial.stdout)
        if state == "asking":
            wait_for(lambda: list(settings.data_dir.glob("trial*/rasa.log")))
        kill_group(trial.pid, signal.SIGTERM)
        trial.communicate()
        assert trial.returncode == 128 + signal.SIGTERM
        assert {path.name for path in settings.data_dir.iterdir()} == {"models", "project"}
        assert {path.name for path in settings.models_dir.iterdir()} - {"cache"} == models


def test_a_model_is_served_on_ports_of_its_own(settings):
    known = (settings.actions_address, settings.rasa_addresses, settings.tracker_database_url)
    own = own_settings(settings, settings.data_dir, 4242)
    assert own.actions_address == "http://127.0.0.1:4242"
    assert not {own.actions_address, *own.rasa_addresses, own.tracker_database_url} & {known[0], *known[1], known[2]}
    assert own.rasa_key != settings.rasa_key
    assert own.models_dir == settings.models_dir


def test_what_is_wrong_is_told_in_one_line(settings, small):
    (missing,) = tried(settings, small, in_use="f" * 16)
    assert missing["state"] == "failed"
    assert missing["error"].startswith("the model in use, ffffffffffffffff, is not in ")
    *_, same = tried(settings, small)
    assert (same["state"], same["error"]) == ("failed", "nothing_new")
    *_, broken = tried(settings, small, files={ANSWERS: "intent: [\n"})
    assert broken["state"] == "failed"
    assert broken["error"].startswith(f"{ANSWERS}, line 2: ")


def test_a_copy_gets_the_code_of_today_and_keeps_its_data(settings):
    changed = (ROOT / ANSWERS).read_text(encoding="utf-8").replace(OLD, NEW, 1)
    copy = project_of(project.make(settings, {ANSWERS: changed}))
    (copy / "bot/old.py").write_text("", encoding="utf-8")
    (copy / "config.yml").write_text("", encoding="utf-8")
    project.with_code_of_today(copy)
    assert not (copy / "bot/old.py").exists()
    assert (copy / "config.yml").read_bytes() == (ROOT / "config.yml").read_bytes()
    assert NEW in (copy / ANSWERS).read_text(encoding="utf-8")
    assert not (copy / "bot/widget/node_modules").exists()

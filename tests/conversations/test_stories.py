"""Rasa's own test of stories, on the model that the assistant runs on."""

import subprocess

import pytest

from bot.model import RASA, model_path, rasa_environment
from bot.settings import ROOT, Settings


@pytest.mark.usefixtures("stack")  # it has trained the model
def test_rasa_tells_the_stories_as_they_are_written(tmp_path):
    settings = Settings(tracker_database="sqlite://")
    command = [*RASA, "test", "core", "--stories", "tests/stories", "--model", str(model_path(settings))]
    command += ["--out", str(tmp_path), "--no-plot", "--fail-on-prediction-errors"]
    done = subprocess.run(
        command, cwd=ROOT, env=rasa_environment(settings), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]

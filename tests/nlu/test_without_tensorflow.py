import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _python(*words, folder=ROOT):
    environment = os.environ | {"RASA_TELEMETRY_ENABLED": "false", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-W", "ignore", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


LOADED = """
import sys
from bot.nlu.without_tensorflow import EmptyModules
sys.meta_path.insert(0, EmptyModules())
import rasa.core.run, rasa.model_training
import rasa.engine.recipes.default_components
import rasa.graph_components.validators.default_recipe_validator
import bot.nlu.classifier, bot.nlu.language, bot.nlu.channel, bot.nlu.tracker_store
print(sorted({name.partition(".")[0] for name in sys.modules} & {"tensorflow", "keras", "jax", "skops"}))
try:
    from rasa.nlu.classifiers.diet_classifier import DIETClassifier
    DIETClassifier.load
except ImportError as error:
    print(error)
try:
    from rasa.utils.train_utils import RasaTrainingLogger
    RasaTrainingLogger(epochs=1, silent=True)
except ImportError as error:
    print(error)
"""


def test_rasa_serves_and_trains_without_tensorflow_and_says_so_where_it_is_needed():
    done = _python("-c", LOADED)
    loaded, *refusals = done.stdout.splitlines()
    assert loaded == "[]", done.stderr
    assert [line.partition(" needs TensorFlow")[0] for line in refusals] == ["DIETClassifier", "RasaTrainingLogger"]


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ("pipeline:\n- name: WhitespaceTokenizer\n- name: DIETClassifier\npolicies: []\n", "DIETClassifier"),
        ("pipeline: []\npolicies:\n- name: rasa.core.policies.ted_policy.TEDPolicy\n", "TEDPolicy"),
    ],
)
def test_a_component_that_needs_tensorflow_is_named_in_one_line(tmp_path, config, named):
    (tmp_path / "config.yml").write_text(f"recipe: default.v1\nassistant_id: cps\nlanguage: lv\n{config}")
    done = _python("-m", "bot.nlu.without_tensorflow", "train", folder=tmp_path)
    assert done.returncode
    assert named in done.stderr
    assert "TensorFlow" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1

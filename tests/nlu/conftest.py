import subprocess
import tarfile
from pathlib import Path

import pytest

from bot.nlu import meaning
from bot.nlu.intents import load, train_intents
from bot.nlu.language import train_languages
from tests.measure import data

COMPONENT = "train_bot.nlu.classifier.IntentClassifier0"


@pytest.fixture(scope="session")
def examples():
    return data.examples()


@pytest.fixture(scope="session")
def held_out():
    return data.held_out()


@pytest.fixture(scope="session")
def intents(examples, tmp_path_factory):
    """The model that the assistant has of today's data; where it is not trained yet, one that is made for the tests."""
    if (trained := _trained()).exists():
        folder = tmp_path_factory.mktemp("model")
        with tarfile.open(trained) as model:
            model.extractall(folder, [one for one in model.getmembers() if COMPONENT in one.name])
        return load(next(folder.rglob(COMPONENT)))
    embeddings = data.embeddings() and meaning.is_at_hand()
    return train_intents([(text, intent) for text, intent, *_ in examples], embeddings)


def _trained() -> Path:
    # Only the application's environment can read the settings.
    where = "from bot import model, settings; print(model.model_path(settings.get_settings()))"
    python = [".venv/app/bin/python", "-c", where]
    return Path(subprocess.run(python, capture_output=True, text=True, check=True).stdout.strip())


@pytest.fixture(scope="session")
def languages(examples):
    return train_languages([(text, language) for text, _, language, _ in examples])

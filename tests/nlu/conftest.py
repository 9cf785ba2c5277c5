from pathlib import Path

import pytest
import yaml

from bot.nlu.classifier import train_intents
from bot.nlu.language import train_languages

ROOT = Path(__file__).parents[2]


def _examples():
    """Yield each training example as text, intent and language."""
    for file in sorted((ROOT / "data").glob("*/nlu.*.yml")):
        for block in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                yield line.removeprefix("- "), block["intent"], block["metadata"]["language"]


@pytest.fixture(scope="session")
def examples():
    return list(_examples())


@pytest.fixture(scope="session")
def held_out():
    return yaml.safe_load(Path(__file__).with_name("held_out.yml").read_text("utf-8"))


@pytest.fixture(scope="session")
def intents(examples):
    return train_intents([(text, intent) for text, intent, _ in examples])


@pytest.fixture(scope="session")
def languages(examples):
    return train_languages([(text, language) for text, _, language in examples])

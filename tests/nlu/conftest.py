import pytest

from bot.nlu import meaning
from bot.nlu.intents import train_intents
from bot.nlu.language import train_languages
from tests.measure import data


@pytest.fixture(scope="session")
def examples():
    return data.examples()


@pytest.fixture(scope="session")
def held_out():
    return data.held_out()


@pytest.fixture(scope="session")
def intents(examples):
    """The model as config.yml asks for it."""
    embeddings = data.embeddings() and meaning.is_at_hand()
    return train_intents([(text, intent) for text, intent, *_ in examples], embeddings)


@pytest.fixture(scope="session")
def languages(examples):
    return train_languages([(text, language) for text, _, language, _ in examples])

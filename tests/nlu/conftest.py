import pytest

from bot.nlu import embeddings
from bot.nlu.intents import load, train_intents
from bot.nlu.language import train_languages
from tests.measure import data


@pytest.fixture(scope="session")
def examples():
    return data.examples()


@pytest.fixture(scope="session")
def held_out():
    return data.held_out()


@pytest.fixture(scope="session")
def intents(examples, tmp_path_factory):
    """The assistant's model for the present data, or one made for the tests if that is not trained yet."""
    if trained := data.trained_model():
        return load(data.unpack_classifier(trained, tmp_path_factory.mktemp("model")))
    embedded = data.uses_embeddings() and embeddings.is_at_hand()
    pairs = [(text, intent) for text, intent, *_ in examples]
    return train_intents(pairs, pairs if embedded else None)


@pytest.fixture(scope="session")
def languages(examples):
    return train_languages([(text, language) for text, _, language, _ in examples])

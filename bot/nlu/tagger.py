"""The base class of components that learn one entity of a message from marks on the examples."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import ngrams
from bot.nlu.messages import add_entity, mark_of


class Tagger(GraphComponent, ABC):
    """Add an entity to each message that has it. Runs after the classifier, because it uses the intent.

    Learns from `metadata: {<entity>: <value>}` on the examples of an intent.
    """

    entity: str

    def __init__(self, model_storage: ModelStorage, resource: Resource, model: ngrams.Classifier | None = None) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @abstractmethod
    def learn(self, examples: list[Message]) -> ngrams.Classifier:
        """Return a model trained on the examples."""

    @abstractmethod
    def value_in(self, model: Any, text: str, intent: str | None) -> str | None:
        """Return the entity's value in a text, or None."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Tagger:
        """Create an untrained tagger."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Tagger:
        """Load a trained tagger."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, ngrams.load(folder / f"{cls.entity}.npz"))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples and keep the model."""
        self._model = self.learn(training_data.intent_examples)
        with self._model_storage.write_to(self._resource) as folder:
            ngrams.save(self._model, folder / f"{self.entity}.npz")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entity to each message that has it."""
        for message in messages:
            text = message.get(TEXT) or ""
            # A payload such as /start{"language": "lv"} brings its own entities.
            # A text in which the classifier knows no word has none.
            if not text.strip() or text.lstrip().startswith("/") or message.get("parts") == []:
                continue
            value = self.value_in(self._model, text, message.get(INTENT, {}).get("name"))
            if value:
                add_entity(message, self.entity, value, type(self).__name__)
        return messages

    def mark(self, example: Message) -> Any:
        """Return the value that an example is marked with, or None."""
        return mark_of(example, self.entity)

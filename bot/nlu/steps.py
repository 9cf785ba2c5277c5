"""Tell which step of the walkthrough a customer wants to go to."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    INTENT,
    METADATA,
    METADATA_INTENT,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.pipeline import Pipeline

from bot.nlu import ngrams
from bot.nlu.messages import add_entity
from bot.nlu.text import fold

JUMPS = ("guide_jump", "guide_start")  # "walk me through it from the payment on" names a step too
NONE = ""  # the label of what names none
NUMBER = re.compile(r"\b(\d{1,2})\W{0,2}(?:sol|step)|\bstep (?:no\.? |number )?(\d{1,2})\b")
SURE = 0.35  # probability from which a step is believed to be meant


def train_steps(examples: list[tuple[str, str]]) -> Pipeline:
    """Learn the steps from pairs of a text and the step it leads to."""
    texts, steps = zip(*sorted((fold(text), step) for text, step in examples), strict=True)
    return ngrams.fit(texts, steps)


def find_step(model: Pipeline, text: str) -> str | None:
    """Return the step that a text names, by its number or its id, or None when it names none."""
    number = NUMBER.search(fold(text))
    if number:
        return number[1] or number[2]
    step, sure = ngrams.rank(model, fold(text))[0]
    return step if step and sure >= SURE else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class StepTagger(GraphComponent):
    """Add the entity `step` to a message that asks to go to one.

    Stands after the classifier. Learns from the examples of the intents, whose `metadata: {step: payment}` says where
    they lead; those without it name no step.
    """

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
    ) -> StepTagger:
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
    ) -> StepTagger:
        """Load a trained tagger."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, ngrams.load(folder / "steps.npz"))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples and keep the model."""
        self._model = train_steps(
            [(e.get(TEXT), _marked_step(e)) for e in training_data.intent_examples if e.get(INTENT) in JUMPS]
        )
        with self._model_storage.write_to(self._resource) as folder:
            ngrams.save(self._model, folder / "steps.npz")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entity to each message that names a step."""
        for message in messages:
            text = message.get(TEXT) or ""
            # A payload such as /guide_jump{"step": "payment"} brings its own.
            if text.startswith("/") or message.get(INTENT, {}).get("name") not in JUMPS:
                continue
            step = find_step(self._model, text)
            if step:
                add_entity(message, "step", step, type(self).__name__)
        return messages


def _marked_step(example: Message) -> str:
    return str(example.get(METADATA, {}).get(METADATA_INTENT, {}).get("step", NONE))

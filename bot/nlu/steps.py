"""Tell which step of the walkthrough a customer wants to go to."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from sklearn.pipeline import Pipeline

from bot.nlu import ngrams
from bot.nlu.tagger import Tagger
from bot.nlu.text import fold

JUMPS = ("guide_jump", "guide_start")  # "walk me through it from the payment on" names a step too
NO_STEP = ""  # the label of what names none
NUMBER = re.compile(r"\b(\d{1,2})\W{0,2}(?:sol|step)|\bstep (?:no\.? |number )?(\d{1,2})\b")
SURE = 0.35  # probability from which a step is believed to be meant


def train_steps(examples: list[tuple[str, str]]) -> Pipeline:
    """Learn the steps from pairs of a text and the step it leads to, which may be empty."""
    texts, steps = zip(*sorted((fold(text), step) for text, step in examples), strict=True)
    return ngrams.fit(texts, steps)


def find_step(model: Pipeline, text: str) -> str | None:
    """Return the step that a text names, by its number or its id, or None when it names none."""
    number = NUMBER.search(fold(text))
    if number:
        return number[1] or number[2]
    step, sure = ngrams.rank(model, fold(text))[0]
    return step if step != NO_STEP and sure >= SURE else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class StepTagger(Tagger):
    """Add the entity `step` to a message that asks to go to one; an example without a mark names none."""

    entity = "step"

    def learn(self, examples: list[Message]) -> Pipeline:
        """Learn from the examples that ask to be led."""
        return train_steps([(e.get(TEXT), self.mark(e) or NO_STEP) for e in examples if e.get(INTENT) in JUMPS])

    def value_in(self, model: Any, text: str, intent: str | None) -> str | None:
        """Return the step that is asked for."""
        return find_step(model, text) if intent in JUMPS else None

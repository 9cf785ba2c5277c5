"""Tell which step of the walkthrough a customer wants to go to."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu import ngrams
from bot.nlu.tagger import Tagger
from bot.text import fold, is_asking

JUMPS = ("guide_jump", "guide_start")  # "walk me through it from the payment on" names a step too
PROGRESS = "progress"  # its examples name the step that is done
DONE = "done:"  # the prefix of the labels of PROGRESS
NO_STEP = ""  # the label of examples that name no step
NUMBER = re.compile(r"\b(\d{1,2})\W{0,2}(?:sol|step)|\bstep (?:no\.? |number )?(\d{1,2})\b")
PARTS = re.compile(r"[.,;!?]+|\b(?:un|and)\b")
SURE = 0.35  # probability from which a step is taken to be meant


def train_steps(examples: list[tuple[str, str]]) -> ngrams.Classifier:
    """Learn the steps from pairs of a text and the step it leads to, which may be empty."""
    texts, steps = zip(*sorted((fold(text), step) for text, step in examples), strict=True)
    return ngrams.fit(texts, steps)


def find_step(model: ngrams.Classifier, text: str, is_done: bool = False) -> str | None:
    """Return the step that a text names, by its number or its id, or None when it names none.

    With `is_done`, return the step that the text reports as done.
    """
    number = NUMBER.search(fold(text))
    if number and not is_done:
        return number[1] or number[2]
    if is_done:
        # "it came, password is set, I am in": the last clause tells how far the customer is, unless it asks.
        parts = [one for one in PARTS.split(fold(text)) if len(one) > 3]
        told = [one for one in parts if not is_asking(one)] or parts
        for part in reversed(told):
            found = _likeliest(model, part, is_done)
            if found:
                return found
        text = ", ".join(told)
    return _likeliest(model, text, is_done)


def _likeliest(model: ngrams.Classifier, text: str, is_done: bool) -> str | None:
    ranked = [(step, sure) for step, sure in ngrams.rank(model, fold(text)) if step.startswith(DONE) == is_done]
    total = sum(sure for _, sure in ranked)
    step, sure = ranked[0]
    return step.removeprefix(DONE) if step != NO_STEP and sure >= SURE * total else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class StepTagger(Tagger):
    """Add the entity `step` to a message that asks to go to one; an example without a mark names no step."""

    entity = "step"

    def learn(self, examples: list[Message]) -> ngrams.Classifier:
        """Learn from the examples that ask to be led, and from those that report what is done."""
        asked = [(e.get(TEXT), self.mark(e) or NO_STEP) for e in examples if e.get(INTENT) in JUMPS]
        told = [(e.get(TEXT), f"{DONE}{self.mark(e)}") for e in examples if e.get(INTENT) == PROGRESS]
        return train_steps(asked + told)

    def value_in(self, model: Any, text: str, intent: str | None) -> str | None:
        """Return the step that a text asks for, or reports as done."""
        if intent in (*JUMPS, PROGRESS):
            return find_step(model, text, intent == PROGRESS)
        return None

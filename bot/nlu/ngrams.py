"""Character n-grams and logistic regression, which classify both intents and languages."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.nlu.regression import Ranking, Regression, Row, ranked

LONGEST = 4  # letters of an n-gram
STEPS = 200  # of training; with 100, twice as many questions without an answer are answered
FEW = 1000  # with more texts, an n-gram that only one has is left out: it costs time and helps nothing


def joined(text: str) -> str:
    """Return a text without apostrophes: many customers type "cant" for "can't"."""
    return text.replace("'", "")


def untrained(rarest: int, **options: Any) -> TfidfVectorizer:
    """Return what learns the weights of n-grams that so many texts have."""
    return TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(1, LONGEST),
        sublinear_tf=True,
        preprocessor=joined,
        min_df=rarest,
        **options,
    )


@lru_cache(maxsize=50)  # several models read a text, and its sentences
def count(text: str) -> Mapping[str, int]:
    """Return how often each n-gram occurs within the words of a text, as scikit-learn's `char_wb` counts them."""
    counts: Counter[str] = Counter()
    for word in joined(text).split():
        word = f" {word} "
        for length in range(1, min(LONGEST, len(word)) + 1):
            counts.update([word[at : at + length] for at in range(len(word) - length + 1)])
    return counts


class TfIdf:
    """The weights of n-grams, as scikit-learn's TfidfVectorizer has learned them, for one text at a time."""

    def __init__(self, ngrams: list[str], idf: Any) -> None:
        self.ngrams, self.idf = ngrams, idf
        self._places = {ngram: place for place, ngram in enumerate(ngrams)}

    @classmethod
    def of(cls, learned: TfidfVectorizer) -> "TfIdf":
        """Return what scikit-learn has learned."""
        return cls(learned.get_feature_names_out().tolist(), learned.idf_)

    def row(self, text: str) -> Row:
        """Return the places of a text's n-grams, and how much each weighs."""
        known = [(self._places[ngram], often) for ngram, often in count(text).items() if ngram in self._places]
        places, often = np.array(known, dtype=np.int64).reshape(-1, 2).T
        weights = (1 + np.log(often)) * self.idf[places]
        return places, weights / (np.linalg.norm(weights) or 1)


@dataclass
class Classifier:
    """A trained model."""

    tfidf: TfIdf
    regression: Regression

    def tell(self, texts: Sequence[str]) -> Any:
        """Return the probability of each label, by text."""
        return self.regression.tell_of([self.tfidf.row(text) for text in texts])


def fit(texts: Sequence[str], labels: Sequence[str]) -> Classifier:
    """Learn to predict the labels of texts; the same input gives the same model."""
    vectorizer = untrained(2 if len(texts) > FEW else 1, dtype=np.float32)
    rows = vectorizer.fit_transform(texts)
    return Classifier(
        TfIdf.of(vectorizer), Regression.of(LogisticRegression(C=20, max_iter=STEPS).fit(rows, list(labels)))
    )


def rank(model: Classifier, text: str) -> Ranking:
    """Return every label with its probability, likeliest first."""
    return ranked(model.regression.labels, model.tell([text])[0])


def save(model: Classifier, file: Path) -> None:
    """Write what a model learned to a file."""
    np.savez(
        file,
        ngrams=np.array(model.tfidf.ngrams, dtype=str),
        idf=model.tfidf.idf,
        labels=np.array(model.regression.labels, dtype=str),
        coef=model.regression.coef.T,
        intercept=model.regression.intercept,
    )


def load(file: Path) -> Classifier:
    """Read a model from a file of numbers and texts; unlike a pickle, it cannot run anything."""
    with np.load(file, allow_pickle=False) as kept:
        return Classifier(
            TfIdf(kept["ngrams"].tolist(), kept["idf"]),
            Regression.from_arrays(kept["labels"], kept["coef"], kept["intercept"]),
        )

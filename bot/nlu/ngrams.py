"""Character n-grams and logistic regression: what both the intents and the languages are told by."""

from collections.abc import Sequence
from pathlib import Path

import skops.io
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline


def fit(texts: Sequence[str], labels: Sequence[str]) -> Pipeline:
    """Learn to tell the labels of texts; the same input gives the same model."""
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, lowercase=False)
    return make_pipeline(vectorizer, LogisticRegression(C=20, max_iter=1000)).fit(texts, labels)


def rank(model: Pipeline, text: str) -> list[tuple[str, float]]:
    """Return every label with its probability, likeliest first."""
    probabilities = model.predict_proba([text])[0]
    return sorted(zip(model.classes_, map(float, probabilities), strict=True), key=lambda pair: -pair[1])


def save(model: Pipeline, file: Path) -> None:
    """Write a model to a file."""
    skops.io.dump(model, file)


def load(file: Path) -> Pipeline:
    """Read a model from a file; unlike a pickle, it cannot run anything."""
    return skops.io.load(file, trusted=["scipy.sparse._csr.csr_matrix"])  # the weights of the n-grams

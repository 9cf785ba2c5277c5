"""Character n-grams and logistic regression, which classify both intents and languages."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

STEPS = 200  # of training; with 100, twice as many questions without an answer are answered
FEW = 1000  # with more texts, an n-gram that only one has is left out: it costs time and helps nothing
Ranking = list[tuple[str, float]]  # labels with their probabilities, likeliest first


def fit(texts: Sequence[str], labels: Sequence[str]) -> Pipeline:
    """Learn to predict the labels of texts; the same input gives the same model."""
    return _untrained(rarest=2 if len(texts) > FEW else 1).fit(texts, labels)


def _untrained(vocabulary: list[str] | None = None, rarest: int = 1) -> Pipeline:
    vectorizer = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(1, 4),
        sublinear_tf=True,
        lowercase=False,
        min_df=1 if vocabulary else rarest,
        vocabulary=vocabulary,
        dtype=np.float32,
    )
    return make_pipeline(vectorizer, LogisticRegression(C=20, max_iter=STEPS))


def rank(model: Pipeline, text: str) -> Ranking:
    """Return every label with its probability, likeliest first."""
    probabilities = model.predict_proba([text])[0]
    return sorted(zip(model.classes_, map(float, probabilities), strict=True), key=lambda pair: -pair[1])


def save(model: Pipeline, file: Path) -> None:
    """Write what a model learned to a file."""
    vectorizer, regression = model
    np.savez(
        file,
        ngrams=vectorizer.get_feature_names_out().astype(str),
        idf=vectorizer.idf_,
        labels=regression.classes_.astype(str),
        coef=regression.coef_,
        intercept=regression.intercept_,
    )


def load(file: Path) -> Pipeline:
    """Read a model from a file of numbers and texts; unlike a pickle, it cannot run anything."""
    with np.load(file, allow_pickle=False) as kept:
        model = _untrained(kept["ngrams"].tolist())
        vectorizer, regression = model
        vectorizer.idf_ = kept["idf"]
        regression.classes_, regression.intercept_ = kept["labels"], kept["intercept"]
        # In the order in which SciPy multiplies: otherwise it copies all weights for each message.
        regression.coef_ = np.asfortranarray(kept["coef"])
    return model

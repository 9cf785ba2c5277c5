"""A trained regression as plain arrays: scikit-learn trains it, but for one text its checks take most of the time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

Ranking = list[tuple[str, float]]  # labels with their probabilities, likeliest first
Row = tuple[Any, Any]  # of a sparse matrix: the places of what is not zero, and the values there


@dataclass
class Regression:
    """Weights by feature and label; of two labels, those of the second may be enough, as scikit-learn keeps them."""

    labels: list[str]
    coef: Any
    intercept: Any

    @classmethod
    def of(cls, learned: LogisticRegression) -> "Regression":
        """Return what scikit-learn has learned."""
        return cls.from_arrays(learned.classes_, learned.coef_, learned.intercept_)

    @classmethod
    def from_arrays(cls, labels: Any, coef: Any, intercept: Any) -> "Regression":
        """Return a regression from scikit-learn's arrays, with weights by label and feature."""
        return cls([str(label) for label in labels], np.ascontiguousarray(coef.T), intercept)

    def scores(self, vectors: Any) -> Any:
        """Return the score of each label, by row."""
        return self._for_each_label(vectors @ self.coef)

    def scores_of(self, rows: Sequence[Row]) -> Any:
        """Return the score of each label, by sparse row."""
        # Few of many thousand features are not zero: to gather their weights costs less than SciPy's checks.
        kind = self.coef.dtype
        return self._for_each_label(np.stack([values.astype(kind) @ self.coef[places] for places, values in rows]))

    def _for_each_label(self, sums: Any) -> Any:
        scores = sums + self.intercept
        return np.hstack([-scores, scores]) / 2 if scores.shape[1] < len(self.labels) else scores

    def tell(self, vectors: Any) -> Any:
        """Return the probability of each label, by row."""
        return odds(self.scores(vectors))

    def tell_of(self, rows: Sequence[Row]) -> Any:
        """Return the probability of each label, by sparse row."""
        return odds(self.scores_of(rows))


def odds(scores: Any) -> Any:
    """Return the probabilities that scores stand for, by row."""
    likely = np.exp(scores - scores.max(axis=1, keepdims=True))
    return likely / likely.sum(axis=1, keepdims=True)


def ranked(labels: Sequence[str], probabilities: Any) -> Ranking:
    """Return every label with its probability, likeliest first."""
    return sorted(zip(labels, map(float, probabilities), strict=True), key=lambda pair: -pair[1])

"""Tell which short answer of each topic a text asks for, and which aspect, by spelling and meaning. Without Rasa.

A regression over all answers at once takes many minutes to learn, and its errors cross topics. Each topic has its own;
the intents and the conversation decide which topic applies (bot/dialogue/ranking.py).
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.nlu.ngrams import TfIdf, untrained
from bot.nlu.parallel import Each
from bot.nlu.regression import Regression, Row
from bot.text import fold

FILE = "answers.npz"
WEIGHT = 0.4  # of the meaning against the spelling: an exponent of its probabilities
SPREAD = 0.02  # added to the variance of the embeddings, because an answer has few examples
STEPS = 60  # of training; more change nothing measurable
NO_TOPIC = "none"
REGRESSIONS = ("addresses", "topics", "aspects", "means")


@dataclass(frozen=True)
class Example:
    """One training example: a text, and what it asks for."""

    text: str
    topic: str | None = None
    address: str | None = None  # of the short answer; the topic itself for its page
    aspect: str | None = None
    hint: str | None = None  # the topic that its words alone suggest, or NO_TOPIC
    is_embedded: bool = True  # whether its embedding is learned too, which takes long


@dataclass
class Addresses:
    """A trained model."""

    tfidf: TfIdf
    by_topic: dict[str, list[str]]  # the addresses of each topic
    addresses: Regression  # of all topics, each trained by itself
    topics: Regression  # suggested by the words, even of a follow-up
    aspects: Regression
    examples: Any  # by n-gram and example, sparse
    asked: Any  # which address each example asks for, as an index into `addresses.labels`
    means: Regression | None = None  # by embeddings

    def __post_init__(self) -> None:
        """Order the examples by their addresses."""
        order = np.argsort(self.asked, kind="stable")
        self.examples, self.asked = self.examples[:, order], self.asked[order]
        self._firsts = np.flatnonzero(np.diff(self.asked, prepend=-1))  # the first example of each address
        self._sizes = [len(addresses) for addresses in self.by_topic.values()]
        self._begins = np.cumsum([0, *self._sizes[:-1]])
        self.topic_of = [topic for topic, addresses in self.by_topic.items() for _ in addresses]  # each address

    def spelled(self, texts: list[str]) -> list[Row]:
        """Return the n-grams of texts."""
        return [self.tfidf.row(fold(text)) for text in texts]

    def nearest(self, spelled: list[Row]) -> Any:
        """Return how near the nearest example of each address is, from 0 to 1, by row: the cosine of their n-grams."""
        near = np.zeros((len(spelled), len(self.addresses.labels)), np.float32)
        for row, (places, weights) in enumerate(spelled):
            alike = self.examples[places].T @ weights.astype(np.float32)
            near[row, self.asked[self._firsts]] = np.maximum.reduceat(alike, self._firsts)
        return near

    def answers(self, spelled: list[Row]) -> Any:
        """Return the probability of each address within its topic, by row."""
        return self._odds(self.addresses.scores_of(spelled))

    def with_meaning(self, answers: Any, vectors: Any) -> Any:
        """Return the probabilities of answers, by spelling and by the embeddings of their rows."""
        if self.means is None:
            return answers
        return self._within_topics(answers ** (1 - WEIGHT) * self._odds(self.means.scores(vectors)) ** WEIGHT)

    def _odds(self, scores: Any) -> Any:
        return self._within_topics(np.exp(scores - self._of_topics(np.maximum, scores)))

    def _within_topics(self, likely: Any) -> Any:
        return likely / self._of_topics(np.add, likely)

    def _of_topics(self, ufunc: Any, values: Any) -> Any:
        return np.repeat(ufunc.reduceat(values, self._begins, axis=1), self._sizes, axis=1)


def train(examples: list[Example], embed: Any = None, each: Each = map) -> Addresses:
    """Learn from the examples; the same ones give the same model. `embed` turns texts into embeddings, where wanted."""
    examples = sorted(set(examples), key=lambda e: (fold(e.text), e.text, e.address or "", e.aspect or ""))
    vectorizer = untrained(rarest=2)
    spelled = vectorizer.fit_transform([fold(one.text) for one in examples]).tocsc()
    by_topic: dict[str, list[int]] = defaultdict(list)
    for row, one in enumerate(examples):
        if one.topic and one.address:
            by_topic[one.topic].append(row)
    told = [row for row, one in enumerate(examples) if one.aspect]
    hinting = [row for row, one in enumerate(examples) if one.hint]
    learned = [(told, [str(examples[row].aspect) for row in told])]
    learned += [(hinting, [str(examples[row].hint) for row in hinting])]
    learned += [(rows, [str(examples[row].address) for row in rows]) for _, rows in sorted(by_topic.items())]
    # The largest topics first, so that no core is left with a long one at the end.
    aspects, topics, *regressions = each(
        _regress, [spelled[rows] for rows, _ in learned], [labels for _, labels in learned]
    )
    asking = [row for rows in by_topic.values() for row in rows]
    labels = [label for one in regressions for label in one.labels]
    place = {label: number for number, label in enumerate(labels)}
    model = Addresses(
        TfIdf.of(vectorizer),
        {topic: one.labels for topic, one in zip(sorted(by_topic), regressions, strict=True)},
        Regression(
            labels,
            np.ascontiguousarray(np.hstack([one.coef for one in regressions])),
            np.concatenate([one.intercept for one in regressions]),
        ),
        topics,
        aspects,
        spelled[asking].T.tocsr().astype(np.float32),
        np.array([place[str(examples[row].address)] for row in asking]),
    )
    if embed:
        rows = [row for rows in by_topic.values() for row in rows if examples[row].is_embedded]
        vectors = embed([examples[row].text for row in rows])
        model.means = _discriminate(vectors, [str(examples[row].address) for row in rows], model.addresses.labels)
    return model


def _regress(spelled: Any, labels: list[str]) -> Regression:
    """Learn to predict the labels of rows; n-grams that only one row has are ignored."""
    columns = np.flatnonzero(np.diff(spelled.indptr) > 1)
    coef = np.zeros((spelled.shape[1], len(set(labels))), np.float32)
    if coef.shape[1] == 1:
        return Regression(labels[:1], coef, np.zeros(1))
    learned = LogisticRegression(C=20, max_iter=STEPS, tol=1e-3).fit(spelled[:, columns].tocsr(), labels)
    weights, intercept = learned.coef_, learned.intercept_
    if len(learned.classes_) == 2:  # scikit-learn keeps one row for two labels
        weights, intercept = np.vstack([-weights, weights]) / 2, np.array([-intercept[0], intercept[0]]) / 2
    coef[columns] = weights.T
    return Regression([str(one) for one in learned.classes_], coef, intercept)


def _discriminate(vectors: Any, addresses: list[str], labels: list[str]) -> Regression:
    """Return linear discriminants with one covariance for all labels, in the order of `labels`."""
    places = np.searchsorted(sorted(labels), addresses)
    order = np.argsort(np.array(labels))  # from sorted order to the order of `labels`
    counts = np.maximum(np.bincount(places, minlength=len(labels)), 1)
    means = np.zeros((len(labels), vectors.shape[1]))
    np.add.at(means, places, vectors)
    means /= counts[:, None]
    apart = vectors - means[places]
    covariance = apart.T @ apart / len(apart)
    covariance += SPREAD * np.trace(covariance) * np.eye(len(covariance))
    coef = np.linalg.solve(covariance, means.T)
    intercept = -0.5 * np.einsum("ij,ji->i", means, coef)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return Regression(labels, np.ascontiguousarray(coef[:, back], dtype=np.float32), intercept[back])


def save(model: Addresses, folder: Path) -> None:
    """Write a model into a folder."""
    arrays: dict[str, Any] = {}
    for name in REGRESSIONS:
        one = getattr(model, name)
        if one is not None:
            arrays |= {f"{name}/labels": np.array(one.labels, dtype=str), f"{name}/intercept": one.intercept}
            arrays[f"{name}/coef"] = one.coef
    ngrams = np.array(model.tfidf.ngrams, dtype=str)
    rows = model.examples.T.tocsr()
    arrays |= {"examples/data": rows.data.astype(np.float16), "examples/indices": rows.indices.astype(np.int32)}
    arrays |= {"examples/indptr": rows.indptr.astype(np.int32), "examples/asked": model.asked.astype(np.int32)}
    topics = np.array(model.topic_of, dtype=str)
    np.savez_compressed(folder / FILE, ngrams=ngrams, idf=model.tfidf.idf, topic_of=topics, **arrays)


def load(folder: Path) -> Addresses:
    """Read a model from a folder of numbers and texts; unlike a pickle, it cannot run anything."""
    with np.load(folder / FILE, allow_pickle=False) as kept:
        tfidf = TfIdf(kept["ngrams"].tolist(), kept["idf"])
        found = {
            name: Regression(
                kept[f"{name}/labels"].tolist(),
                np.ascontiguousarray(kept[f"{name}/coef"], dtype=np.float32),  # its rows are read one at a time
                kept[f"{name}/intercept"],
            )
            for name in REGRESSIONS
            if f"{name}/labels" in kept
        }
        by_topic: dict[str, list[str]] = defaultdict(list)
        for topic, address in zip(kept["topic_of"].tolist(), found["addresses"].labels, strict=True):
            by_topic[topic].append(address)
        rows = csr_matrix(
            (kept["examples/data"].astype(np.float32), kept["examples/indices"], kept["examples/indptr"]),
            shape=(len(kept["examples/asked"]), len(kept["ngrams"])),
        )
        return Addresses(tfidf, dict(by_topic), examples=rows.T.tocsr(), asked=kept["examples/asked"], **found)

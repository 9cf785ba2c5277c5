"""Read a message: its intent, and the likely topics, answers and aspects of the whole and of each sentence."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.nlu import addresses, embeddings, intents
from bot.nlu.parallel import Each
from bot.nlu.questions import questions_in
from bot.nlu.regression import Ranking
from bot.text import fold, is_asking, is_without_words

FOLLOW_UP = "follow_up"
OWN = "ask_my_"  # the prefix of intents that look the account up, which have no written answers
SURE = 0.7  # probability of an answer within its topic from which the spelling alone decides
EMBEDDED_OF_ANSWER, EMBEDDED_OF_INTENT = 5, 60  # examples of each that are embedded
MAX_INTENTS, MAX_TOPICS, MAX_ASPECTS, MAX_NEAR = 8, 5, 6, 40  # that are passed on to the dialogue
MAX_ANSWERS = 6  # the same, for each topic
WISHES = 0.5  # probability from which a sentence asks for a language, or a message has a topic
MIN_PROBABILITY = 0.01  # probability below which nothing is passed on
# Only every nth example of a short answer teaches the intents, so that they do not outweigh all other examples.
# Follow-ups are one intent.
TAUGHT, TAUGHT_LEANING = 2, 7


@dataclass(frozen=True)
class Example:
    """One training example."""

    text: str
    intent: str
    address: str | None = None  # of the short answer that the text asks for
    topic: str | None = None  # of that short answer
    aspect: str | None = None


@dataclass
class Understanding:
    """A trained model of the intents, the answers and the aspects."""

    intents: intents.Intents
    addresses: addresses.Addresses

    def read(self, text: str) -> tuple[Ranking, list[dict[str, Any]]]:
        """Return the ranking of all intents, and what the message and each of its sentences may mean."""
        if is_without_words(text) or self.intents.is_gibberish(text):
            return [(name, 1 / len(self.intents.names)) for name in self.intents.names], []
        ranking = intents.rank_intents(self.intents, text)
        asked = [(text, is_asking(fold(text))), *questions_in(text)]
        texts = [said for said, _ in asked]
        rankings = [ranking, *(self.intents.rank_by_spelling(part) for part in texts[1:])]
        ranking = _with_wish(rankings)
        spelled = self.addresses.spelled([self.intents.readings(said)[-1] for said in texts])
        answers = self.addresses.answers(spelled)
        vectors = self._meant(texts, rankings, answers[0])
        if vectors is not None:
            answers[:1] = self.addresses.with_meaning(answers[:1], vectors)
        labels, nearest = self.addresses.addresses.labels, self.addresses.nearest(spelled)
        topics, aspects = self.addresses.topics, self.addresses.aspects
        hinted, wanted = topics.tell_of(spelled), aspects.tell_of(spelled)
        return ranking, [
            {
                "text": fold(said),
                "asks": asks,
                "intents": _rounded(rankings[row][:MAX_INTENTS]),
                "answers": self._answers_by_topic(answers[row]),
                "near": _likeliest(labels, nearest[row], MAX_NEAR),
                "topics": _likeliest(topics.labels, hinted[row], MAX_TOPICS),
                "aspects": _likeliest(aspects.labels, wanted[row], MAX_ASPECTS),
            }
            for row, (said, asks) in enumerate(asked)
        ]

    def _answers_by_topic(self, probabilities: Any) -> dict[str, Ranking]:
        topics, labels = self.addresses.topic_of, self.addresses.addresses.labels
        found: dict[str, Ranking] = {topic: [] for topic in self.addresses.by_topic}
        for place in _best_first(probabilities):
            if len(found[topics[place]]) < MAX_ANSWERS:
                found[topics[place]].append((labels[place], probabilities[place]))
        return {topic: _rounded(ranking) for topic, ranking in found.items()}

    def _meant(self, texts: list[str], rankings: list[Ranking], answers: Any) -> Any:
        """Return the embedding of a message, or None where its spelling is sure enough."""
        if self.addresses.means is None:
            return None
        topic = rankings[0][0][0]
        if len(texts) == 1 and topic in self.addresses.by_topic:
            within = zip(self.addresses.topic_of, answers, strict=True)
            if max(probable for of, probable in within if of == topic) >= SURE:
                return None
        return embeddings.embed_message([embeddings.with_diacritics(self.intents.forms, texts[0])])


def train(
    examples: list[Example], with_embeddings: bool = False, kept: Path | None = None, each: Each = map
) -> Understanding:
    """Learn from the examples; `kept` is the file that keeps embeddings between trainings."""
    answered = [one for one in examples if one.address]
    leaning = [one for one in answered if one.intent == FOLLOW_UP]
    asking = [one for one in answered if one.intent != FOLLOW_UP]
    taught = [one for one in examples if not one.address]
    taught += _every(TAUGHT, asking) + _every(TAUGHT_LEANING, leaning)
    embedded = _spread(examples) if with_embeddings else set()
    forms = embeddings.written_forms(one.text for one in taught) if embedded else {}
    # In the order of the examples, so that the same examples give the same model.
    printed = [embeddings.with_diacritics(forms, one.text) for one in examples if one in embedded]
    vectors = embeddings.embed_all(printed, kept, each)

    def embed(texts: list[str]) -> Any:
        return np.vstack([vectors[embeddings.with_diacritics(forms, text)] for text in texts])

    by_intent = intents.train_intents(
        [(one.text, one.intent) for one in taught],
        [(one.text, one.intent) for one in taught if one in embedded],
        embed,
        each,
    )
    found = []
    for one in examples:
        is_topic = one.intent.startswith("ask_") and not one.intent.startswith(OWN)
        topic = one.topic or (one.intent if is_topic else None)
        address = one.address or topic
        aspect = one.aspect or (one.address.partition("/")[2].partition("-")[0] if one.address else None)
        # Only follow-ups without a topic of their own teach NO_TOPIC: those of an answer may name its topic.
        hint = topic if one.intent != FOLLOW_UP else None if one.address else addresses.NO_TOPIC
        if address or aspect:
            found.append(addresses.Example(one.text, topic, address, aspect, hint, one in embedded))
    return Understanding(by_intent, addresses.train(found, embed if embedded else None, each))


def _every(nth: int, examples: list[Example]) -> list[Example]:
    """Return every nth example of each answer."""
    seen: Counter[str | None] = Counter()
    kept = []
    for one in examples:
        if seen[one.address] % nth == 0:
            kept.append(one)
        seen[one.address] += 1
    return kept


def _spread(examples: list[Example]) -> set[Example]:
    """Return some of the examples of each answer and of each other intent, evenly spread: embedding all takes long."""
    groups: dict[tuple[str, str | None], list[Example]] = defaultdict(list)
    for one in examples:
        if not (one.intent == FOLLOW_UP and one.address):
            groups[one.intent, one.address].append(one)
    found: set[Example] = set()
    for (_, address), group in groups.items():
        most = EMBEDDED_OF_ANSWER if address else EMBEDDED_OF_INTENT
        found |= set(group[:: max(1, len(group) // most)])
    return found


def save(model: Understanding, folder: Path) -> None:
    """Write a model into a folder."""
    intents.save(model.intents, folder)
    addresses.save(model.addresses, folder)


def load(folder: Path) -> Understanding:
    """Read a model from a folder."""
    return Understanding(intents.load(folder), addresses.load(folder))


def _with_wish(rankings: list[Ranking]) -> Ranking:
    """Return the ranking of a message, or that of one of its sentences which asks for another language."""
    whole = rankings[0]
    wish = next((part for part in rankings[1:] if part[0][0] == "set_language" and part[0][1] >= WISHES), None)
    return wish if wish and not (whole[0][0].startswith("ask_") and whole[0][1] >= WISHES) else whole


def _likeliest(labels: list[str], probabilities: Any, most: int) -> Ranking:
    return _rounded([(labels[place], probabilities[place]) for place in _best_first(probabilities)[:most]])


def _best_first(probabilities: Any) -> list[int]:
    places: list[int] = np.argsort(-probabilities, kind="stable").tolist()
    return places


def _rounded(ranking: Ranking) -> Ranking:
    return [(name, round(float(p), 3)) for name, p in ranking if p >= MIN_PROBABILITY]

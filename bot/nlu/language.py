"""Tell Latvian from English, and say nothing when unsure."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu import ngrams
from bot.nlu.tagger import Tagger
from bot.text import fold

LANGUAGES = ("lv", "en")
SURE = 0.9  # probability from which our own model decides alone
MAX_TEXTS = 50_000  # to learn from
UNSURE = 0.65  # probability from which our model decides if py3langid agrees
FOREIGN = 12.0  # logarithm of how many times likelier py3langid must find a third language

# Words that both languages use here say nothing about the language.
NEUTRAL = re.compile(
    "b2b|business|canon|corporate|cps|email|en|english|eos|error|eur|faq|gold|id|latvia|latvian|lv|max|menu|mini|no|ok|"
    "okay|okey|pdf|platinum|portal|premium|pro|pvn|rf|riga|sia|silver|status|stop|super|test|tv|uk|usb|vat|video|vip|wifi"
)
# Customers of either language copy the portal's labels as they are.
LABELS = "migrate products|migrēt produktus|my products|mani produkti|view product|skatīt produktu|available cps tiers"
# Nor do addresses, or words with a digit: serial numbers, models, dates, amounts.
NOT_WORDS = re.compile(rf"\S+@\S+|\S+://\S+|www\.\S+|\S*\d\S*|\b(?:{LABELS}|pieejamie cps līmeņi)\b")
WORDS = re.compile(r"[^\W\d_]+")

# In folded text, with the common typos.
LANGUAGE_NAMES = {
    "en": re.compile(r"\b(?:en|eng|engl\w*|engish|angl\w*|anliski)\b"),
    "lv": re.compile(r"\b(?:lv|lat|latv\w*|lativan|valsts valod\w*)\b"),
}
NOT_WANTED = re.compile(
    r"\b(?:not|nevis|no|from|instead of|nesaprotu|neprotu|negribu|nevajag|nerunaju|nezinu|don'?t \w+) (?:in )?\w+|"
    r"\b(?:my|mana|man) \w+(?: valoda)? (?:is|isn'?t|ir|nav)\b"  # "my Latvian is bad"
)

# Customers name the language of these things; they do not ask the assistant to change its own.
OTHERS = re.compile(r"\b(?:form|forma\w*|veidlap\w*|anket\w*|portal\w*|lapa\w*|page|site|website|viss|everything)\b")


def train_languages(examples: list[tuple[str, str]]) -> ngrams.Classifier:
    """Learn the languages from pairs of a text and its language, lv or en."""
    pairs = {(text.lower(), language) for text, language in examples}
    # Many customers type Latvian without diacritics, so the model learns every text with and without them.
    pairs |= {(fold(text), language) for text, language in examples}
    some = sorted(pairs)[:: 1 + len(pairs) // MAX_TEXTS]  # spread over all texts: a language needs few
    texts, languages = zip(*some, strict=True)
    return ngrams.fit(texts, languages)


def detect_language(model: ngrams.Classifier, text: str) -> str | None:
    """Return lv or en, or None if the text leaves it open."""
    words = [word for word in WORDS.findall(NOT_WORDS.sub(" ", text.lower())) if not NEUTRAL.fullmatch(fold(word))]
    telling = " ".join(words)
    if len(telling) < 2 or not _is_latin(telling) or _is_foreign(words):
        return None
    language, probability = ngrams.rank(model, telling)[0]
    if probability >= SURE:
        return language
    return language if probability >= UNSURE and _second_opinion(words) == language else None


def asked_language(text: str) -> str | None:
    """Return the language that a request to change the language names, or None."""
    wanted = NOT_WANTED.sub(" ", fold(text))
    if OTHERS.search(wanted):
        return None
    # The language named last is the one that the customer wants: "from English to Latvian".
    last = {code: [m.start() for m in name.finditer(wanted)][-1:] for code, name in LANGUAGE_NAMES.items()}
    named = [code for code in LANGUAGES if last[code]]
    return max(named, key=lambda code: last[code]) if named else None


def _is_latin(text: str) -> bool:
    # The Latin letters of Europe end at U+024F.
    return all(letter <= "\u024f" for letter in text)


class _Identifier(LanguageIdentifier):
    """Multiply the weights of the features that a text has, not of all."""

    def nb_classprobs(self, fv: Any) -> Any:
        """Return how likely each language is."""
        found = np.flatnonzero(fv)
        return fv[found] @ self.nb_ptc[found] + self.nb_pc


@cache
def _identifier() -> LanguageIdentifier:
    return _Identifier.from_pickled_model(MODEL_FILE)


def _second_opinion(words: list[str]) -> str | None:
    likelihood = dict(_identifier().rank(" ".join(words)))
    language = max(LANGUAGES, key=lambda code: likelihood[code])
    # For one or two words py3langid defaults to English.
    return None if language == "en" and len(words) < 3 else language


def _is_foreign(words: list[str]) -> bool:
    # Fewer words are too few to be sure of a third language.
    if len(words) < 3:
        return False
    likelihood = dict(_identifier().rank(" ".join(words)))
    return max(likelihood.values()) - max(likelihood[code] for code in LANGUAGES) > FOREIGN


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LanguageTagger(Tagger):
    """Add the entity `language` to a message: the language asked for, or else the one it is surely written in."""

    entity = "language"

    def learn(self, examples: list[Message]) -> ngrams.Classifier:
        """Learn from all examples; an example without a language stops the training."""
        for example in examples:
            if self.mark(example) not in LANGUAGES:
                raise ValueError(f"The example {example.get(TEXT)!r} needs `metadata: {{language: lv}}` (or en)")
        return train_languages([(example.get(TEXT), self.mark(example)) for example in examples])

    def value_in(self, model: Any, text: str, intent: str | None) -> str | None:
        """Return the language that is asked for, or else the language of the text."""
        asked = asked_language(text) if intent == "set_language" else None
        return asked or detect_language(model, text)

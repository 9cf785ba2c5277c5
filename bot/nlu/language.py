"""Tell Latvian from English, and say nothing when unsure."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from sklearn.pipeline import Pipeline

from bot.nlu import ngrams
from bot.nlu.tagger import Tagger
from bot.text import fold

LANGUAGES = ("lv", "en")
SURE = 0.9  # probability from which the own model is believed without asking another
MAX_TEXTS = 50_000  # that the languages are learned from
UNSURE = 0.65  # probability from which it is believed if py3langid agrees
FOREIGN = 12.0  # how many times likelier, as a logarithm, py3langid must find a third language

# Words that both languages use here tell nothing.
NEUTRAL = re.compile(
    "b2b|business|canon|corporate|cps|email|en|english|eos|error|eur|faq|gold|id|latvia|latvian|lv|max|menu|mini|no|ok|"
    "okay|okey|pdf|platinum|portal|premium|pro|pvn|rf|riga|sia|silver|status|stop|super|test|tv|uk|usb|vat|video|vip|wifi"
)
# The portal's labels are copied as they stand, whatever the customer speaks.
LABELS = "migrate products|migrēt produktus|my products|mani produkti|view product|skatīt produktu|available cps tiers"
# Nor do addresses, or whatever holds a digit: serial numbers, models, dates, amounts.
NOT_WORDS = re.compile(rf"\S+@\S+|\S+://\S+|www\.\S+|\S*\d\S*|\b(?:{LABELS}|pieejamie cps līmeņi)\b")
WORDS = re.compile(r"[^\W\d_]+")

# In folded text, and with the slips that are common.
LANGUAGE_NAMES = {
    "en": re.compile(r"\b(?:en|eng|engl\w*|engish|angl\w*|anliski)\b"),
    "lv": re.compile(r"\b(?:lv|lat|latv\w*|lativan|valsts valod\w*)\b"),
}
NOT_WANTED = re.compile(
    r"\b(?:not|nevis|no|from|instead of|nesaprotu|neprotu|negribu|nevajag|nerunaju|nezinu|don'?t \w+) (?:in )?\w+"
)

# Of these one says in which language they are; the assistant is not meant.
OTHERS = re.compile(r"\b(?:form|forma\w*|veidlap\w*|anket\w*|portal\w*|lapa\w*|page|site|website|viss|everything)\b")


def train_languages(examples: list[tuple[str, str]]) -> Pipeline:
    """Learn the languages from pairs of a text and its language, lv or en."""
    pairs = {(text.lower(), language) for text, language in examples}
    # Many type Latvian without its diacritics: the model sees every text both ways.
    pairs |= {(fold(text), language) for text, language in examples}
    some = sorted(pairs)[:: 1 + len(pairs) // MAX_TEXTS]  # from all over: a language is learned soon
    texts, languages = zip(*some, strict=True)
    return ngrams.fit(texts, languages)


def detect_language(model: Pipeline, text: str) -> str | None:
    """Return lv or en, or None when the text does not say."""
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
    # The last one named is where the customer wants to go: "from English to Latvian".
    last = {code: [m.start() for m in name.finditer(wanted)][-1:] for code, name in LANGUAGE_NAMES.items()}
    named = [code for code in LANGUAGES if last[code]]
    return max(named, key=lambda code: last[code]) if named else None


def _is_latin(text: str) -> bool:
    # The Latin letters of Europe end at U+024F.
    return all(letter <= "\u024f" for letter in text)


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_pickled_model(MODEL_FILE)


def _second_opinion(words: list[str]) -> str | None:
    likelihood = dict(_identifier().rank(" ".join(words)))
    language = max(LANGUAGES, key=lambda code: likelihood[code])
    # Of one or two words py3langid says English for want of anything better.
    return None if language == "en" and len(words) < 3 else language


def _is_foreign(words: list[str]) -> bool:
    # Of fewer words nobody can say that they are German.
    if len(words) < 3:
        return False
    likelihood = dict(_identifier().rank(" ".join(words)))
    return max(likelihood.values()) - max(likelihood[code] for code in LANGUAGES) > FOREIGN


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LanguageTagger(Tagger):
    """Add the entity `language` to a message when its language is sure, or asked for: who asks need not write in it."""

    entity = "language"

    def learn(self, examples: list[Message]) -> Pipeline:
        """Learn from all examples; one that is not marked stops the training."""
        for example in examples:
            if self.mark(example) not in LANGUAGES:
                raise ValueError(f"The example {example.get(TEXT)!r} needs `metadata: {{language: lv}}` (or en)")
        return train_languages([(example.get(TEXT), self.mark(example)) for example in examples])

    def value_in(self, model: Any, text: str, intent: str | None) -> str | None:
        """Return the language that is asked for, or else that of the text."""
        asked = asked_language(text) if intent == "set_language" else None
        return asked or detect_language(model, text)

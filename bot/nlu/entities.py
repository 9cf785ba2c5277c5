"""Find what a message names: addresses, numbers, dates, product models, tiers, means of payment, documents."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import spacy
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from bot.nlu.messages import add_entity
from bot.text import fold

WORDS = Path(__file__).parents[2] / "data" / "entities.yml"
MAX_LENGTH = 2000  # characters of a message that are searched

# The first three letters of the months in both languages.
MONTHS = ("jan", "feb", "mar", "apr", "mai may", "jun", "jul", "aug", "sep", "okt oct", "nov", "dec dek")
MONTH_OF = {letters: number for number, names in enumerate(MONTHS, start=1) for letters in names.split()}
# Matches no other word than a month: not "marija", "decide" or "junk".
MONTH = (
    r"^(janv?|janvar\w{1,3}|january|febr?|februar\w{1,2}|february|mar|mart\w{1,2}|march|apr|april\w{0,3}|maij\w{0,2}|mai|may|"
    r"jun|junij\w{1,2}|june|jul|julij\w{1,2}|july|aug|august\w{0,2}|sept?|septembr\w{1,2}|september|okt|"
    r"o[kc]tobr\w{1,2}|o[kc]tober|oct|nov|novembr\w{1,2}|november|de[ck]|decembr\w{1,2}|december)$"
)
DAY, YEAR = r"^(0?[1-9]|[12]\d|3[01])(st|nd|rd|th)?$", r"^(19|20)\d\d$"
MARK, ROMAN = r"^(mark|mk)$", r"^(ii|iii|iv|v|2|3|4|5)$"
# Cameras named without "EOS": R5, 5D, 90D, 2000D, C70, XF605; not "2d", which means two days.
CAMERA = r"^(r[1-9]\d?|rp|[1567]ds?|[6-9]0d|77d|[1-9]\d0d|[1-4]000d|m[1-9]\d{0,2}|c[1-9]\d{1,2}|x[acf]\d{2,3})$"
LENS = re.compile(r"((?:rf|ef)(?:-s)?) ?(\d+(?: ?- ?\d+)?)")
AMOUNT, OF_POINTS = r"^(\d{1,6}|\d{1,3}[.,]\d{3})$", r"^(p|pts?|punkt\w*|points?|poin\w*|bonus\w*)$"


@dataclass(frozen=True)
class Named:
    """One entity that a text names, and its position."""

    entity: str
    value: str
    start: int
    end: int


def like(*patterns: str) -> list[dict[str, Any]]:
    """Return a matcher's pattern of tokens with these shapes; a shape that ends in a question mark is optional."""
    found = []
    for pattern in patterns:
        word = {"NORM": {"REGEX": pattern.removesuffix("?") if pattern.endswith("$?") else pattern}}
        found.append(word | ({"OP": "?"} if pattern.endswith("$?") else {}))
    return found


# By entity; of overlapping matches the longest wins.
FORMS: dict[str, list[list[dict[str, Any]]]] = {
    "email": [[{"LIKE_EMAIL": True}]],
    "vat_number": [like(r"^lv\d{11}$"), like("^lv$", r"^\d{11}$")],
    "registration_number": [like(r"^[45]\d{10}$")],
    "serial_number": [
        like(r"^\d{12}$"),
        like("^(serijas|serial)$", "^(num\\w*|nr|no)$?", "^[.:#]$?", "^[.:#]$?", "^(ir|is)$?", r"^(?=\w*\d)\w{6,14}$"),
        like("^(serijnr|sn|s/n)$", "^[.:#]$?", "^(ir|is)$?", r"^(?=\w*\d)\w{6,14}$"),
    ],
    "points": [
        like(r"^\d{1,3}$", r"^\d{3}$", OF_POINTS),
        like(AMOUNT, OF_POINTS),
        like(r"^\d{1,6}(p|pts)$"),
        like("^(punkti|points)$", "^[:=-]$?", "^(ir|are|tikai|only)$?", AMOUNT),
    ],
    "date": [
        like(r"^\d{1,2}[./]\d{1,2}[./](\d\d)?\d\d$"),
        like(YEAR, "^-$", r"^\d{1,2}$", "^-$", r"^\d{1,2}$"),
        like(YEAR, r"^\.$?", "^gada$", DAY, r"^\.$?", MONTH),
        like(DAY, r"^\.$?", "^of$?", MONTH, "^,$?", YEAR),
        like(DAY, r"^\.$?", "^of$?", MONTH),
        like(MONTH, DAY, "^,$?", YEAR),
        like(MONTH, DAY),
    ],
    "product": [
        like("^eos$", r"^(?=\w*\d)\w{2,6}$", MARK + "?", ROMAN + "?"),
        like("^eos$", "^rp?$"),
        like(CAMERA, MARK, ROMAN),
        like(CAMERA),
        like("^(rf|ef)(-s)?$", r"^\d{1,3}$", "^-$?", r"^\d{1,3}$?", "^mm$?"),
        like(r"^(rf|ef)\d{2,3}(mm)?$", "^-$?", r"^\d{1,3}(mm)?$?"),
    ],
}


@Language.component("fold")
def fold_words(text: Doc) -> Doc:
    """Set every token's norm to its form without capitals and diacritics, which is what most customers type."""
    for word in text:
        word.norm_ = fold(word.text)
    return text


@cache
def reader() -> tuple[Language, Matcher]:
    """Return spaCy's Latvian tokenizer, which splits English as well, and the matcher of the entities."""
    language = spacy.blank("lv")
    language.add_pipe("fold")
    matcher = Matcher(language.vocab)
    for entity, patterns in FORMS.items():
        matcher.add(entity, patterns)
    for entity, values in yaml.safe_load(WORDS.read_text("utf-8")).items():
        for value, phrases in values.items():
            words = [[f"^{re.escape(word).replace(chr(92) + '*', '.*')}$" for word in one.split()] for one in phrases]
            matcher.add(f"{entity}={value}", [like(*phrase) for phrase in words])
    return language, matcher


def find_entities(text: str) -> list[Named]:
    """Return the entities that a text names, in order, with normalised values."""
    language, matcher = reader()
    words = language(text[:MAX_LENGTH])
    found = []
    for span in filter_spans(matcher(words, as_spans=True)):
        entity, _, value = span.label_.partition("=")
        value = value or normalised(entity, span)
        if value:
            found.append(Named(entity, value, span.start_char, span.end_char))
    return found


def normalised(entity: str, span: Span) -> str | None:
    """Return the normalised value, or None for an impossible one, such as 31 February."""
    said = " ".join(word.norm_ for word in span)
    if entity == "date":
        return iso_date(said)
    if entity == "points":
        return re.sub(r"\D", "", said)
    if entity == "email":
        return span.text.lower()
    if entity == "product":
        lens = LENS.match(said)
        if lens:
            return f"{lens[1].upper()} {lens[2].replace(' ', '')}mm"
        return re.sub(r"\bmk\b", "mark", said).upper().replace("MARK", "Mark")
    last = span[-1].norm_.upper()
    return "LV" + last.removeprefix("LV") if entity == "vat_number" else last


def iso_date(said: str) -> str | None:
    """Return a date in ISO 8601 (--11-12 without a year), or None if the calendar has no such day."""
    month = next((MONTH_OF[word[:3]] for word in said.split() if word[:3] in MONTH_OF), None)
    figures = [int(figure) for figure in re.findall(r"\d+", said)]
    year = next((figure for figure in figures if figure > 31), None)
    if month is None and len(figures) == 3:
        # 2026-11-12, or 12.11.2026 and 12/11/26 as Europe writes them.
        year, month, day = figures if figures[0] > 31 else figures[::-1]
        year += 2000 if year < 100 else 0
    else:
        day = next((figure for figure in figures if figure != year), 0)
    try:
        found = datetime.date(year or 2000, month or 0, day)
    except ValueError:
        return None
    return found.isoformat() if year else f"--{found:%m-%d}"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityExtractor(GraphComponent):
    """Add to each message the entities that it names."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityExtractor:
        """Create an extractor, and load its vocabulary now, so that the first message need not wait for that."""
        reader()
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities to each message that was typed rather than sent by a button."""
        for message in messages:
            text = message.get(TEXT) or ""
            if not text.lstrip().startswith("/"):
                for named in find_entities(text):
                    add_entity(message, named.entity, named.value, type(self).__name__, named.start, named.end)
        return messages

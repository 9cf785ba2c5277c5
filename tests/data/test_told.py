"""What the conversations in exam/told must be like to be worth testing."""

import re

import pytest
import yaml

from bot.dialogue.answers import ASPECTS
from bot.settings import ROOT
from bot.text import fold
from bot.trial.told import FOLDER, told
from tests.measure.data import LANGUAGES, read

PATTERNS = yaml.safe_load((FOLDER / "patterns.yml").read_text(encoding="utf-8"))
ALL = [(talk, turn) for talk in told() for turn in talk.turns]


def test_every_kind_is_told_in_both_languages():
    kinds = {language: {talk.kind for talk in told(language)} for language in LANGUAGES}
    assert kinds["lv"] == kinds["en"]


def test_something_must_be_said_to_every_message():
    assert [turn.user for _, turn in ALL if not turn.must] == []


def test_no_message_is_told_twice():
    said = [(talk.language, turn.user) for talk, turn in ALL]
    assert len(said) == len(set(said))


def test_patterns_have_the_same_names_in_both_languages_and_are_used():
    assert set(PATTERNS["lv"]) == set(PATTERNS["en"])
    files = [FOLDER / "patterns.yml", *FOLDER.glob("*.??.yml")]
    used = {name for file in files for name in re.findall(r"\{([a-z]\w*)", file.read_text(encoding="utf-8"))}
    assert set(PATTERNS["lv"]) - used == {"never", "months"}


@pytest.mark.parametrize(
    ("field", "known"), [("aspect", {*ASPECTS, "sure", "more"}), ("act", set(read("domain.yml")["intents"]))]
)
def test_what_a_message_is_taken_for_is_something_that_there_is(field, known):
    assert {name for _, turn in ALL for name in getattr(turn, field)} <= known


def test_no_message_of_some_length_is_learned_from():
    learned = set()
    for file in [*(ROOT / "data").glob("*/nlu.*.yml"), *(ROOT / "data").glob("*/answers*.yml")]:
        learned |= {
            _bare(line.strip()[2:])
            for line in file.read_text(encoding="utf-8").splitlines()
            if line.strip()[:2] == "- "
        }
    assert [turn.user for _, turn in ALL if len(turn.user.split()) > 4 and _bare(turn.user) in learned] == []


def _bare(text):
    return re.sub(r"\W+", " ", fold(text)).strip()

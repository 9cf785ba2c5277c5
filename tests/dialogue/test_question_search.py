"""While a customer types, the questions that may be meant are found among those that the assistant can answer."""

import pytest

from bot.dialogue.answers import LANGUAGES, read_answers
from bot.dialogue.question_search import suggest

KNOWN = {
    language: {one.question[language] for one in read_answers().values() if one.is_known} for language in LANGUAGES
}


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [
        ("lv", "kad atnāks rēķ", "Kad atnāks rēķins?"),
        ("lv", "kad atnaks rekins", "Kad atnāks rēķins?"),
        ("lv", "KAD ATNĀKS RĒĶNIS", "Kad atnāks rēķins?"),
        ("lv", "maksāt ar karti", "Vai var maksāt ar karti?"),
        ("lv", "zaļā atzīme", "Ko nozīmē zaļā atzīme?"),
        ("en", "when does the inv", "When does the invoice arrive?"),
        ("en", "pay by card", "Can I pay by card?"),
        ("en", "green ti", "What does the green tick mean?"),
    ],
)
def test_a_question_is_found_before_it_is_whole_with_typos_and_without_diacritics(language, typed, meant):
    assert meant in suggest(typed, language)[:3]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("typed", ["konts", "account", "500", "tu", "vai", "is"])
def test_what_is_found_can_be_answered_once_each_and_not_too_many(language, typed):
    found = suggest(typed, language)
    assert set(found) <= KNOWN[language]
    assert len(found) == len(set(found)) <= 5


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("typed", ["", " ", "?", "x", "\x00", "xyzzyq", "💳" * 50, "\u202e"])
def test_nonsense_finds_nothing(language, typed):
    assert suggest(typed, language) == []


@pytest.mark.parametrize("typed", ["a" * 10_000, "rēķins " * 2000, "\u0303" * 5000, "(((((" * 500])
def test_what_is_long_is_bounded(typed):
    assert len(suggest(typed, "lv")) <= 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_questions_are_found_by_their_own_words(language):
    found = sum(question in suggest(question, language) for question in KNOWN[language])
    assert found >= 0.98 * len(KNOWN[language])

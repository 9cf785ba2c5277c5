"""A typo is corrected if the word that was meant is known."""

import pytest

from bot.nlu.typos import MAX_COMPARED, count_words, put_right

KNOWN = count_words(
    ["cik ilgi jagaida rekins", "where is the invoice", "rekins un rekinu", "rekins", "i can't", "he didn't want"]
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cik ilgi jagida", "cik ilgi jagaida"),  # a letter too few
        ("jagaiida", "jagaida"),  # a letter too many
        ("where is the invoixe", "where is the invoice"),  # a wrong letter
        ("rekisn", "rekins"),  # two letters swapped
        ("Invocie?", "invoice?"),
        ("i cant and didnt", "i cant and didnt"),  # known with an apostrophe
        ("rēkin", "rekins"),  # of two words equally near, the commoner one
    ],
)
def test_one_slip_is_put_right(typed, meant):
    assert put_right(KNOWN, typed) == meant


@pytest.mark.parametrize(
    "text", ["rēķins", "Kur ir zilā poga", "zil", "xyzzyx", "042021001234", "🙂", "", "a" * 10_000]
)
def test_what_is_known_short_or_far_from_all_is_left_alone(text):
    assert put_right(KNOWN, text) == text


def test_a_very_long_message_is_not_read_to_its_end():
    text = " ".join(["invoixe"] * 150)
    assert put_right(KNOWN, text).split().count("invoice") == MAX_COMPARED

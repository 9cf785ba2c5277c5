"""Texts of the account cannot do more than be read."""

import datetime
import unicodedata

import pytest

from actions.products import MAX_LISTED, lines
from bot.account import Product
from bot.wording import bullets, counted, dated, listed, plain

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "**bold** `code` ~~gone~~ | table |",
    "a\n\n# heading\n- list",
    "{points} {0}",
    "see https://evil.example/x or http://evil.example",
    "EOS\x00 R5\x1b[31m\x07 \u202e\u2066evil\u2069 \u200fx\x85y",
    "x" * 500,
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_product_name_is_one_line_of_plain_text(text):
    shown = plain(text)
    assert "\n" not in shown
    assert len(shown) <= 170
    assert "](" not in shown.replace("\\]\\(", "")
    assert not any(f"{mark}" in shown.replace(f"\\{mark}", "") for mark in "*`|~<>[]")
    assert "://" not in shown.replace("\\:", "")
    assert not [sign for sign in shown if unicodedata.category(sign) in ("Cc", "Cf")]


@pytest.mark.parametrize("language", ["lv", "en"])
def test_products_are_listed_with_what_they_lack_the_weightiest_first(language):
    missing = ["serial_number", "distributor", "something_new"]
    products = [
        Product(model=f"EOS {n} {HOSTILE[0]}", points=n, origin="registered", has_tick=False, missing=missing)
        for n in range(12)
    ]
    said = lines(products, language)
    assert said.startswith("- **EOS 11")
    assert len(said.splitlines()) == MAX_LISTED + 1
    assert {"lv": "trūkst sērijas numura un izplatītāja", "en": "missing serial number and distributor"}[
        language
    ] in said
    assert {"lv": "un vēl 4 produkti", "en": "and another 4 products"}[language] in said


def test_dates_are_those_of_latvia():
    late = datetime.datetime(2026, 11, 21, 22, 30, tzinfo=datetime.UTC)  # half past midnight in Riga
    assert dated(late, "lv") == "2026. gada 22. novembris"
    assert dated(late, "en") == "22 November 2026"
    assert dated(None, "lv") == "\u2013"


def test_lists_and_nouns_are_as_each_language_has_them():
    assert listed(["a", "b", "c"], "lv") == "a, b un c"
    assert listed(["a", "b", "c"], "en") == "a, b and c"
    assert [counted("points_short", n, "lv") for n in (1, 11, 21, 279)] == [
        "1 punkta",
        "11 punktu",
        "21 punkta",
        "279 punktu",
    ]
    assert bullets(["a", "b"]) == "- a\n- b"

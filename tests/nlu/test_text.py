import pytest

from bot.text import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Kāpēc es neredzu ZILO pogu?", "kapec es neredzu zilo pogu?"),
        ("ĀČĒĢĪĶĻŅŠŪŽ", "acegiklnsuz"),
        ("  divas \n\t rindas ", "divas rindas"),
        ("ga\u0304ju", "gaju"),  # a letter with a combining macron
        ("I don\u2019t, i can\u00b4t and I won`t", "i don't, i can't and i won't"),
        ("", ""),
    ],
)
def test_it_lower_cases_strips_diacritics_and_collapses_white_space_and_straightens_apostrophes(text, folded):
    assert fold(text) == folded

import pytest

from bot.text import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Kāpēc es neredzu ZILO pogu?", "kapec es neredzu zilo pogu?"),
        ("ĀČĒĢĪĶĻŅŠŪŽ", "acegiklnsuz"),
        ("  divas \n\t rindas ", "divas rindas"),
        ("ga\u0304ju", "gaju"),  # a letter with a combining macron
        ("", ""),
    ],
)
def test_it_lower_cases_strips_diacritics_and_collapses_white_space(text, folded):
    assert fold(text) == folded

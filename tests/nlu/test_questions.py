"""A message is split into what may be questions of their own, and nowhere else."""

import pytest

from bot.nlu.questions import questions_in


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Vai tas nozīmē, ka nevaru maksāt ar karti?", []),
        ("vai tas nozime, ka nevaru maksat ar karti?", []),
        ("man teica, ka jāgaida, cik ilgi?", ["man teica ka jagaida", "cik ilgi"]),
        ("sakiet, kā reģistrēt un cik maksā", ["sakiet", "ka registret", "cik maksa"]),
        ("Nē, neesam. Kas drīkst iesniegt?", ["ne", "neesam", "kas drikst iesniegt"]),
        ("yes, and how long do I wait?", ["yes", "how long do i wait"]),
        ("no, rather step by step", ["no", "rather step by step"]),
        ("cik punktu vajag?", []),
    ],
)
def test_a_message_is_split_where_a_question_or_an_answer_ends(text, parts):
    assert questions_in(text) == parts

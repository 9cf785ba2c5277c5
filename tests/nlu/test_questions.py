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
        (
            "Numbers please: points for the invitation, for a free choice, and for corporate.",
            ["points for the invitation", "points for a free choice", "points for corporate"],
        ),
        ("Divas lietas: cik ilgi taisa kontu un kad noņem naudu?", ["cik ilgi taisa kontu", "kad nonem naudu"]),
        ("problem: the form shows an error", []),
        ("no, rather step by step", ["no", "rather step by step"]),
        ("cik punktu vajag?", []),
    ],
)
def test_a_message_is_split_where_a_question_or_an_answer_ends(text, parts):
    assert [part for part, _ in questions_in(text)] == parts


@pytest.mark.parametrize(
    ("text", "asking"),
    [
        ("Esam biedrība. Kurš dokuments der?", [False, True]),
        ("not a VAT payer. licence ok for you?", [False, True]),
        ("it is at my colleague's. when did you send it", [False, True]),
        ("rēķins ir pie kolēģes. kad jāmaksā", [False, True]),
        ("The scan is with my brother. I am waiting.", [False, False]),
        ("a) points for the invitation b) points for corporate", [True, True]),
        ("kur to maina uz korporatīvo, kad punktu pietiks?", [True, False]),
        ("where do i pay, when i get the invoice?", [True, False]),
        ("where do i pay, when does it come?", [True, True]),
        ("kad atnāks rēķins, kad noņems naudu?", [True, True]),
        ("cik drīz būs rēķins, līdz kuram datumam jāpārskaita?", [True, True]),
        ("cik ilgi, kad?", [True, True]),
        ("kur pieteikties? kad jāmaksā?", [True, True]),
        ("1) cik maksā platīns 2) cik punktu vajag", [True, True]),
    ],
)
def test_a_part_asks_by_a_question_mark_a_word_or_its_place_in_a_list(text, asking):
    assert [asks for _, asks in questions_in(text)] == asking


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("Paldies par atbildi. Par ko man jāmaksā?", "par ko man jamaksa"),
        ("thanks for the help. For the invoice, when does it come?", "when does it come"),
        ("I am waiting for the mail. For how long is the link good?", "for how long is the link good"),
    ],
)
def test_a_new_sentence_shares_nothing_with_the_one_before(text, last):
    assert [part for part, _ in questions_in(text)][-1] == last

"""The number of points that a message gives, in both languages, and no other figure."""

import pytest

from tests.nlu.told import told

POINTS = [
    ("500", "ne 480 bet 500"),
    ("500", "ne 480, bet 500"),
    ("1020", "man ir 1020 punktu, nevis 1200"),
    ("470", "kontā rāda 470"),
    ("1250", "kontā ir 1 250"),
    ("2500", "2 500 punkti"),
    ("2500", "2500 punktu uz mata"),
    ("2011", "2.011 punkti"),
    ("480", "man 480p"),
    ("500", "500!"),
    ("501", "punkti: 501"),
    ("720", "man ir 3 kameras un 720 punkti"),
    ("2000", "ar 2000 punktiem, gribu zeltu"),
    ("2350", "no 2700 palika 2350"),
    ("480", "man ir 480 punkti, pietrūkst 20"),
    ("31", "punkti tikai 31"),
    (None, "pietrūkst 20"),
    (None, "vēl trūkst 120 punktu"),
    (None, "2 kameras un 14 objektīvi"),
    (None, "objektīvs 70-200"),
    (None, "EOS R5 par 4000 eur"),
    (None, "30 dienu laikā"),
    (None, "pieteicos 2026. gada 16. novembrī"),
    (None, "pieteicos 28."),
    (None, "kopš 2019. gada"),
    (None, "reģ. nr. 40003123456"),
    ("2011", "2,011 points"),
    ("545", "it's 545 not 455"),
    ("545", "not 455 but 545"),
    ("545", "545, not 455"),
    ("1999", "we have 1,999"),
    ("1999", "We have 1999. Corporate tier possible?"),
    ("2000", "we're at 2000"),
    ("2499", "he's on 2499"),
    ("501", "got 501 pts"),
    ("499", "499 close enough?"),
    ("2390", "we dropped from 2650 to 2390"),
    (None, "we are 20 short"),
    (None, "20 points short"),
    (None, "I am missing 30"),
    (None, "bought in 2019"),
    (None, "applied Nov 25"),
    (None, "on the 17th"),
    (None, "14 lenses"),
]


@pytest.mark.parametrize(("points", "text"), POINTS)
def test_points_are_those_that_the_customer_has(points, text):
    assert told(text).get("points") == points


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("un ar 460 + 120 pietiks?", "580"),
        ("460 plus 120, is that enough", "580"),
        ("14 nav daudz, kā tos dabūt", None),
        ("14 is not much, how do I get them", None),
        ("ja varētu pārsniegt 2500", None),
        ("if we exceed 2500", None),
        ("tad 500 vai 2500? pats sev pretim runā", None),
        ("so is it 500 or 2500?", None),
        ("man nav 500 punktu, mums ir 3100", "3100"),
        ("i don't have 500, we have 3100", "3100"),
    ],
)
def test_a_sum_is_added_up_and_what_is_missing_is_not_what_there_is(text, points):
    assert told(text, {"points": "2487"}).get("points") == points


@pytest.mark.parametrize("text", ["nu aptuveni? 100 eiro? 500?", "is it 100 euros? or 500?", "cik naudas, 300?"])
def test_a_sum_of_money_gives_no_points(text):
    assert "points" not in told(text)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("ja dabūšu vēl 10 punktus", "2510"),
        ("nē, man ir 2500 un klāt vēl 10, kopā 2510", "2510"),
        ("so 300 more points and I get platinum?", "2800"),
        ("vajag vēl 79, lai būtu zelts", None),
        ("man būs 921, vai zelts sanāk?", "921"),
        ("Vai ar 921 zelts sanāk vai nē?", "921"),
    ],
)
def test_points_on_top_are_added_to_those_told_before(text, points):
    assert told(text, {"points": "2500"}).get("points") == points


@pytest.mark.parametrize(
    "text",
    [
        "2000?? so how many am i short",
        "lasīju kaut kur, ka platīnam 1600, tiesa?",
        "660 is for free choice, so platinum you do not know",
        "a ko dod tas 2500+, korporatīvais",
        "kāpēc pēkšņi 1079, ja vajag zeltu",
    ],
)
def test_a_figure_that_is_only_spoken_of_is_not_what_the_customer_has(text):
    assert "points" not in told(text, {"points": "1340"})


@pytest.mark.parametrize("text", ["1600", "nē, man ir 1600", "sorry, 1600", "and with 1600?", "now i have 1600"])
def test_a_figure_that_the_customer_corrects_or_supposes_counts(text):
    assert told(text, {"points": "1340"})["points"] == "1600"


@pytest.mark.parametrize("text", ["so 600?", "tātad 600?", "600 is what is missing, right?", "trūkst 600, jā?"])
def test_the_difference_to_a_threshold_is_what_is_missing(text):
    assert "points" not in told(text, {"points": "1400"})


@pytest.mark.parametrize(
    ("text", "points"), [("nē, man ir 650", "650"), ("no, I have 650", "650"), ("kopā 600", "600")]
)
def test_another_figure_corrects_what_was_told(text, points):
    assert told(text, {"points": "1400"})["points"] == points

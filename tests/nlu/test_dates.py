"""The day of applying that a message gives, in both languages, and no other day."""

import datetime

import pytest

from tests.nlu.told import told

DATES = [
    ("2026-11-26", "šodien no rīta iesniedzu"),
    ("2026-11-26", "tikko nosūtīju"),
    ("2026-11-25", "vakar ap trijiem aizsūtīju visu"),
    ("2026-11-24", "aizvakar pieteicos"),
    ("2026-11-27", "rīt iesniegšu"),
    ("2026-11-19", "pieteicos pirms nedēļas"),
    ("2026-11-12", "pieteicos jau pirms divām nedēļām"),
    ("2026-11-23", "pirms 3 dienām iesniedzu"),
    ("2026-11-22", "gaidu jau 4 dienas"),
    ("2026-11-23", "pirmdien pieteicos"),
    ("2026-11-23", "kopš pirmdienas gaidu"),
    ("2026-11-26", "ceturtdien iesniedzu"),
    ("2026-11-19", "pieteicos pagājušo ceturtdien"),
    ("2026-11-20", "iesniedzu pagājušajā piektdienā"),
    ("2026-11-30", "pieteikšos pirmdien"),
    ("2026-11-30", "nākamajā pirmdienā iesniegšu"),
    ("2026-11-13", "pieteicos 13. novembrī"),
    ("2026-11-16", "16.11. aizgāja pieteikums"),
    ("2026-11-13", "pieteicos 13.11.2026."),
    ("2026-12-31", "ja nosūtu 31.12."),
    ("2026-11-26", "applied today"),
    ("2026-11-25", "applied yesterday"),
    ("2026-11-24", "the day before yesterday"),
    ("2026-11-27", "I'm applying tomorrow"),
    ("2026-11-18", "8 days ago I applied"),
    ("2026-11-18", "its been 8 days since i applied"),
    ("2026-11-19", "applied a week ago"),
    ("2026-11-12", "two weeks ago"),
    ("2026-11-20", "applied last Friday"),
    ("2026-11-23", "waiting since Monday"),
    ("2026-11-19", "last Thursday"),
    ("2026-11-30", "I'll apply next Monday"),
    ("2026-11-16", "submitted 16/11"),
    ("2026-11-25", "applied Nov 25"),
    ("2026-12-05", "on the 5th of December"),
    (None, "vai sestdiena un svētdiena skaitās"),
    (None, "2 darba dienas"),
    (None, "objektīvs 24-70mm f2.8"),
    (None, "pieteicos 28."),
    (None, "do Saturday and Sunday count"),
    (None, "in 2 weeks"),
    (None, "a 24.5 mm lens"),
    (None, "on the 17th"),
]


@pytest.mark.parametrize(("date", "text"), DATES)
def test_a_day_is_told_by_its_date_its_weekday_or_its_distance(date, text):
    assert told(text).get("date") == date


@pytest.mark.parametrize(
    ("today", "text", "date"),
    [
        ("2027-01-04", "pieteicos 29. decembrī", "2026-12-29"),
        ("2026-12-29", "ja pieteikšos 5.01.", "2027-01-05"),
        ("2026-12-29", "on 5 January", "2027-01-05"),
        ("2027-01-04", "applied 29 December", "2026-12-29"),
    ],
)
def test_a_date_without_a_year_is_the_nearest(today, text, date):
    assert told(text, today=datetime.date.fromisoformat(today))["date"] == date


@pytest.mark.parametrize(
    ("text", "date"),
    [("tfu, 28. bija", "2026-12-28"), ("my bad, it was the 17th", "2026-12-17"), ("31. skaitās darba diena?", None)],
)
def test_a_day_alone_corrects_the_date_told_before(text, date):
    assert told(text, {"date": "2026-12-29"}).get("date") == date


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("vakar atnāca e-pasts", None),
        ("the mail came yesterday", None),
        ("rekins pienaca pirmdien", None),
        ("pieteicos vakar, e-pasts atnāca šodien", "2026-11-25"),
        ("I submitted it yesterday and got nothing", "2026-11-25"),
        ("gaidu jau 3 dienas, nekas nav atnācis", "2026-11-23"),
    ],
)
def test_the_day_on_which_something_came_is_not_the_day_of_applying(text, day):
    assert told(text).get("date") == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("what else can I do today", None),
        ("Starp citu, kāds rīt laiks Rīgā?", None),
        ("after I submit, how long? we shoot on monday", None),
        ("i haven't submitted yet, maybe on friday", None),
        ("you told me thursday before", None),
        ("pieteicos otrdien, kad būs e-pasts?", "2026-11-24"),
        ("tas bija vakar", "2026-11-25"),
        ("so thats today..", None),
        ("tātad tas jau ir rīt", None),
        ("applied 5 min ago", "2026-11-26"),
        ("iesniedzu pirms piecām minūtēm", "2026-11-26"),
        ("no rīta pirmdien paskatīšos", None),
        ("i'll check on monday", None),
        ("2 dienas vai ar sestdienām kopā", None),
        ("last friday", "2026-11-20"),
        ("we sent it on Monday, and we shoot on Saturday", "2026-11-23"),
        ("ja es iesniedzu piektdien, 27. novembrī, līdz kuram?", "2026-11-27"),
        ("Pieteikums aizgāja pirmdien, 16.11. Trešdien ir svētki", "2026-11-16"),
        ("I'll hand it in on Sunday, 20 December maybe? no, Friday the 18th of December", "2026-12-18"),
    ],
)
def test_a_day_of_something_else_is_not_the_day_of_applying(text, day):
    assert told(text).get("date") == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("mēs vēl neesam iesnieguši. nākamo pirmdien, 30. novembrī", "2026-11-30"),
        ("we haven't applied yet, we send it next monday", "2026-11-30"),
        ("cik jāgaida, ja iesniedzam pirmdien", "2026-11-30"),
        ("how long is it if we apply on monday", "2026-11-30"),
        ("tikai 5. produktam nav ķeksīša", None),
        ("un ja pirmdien vēl nekas?", None),
        ("and if there is nothing on monday", None),
        ("we haven't applied yet", None),
        ("kāds 1. decembris?? es pieteicos 13. novembrī", "2026-11-13"),
        ("what 1 december?? i applied on 13 november", "2026-11-13"),
    ],
)
def test_a_day_to_come_may_be_the_day_of_applying(text, day):
    today = datetime.date(2026, 11, 27)
    assert told(text, {"date": "2026-11-26"} if day is None else {}, today).get("date") == day


@pytest.mark.parametrize(
    "text",
    [
        "un šodien jau 27.! nekas nav atnācis",
        "šodien ir 27. novembris, kur ir e-pasts?",
        "today is already the 27th and nothing has come",
        "it's the 27th, where is my e-mail?",
        "its already friday evening!! nothing came",
        "ir jau piektdiena un nekas nav atnācis",
        "savieno mani ar kādu pirmdien, šodien negribu",
        "connect me to somebody on monday, not today please",
    ],
)
def test_what_day_it_is_today_is_not_the_day_of_applying(text):
    assert "date" not in told(text, {"date": "2026-11-13"})


@pytest.mark.parametrize("text", ["not yet, i just sent it today", "vēl nē, tikko nosūtīju"])
def test_who_has_no_answer_yet_may_have_applied_today(text):
    assert told(text).get("date") == "2026-11-26"


@pytest.mark.parametrize(
    "text",
    [
        "un pirmdien vēl ir darba diena vai jau ceturtā? cik dienas pagājis no trešdienas",
        "is monday the fourth day? how many have gone since wednesday",
    ],
)
def test_a_day_beside_the_one_that_was_told_is_no_new_one(text):
    assert "date" not in told(text, {"date": "2026-11-25"})
    assert "date" in told(text, {"date": "2026-11-13"})


@pytest.mark.parametrize(
    "text", ["no, I applied on Tuesday, not on Monday", "es pieteicos otrdien, nevis pirmdien", "otrdien iesniedzām"]
)
def test_a_day_of_applying_is_corrected(text):
    assert told(text, {"date": "2026-11-23"})["date"] == "2026-11-24"

"""The details that a message gives about the customer, in both languages, and none that it does not give."""

import datetime

import pytest

from bot.nlu.details import details_in
from bot.nlu.entities import find_entities

TODAY = datetime.date(2026, 11, 26)  # a Thursday


def told(text, known=None):
    named = [{"entity": n.entity, "value": n.value, "start": n.start, "end": n.end} for n in find_entities(text)]
    return details_in(text, named, TODAY, known)


def table(**rows):
    """Return pairs of a value and a message from a text of messages per value; `none` means no value."""
    values = {value: None if value == "none" else value for value in rows}
    return [(values[value], text.strip()) for value, texts in rows.items() for text in texts.strip().splitlines()]


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

VAT = table(
    yes="""
        es sajaucu, mēs tomēr esam pvn maksātāji no oktobra
        esam pvn maksataji no 1. janvara
        mēs esam PVN maksātāji
        esmu pvn maksataja
        firma ir pvn maksātājs
        mums ir PVN numurs
        esam reģistrēti PVN
        mēs maksājam PVN
        kādu papīru vajag, ja esam PVN maksātāji
        we are VAT registered
        we're a VAT payer
        we do pay VAT
        we are registered for VAT
        which document if we're a VAT payer
    """,
    no="""
        neesam PVN
        PVN nav
        biedrība bez pvn
        mums nav pvn numura
        vairs neesam PVN maksātāji
        PVN nemaksājam
        we don't pay VAT
        our company doesnt pay vat
        no VAT here
        not VAT registered
        sole trader, no vat
    """,
    none="""
        vai PVN maksātājam vajag apliecību?
        kas ir PVN apliecība
        PVN numurs uz rēķina nav redzams
        vai esat PVN
        esam SIA
        does a VAT payer need the certificate?
        are you VAT registered?
        the VAT number is not on the invoice
        do we pay VAT on the membership?
    """,
)

PAYMENT = table(
    card="""
        maksāšu ar karti
        naudu no kartes vēl nav noņēmuši
        I'll pay by card
        sorry make that card
        my card has not been charged
    """,
    transfer="""
        ar pārskaitījumu
        stop, tomēr ar pārskaitījumu
        ne ar karti, ar pārskaitījumu
        bank transfer please
        not a card, a transfer
    """,
    none="""
        karte vai pārskaitījums?
        nē, ar karti nemaksāšu
        negribu maksāt ar karti
        bez kartes
        card or transfer?
        not paying with a card, no way
        without a card
    """,
)

TIER = table(
    gold="""
        gribu zeltu
        negribu korporatīvo. drīkst paņemt zelta?
        we do NOT want corporate. can we just take gold?
    """,
    silver="""
        ne zeltu, bet sudrabu
        not gold but silver
    """,
    none="""
        negribu korporatīvo
        zelts vai sudrabs?
        do not want corporate
        gold or silver?
    """,
)

OLD_EMAIL = table(
    yes="""
        veco e-pastu norādīju
        vecais e-pasts bija norādīts
        I gave the old e-mail
        yes i did give the old address in the form
        old email was entered
    """,
    no="""
        veco epastu formā neierakstīju
        es neierakstīju veco e-pastu
        vecā e-pasta adrese netika norādīta
        aizmirsu norādīt veco e-pastu
        I did not give my old email
        didn't enter the old address
        forgot to enter the old email
    """,
    none="""
        varbūt vajadzēja kur ierakstīt veco meilu
        maybe i entered the old email wrong
        vai jānorāda vecais e-pasts?
        iedevu jums savu e-pastu
        must I give the old e-mail?
        I gave you my email
    """,
)

HAD_CPS = table(
    yes="""
        man jau bija CPS konts
        agrāk man bija cps
        I had a CPS account
    """,
    no="""
        man nekad nav bijis cps konta
        nebija tāda konta
        never had any cps before
        never had a CPS account
    """,
    none="""
        kas ir CPS
        what is CPS
    """,
)

BUTTON = table(
    yes="""
        redzu zilo pogu
        poga ir
        I see the button
    """,
    no="""
        neredzu zilo pogu
        pogas nav
        kapec nav pogas
        I can't see the button
        there is no button
    """,
    none="""
        kur ir zila poga
        un ja pogas nebus
        where is the button
        and if there is no button
    """,
)

MAIL_CAME = table(
    yes="""
        it was in spam, found it
        bija mēstulēs, atradu
        e-pasts ar paroli atnāca
        saņēmu vēstuli
        the mail came
        I got the e-mail
    """,
    no="""
        nav atnācis epasts ar paroli
        neesmu saņēmis vēstuli
        no e-mail came
        I have not received the letter
    """,
    none="""
        checked the spam folder, what now
        vai var būt mēstulēs
        vai e-pasts atnāks?
        no kurienes nāk e-pasts
        when does the e-mail come?
    """,
)

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


@pytest.mark.parametrize(("points", "text"), POINTS)
def test_points_are_those_that_the_customer_has(points, text):
    assert told(text).get("points") == points


@pytest.mark.parametrize(("value", "text"), VAT)
def test_who_pays_vat_says_so_and_a_question_says_nothing(value, text):
    assert told(text).get("vat_payer") == value


@pytest.mark.parametrize(("value", "text"), PAYMENT)
def test_the_way_to_pay_is_the_one_that_is_meant(value, text):
    assert told(text).get("payment") == value


@pytest.mark.parametrize(("value", "text"), TIER)
def test_the_tier_is_the_one_that_is_wanted(value, text):
    assert told(text).get("tier") == value


@pytest.mark.parametrize(("value", "text"), OLD_EMAIL)
def test_the_old_email_was_given_or_not(value, text):
    assert told(text).get("gave_old_email") == value


@pytest.mark.parametrize(("value", "text"), HAD_CPS)
def test_there_was_an_account_before_or_not(value, text):
    assert told(text).get("had_cps") == value


@pytest.mark.parametrize(("value", "text"), BUTTON)
def test_the_button_is_seen_or_not(value, text):
    assert told(text).get("sees_button") == value


@pytest.mark.parametrize(("value", "text"), MAIL_CAME)
def test_the_mail_came_or_not(value, text):
    assert told(text).get("mail_came") == value


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
    named = [{"entity": n.entity, "value": n.value, "start": n.start, "end": n.end} for n in find_entities(text)]
    assert details_in(text, named, datetime.date.fromisoformat(today))["date"] == date


@pytest.mark.parametrize(
    ("text", "date"),
    [("tfu, 28. bija", "2026-12-28"), ("my bad, it was the 17th", "2026-12-17"), ("31. skaitās darba diena?", None)],
)
def test_a_day_alone_corrects_the_date_told_before(text, date):
    assert told(text, {"date": "2026-12-29"}).get("date") == date


@pytest.mark.parametrize("text", ["spamā skatījos, nav", "checked junk, nothing"])
def test_who_looked_into_spam_need_not_look_again(text):
    assert told(text)["spam_checked"] == "yes"


@pytest.mark.parametrize("text", ["jautāju drauga vietā", "for my colleague", "asking for a mate"])
def test_it_is_heard_that_somebody_asks_for_another(text):
    assert told(text)["for_another"] == "yes"


@pytest.mark.parametrize(
    ("text", "details"),
    [
        (
            "Neesam PVN, maksāsim ar pārskaitījumu, punkti 2 500",
            {"vat_payer": "no", "payment": "transfer", "points": "2500"},
        ),
        (
            "We pay VAT, applied on 16 November, and I want gold",
            {"vat_payer": "yes", "date": "2026-11-16", "tier": "gold"},
        ),
        ("labdien", {}),
        ("", {}),
        ("🙂", {}),
    ],
)
def test_one_message_may_tell_several_things_or_none(text, details):
    assert told(text) == details


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
    named = [{"entity": n.entity, "value": n.value, "start": n.start, "end": n.end} for n in find_entities(text)]
    assert details_in(text, named, today, {"date": "2026-11-26"} if day is None else {}).get("date") == day


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


@pytest.mark.parametrize(
    "text",
    [
        "un šodien jau 27.! nekas nav atnācis",
        "šodien ir 27. novembris, kur ir e-pasts?",
        "today is already the 27th and nothing has come",
        "it's the 27th, where is my e-mail?",
    ],
)
def test_what_day_it_is_today_is_not_the_day_of_applying(text):
    assert "date" not in told(text, {"date": "2026-11-13"})


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

"""What is said about the last answer: offers, details, corrections, a few words more."""

from dataclasses import replace

import pytest

from bot.dialogue.answers import AGAIN, STATED, read_answers
from bot.dialogue.heard import PERSON, STILL_STUCK, told_now
from bot.dialogue.phrasing import remember, wording
from bot.dialogue.ranking import Part, Talk, leaning, rank, topic_of
from tests.dialogue.messages import UNKNOWN, asks, follows_up, heard, part, response, turn


def test_what_leans_on_the_talk_stays_with_it():
    talk = Talk(about="invoice/when")
    assert leaning(part("follow_up")) > leaning(part("ask_payment"))
    assert topic_of(rank(part("follow_up", "invoice/where", aspect="where"), talk, {})[0].address) == "ask_payment"
    assert turn(follows_up("invoice/where", "where"), talk).say == (response("invoice/where"),)


@pytest.mark.parametrize(("names", "refers"), [("kur rekini ir", "kur tie ir"), ("where is a bill", "where is it")])
def test_a_word_for_something_said_before_leans_on_the_talk(names, refers):
    assert leaning(part("ask_payment", text=refers)) > leaning(part("ask_payment", text=names))


def test_the_english_to_refers_to_nothing():
    assert leaning(part("ask_payment", text="how to pay")) == leaning(part("ask_payment", text="how do we pay"))
    assert leaning(part("ask_payment", text="kur to maksa")) > leaning(part("ask_payment", text="kur maksa"))


def test_a_follow_up_to_nothing_asks_what_it_is_about():
    lone = heard(Part("un kur", {"follow_up": 0.9}, {}, {}, {"where": 0.9}))
    assert turn(lone).say == ("utter_follow_up_nothing",)


def test_a_corrected_detail_is_answered_with_what_holds_now():
    answer = read_answers()["documents/which"]
    talk = turn(asks("documents/which", told={"vat_payer": "yes"})).talk
    found = turn(follows_up("documents/which", told={"vat_payer": "no"}), talk)
    assert found.say == (answer.response({"vat_payer": "no"}),)


def test_a_corrected_figure_is_computed_anew():
    talk = turn(asks("enough/counts-corporate", told={"points": "470"}, entities={"points": "470"})).talk
    found = turn(follows_up("enough/counts-corporate", told={"points": "500"}), talk)
    assert (found.say, found.talk.details["points"]) == (("action_enough",), "500")


def test_a_new_question_drops_the_offer():
    talk = turn(asks(UNKNOWN)).talk
    assert turn(asks("green_tick/where"), talk).talk.offer is None


def test_did_that_and_still_nothing_is_not_answered_with_do_that():
    still = heard(Part("darits, joprojam nekas", {"follow_up": 0.9}, {}, {}, {"problem": 0.9}))
    found = turn(still, Talk(about="green_tick/where", said=(response("green_tick/where"),)))
    assert found.say == (STILL_STUCK,)
    assert found.talk.offer == "person"


def corrected(text, about, told, *, aspect="what", **talk):
    """Return the reply to a customer who only gives a detail while the talk is about an address."""
    said = part("follow_up", aspect=aspect, text=text, sure=0.6)
    return turn(heard(said, text=text, told=told), Talk(about=about, **talk))


@pytest.mark.parametrize(
    ("text", "about", "told", "address"),
    [
        ("sorry make that card", "transfer/by_when", {"payment": "card"}, "card/by_when"),
        ("stop, tomer ar parskaitijumu", "card/by_when", {"payment": "transfer"}, "transfer/by_when"),
        ("pareizak sakot vairs neesam", "documents/counts-one", {"vat_payer": "no"}, "documents/which"),
    ],
)
def test_who_only_corrects_a_detail_hears_what_follows_from_it(text, about, told, address):
    said = corrected(text, about, told).say
    assert said == (read_answers()[address].response(told),)


@pytest.mark.parametrize(
    ("text", "known", "told", "address"),
    [
        ("sorry my mistake, we are registered", {"vat_payer": "no"}, {"vat_payer": "yes"}, "documents/which"),
        ("pag, sajaucu, mes esam pvn registra", {"vat_payer": "no"}, {"vat_payer": "yes"}, "documents/which"),
        ("atnaca uzaicinajums uz cps", {}, {"invitation_came": "yes"}, "invitation/next"),
        ("the invoice is here now", {}, {"invoice_came": "yes"}, "invoice/next"),
    ],
)
def test_what_is_corrected_or_has_come_is_no_problem_even_if_it_sounds_like_one(text, known, told, address):
    about = "invoice/when" if "invoice_came" in told else "documents/which"
    said = corrected(text, about, told, aspect="problem", details=known).say
    assert said == (read_answers()[address].response(told),)


@pytest.mark.parametrize("text", ["rekins atnaca, bet ar kludu", "the invoice came but with an error"])
def test_what_has_come_with_a_but_is_not_the_end_of_it(text):
    said = corrected(text, "invoice/when", {"invoice_came": "yes"}, aspect="problem").say
    assert response("invoice/next") not in said


@pytest.mark.parametrize("text", ["man ir 520, bet neka", "i have 520 but nothing"])
def test_points_and_nothing_more_mean_that_no_invitation_came(text):
    for nothing in (text.replace("neka", "nekas"), text):
        assert told_now(heard(part("ask_points_needed", text=nothing), told={"points": "520"}), Talk()).get(
            "invitation_came"
        ) == ("no" if "nek" in nothing or "nothing" in nothing else None)


def test_points_without_an_invitation_are_a_problem_and_no_yes():
    told = {"points": "520", "invitation_came": "no"}
    said = heard(part("ask_points_needed", "enough/counts-invitation", text="520 and nothing"), told=told)
    assert (turn(said).say, turn(said).talk.about) == (("action_enough",), "invitation/problem")


@pytest.mark.parametrize("text", ["ja, vakar", "yes, yesterday"])
def test_a_yes_with_a_detail_and_nothing_else_is_no_error(text):
    yes = part("affirm", text=text)
    assert turn(heard(yes, text=text, told={"date": "2026-11-25"})).say == ()  # a rule answers a yes


def test_a_problem_with_a_detail_in_it_stays_a_problem():
    failed = corrected("my card was declined", "payment/which", {"payment": "card"}, aspect="problem")
    assert response("card/by_when") not in failed.say


def test_who_tells_what_was_told_before_corrects_nothing():
    again = corrected("ar karti", "card/by_when", {"payment": "card"}, details={"payment": "card"})
    assert again.say != (response("card/by_when"),)


def test_after_what_is_out_of_scope_a_follow_up_is_not_known_and_a_rule_stays_a_rule():
    outside = Talk(about="out_of_scope")
    assert turn(heard(part("follow_up", aspect="who", text="who knows it then")), outside).say == ("utter_not_known",)
    assert turn(heard(part("next", text="talak")), outside).say == ()


def test_an_answer_that_was_not_asked_for_is_not_given_again():
    addresses = "vat_status/counts-foreign", "documents/which"
    again = part("ask_documents", *addresses, text="no no, not from another country")
    before = Talk(about=addresses[0], said=(response(addresses[0]),))
    assert turn(heard(again), before).say == (response(addresses[1]),)
    corrects = part("ask_documents", *addresses, text="and from another country")
    assert turn(heard(corrects), before).say != (response(addresses[1]),)


def test_what_was_stated_is_not_said_once_more():
    said = remember(Talk(), (response("payment/may-card") + STATED,))
    assert wording("payment/may-card", Talk(said=said), {}) == response("payment/may-card") + AGAIN


@pytest.mark.parametrize("text", ["so yes or no?", "yes or no please", "nu tad jā vai nē?", "ja vai ne, ludzu"])
@pytest.mark.parametrize("intent", ["affirm", "follow_up", "nlu_fallback"])
def test_who_wants_a_plain_yes_or_no_gets_the_last_answer_in_short(text, intent):
    told = replace(Talk(about="card/counts-at_once"), said=(response("card/counts-at_once"),))
    asked = heard(part(intent, aspect="which", text=text), text=text)
    assert turn(asked, told).say == (response("card/counts-at_once") + AGAIN,)
    assert turn(asked, replace(told, offer="person")).say != (PERSON,)


def test_a_question_with_yes_or_no_at_its_end_is_that_question():
    text = "the membership, can i use it today, yes or no?"
    asked = heard(part("ask_membership", "membership/may-today", aspect="may", text=text), text=text)
    assert turn(asked, Talk(about="card/counts-at_once")).say == (response("membership/may-today"),)


@pytest.mark.parametrize(
    "text",
    [
        "ok card. so i can use it right away or after the money goes off",
        "tad es ar karti un es to varēšu lietot uzreiz vai kad nauda noies",
    ],
)
def test_a_way_to_pay_within_a_longer_message_is_no_answer_to_anything(text):
    asked = part("ask_membership", "membership/may-today", aspect="may", text=text, sure=0.5)
    assert turn(heard(asked, text=text, told={"payment": "card"}), Talk(about="payment/which-better")).say == (
        response("membership/may-today"),
    )
    short = part("follow_up", text="ok, by card", sure=0.5)
    assert turn(heard(short, told={"payment": "card"}), Talk(about="payment/which-better")).say == (
        response("card/by_when"),
    )


@pytest.mark.parametrize("text", ["mhm tātad es to neaizpildīju", "maybe not, i left it empty"])
@pytest.mark.parametrize(("about", "kept"), [("migrate_button/if_not", "no"), ("card/when", None)])
def test_what_was_left_empty_is_the_old_address_where_the_talk_is_about_it(text, about, kept):
    found = told_now(heard(part("follow_up", text=text), text=text), Talk(about=about))
    assert found.get("gave_old_email") == kept


@pytest.mark.parametrize("text", ["es laikam to neaizpildīju", "i did not fill it in, i think"])
def test_who_left_the_old_address_out_hears_what_follows_from_that(text):
    said = heard(part("follow_up", aspect="how", text=text, sure=0.5), text=text)
    assert turn(said, Talk(about="migrate_button/if_not")).say == (response("migrate_button/if_not-no_email"),)


@pytest.mark.parametrize("text", ["cik ilgi", "how long"])
def test_bare_words_stay_with_the_thing_of_the_talk_whatever_else_they_resemble(text):
    likely = ("membership_term/how_long", "check/how_long", "invoice/what")
    elsewhere = part("follow_up", *likely, aspect="how_long", text=text)
    found = turn(heard(elsewhere, text=text), Talk(about="invoice/when", said=(response("invoice/when"),)))
    assert found.talk.about == "invoice/how_long"


@pytest.mark.parametrize("text", ["un ko man tagad darīt", "and what do I do now"])
def test_what_to_do_now_is_about_the_problem_not_about_what_follows_without_it(text):
    problem = "migrate_button/problem-grey"
    now = part("follow_up", "migrate_button/next", aspect="next", text=text)
    found = turn(heard(now, text=text), Talk(about=problem, said=(response(problem),)))
    assert found.say == (response(problem) + "_again",)


@pytest.mark.parametrize("text", ["citā pārlūkā tas pats", "different browser same thing"])
def test_a_problem_that_is_still_the_same_is_not_taken_for_another(text):
    same = part("follow_up", "form/problem-not_open", aspect="problem", text=text)
    about = "form/problem-error"
    found = turn(heard(same, text=text), Talk(about=about, said=(response(about),)))
    assert found.say == (STILL_STUCK,)


@pytest.mark.parametrize("text", ["tātad 600", "so 600?"])
def test_what_is_missing_said_once_more_is_confirmed(text):
    talk = Talk(about="enough/counts-any", details={"points": "1400"})
    said = part("follow_up", "enough/counts-corporate", aspect="counts", text=text)
    assert turn(heard(said, text=text), talk).say == ("action_enough",)


@pytest.mark.parametrize("text", ["does it matter if I leave it blank?", "vai es ko zaudēju, ja atstāju tukšu?"])
def test_a_question_of_harm_is_not_answered_with_yes(text):
    asked = part("ask_old_email", "old_email/may-blank", aspect="may", text=text)
    found = turn(heard(asked, text=text, told={"had_cps": "no"}))
    assert found.say[0].endswith("_stated")

"""What the dialogue says, depending on what it understood, what the talk is about, and what was said before."""

from dataclasses import replace

import pytest

from bot.dialogue.answers import AGAIN, read_answers
from bot.dialogue.choosing import choose
from bot.dialogue.heard import PERSON, told_now
from bot.dialogue.phrasing import wording
from bot.dialogue.ranking import Part, Talk, rank, topic_of
from tests.dialogue.messages import UNKNOWN, asks, heard, part, pressed, response, signs, turn


def test_a_narrow_question_gets_its_short_answer_and_opens_its_topic():
    found = turn(asks("invoice/when"))
    assert found.say == (response("invoice/when"),)
    assert found.talk.about == "invoice/when"
    assert found.talk.said == (response("invoice/when"),)


def test_an_open_question_gets_the_page():
    assert turn(heard(part("ask_payment"))).say == ("utter_payment",)


def test_several_questions_get_several_answers_in_their_order_and_at_most_three():
    addresses = ("invoice/when", "card/when", "green_tick/where", "check/how_long")
    parts = [part(str(topic_of(a)), a, aspect=read_answers()[a].aspect, text="kad tas ir") for a in addresses]
    found = turn(heard(parts[0], *parts))
    assert found.say == tuple(response(address) for address in addresses[:3])
    assert found.talk.about == addresses[2]


def test_a_greeting_beside_a_question_is_no_question():
    question = part("ask_waiting", "check/how_long", aspect="how_long", text="cik ilgi")
    assert turn(heard(question, part("greet"), question)).say == (response("check/how_long"),)


@pytest.mark.parametrize("intent", ["greet", "thanks", "goodbye", "small_talk"])
def test_what_one_rule_answers_is_left_to_it(intent):
    assert turn(heard(part(intent))).say == ()


def test_an_insult_is_one_whatever_else_it_says():
    assert turn(heard(part("abuse"))).say == ("utter_abuse",)


def test_a_question_about_nothing_is_asked_back_and_then_a_miss():
    about_nothing = part("follow_up", aspect="where")
    first = turn(heard(about_nothing))
    assert first.say == ("utter_follow_up_nothing",)
    assert turn(heard(about_nothing), first.talk, before="utter_follow_up_nothing").say == ("action_fallback",)


def test_a_question_about_nothing_after_a_miss_is_another_miss():
    about_nothing = part("follow_up", aspect="where")
    assert turn(heard(about_nothing), before="action_fallback").say == ("action_fallback",)


def test_what_is_not_understood_goes_to_the_fallback():
    nothing = Part("asdf", {"nlu_fallback": 0.1}, {}, {}, {})
    assert turn(heard(nothing, intent="nlu_fallback")).say[-1] == "action_fallback"


def test_a_question_with_a_topic_of_its_own_changes_it():
    found = turn(asks("green_tick/where"), Talk(about="invoice/when"))
    assert (found.say, found.talk.about) == ((response("green_tick/where"),), "green_tick/where")


@pytest.mark.parametrize(
    ("first", "second"),
    [("cik ilgi taisa kontu", "kad nonem naudu no kartes"), ("how long for the account", "when is a card charged")],
)
def test_a_detail_counts_for_the_sentence_that_names_its_topic(first, second):
    asks_how_long = part("ask_waiting", "check/how_long", aspect="how_long", text=f"{first}?", sure=0.4)
    likely = {**asks_how_long.answers, "ask_payment": {"card/how_long": 1.0}}
    parts = (
        part("ask_waiting", "check/how_long", aspect="how_long", text=f"{first}? {second}?"),
        replace(asks_how_long, answers=likely, near={}),
        part("ask_payment", "card/when", aspect="when", text=f"{second}?"),
    )
    assert [one.address for one in choose(parts, Talk(), {"payment": "card"})] == ["check/how_long", "card/when"]


def test_what_has_not_come_is_answered_where_the_message_says_so():
    asked = part("ask_points_needed", "invitation/problem", "invitation/how_much", text="points for the invitation")
    asked = replace(asked, answers={"ask_points_needed": {"invitation/problem": 0.5, "invitation/how_much": 0.5}})
    shares = [
        {one.address: one.sure for one in rank(asked, Talk(), told)}["invitation/problem"]
        for told in ({}, {"invitation_came": "no"})
    ]
    assert shares[0] < shares[1]


def test_what_was_told_holds_until_it_is_corrected():
    talk = turn(asks("documents/which", told={"vat_payer": "yes"})).talk
    assert talk.details["vat_payer"] == "yes"
    found = turn(asks("licence/counts", told={"vat_payer": "no"}), talk)
    assert found.talk.details["vat_payer"] == "no"
    assert found.say == (read_answers()["licence/counts"].response({"vat_payer": "no"}),)


@pytest.mark.parametrize(
    ("address", "told", "action"),
    [
        ("enough/counts-corporate", {"points": "2500"}, "action_enough"),
        ("enough/how_much-missing", {"points": "470"}, "action_enough"),
        ("check/by_when", {"date": "2026-11-16"}, "action_last_day"),
    ],
)
def test_figures_and_days_are_computed_where_they_were_told(address, told, action):
    assert wording(address, Talk(), {}) == response(address)
    assert turn(asks(address, told=told, entities=told)).say == (action,)
    assert turn(asks(address), Talk(details=told)).say == (action,)


def test_points_are_compared_with_the_tier_that_the_message_names():
    message = asks(
        "enough/counts-invitation", told={"points": "2501", "tier": "corporate"}, entities={"points": "2501"}
    )
    assert turn(message).talk.about == "enough/counts-corporate"
    assert choose(message.parts, Talk(), {"tier": "gold", "points": "2501"})[0].address == "enough/counts-any"


@pytest.mark.parametrize(("tier", "thing"), [("platinum", "any_tier"), ("corporate", "corporate")])
def test_how_many_points_it_takes_depends_on_the_tier_that_the_message_names(tier, thing):
    parts = (part("ask_points_needed", "invitation/how_much", aspect="how_much"),)
    assert choose(parts, Talk(), {"tier": tier})[0].address == f"{thing}/how_much"


def test_a_bare_figure_is_points_only_where_the_talk_is_about_them():
    figure = heard(part("follow_up"), told={"points": "2019"})
    assert told_now(figure, Talk(about="invoice/when")) == {}
    assert told_now(figure, Talk(about="enough/counts-invitation")) == {"points": "2019"}
    assert told_now(replace(figure, entities={"points": "2019"}), Talk(about="invoice/when")) == {"points": "2019"}


def test_a_card_is_a_way_to_pay_only_where_the_talk_is_about_paying():
    card = heard(part("ask_documents"), told={"payment": "card"})
    assert told_now(card, Talk()) == {}
    assert told_now(card, Talk(about="invoice/when")) == {"payment": "card"}


@pytest.mark.parametrize(
    ("sign", "say"), [("👍", (PERSON,)), ("👎", ("utter_offer_declined",)), ("🙂", ("utter_acknowledged",))]
)
def test_a_sign_is_an_answer_too(sign, say):
    assert turn(signs(sign), turn(asks(UNKNOWN)).talk).say == say


def test_a_question_mark_alone_asks_the_same_again():
    talk = turn(asks("invoice/when")).talk
    assert turn(signs("???"), talk).say == (response("invoice/when") + AGAIN,)
    assert turn(signs("???")).say == ("utter_waiting_for_question",)


def test_a_figure_alone_goes_into_the_open_computation():
    talk = Talk(about="enough/counts-corporate")
    assert turn(signs("2501", {"points": "2501"}), talk).say == ("action_enough",)


def test_never_mind_drops_the_topic():
    found = turn(heard(part("never_mind")), Talk(about="invoice/when", offer="person"))
    assert found.say == ("utter_never_mind",)
    assert (found.talk.about, found.talk.offer) == (None, None)


def test_a_second_complaint_is_answered_with_a_person():
    first = turn(heard(part("complain")), Talk(about="invoice/when"))
    second = turn(heard(part("complain")), first.talk)
    assert (first.say, second.say) == (("utter_complain",), ("utter_complain_again",))
    assert (second.talk.about, second.talk.offer) == ("invoice/when", "person")


def test_a_button_opens_its_page_and_its_topic():
    found = turn(pressed("ask_payment"), Talk(about="green_tick/where"))
    assert found.say == ()
    assert found.talk.about == "ask_payment"
    assert found.talk.said == ("utter_payment",)


def test_what_is_told_besides_a_question_is_no_question_of_its_own():
    told = part("ask_documents", "documents/which", aspect="which", text="we pay no VAT")
    question = part("ask_documents", "licence/counts", aspect="counts", text="is a licence enough")
    whole = part("ask_documents", "licence/counts", aspect="counts", text="we pay no VAT. is a licence enough?")
    assert turn(heard(whole, told, question)).say == (response("licence/counts"),)


def test_a_question_behind_a_wish_for_a_language_is_answered():
    wish = part("set_language", text="turpinam latviski")
    question = part("ask_payment", "card/when", aspect="when", text="kad nonem naudu")
    found = turn(heard(wish, part("set_language", text="turpinam latviski"), question))
    assert found.say == (response("card/when"),)


def test_one_question_among_statements_is_answered_by_itself_and_by_the_whole():
    story = "good morning, i keep the books of a small video studio and my boss told me to sort out the canon account"
    told = part("ask_apply", "application/how", aspect="how", text=story)
    question = part("ask_documents", "documents/which", aspect="which", text="which documents")
    both = part("ask_apply", "application/how", "documents/which", text=f"{story}. which documents")
    whole = replace(both, intents={"ask_apply": 0.5, "ask_documents": 0.45}, near={})
    assert turn(heard(whole)).say == (response("application/how"),)
    assert turn(heard(whole, told, question)).say == (response("documents/which"),)


def test_a_sure_topic_at_the_start_of_a_talk_is_answered_though_it_sounds_like_a_follow_up():
    shares = {"tiers/which": 0.15, "tiers/which-mine": 0.07, "ask_tiers": 0.4}
    for hinted, said in ((0.95, response("tiers/which")), (0.3, "utter_follow_up_nothing")):
        intents, near = {"follow_up": 0.92, "ask_tiers": 0.06}, {"tiers/which": 0.5}
        few = Part("kadi ir limeni?", intents, {"ask_tiers": shares}, {"ask_tiers": hinted}, {"which": 0.9}, near)
        assert turn(heard(few)).say == (said,)


@pytest.mark.parametrize(
    ("condition", "question"),
    [("and if i pay by card", "is it charged at once"), ("ja maksaju ar karti", "vai naudu nonem uzreiz")],
)
def test_a_condition_is_no_question_of_its_own(condition, question):
    whole = part("ask_payment", "card/counts-at_once", aspect="counts", text=f"{condition}, {question}", sure=0.7)
    supposed = part("ask_payment", "payment/may-card", aspect="may", text=condition)
    asked = part("ask_payment", "card/counts-at_once", aspect="counts", text=question)
    assert [one.address for one in choose((whole, supposed, asked), Talk(), {})] == ["card/counts-at_once"]


@pytest.mark.parametrize("text", ["ir atvērta, bet viss angliski, var latviski?", "is there any of it in English?"])
def test_a_language_that_is_spoken_already_is_wished_for_something_else(text):
    asked = part("set_language", "form/which-language", aspect="which", text=text)
    asked = replace(asked, answers={"ask_apply": {"form/which-language": 0.9}}, topics={"ask_apply": 1.0})
    entities = {"language": "lv" if "latviski" in text else "en"}
    found = turn(heard(asked, text=text, entities=entities, language=entities["language"]))
    assert found.say == (response("form/which-language"),)
    found = turn(heard(asked, text=text, entities=entities, language="en" if "latviski" in text else "lv"))
    assert found.say[0] == "utter_language_set"

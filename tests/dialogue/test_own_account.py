"""Who asks about themselves hears their account, and no more of it than they ask."""

from dataclasses import replace

import pytest

from bot.dialogue.answers import read_answers
from bot.dialogue.guide import Position
from bot.dialogue.ranking import Talk
from tests.dialogue.messages import asks, heard, part, pressed, response, turn


def test_who_is_confirmed_hears_the_account_and_no_general_page():
    own = read_answers()["invoice/when"].own
    assert own
    action = f"action_{own.removeprefix('ask_')}"
    assert turn(asks("invoice/when", is_confirmed=True)).say == (action,)
    assert turn(heard(part("ask_payment"), is_confirmed=True)).say == (action,)


def test_words_about_oneself_ask_who_one_is():
    assert turn(heard(part("ask_my_status"))).say == ("action_my_status",)
    assert turn(heard(part("ask_my_status"), is_confirmed=True)).say == ("action_my_status",)


def test_the_form_is_not_talked_over():
    position = Position(("apply", "documents"))
    assert turn(pressed("ask_my_points", asks_who_it_is=True), position=position).say == ()


@pytest.mark.parametrize(("about", "action"), [("points/what", "my_points"), ("payment/what", "my_payment")])
def test_mine_is_looked_up(about, action):
    mine = part("follow_up", text="and what about mine")
    assert turn(heard(mine, text="and what about mine?"), Talk(about=about)).say == (f"action_{action}",)


@pytest.mark.parametrize("text", ["kādi produkti ir manā kontā?", "which products are in my account?"])
def test_what_is_in_ones_account_is_looked_up_even_if_another_topic_is_likelier(text):
    whole = replace(part("ask_register_products", "my_products/what", aspect="what", text=text, sure=0.7))
    unsure = replace(whole, intents={"ask_register_products": 0.7, "ask_my_products": 0.25})
    assert turn(heard(unsure, intent="ask_register_products")).say == ("action_my_products",)
    elsewhere = replace(unsure, text="kādi produkti ir tur")
    assert turn(heard(elsewhere, intent="ask_register_products")).say == (response("my_products/what"),)


def test_a_surer_answer_goes_before_a_look_up():
    paid = part("ask_payment", "card/problem-not_charged", aspect="problem", text="paid by card, nothing was taken")
    both = replace(paid, intents={"ask_my_status": 0.6, "ask_payment": 0.4})
    assert turn(heard(both, intent="ask_my_status")).say == (response("card/problem-not_charged"),)
    certain = replace(paid, intents={"ask_my_status": 0.95, "ask_payment": 0.05})
    assert "action_my_status" in turn(heard(certain, intent="ask_my_status")).say


def test_what_was_looked_up_just_now_is_not_recited_to_the_next_question():
    asked = part("ask_my_payment", "card/counts-at_once", aspect="counts", text="but is it charged at once?", sure=0.4)
    asked = replace(asked, intents={"ask_my_payment": 0.4, "ask_payment": 0.35})
    first = turn(heard(asked, is_confirmed=True))
    assert first.say == ("action_my_payment",)
    again = heard(asked, is_confirmed=True)
    assert turn(again, first.talk, before="action_my_payment").say == (response("card/counts-at_once"),)
    assert turn(again, first.talk).say == ("action_my_payment",), "it had failed, and said nothing"
    surely = heard(replace(asked, intents={"ask_my_payment": 0.9}), is_confirmed=True)
    assert turn(surely, first.talk, before="action_my_payment").say == ("action_my_payment",), "asked once more"


@pytest.mark.parametrize("intent", ["ask_my_payment", "ask_payment"])
def test_what_the_account_alone_can_tell_is_looked_up_each_time(intent):
    asked = part(intent, "payment/counts-gone_through", aspect="counts", text="vai mans maksājums ir saņemts?")
    found = turn(heard(asked, is_confirmed=True), before="action_my_payment")
    assert found.say == ("action_my_payment",)
    asked = part("ask_payment", "invoice/when", aspect="when", text="kad man būs rēķins?")
    again = turn(heard(asked, is_confirmed=True), Talk(about="invoice/when"), before="action_my_payment")
    assert again.say == ("action_my_payment",), "the same question asks how things stand now"
    asked = part(intent, "invoice/may-resend", aspect="may", text="varat man rēķinu atsūtīt?", sure=0.7)
    assert turn(heard(asked, is_confirmed=True), before="action_my_payment").say == (response("invoice/may-resend"),)


def test_what_is_only_supposed_is_answered_in_general():
    text = "if I pay by card, when is my money taken?"
    asked = part("ask_payment", "card/by_when", aspect="by_when", text=text)
    assert turn(heard(asked, text=text, is_confirmed=True)).say == (response("card/by_when"),)


@pytest.mark.parametrize("text", ["what about my invoice?", "kas ir ar manu rēķinu?"])
def test_who_asks_what_is_with_something_of_theirs_wants_their_account(text):
    asked = part("ask_my_payment", "invoice/what", aspect="what", text=text, sure=0.6)
    assert turn(heard(asked, text=text)).say[-1] == "action_my_payment"


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("cik man trūkst zeltam?", "action_my_goal"),
        ("how many am I short of gold?", "action_my_goal"),
        ("and if I had 2501?", "action_my_goal"),
    ],
)
def test_who_is_confirmed_hears_of_their_own_points(text, action):
    asked = asks("enough/how_much-missing", text=text, told={"points": "921"}, is_confirmed=True)
    assert turn(asked).say == (action,)
    assert turn(replace(asked, is_confirmed=False)).say == ("action_enough",)


@pytest.mark.parametrize("text", ["cik vajag zeltam?", "how many points does gold take?"])
def test_a_tier_that_is_named_is_compared_with_the_points_of_who_is_confirmed(text):
    asked = part("ask_points_needed", "any_tier/how_much-platinum", aspect="how_much", text=text)
    by_name = heard(asked, asked, text=text, told={"tier": "gold"}, is_confirmed=True)
    assert turn(by_name).say == ("action_my_goal",)


@pytest.mark.parametrize("text", ["when do I get the invoice for platinum?", "kad man būs rēķins par platīnu?"])
def test_a_tier_in_a_question_about_something_else_changes_nothing(text):
    asked = part("ask_payment", "invoice/when", aspect="when", text=text)
    found = turn(heard(asked, asked, text=text, told={"tier": "platinum"}, is_confirmed=True))
    assert "action_my_goal" not in found.say


@pytest.mark.parametrize("text", ["vai man pietiek uzaicinājumam?", "do I have enough for the invitation?"])
def test_who_is_confirmed_hears_of_their_own_invitation(text):
    asked = asks("enough/counts-invitation", text=text, told={"points": "721"}, is_confirmed=True)
    assert turn(asked).say == ("action_my_invitation",)


@pytest.mark.parametrize("text", ["hi, how many points do i have now", "čau, cik punktu man tagad ir"])
def test_how_many_the_customer_has_is_looked_up_even_where_an_answer_seems_likely(text):
    asked = part("ask_points_needed", "invitation/how_much", aspect="how_much", text=text)
    asked = replace(asked, intents={"ask_my_points": 0.85, "ask_points_needed": 0.07})
    assert turn(heard(asked, text=text, intent="ask_my_points")).say[-1] == "action_my_points"

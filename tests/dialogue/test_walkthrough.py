"""What a message means while a customer walks through the steps."""

from dataclasses import replace

import pytest

from bot.dialogue.guide import Position
from bot.dialogue.ranking import Part, Talk
from bot.text import fold
from tests.dialogue.messages import GUIDE, asks, heard, part, response, turn


def test_a_side_question_is_answered_before_the_walkthrough_asks_again():
    position = Position(("apply", "documents"))
    found = turn(replace(asks("price/how_much-tier"), text="cik tas maksā?"), position=position)
    assert found.say == (response("price/how_much-tier"), "utter_guide_ask_documents")
    assert found.position == position


def test_what_was_told_before_is_not_asked_again():
    found = turn(heard(part("next"), text="tālāk"), Talk(details={"vat_payer": "no"}), Position(("apply",)))
    assert found.position.path[-1] == "documents_other"


def test_news_lead_on_and_never_back():
    position = Position(("apply", "documents", "documents_vat", "old_email"))
    done = turn(heard(part("progress"), text="pieteikumu nosūtīju", entities={"step": "waiting"}), position=position)
    assert GUIDE.nodes[done.position.path[-1]].step > GUIDE.nodes["old_email"].step
    early = turn(
        heard(part("progress"), text="dokumentus pievienoju", entities={"step": "documents"}), position=position
    )
    assert early.position == position


@pytest.mark.parametrize(
    ("at", "intent", "first", "rest", "leads_to"),
    [
        ("ticks", "affirm", "ja visiem", "bet tikai 480", "tiers"),
        ("ticks", "affirm", "yes all of them", "but only 480 points", "tiers"),
        ("products", "deny", "ne nav", "un man nekad ta cps nebija", "products_register"),
        ("old_email", "deny", "no", "i never was in cps", "old_email_no"),
    ],
)
def test_an_answer_with_a_second_clause_is_an_answer(at, intent, first, rest, leads_to):
    text = f"{first}, {rest}"
    parts = part("follow_up", text=text), part(intent, text=first), part("follow_up", text=rest)
    found = turn(heard(*parts, text=text, told={"had_cps": "no"}), position=Position((at,)))
    assert found.say == (f"utter_guide_{leads_to}",)


def test_a_question_after_an_answer_is_answered():
    text = "yes. and how long do I wait?"
    question = part("ask_waiting", "check/how_long", aspect="how_long", text="how long do i wait")
    found = turn(heard(question, part("affirm", text="yes"), question, text=text), position=Position(("ticks",)))
    assert found.say == (response("check/how_long"), "utter_guide_tiers")  # the yes moves the walkthrough as well


@pytest.mark.parametrize("text", ["kurš solis?", "which step is it"])
def test_who_asks_which_step_it_is_hears_it(text):
    found = turn(heard(part("follow_up", text=text), text=text), position=Position(("ticks",)))
    assert found.say == ("utter_guide_where", "utter_guide_ticks")


@pytest.mark.parametrize("said", ["iesniedzu, cik ilgi tagad", "submitted it, how long now"])
def test_what_was_done_before_a_step_does_not_end_it(said):
    first, rest = said.split(", ")
    asks_too = part("ask_waiting", "check/how_long", aspect="how_long", text=rest)
    message = heard(asks_too, part("progress", text=first), asks_too, text=f"{first}! {rest}")
    assert turn(message, position=Position(("waiting",))).say == (response("check/how_long"), "utter_guide_ask_waiting")


@pytest.mark.parametrize(("text", "first"), [("nē, labāk soli pa solim", "ne"), ("no, rather step by step", "no")])
def test_a_wish_after_a_no_is_heard(text, first):
    rest = part("guide_start", text=text.partition(", ")[2])
    message = heard(part("deny", text=text), part("deny", text=first), rest, text=text)
    assert turn(message, position=Position(("apply_stuck",))).say == ("utter_guide_where", "utter_guide_apply_stuck")


@pytest.mark.parametrize(
    ("text", "agrees"), [("forma ir vaļā, jā", True), ("form is open yea", True), ("form?", False)]
)
def test_a_yes_at_the_end_or_the_beginning_is_one(text, agrees):
    found = turn(heard(part("ask_apply", "form/problem-not_open", text=text), text=text), position=Position(("apply",)))
    assert (found.position.path[-1] == "documents") == agrees


def test_a_figure_counts_as_points_where_the_walkthrough_asks_for_them():
    message = heard(part("next", text="tagad 1200"), text="tagad 1200", told={"points": "1200"})
    assert turn(message, position=Position(("tiers_few",))).talk.details == {"points": "1200"}
    assert turn(message, position=Position(("password",))).talk.details == {}


def test_the_talk_is_about_the_step_that_the_walkthrough_has_reached():
    told = turn(heard(part("next", text="talak"), text="tālāk"), Talk(about="check/how_long"), Position(("password",)))
    assert told.talk.about == "ask_migrate_button"


def test_who_is_confirmed_begins_by_their_account_unless_they_name_a_step():
    asked = part("guide_start", text="soli pa solim")
    assert turn(heard(asked, is_confirmed=True)).say == ("action_guide_start",)
    assert turn(heard(asked)).say == ("utter_guide_apply",)
    assert turn(heard(asked, is_confirmed=True, entities={"step": "apply"})).say == ("utter_guide_apply",)


@pytest.mark.parametrize(
    ("text", "leads_to"),
    [
        ("got the mail, made a password, logged in. now what", "products"),
        ("e-pasts atnāca, paroli uzliku. ko tagad", "products"),
        ("ok its tuesday, got the mail, made a password, logged in. now what", "products"),
        ("logged in, but there is an error", None),
        ("got the mail, set the password, it says invalid", None),
        ("ielogojos, bet kļūda", None),
        ("I want to get logged in", None),
        ("gribu, lai paroli uzliku", None),
    ],
)
def test_what_is_reported_done_leads_past_its_step_whatever_the_words_were_taken_for(text, leads_to):
    parts = [
        part("ask_password", "login/problem-cannot", aspect="problem", text=one) for one in (text, *text.split(". "))
    ]
    found = turn(heard(*parts, text=text), position=Position(("waiting",)))
    assert (found.position.path[-1] == leads_to) == bool(leads_to)


@pytest.mark.parametrize(
    ("first", "rest", "there"),
    [("nē, neesam", "kas drīkst to iesniegt", "documents_other"), ("yes we are", "who may submit it", "documents_vat")],
)
def test_an_answer_with_a_question_behind_it_counts_and_the_question_is_answered(first, rest, there):
    intent = "deny" if first.startswith("n") else "affirm"
    asks_too = part("ask_apply", "authority/who", aspect="who", text=rest)
    whole = part("ask_apply", "authority/who", aspect="who", text=f"{first}. {rest}")
    message = heard(whole, part(intent, text=first), asks_too, text=f"{first}. {rest}?")
    found = turn(message, position=Position(("documents",)))
    assert found.say == (response("authority/who"), f"utter_guide_{there}")
    assert found.position.path[-1] == there


@pytest.mark.parametrize(
    ("first", "rest"), [("iesniedzu", "bet vai tad nāks tas zvans"), ("submitted it", "but is there that phone thing")]
)
def test_what_is_done_counts_even_if_the_question_behind_it_is_not_understood(first, rest):
    unclear = Part(fold(rest), {"nlu_fallback": 0.3}, {}, {}, {}, {}, True)
    message = heard(
        replace(unclear, text=fold(f"{first}, {rest}")),
        part("progress", text=first),
        unclear,
        text=f"{first}, {rest}?",
        intent="nlu_fallback",
    )
    found = turn(message, position=Position(("old_email",)))
    assert (found.say[0], found.position.path[-1]) == ("utter_guide_question_missed", "waiting")

"""Beside an answer that is hardly likelier than others stand the questions of these others, to be pressed or typed."""

from dataclasses import replace

import pytest

from bot.dialogue import suggestions
from bot.dialogue.answers import LANGUAGES, read_answers
from bot.dialogue.guide import Position
from bot.dialogue.heard import FALLBACK
from bot.dialogue.ranking import Talk
from bot.text import fold
from tests.dialogue.messages import asks, heard, part, response, turn

DOUBTFUL = heard(
    replace(
        part("ask_payment", "invoice/when", "invoice/where", "card/by_when"),
        answers={"ask_payment": {"invoice/when": 0.36, "invoice/where": 0.33, "card/by_when": 0.31}},
        near={},
    )
)
MISSED = heard(
    replace(
        part("nlu_fallback", sure=0.1),
        intents={"nlu_fallback": 0.1, "ask_payment": 0.1},
        answers={"ask_payment": {"invoice/when": 0.1, "invoice/where": 0.1, "card/by_when": 0.1, "card/who": 0.1}},
    ),
    intent="nlu_fallback",
)


def test_a_doubtful_answer_comes_with_the_questions_that_may_have_been_meant():
    found = turn(DOUBTFUL)
    assert found.say == (response("invoice/when"),)
    assert found.suggested == ("invoice/where", "card/by_when")


def test_a_sure_answer_comes_alone():
    assert turn(asks("invoice/when")).suggested == ()


def test_small_talk_and_two_answers_come_alone():
    assert turn(heard(part("greet"))).suggested == ()
    first, second = (
        part("ask_payment", address, aspect=address.partition("/")[2], text=text)
        for address, text in (("invoice/when", "kad nāks rēķins?"), ("card/who", "kas novelk no kartes?"))
    )
    found = turn(heard(replace(DOUBTFUL.parts[0]), first, second))
    assert len(found.say) == 2
    assert found.suggested == ()


def test_after_a_miss_up_to_three_questions_are_suggested():
    found = turn(MISSED)
    assert FALLBACK in found.say
    assert len(found.suggested) == 3
    assert not {response(address) for address in found.suggested} & {*found.say}


def test_two_answers_that_say_the_same_are_suggested_once():
    points = heard(
        replace(
            part("ask_tiers", "enough/counts-any", "enough/which-tiers", "tiers/may-change"),
            answers={"ask_tiers": {"enough/counts-any": 0.34, "enough/which-tiers": 0.33, "tiers/may-change": 0.33}},
            near={},
        ),
        told={"points": "700"},
    )
    assert "enough/which-tiers" not in turn(points).suggested


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("typed", [str, str.upper, fold])
def test_the_question_on_a_button_is_found_by_its_words(language, typed):
    for answer in read_answers().values():
        assert suggestions.asked_by_name(typed(answer.question[language])) == answer.address


def test_other_words_are_the_question_of_no_answer():
    assert suggestions.asked_by_name("kad tad būs rēķins?") is None
    assert suggestions.asked_by_name("") is None


def test_what_was_pressed_is_answered_whatever_else_it_sounds_like():
    pressed = replace(heard(part("person")), picked=("assistant/may-person",))
    assert turn(pressed).say == (response("assistant/may-person"),)
    pressed = replace(heard(part("affirm")), picked=("invoice/where",))
    found = turn(pressed, Talk(about="price/how_much-tier", offer="person"))
    assert (found.say, found.suggested, found.talk.about) == ((response("invoice/where"),), (), "invoice/where")


def test_within_the_walkthrough_what_was_pressed_leaves_the_step():
    at = Position(("apply",))
    found = turn(replace(heard(part("done")), picked=("invoice/where",)), position=at)
    assert found.say == (response("invoice/where"), "utter_guide_ask_apply")
    assert found.position == at


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_button_asks_the_question_that_stands_on_it(language):
    question = read_answers()["invoice/where"].question[language]
    assert suggestions.buttons(["invoice/where", "of/nothing"], language) == [{"title": question, "payload": question}]


def test_instead_of_a_sure_answer_the_likeliest_others_are_found_faint_as_they_are():
    sure = heard(
        replace(
            part("ask_payment", "invoice/when", "invoice/where", "card/by_when"),
            answers={"ask_payment": {"invoice/when": 0.95, "invoice/where": 0.03, "card/by_when": 0.02}},
            near={},
        )
    )
    assert turn(sure).suggested == ()
    others = suggestions.likely_instead(Talk(), sure, [response("invoice/when")])
    assert others == ("invoice/where", "card/by_when")
    assert suggestions.likely_instead(Talk(), replace(sure, parts=()), [response("invoice/when")]) == ()


def test_instead_of_a_computed_answer_the_same_computation_is_not_offered():
    counted = heard(
        replace(
            part("ask_tiers", "enough/counts-any", "tiers/may-change"),
            answers={"ask_tiers": {"enough/counts-any": 0.9, "tiers/may-change": 0.1}},
            near={},
        ),
        told={"points": "700"},
    )
    assert suggestions.likely_instead(Talk(), counted, ["utter_enough_tiers"]) == ("tiers/may-change",)


@pytest.mark.parametrize(
    ("name", "tells"),
    [
        (response("invoice/when"), True),
        (f"{response('invoice/when')}_again", True),
        ("utter_payment", True),
        ("utter_my_tiers", True),
        ("utter_last_day", True),
        ("utter_thanks", False),
        ("utter_fallback", False),
        ("utter_guide_apply", False),
        (None, False),
    ],
)
def test_small_talk_the_fallback_and_the_walkthrough_tell_nothing(name, tells):
    assert suggestions.tells(name) is tells

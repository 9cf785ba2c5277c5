"""A second reader is asked in doubtful cases only, and what it picks is answered like any other reading."""

from dataclasses import replace

import pytest

from bot.dialogue.guide import Position
from bot.dialogue.heard import FALLBACK, SECOND_READER
from bot.dialogue.ranking import Talk
from tests.dialogue.messages import asks, heard, part, pressed, response, turn

# Two answers that are about as likely.
DOUBTFUL = heard(
    replace(
        part("ask_payment", "invoice/when", "invoice/where", "card/by_when"),
        answers={"ask_payment": {"invoice/when": 0.4, "invoice/where": 0.4, "card/by_when": 0.2}},
        near={},
    )
)
UNKNOWN = heard(part("nlu_fallback", text="kas tad ir ar to?", sure=0.1), intent="nlu_fallback")


def with_reader(message, *picked: str, is_asked: bool = True):
    return replace(message, has_second_reader=True, picked=picked if is_asked else None)


@pytest.mark.parametrize("message", [DOUBTFUL, UNKNOWN])
def test_it_is_asked_where_the_reading_is_doubtful_and_nothing_has_changed_until_it_answers(message):
    talk = Talk(about="check/how_long", details={"vat_payer": "no"})
    found = turn(with_reader(message, is_asked=False), talk)
    assert (found.say, found.talk) == ((SECOND_READER,), talk)
    assert SECOND_READER not in turn(message, talk).say, "there is none"


@pytest.mark.parametrize("message", [asks("invoice/when"), heard(part("greet")), pressed("ask_payment")])
def test_it_is_not_asked_where_the_reading_is_sure(message):
    assert SECOND_READER not in turn(with_reader(message, is_asked=False)).say


def test_what_it_picks_is_said_and_becomes_what_the_talk_is_about():
    found = turn(with_reader(UNKNOWN, "invoice/when"))
    assert found.say == (response("invoice/when"),)
    assert (found.talk.about, found.talk.said) == ("invoice/when", found.say)
    assert turn(with_reader(UNKNOWN, "invoice/when", "card/by_when")).say == (
        response("invoice/when"),
        response("card/by_when"),
    )


def test_it_may_pick_a_page_or_the_account():
    assert turn(with_reader(UNKNOWN, "ask_payment")).say == ("utter_payment",)
    assert turn(with_reader(UNKNOWN, "ask_my_points")).say == ("action_my_points",)


def test_a_walkthrough_goes_on_after_what_it_picked():
    at = Position(("apply",))
    found = turn(with_reader(UNKNOWN, "invoice/when"), position=at)
    assert found.say == (response("invoice/when"), "utter_guide_ask_apply")
    assert found.position == at


def test_if_it_picks_nothing_the_first_reading_counts():
    assert turn(with_reader(DOUBTFUL)) == turn(DOUBTFUL)
    assert turn(with_reader(UNKNOWN)).say == (FALLBACK,)

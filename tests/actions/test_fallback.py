"""What is offered when a message was not understood."""

import asyncio

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.fallback import Fallback, likeliest, misses_in_a_row
from bot.dialogue.answers import read_answers


def user(intent: str) -> dict:
    return {"event": "user", "parse_data": {"intent": {"name": intent}}}


BOT = {"event": "bot"}
FALLBACK = {"event": "action", "name": "action_fallback"}
OTHER = {"event": "action", "name": "utter_tiers"}


@pytest.mark.parametrize(
    ("events", "misses"),
    [
        ([user("nlu_fallback")], 1),
        ([user("greet"), OTHER, BOT, user("nlu_fallback")], 1),
        ([user("nlu_fallback"), FALLBACK, BOT, user("nlu_fallback")], 2),
        ([user("nlu_fallback"), FALLBACK, BOT, user("greet"), OTHER, BOT, user("nlu_fallback")], 1),
        ([FALLBACK, BOT, user("nlu_fallback"), FALLBACK, BOT, user("ask_tiers")], 2),
    ],
)
def test_it_counts_the_misses_in_a_row_with_this_one(events, misses):
    assert misses_in_a_row(events) == misses


def test_what_was_understood_from_what_was_said_before_is_no_miss():
    assert misses_in_a_row([user("nlu_fallback"), OTHER, BOT, user("nlu_fallback")]) == 1


RANKING = [
    {"name": name}
    for name in ("nlu_fallback", "ask_tiers", "greet", "ask_my_points", "person", "help", "ask_points_needed")
]


def test_it_offers_the_three_likeliest_topics_and_no_small_talk():
    assert [button["payload"] for button in likeliest(RANKING, "lv")] == ["/ask_tiers", "/ask_my_points", "/person"]


def test_its_buttons_speak_the_customers_language():
    assert titles("lv")[0] != titles("en")[0]
    assert "Which tiers" in titles("en")[0]


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("suggested", [["invoice/when", "card/by_when"], []])
def test_it_offers_the_questions_that_may_have_been_meant_before_any_topic(language, suggested):
    message = {"intent_ranking": RANKING}
    tracker = Tracker(
        "a",
        {"language": language, "suggested": suggested},
        message,
        [user("nlu_fallback")],
        False,
        None,
        {},
        "action_listen",
    )
    said = CollectingDispatcher()
    assert asyncio.run(Fallback().run(said, tracker, {})) == []
    (answer,) = said.messages
    questions = [read_answers()[address].question[language] for address in suggested]
    assert [button["title"] for button in answer["buttons"]] == (questions or titles(language))


def titles(language: str) -> list[str]:
    return [button["title"] for button in likeliest(RANKING, language)]

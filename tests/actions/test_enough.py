"""Whether the points that a customer names are enough, at every threshold and one point beside it."""

import asyncio

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.enough import Enough, outcome_of
from bot.dialogue.answers import read_answers, read_responses

POINTS = (499, 500, 501, 1999, 2000, 2499, 2500, 2501)
# The outcome for each number of points, and the points that are still missing, or 0.
OUTCOMES = {
    "invitation": ["invitation_no 1", *["invitation_yes 0"] * 7],
    "invitation_late": ["invitation_no 1", *["invitation_late 0"] * 7],
    "missing": [
        "missing 1",
        "missing_any 1500", "missing_any 1499", "missing_any 1",
        "missing_corporate 501", "missing_corporate 2", "missing_corporate 1",
        "missing_nothing 0",
    ],
    "any": ["any_no 1", "any_some 1500", "any_some 1499", "any_some 1", *["any_yes 0"] * 4],
    "corporate": [*(f"corporate_no {2501 - points}" for points in POINTS[:-1]), "corporate_yes 0"],
    "tiers": [
        "tiers_none 1",
        "tiers_some 1500", "tiers_some 1499", "tiers_some 1",
        "tiers_any 501", "tiers_any 2", "tiers_any 1",
        "tiers_all 0",
    ],
}  # fmt: skip


def said(points: int, about: str | None, language: str = "lv", before: tuple[str, ...] = ()) -> tuple[dict, list[dict]]:
    slots = {"details": {"points": str(points)}, "about": about, "language": language, "said": list(before)}
    tracker = Tracker("c1", slots, {}, [], False, None, {}, None)
    dispatcher = CollectingDispatcher()
    events = asyncio.run(Enough().run(dispatcher, tracker, {}))
    (message,) = dispatcher.messages
    return message, events


@pytest.mark.parametrize("goal", OUTCOMES)
def test_every_threshold_is_met_exactly(goal):
    found = []
    for points in POINTS:
        outcome, least = outcome_of(goal, points)
        found.append(f"{outcome} {least - points if least else 0}")
    assert found == OUTCOMES[goal]


def test_everything_that_may_be_said_is_written_also_for_who_asks_again():
    names = {f"utter_enough_{outcome_of(goal, points)[0]}" for goal in OUTCOMES for points in POINTS}
    assert {name + end for name in names for end in ("", "_again")} <= read_responses().keys()


def test_every_goal_is_what_some_short_answer_computes():
    assert set(OUTCOMES) == {answer.computed for answer in read_answers().values()} - {None, "last_day"}


@pytest.mark.parametrize(
    ("about", "points", "language", "response", "words"),
    [
        ("enough/counts-corporate", 2500, "lv", "corporate_no", {"points": "2 500 punkti", "missing": "1 punkta"}),
        ("enough/counts-corporate", 2501, "en", "corporate_yes", {"points": "2,501 points"}),
        ("enough/counts-invitation", 499, "en", "invitation_no", {"points": "499 points", "missing": "1 point"}),
        ("invitation/problem", 520, "lv", "invitation_late", {"points": "520 punkti"}),
        ("invitation/problem", 480, "en", "invitation_no", {"points": "480 points", "missing": "20 points"}),
        ("enough/how_much-missing", 440, "lv", "missing", {"points": "440 punkti", "missing": "60 punktu"}),
        (None, 2000, "lv", "tiers_any", {"points": "2 000 punkti", "missing": "501 punkta"}),
    ],
)
def test_it_says_what_was_asked_with_the_figures(about, points, language, response, words):
    message, _ = said(points, about, language)
    assert message["response"] == f"utter_enough_{response}"
    filled = {name: message.get(name, "").replace("\u00a0", " ") for name in ("points", "missing") if name in message}
    assert filled == words


def test_who_asks_again_hears_other_words_and_it_is_remembered():
    _, events = said(2500, "enough/counts-corporate")
    before = tuple(events[0]["value"])
    message, events = said(2500, "enough/counts-corporate", before=before)
    assert message["response"] == "utter_enough_corporate_no_again"
    assert events[0]["value"] == ["utter_enough_corporate_no", "utter_enough_corporate_no_again"]

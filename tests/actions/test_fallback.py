"""What is offered when a message was not understood."""

import pytest

from actions.fallback import has_guessed, likeliest, misses_in_a_row


def user(intent: str) -> dict:
    return {"event": "user", "parse_data": {"intent": {"name": intent}}}


BOT = {"event": "bot"}
FALLBACK = {"event": "action", "name": "action_fallback"}
GUESS = {"event": "action", "name": "utter_fallback_guess"}
OTHER = {"event": "action", "name": "utter_tiers"}


@pytest.mark.parametrize(
    ("events", "misses"),
    [
        ([user("nlu_fallback")], 1),
        ([user("greet"), OTHER, BOT, user("nlu_fallback")], 1),
        ([user("nlu_fallback"), FALLBACK, BOT, user("nlu_fallback")], 2),
        ([user("nlu_fallback"), GUESS, OTHER, FALLBACK, BOT, user("ask_tiers"), GUESS, OTHER], 2),
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
    titles = {language: [button["title"] for button in likeliest(RANKING, language)] for language in ("lv", "en")}
    assert titles["lv"][0] != titles["en"][0]
    assert "Which tiers" in titles["en"][0]


def test_after_a_guess_it_offers_the_other_topics():
    payloads = [button["payload"] for button in likeliest(RANKING, "lv", besides=1)]
    assert payloads == ["/ask_my_points", "/person", "/ask_points_needed"]


def test_it_knows_whether_it_guessed_in_this_turn():
    assert has_guessed([user("nlu_fallback"), GUESS, BOT])
    assert not has_guessed([user("nlu_fallback"), GUESS, BOT, user("nlu_fallback")])

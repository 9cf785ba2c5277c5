"""A look-up asks for the customer's token once and for the account once, however much of it the answer tells."""

import asyncio
import json

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.goal import MyGoal
from actions.guide import GuideStart
from actions.invitation import MyInvitation
from actions.lookup import Lookup
from actions.points import MyPoints
from actions.server import WithoutDomain
from actions.tiers import MyTiers
from tests.odd_server import OddServer
from tests.sample_account import ACCOUNT, account_with

WithoutDomain().register_package("actions")  # so that all look-ups are known
LOOKUPS = [*Lookup.__subclasses__(), GuideStart]
ACCESS, READ = ("GET", "/internal/conversations/c/access"), ("GET", "/v1/account")


@pytest.fixture
def accounts(server: OddServer) -> OddServer:
    """The account of a confirmed customer."""
    server.answers[ACCESS[1]] = [(200, b'{"token": "t"}')] * 9
    server.answers[READ[1]] = [(200, json.dumps(ACCOUNT).encode())] * 9
    return server


def told(lookup: type, turn: str = "first", text: str = "?", details: dict | None = None, before: tuple = ()) -> list:
    """Run a look-up in a turn; return the responses. `before` are names and texts of those to the message before."""
    slots = {"language": "en", "details": details or {}}
    said = [{"event": "bot", "text": words, "metadata": {"utter_action": name}} for name, words in before]
    events = [{"event": "user"}, *said, {"event": "user"}]
    tracker = Tracker("c", slots, {"message_id": turn, "text": text}, events, False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    asyncio.run(lookup().run(dispatcher, tracker, {}))
    return dispatcher.messages


def answer(lookup: type, turn: str = "first", **more) -> list[str]:
    """Return the names of a look-up's responses."""
    return [message["response"] for message in told(lookup, turn, **more)]


@pytest.mark.parametrize("lookup", LOOKUPS, ids=lambda lookup: lookup.__name__)
def test_each_question_about_the_account_takes_two_requests(accounts, lookup):
    assert "utter_backend_failed" not in answer(lookup)
    assert accounts.asked == [ACCESS, READ]


def test_points_are_told_with_those_that_wait_and_the_next_tier(accounts):
    assert answer(MyPoints) == ["utter_my_points_waiting", "utter_my_tiers_next"]
    assert told(MyPoints)[0]["total"] == "921 points"


def test_the_same_look_up_twice_in_a_row_is_not_recited(accounts):
    first = answer(MyPoints)
    before = tuple((name, "721 points, gold") for name in first)
    assert answer(MyPoints, before=before) == first[:1]
    assert answer(MyPoints, text="/ask_my_points", before=before) == first, "a button asks to look again"
    assert answer(MyPoints, before=tuple((name, "521 points, gold") for name in first)) == first, "they have changed"
    other = (("utter_my_goal_open", "silver: 721 points"),)
    assert answer(MyGoal, details={"tier": "silver"}, before=other) == ["utter_my_nothing_more"]
    assert answer(MyGoal, details={"tier": "gold"}, before=other) == ["utter_my_goal_with_waiting_no"]


@pytest.mark.parametrize(
    ("text", "details", "response", "missing"),
    [
        ("is that gold?", {"tier": "gold"}, "utter_my_goal_with_waiting_no", "79 points"),
        ("721+200, is it gold?", {"tier": "gold", "points": "921"}, "utter_my_goal_with_waiting_no", "79 points"),
        ("with 1000 then?", {"points": "1000"}, "utter_my_goal_supposed_yes", "0 points"),
        ("and with 950", {"points": "950"}, "utter_my_goal_supposed_no", "50 points"),
        ("the next one?", {"points": "950"}, "utter_my_goal_with_waiting_no", "79 points"),  # told earlier
        ("silver?", {"tier": "silver"}, "utter_my_goal_open", "0 points"),
    ],
)
def test_a_tier_is_compared_with_the_accounts_points_or_with_those_supposed(accounts, text, details, response, missing):
    (said,) = told(MyGoal, text=text, details=details)
    assert (said["response"], said["missing"]) == (response, missing)


@pytest.mark.parametrize(
    ("points", "response"),
    [
        ({}, "utter_my_invitation_sent"),
        ({"invited_at": None}, "utter_my_invitation_late"),
        ({"invited_at": None, "total": 499, "waiting": 1}, "utter_my_invitation_with_waiting"),
        ({"invited_at": None, "total": 299}, "utter_my_invitation_short"),
    ],
)
def test_whether_the_invitation_was_sent_is_told(accounts, points, response):
    accounts.answers[READ[1]] = [(200, json.dumps(account_with(points=points)).encode())]
    assert answer(MyInvitation) == [response]


def test_two_questions_in_one_message_take_two_requests_and_the_next_message_two_more(accounts):
    assert answer(MyPoints) + answer(MyTiers)
    assert accounts.asked == [ACCESS, READ]
    assert answer(MyPoints, "second")
    assert accounts.asked == [ACCESS, READ] * 2

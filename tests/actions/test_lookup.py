"""A look-up asks for the customer's token once and for the account once, however much of it the answer tells."""

import asyncio
import json

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.guide import GuideStart
from actions.lookup import Lookup
from actions.points import MyPoints
from actions.server import WithoutDomain
from actions.tiers import MyTiers
from tests.odd_server import OddServer
from tests.sample_account import ACCOUNT

WithoutDomain().register_package("actions")  # so that all look-ups are known
LOOKUPS = [*Lookup.__subclasses__(), GuideStart]
ACCESS, READ = ("GET", "/internal/conversations/c/access"), ("GET", "/v1/account")


@pytest.fixture
def accounts(server: OddServer) -> OddServer:
    """The account of a confirmed customer."""
    server.answers[ACCESS[1]] = [(200, b'{"token": "t"}')] * 9
    server.answers[READ[1]] = [(200, json.dumps(ACCOUNT).encode())] * 9
    return server


def answer(lookup: type, turn: str = "first") -> list[str]:
    """Run a look-up in a turn; return the names of the responses."""
    tracker = Tracker("c", {"language": "en"}, {"message_id": turn}, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    asyncio.run(lookup().run(dispatcher, tracker, {}))
    return [message["response"] for message in dispatcher.messages]


@pytest.mark.parametrize("lookup", LOOKUPS, ids=lambda lookup: lookup.__name__)
def test_each_question_about_the_account_takes_two_requests(accounts, lookup):
    assert "utter_backend_failed" not in answer(lookup)
    assert accounts.asked == [ACCESS, READ]


def test_points_are_told_with_the_products_and_the_next_tier(accounts):
    assert answer(MyPoints) == ["utter_my_points", "utter_my_products_missing", "utter_my_tiers_next"]


def test_two_questions_in_one_message_take_two_requests_and_the_next_message_two_more(accounts):
    assert answer(MyPoints) + answer(MyTiers)
    assert accounts.asked == [ACCESS, READ]
    assert answer(MyPoints, "second")
    assert accounts.asked == [ACCESS, READ] * 2

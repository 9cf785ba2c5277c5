"""What the window offers before the first message: the questions asked most, the step, and those that fit."""

import html
import json
import re
from datetime import timedelta
from unittest.mock import Mock

import pytest
import requests
from sqlalchemy.exc import OperationalError

from bot.chat import home
from bot.chat.home import SHOWN, USUAL, MostAsked, most_asked
from bot.database import now
from bot.dialogue.answers import LANGUAGES, read_answers
from tests.agent import Agent
from tests.conversations.conftest import conversation, database, on_postgresql  # noqa: F401
from tests.conversations.test_measures import Begun
from tests.customer import Customer


@pytest.fixture
def asked(database):  # noqa: F811
    """Return a function that stores conversations in which an answer was given."""

    def ask(about: str, conversations: int, kind: str = "answer", days: int = 1) -> None:
        for number in range(conversations):
            when = now() - timedelta(days=days)
            Begun(database, f"{about} {kind} {days} {number}"[:32], when).asks(when, kind, about=about)

    ask.database = database
    return ask


def shown(asked) -> list[str]:
    with asked.database.read() as session:
        return most_asked(session)


def test_the_usual_questions_are_known_about_different_things_and_six():
    answers = [read_answers()[address] for address in USUAL]
    assert all(one.is_known for one in answers)
    assert len({one.thing for one in answers}) == len(answers) == SHOWN


def test_where_nothing_was_asked_the_usual_questions_are_shown(asked):
    assert shown(asked) == USUAL


def test_the_questions_of_most_conversations_come_first_one_about_each_thing(asked):
    asked("card/may-pay_now", 5)  # which is not known
    asked("payment/may-card", 3)
    asked("payment/must", 2)
    asked("cps/what", 4)
    asked("ask_payment", 6)  # a page
    asked("points/what", 9, days=40)
    asked("invoice/who", 9, kind="miss")
    assert shown(asked)[:2] == ["cps/what", "payment/may-card"]
    assert len(shown(asked)) == SHOWN
    assert not {"payment/must", "points/what", "ask_payment", "card/may-pay_now", "invoice/who"} & {*shown(asked)}


def test_while_the_database_is_away_the_questions_stay(asked, monkeypatch):
    monkeypatch.setattr(home, "FRESH", -1)  # each look counts anew
    asked("payment/must", 2)
    most = MostAsked(asked.database)
    before = most.questions()
    assert before["lv"][0] == read_answers()["payment/must"].question["lv"]
    away = OperationalError("SELECT", {}, Exception())
    monkeypatch.setattr(home, "most_asked", Mock(side_effect=away))
    assert most.questions() == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_brings_the_questions_in_both_languages(web, language):
    page = requests.get(f"{web.web}/chat?language={language}", timeout=30).text
    given = json.loads(html.unescape(re.search(r'data-questions="([^"]*)"', page)[1]))
    assert {*given} == {*LANGUAGES}
    known = {one.question[language] for one in read_answers().values()}
    assert len(given[language]) == SHOWN
    assert {*given[language]} <= known


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [("lv", "kad atnāks rēķ", "Kad atnāks rēķins?"), ("en", "when does the inv", "When does the invoice arrive?")],
)
def test_what_is_typed_finds_questions_and_is_kept_nowhere(web, language, typed, meant):
    customer = Customer(web.web, language, is_greeted=False)
    found = customer.call("POST", "conversation/questions", {"language": language, "text": typed})
    assert meant in found.json()["questions"]
    assert typed not in json.dumps(customer.events()[0], ensure_ascii=False)


def test_only_a_conversation_searches_and_not_for_a_book(web):
    body = {"language": "lv", "text": "punkti"}
    assert requests.post(f"{web.web}/api/conversation/questions", json=body, timeout=30).status_code == 401
    customer = Customer(web.web, is_greeted=False)
    for wrong in ({"text": "x" * 201}, {"language": "de"}, {"language": None}, {"more": 1}):
        assert customer.call("POST", "conversation/questions", body | wrong).status_code == 422
    nothing = body | {"text": "\x00\U0001f4b3"}
    assert customer.call("POST", "conversation/questions", nothing).json() == {"questions": []}


def test_while_the_database_is_away_the_former_questions_are_shown(asked, tmp_path):
    asked("cps/what", 4)
    counted = home.MostAsked(asked.database)
    before = counted.questions()
    counted._database = home.Database(f"sqlite:///{tmp_path / 'away' / 'chat.db'}")
    counted._counted_at = None
    assert counted.questions() == before
    usual = home.MostAsked(counted._database).questions()
    assert usual["en"] == [read_answers()[one].question["en"] for one in USUAL]
    assert before != usual


def test_the_state_tells_the_step_while_the_assistant_leads(web):
    customer, agent = Customer(web.web, is_greeted=False), Agent(web.folder)
    assert customer.state()["step"] is None
    for place, step in (("documents", {"number": 2, "count": 9}), ("nowhere", None)):
        agent.do(customer.token, lambda _, mine, place=place: setattr(mine, "place", place))
        assert customer.state()["step"] == step

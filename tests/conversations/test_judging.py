"""Supervisors mark answers; from their marks come figures, the list of what to learn from, and an exam."""

import re
from datetime import timedelta

import pytest

from bot.conversations import handoff, judging, learning, lifecycle, messages, turns
from bot.conversations.models import Agent, Conversation
from bot.database import now
from tests.conversations.talk import JANIS, LIGA, Talk


def answered(talk: Talk, text: str, answer: str = "answer", for_rasa: str | None = None) -> int:
    """Store a message of the customer, and the assistant's answer to it; return the message's id."""

    def store(session, conversation):
        said = for_rasa or text
        message, _ = handoff.customer_says(session, conversation, f"id-{next(talk.numbers)}", text, said, text.upper())
        given = messages.add_message(session, conversation, "assistant", answer)
        turns.record(session, conversation, message, ["utter_payment"], None, [], False, False, given.id, [])
        return message.id

    return talk.do(store)


def marks(talk: Talk, message_id: int, verdict: str, agent: Agent = LIGA, facts: str = "") -> judging.Step | None:
    with talk.database.write() as session:
        return judging.judge(session, talk.id, message_id, agent, verdict, facts)


def items(talk: Talk, language: str = "lv") -> list[dict]:
    with talk.database.read() as session:
        return [judging.item(one, language, re.escape) for one in judging.exam(session, language)]


def test_a_conversation_is_stepped_through_question_by_question(talk):
    talk.do(messages.add_message, "assistant", "hello")
    first, second = answered(talk, "first", "one"), answered(talk, "second", "two")
    talk.do(messages.add_message, "assistant", "and more")
    with talk.database.read() as session:
        found = judging.steps(session, talk.id)
    assert [one.asked and one.asked.id for one in found] == [None, first, second]
    assert [[message.text for message in one.said] for one in found] == [["hello"], ["one"], ["two", "and more"]]
    assert [bool(one.turn) for one in found] == [False, True, True]


def test_a_mark_is_changed_by_who_gave_it_and_stands_beside_those_of_others(talk):
    asked = answered(talk, "first")
    marks(talk, asked, "bad")
    marks(talk, asked, "good", facts="500")
    step = marks(talk, asked, "acceptable", JANIS)
    assert {one.agent_id: one.verdict for one in step.marks} == {LIGA.id: "good", JANIS.id: "acceptable"}
    assert (step.of(LIGA.id).who, step.facts) == ("Līga", ["500"])


def test_only_an_answer_of_that_conversation_is_marked(talk):
    asked = answered(talk, "first")
    with talk.database.write() as session:
        other = Talk(talk.database, lifecycle.open_conversation(session, "lv")[1].id)
    assert marks(other, asked, "bad") is None
    assert marks(talk, asked + 1, "bad") is None


def test_agreement_counts_the_pairs_of_marks_and_those_alike(talk):
    same, differing, alone = (answered(talk, text) for text in ("first", "second", "third"))
    for asked, agent, verdict in (
        (same, LIGA, "good"),
        (same, JANIS, "good"),
        (differing, LIGA, "good"),
        (differing, JANIS, "bad"),
        (alone, LIGA, "bad"),
    ):
        marks(talk, asked, verdict, agent)
    hour = timedelta(hours=1)
    with talk.database.read() as session:
        assert judging.agreement(session, now() - hour, now() + hour, "") == (2, 1)
        assert judging.agreement(session, now() - hour, now() + hour, "en") == (0, 0)
        assert judging.agreement(session, now() + hour, now() + 2 * hour, "") == (0, 0)


def test_what_is_judged_bad_is_listed_to_learn_from(talk):
    good, bad = answered(talk, "first"), answered(talk, "second")
    marks(talk, good, "acceptable")
    marks(talk, bad, "bad", JANIS)
    marks(talk, bad, "good")
    with talk.database.read() as session:
        assert [one.text for one in learning.cases(session, "bad")] == ["SECOND"]
        assert learning.counts(session)["bad"] == 1
        assert learning.kind_of(learning.case(session, bad).turn) == "bad"


def test_an_exam_has_the_conversation_up_to_its_last_facts_masked_with_what_buttons_send(talk):
    answered(talk, "my number")
    pressed = answered(talk, "How do I pay?", for_rasa="/ask_payment")
    asked = answered(talk, "how much?")
    answered(talk, "thanks")
    assert items(talk) == []
    marks(talk, asked, "bad", facts="500 punkti\n1.5 %")
    marks(talk, pressed, "good")
    (item,) = items(talk)
    assert item["lang"] == "lv"
    assert item["turns"] == [
        {"user": "MY NUMBER", "must": [], "must_not": []},
        {"user": "/ask_payment", "must": [], "must_not": []},
        {"user": "HOW MUCH?", "must": [re.escape("500 punkti"), re.escape("1.5 %")], "must_not": []},
    ]
    assert items(talk, "en") == []


def test_what_is_out_of_sight_in_a_long_conversation_is_not_marked_and_breaks_no_exam(talk, monkeypatch):
    asked = answered(talk, "first")
    marks(talk, asked, "bad", facts="500")
    assert len(items(talk)) == 1
    monkeypatch.setattr(judging, "MAX_SHOWN", 2)
    answered(talk, "second")
    assert items(talk) == []
    assert marks(talk, asked, "good") is None


@pytest.mark.parametrize("is_done", [False, True])
def test_listed_is_what_the_agent_has_judged_or_what_not(talk, is_done):
    asked = answered(talk, "first")
    with talk.database.write() as session:
        other = Talk(talk.database, lifecycle.open_conversation(session, "en")[1].id)
    answered(other, "second")
    answered(other, "third")
    marks(talk, asked, "good")
    with talk.database.read() as session:
        (found,) = judging.listed(session, LIGA, "", is_done)
        assert (found.id, found.answers, found.judged) == ((talk.id, 1, 1) if is_done else (other.id, 2, 0))
        assert [one.id for one in judging.listed(session, JANIS, "", False)] == [other.id, talk.id]
        assert [one.id for one in judging.listed(session, JANIS, "lv", False)] == [talk.id]


def test_marks_go_with_the_conversation_and_stay_without_the_agent(talk):
    asked = answered(talk, "first")
    marks(talk, asked, "good", JANIS)
    with talk.database.write() as session:
        session.delete(session.get_one(Agent, JANIS.id))
    with talk.database.read() as session:
        (step,) = judging.steps(session, talk.id)
        assert [(one.agent_id, one.who) for one in step.marks] == [(None, "Jānis")]
    with talk.database.write() as session:
        session.delete(session.get_one(Conversation, talk.id))
    with talk.database.read() as session:
        assert judging.steps(session, talk.id) == []

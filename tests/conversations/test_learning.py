"""What was not understood is listed, likes together, until somebody decides about it."""

import pytest

from bot.conversations import handoff, learning, lifecycle, queue, turns
from bot.conversations.learning import as_example, cases, counts, decide, filings, grouped, like, take_back
from bot.conversations.learning_models import Turn
from bot.conversations.models import Conversation
from tests.conversations.talk import LIGA, OPEN, Talk


def heard(
    talk: Talk, text: str, *responses: str, for_rasa: str | None = None, rejects: bool = False, is_guess: bool = False
) -> int:
    """Store a message of the customer that was answered with these responses."""

    def store(session, conversation):
        said = for_rasa or text
        message, _ = handoff.customer_says(session, conversation, f"id-{next(talk.numbers)}", text, said, text.upper())
        turns.record(session, conversation, message, responses, None, [("ask_payment", 0.4)], rejects, is_guess)
        return message.id

    return talk.do(store)


@pytest.fixture
def talk(database, conversation) -> Talk:
    return Talk(database, conversation)


def listed(talk: Talk, kind: str = "miss", language: str = "") -> list[str]:
    with talk.database.read() as session:
        return [one.text for one in cases(session, kind, language)]


def test_each_kind_is_listed_the_newest_first_masked_and_without_buttons(talk):
    heard(talk, "first", "utter_fallback")
    heard(talk, "second", "utter_fallback")
    heard(talk, "guessed", "utter_payment", is_guess=True)
    heard(talk, "again", "utter_payment_again")
    unhelpful = heard(talk, "of no help", "utter_payment")
    talk.do(lambda session, _: setattr(session.get_one(Turn, unhelpful), "unhelpful", True))
    heard(talk, "understood", "utter_payment")
    heard(talk, "no, not that", "utter_invoice_when", rejects=True)
    heard(talk, "How do I pay?", "utter_fallback", for_rasa="/ask_payment")
    assert listed(talk) == ["SECOND", "FIRST"]
    assert listed(talk, "guess") == ["GUESSED"]
    assert listed(talk, "repeat") == ["AGAIN"]
    assert listed(talk, "contradicted") == ["UNDERSTOOD"]
    assert listed(talk, "unhelpful") == ["OF NO HELP"]
    assert (listed(talk, language="en"), len(listed(talk, language="lv"))) == ([], 2)
    with talk.database.read() as session:
        assert counts(session) == {"miss": 2, "unhelpful": 1, "guess": 1, "contradicted": 1, "bad": 0, "repeat": 1}


def test_what_is_typed_for_a_person_is_listed_masked_while_the_person_reads_it_as_typed(talk):
    talk.do(queue.ask, "asked", OPEN)
    heard(talk, "my number", "utter_fallback")
    talk.do(handoff.take, LIGA)
    with talk.database.read() as session:
        (one,) = cases(session, "miss")
    assert (one.text, one.has_person) == ("MY NUMBER", True)


def test_messages_alike_stand_together_in_each_language(database, talk):
    for text in ("kad atnāks rēķins", "kad atnaks rekins?", "Kad rēķins atnāks!", "pavisam kas cits"):
        heard(talk, text, "utter_fallback")
    with database.write() as session:
        english = Talk(database, lifecycle.open_conversation(session, "en")[1].id)
    heard(english, "kad atnāks rēķins", "utter_fallback")
    with database.read() as session:
        found = cases(session, "miss")
        groups = grouped(found)
        assert [len(group) for group in groups] == [3, 1, 1]
        assert {one.turn.language for one in groups[0]} == {"lv"}
        assert len(like(groups[0][1], found)) == 3
        assert like(groups[0][1], found)[0] is groups[0][1]


@pytest.mark.parametrize(
    ("typed", "example"),
    [
        ("kad [rēķins](x)\n{nāk}?", "kad rēķins (x) nāk ?"),
        ("- - kad", "kad"),
        ("\u202ekad\x00 nāk", "kad nāk"),
        ("x" * 300, "x" * 199 + "\u2026"),
    ],
)
def test_an_example_is_one_plain_line(typed, example):
    assert as_example(typed) == example


def test_a_decision_is_made_once_and_may_be_taken_back(talk):
    first, second = (heard(talk, text, "utter_fallback") for text in ("first", "second"))
    with talk.database.write() as session:
        (made,) = decide(session, [first], "example", "Marta", "invoice/when")
        assert (made.text, made.answer, made.who, made.language) == ("FIRST", "invoice/when", "Marta", "lv")
    with talk.database.write() as session:
        draft = {"lv": "Jauna", "en": "New"}
        (other,) = decide(session, [first, second, 999_999], "new", "Jana", "invoice/who-new1", draft)
        assert (other.text, other.draft_lv, other.draft_en) == ("SECOND", "Jauna", "New")
    assert listed(talk) == []
    with talk.database.write() as session:
        assert take_back(session, made.id)
        assert not take_back(session, made.id)
        assert [one.id for one in filings(session)] == [other.id]
    assert listed(talk) == ["FIRST"]


def test_what_is_not_known_is_an_example_of_that(talk):
    asked = heard(talk, "vai ir zvirbuļi", "utter_fallback")
    with talk.database.write() as session:
        (made,) = decide(session, [asked], "not_known", "Marta")
        assert made.answer == "ask_not_known"


def test_a_decision_is_deleted_with_the_conversation(talk):
    asked = heard(talk, "first", "utter_fallback")
    with talk.database.write() as session:
        decide(session, [asked], "set_aside", "Marta")
    with talk.database.write() as session:
        session.delete(session.get_one(Conversation, talk.id))
    with talk.database.read() as session:
        assert learning.filings(session) == []

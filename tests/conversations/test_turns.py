"""How each message was understood and answered is kept: misses, guesses, repeats, contradictions."""

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from bot.conversations import handoff, lifecycle, messages, queue, rasa_answers, turns
from bot.conversations.learning_models import Turn
from bot.conversations.models import Choice, Conversation, Message
from bot.conversations.rasa_answers import RasaAnswer, Understood
from bot.database import now
from tests.conversations.talk import LIGA, OPEN, Talk

UNDERSTOOD = {"intent": "ask_payment", "confidence": 0.8, "sure": True, "place": None}


def answers(talk: Talk, *responses: str, **understood) -> None:
    """Answer the oldest message with responses of these names."""
    heard = Understood(**(UNDERSTOOD | understood))
    said = [RasaAnswer(text=f"text of {name}", response=name) for name in responses]
    said[0].understood = heard
    with talk.database.write() as session:
        message = messages.next_for_rasa(session, talk.id)
        rasa_answers.store_answers(session, message.id, said, now())


def kept(talk: Talk) -> list[Turn]:
    with talk.database.read() as session:
        return list(session.scalars(select(Turn).order_by(Turn.message_id)))


@pytest.fixture
def talk(database, conversation) -> Talk:
    """A conversation in which the assistant has greeted."""
    found = Talk(database, conversation)
    answers(found, "utter_greet", intent="start")
    return found


@pytest.mark.parametrize(
    ("responses", "kind"),
    [
        (["utter_invoice_when"], "answer"),
        (["utter_invoice_when_again"], "repeat"),
        (["utter_asked_again"], "repeat"),
        (["utter_fallback"], "miss"),
        (["utter_fallback_person"], "miss"),
        (["utter_follow_up_nothing"], "miss"),
        (["utter_guide_unsure", "utter_apply", "utter_guide_offer"], "guess"),
    ],
)
def test_it_is_kept_what_was_said_and_what_that_was(talk, responses, kind):
    asked = talk.writes("kad atnāks rēķins?")
    ranking = [("ask_payment", 0.8), ("ask_membership", 0.1)]
    answers(talk, *responses, about="invoice/when", ranking=ranking, place="pay")
    (turn,) = kept(talk)
    assert (turn.message_id, turn.conversation_id, turn.language) == (asked, talk.id, "lv")
    assert (turn.responses, turn.kind, turn.contradicted) == (responses, kind, False)
    assert (turn.intent, turn.confidence, turn.about, turn.place) == ("ask_payment", 0.8, "invoice/when", "pay")
    assert turn.ranking == [list(one) for one in ranking]


@pytest.mark.parametrize(
    ("before", "after", "contradicted"),
    [
        ({}, {"rejects": True}, True),
        ({}, {"intent": "complain"}, True),
        ({}, {}, False),
        ({}, {"rejects": True, "intent": "deny"}, False),
        ({"place": "vat"}, {"rejects": True}, False),
        ({"place": "vat"}, {"intent": "complain"}, True),
    ],
)
def test_an_answer_that_the_next_message_contradicts_is_marked(talk, before, after, contradicted):
    for understood in (before, after):
        talk.writes()
        answers(talk, "utter_invoice_when", **understood)
    assert [turn.contradicted for turn in kept(talk)] == [contradicted, False]


def test_what_the_customer_did_not_write_or_was_not_told_is_no_turn(talk):
    talk.do(messages.tell_rasa, "/person_left")
    answers(talk, "utter_person_left")
    talk.do(queue.ask, "asked", OPEN)
    talk.do(handoff.take, LIGA)
    talk.writes()
    assert kept(talk) == []


def test_a_turn_is_deleted_with_its_conversation(talk):
    talk.writes()
    answers(talk, "utter_fallback")
    with talk.database.write() as session:
        session.delete(session.get_one(Conversation, talk.id))
    assert kept(talk) == []


@pytest.mark.parametrize(
    "too_much",
    [{"about": "x" * 81}, {"ranking": [("x" * 81, 0.5)]}, {"ranking": [("x", 0.5)] * 6}, {"instead": ["x"] * 6}],
)
def test_what_is_kept_is_bounded(too_much):
    with pytest.raises(ValidationError):
        Understood(**UNDERSTOOD, **too_much)


@pytest.mark.parametrize(("responses", "kind"), [(["utter_invoice_when"], "guess"), (["utter_fallback"], "miss")])
def test_an_answer_beside_which_other_questions_were_suggested_is_a_guess(talk, responses, kind):
    talk.writes("rēķins kur kad")
    answers(talk, *responses, guessed=True)
    assert [turn.kind for turn in kept(talk)] == [kind]


def noted(talk: Talk, answer_id: int) -> bool:
    return talk.do(turns.note_unhelpful, answer_id)


@pytest.mark.parametrize(
    ("instead", "offered"), [(["Kur ir rēķins?", "Kas maksā?"], ["Kur ir rēķins?", "Kas maksā?"]), ([], [])]
)
def test_an_answer_that_did_not_help_is_marked_and_other_questions_are_offered_once(talk, instead, offered):
    talk.writes("kad atnāks rēķins?")
    answers(talk, "utter_invoice_when", "utter_offer", instead=instead)
    (turn,) = kept(talk)
    with talk.database.read() as session:
        assert session.get_one(Message, turn.answer_id).response == "utter_offer"
    assert [noted(talk, turn.answer_id) for _ in range(2)] == [True, True]
    assert [one.unhelpful for one in kept(talk)] == [True]
    assert len(talk.said("notice")) == 1
    with talk.database.read() as session:
        titles = list(session.scalars(select(Choice.title).order_by(Choice.place)))
    assert titles == [*offered, "Runāt ar cilvēku"]


def test_what_tells_nothing_cannot_be_marked_nor_the_answer_of_another_conversation(talk):
    talk.writes("paldies")
    answers(talk, "utter_thanks", instead=None)
    talk.writes("kad atnāks rēķins?")
    answers(talk, "utter_invoice_when", instead=[])
    thanked, asked = kept(talk)
    assert (thanked.answer_id, noted(talk, thanked.message_id)) == (None, False)
    with talk.database.write() as session:
        other = Talk(talk.database, lifecycle.open_conversation(session, "en")[1].id)
    assert not noted(other, asked.answer_id)
    assert [turn.unhelpful for turn in kept(talk)] == [False, False]


def test_with_a_person_an_answer_is_marked_and_nothing_is_offered(talk):
    talk.writes("kad atnāks rēķins?")
    answers(talk, "utter_invoice_when", instead=["Kur ir rēķins?"])
    talk.do(queue.ask, "asked", OPEN)
    before = talk.said("notice")
    assert noted(talk, kept(talk)[0].answer_id)
    assert (kept(talk)[0].unhelpful, talk.said("notice")) == (True, before)

"""What Rasa tells of each turn is kept: how it was understood, what was said, and that it was contradicted."""

import pytest
from sqlalchemy import select

from bot.conversations import lifecycle
from bot.conversations.learning_models import Turn
from bot.database import Database
from bot.dialogue.suggestions import asked_by_name
from tests.customer import Customer


def turns_of(stack, customer: Customer) -> list[Turn]:
    with Database(f"sqlite:///{stack.folder / 'chat.db'}").read() as session:
        mine = lifecycle.find_conversation(session, customer.token).id
        return list(session.scalars(select(Turn).where(Turn.conversation_id == mine).order_by(Turn.message_id)))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("lv", ("es tur to kā viņu", "kad atnāks rēķins?", "nē, es to nejautāju")),
        ("en", ("something like that was there", "when does the invoice arrive?", "that is not what I asked")),
    ],
)
def test_each_turn_is_kept(stack, language, words):
    customer = Customer(stack.web, language)
    for word in words:
        customer.say(word)
    missed, asked, *_ = turns_of(stack, customer)
    assert missed.kind in ("miss", "guess")
    assert 1 <= len(missed.ranking) <= 3
    assert (asked.kind, asked.intent, asked.about) == ("answer", "ask_payment", "invoice/when")
    assert asked.language == language
    assert asked.responses[0].startswith("utter_invoice_when")
    assert 0 < asked.confidence <= 1
    assert (missed.contradicted, asked.contradicted) == (False, True)


@pytest.mark.parametrize(
    ("language", "question", "thanks"),
    [("lv", "vai var maksāt ar karti?", "paldies"), ("en", "can I pay by card?", "thank you")],
)
def test_a_customer_whom_an_answer_did_not_help_is_offered_others(stack, language, question, thanks):
    customer = Customer(stack.web, language)
    assert customer.state()["unmarked_answer"] is None
    customer.say(question)
    answer = customer.state()["unmarked_answer"]
    assert answer == customer.last
    path = "conversation/answers/{}/unhelpful"
    assert customer.call("POST", path.format(answer)).status_code == 204
    assert customer.state()["unmarked_answer"] is None
    assert customer.call("POST", path.format(answer)).status_code == 204
    (notice,) = [one for one in customer.events(answer)[0] if one["author"] == "notice"]
    *others, person = notice["choices"]
    assert person["command"] == "ask_person"
    assert others
    assert all(asked_by_name(one["title"]) for one in others)
    (turn,) = turns_of(stack, customer)
    assert (turn.unhelpful, turn.kind) == (True, "answer")
    customer.say(thanks)
    assert customer.state()["unmarked_answer"] is None
    for nothing in (answer - 1, 1, 2**31 - 1):
        assert customer.call("POST", path.format(nothing)).status_code == 404
    assert customer.call("POST", path.format(2**31)).status_code == 422

"""What Rasa tells of each turn is kept: how it was understood, what was said, and that it was contradicted."""

import pytest
from sqlalchemy import select

from bot.conversations import lifecycle
from bot.conversations.models import Turn
from bot.database import Database
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

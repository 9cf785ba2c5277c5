"""Where a message may mean several things, the customer is shown the other questions, and gets the one they press."""

import pytest

from bot.dialogue.answers import LANGUAGES, read_answers, read_responses
from bot.dialogue.suggestions import asked_by_name
from tests.customer import Customer


@pytest.mark.parametrize(("language", "message"), [("lv", "rekins kur kad"), ("en", "invoice where when")])
def test_the_question_that_is_pressed_is_answered(stack, language, message):
    customer = Customer(stack.web, language)
    customer.say(message)
    suggested = [choice["title"] for choice in customer.choices if asked_by_name(choice["title"])]
    assert suggested, customer.choices
    for title in suggested:
        address = asked_by_name(title)
        assert address
        assert read_answers()[address].question[language] == title
    pressed = suggested[-1]
    answer = customer.choose(pressed)
    assert answer.splitlines()[0] in said(str(asked_by_name(pressed)), language)  # a look-up may follow


def said(address: str, language: str) -> str:
    """Return the wordings of an answer in a language."""
    number = LANGUAGES.index(language)
    responses = read_responses()
    return "\n".join(responses[one.response][number]["text"].strip() for one in read_answers()[address].variants)


@pytest.mark.parametrize(("language", "question"), [("lv", "Vai var maksāt ar karti?"), ("en", "Can I pay by card?")])
def test_a_plain_question_is_answered_without_any_other(stack, language, question):
    customer = Customer(stack.web, language)
    assert customer.say(question)
    assert not [choice for choice in customer.choices if asked_by_name(choice["title"])]

"""Most messages of realistic conversations are answered rightly (exam/told)."""

import uuid

import pytest
import requests

from bot.trial.told import converse, percent, rows_by_kind, told

FLOORS = {"lv": 79, "en": 77}  # per cent of the messages: what was measured, less three


def _asks(rasa):
    """Return a function that sends a message of one conversation to Rasa."""
    sender = uuid.uuid4().hex

    def say(text):
        answer = requests.post(f"{rasa}/webhooks/rest/webhook", json={"sender": sender, "message": text}, timeout=60)
        assert answer.ok, answer.text
        return answer.json()

    return say


# Over all kinds together: some have so few messages that a single one would decide.
@pytest.mark.parametrize("language", FLOORS)
def test_most_of_what_customers_say_is_answered_rightly(stack, language):
    answered = [one for conversation in told(language) for one in converse(conversation, _asks(stack.rasa))]
    wrong = [one for one in answered if not one.is_right]
    print("\n".join([*rows_by_kind(answered), *(str(one) for one in wrong)]))
    assert percent(len(answered) - len(wrong), len(answered)) >= FLOORS[language]

"""What is taken out of a message, and what becomes of a confirmation that something else overtakes."""

import pytest

from bot.chat.identity import DOTS, ask_identity, forget_identity, take_secrets
from bot.chat.models import Conversation


@pytest.mark.parametrize(
    ("state", "typed", "kept", "used"),
    [
        ("none", "raksti uz anna@example.com", f"raksti uz {DOTS}", None),
        ("email", "mans e-pasts: anna@example.com.", f"mans e-pasts: {DOTS}.", "anna@example.com"),
        ("email", "a@example.com or b@example.lv", f"{DOTS} or {DOTS}", "a@example.com"),
        ("code", "kods 123 456", f"kods {DOTS}", "123 456"),
        ("code", "wrong, mine is anna@example.com", f"wrong, mine is {DOTS}", "anna@example.com"),
        ("code", "anna@example.com 123456", f"{DOTS} {DOTS}", "123456"),
        ("email", "123456", DOTS, None),
        ("confirmed", "123456 un a@example.com", f"{DOTS} un {DOTS}", None),
        ("none", "cik punktu no 500?", "cik punktu no 500?", None),
        ("none", "012034000517", "012034000517", None),
    ],
)
def test_addresses_and_codes_become_dots(state, typed, kept, used):
    assert take_secrets(Conversation(identity=state), typed) == (kept, used)


def test_a_code_that_is_on_its_way_stays_good_when_the_question_is_asked_again():
    conversation = Conversation(identity="code", verification_id="v", identity_then="/one")
    ask_identity(conversation, "/two")
    assert (conversation.identity, conversation.verification_id, conversation.identity_then) == ("code", "v", "/two")


def test_asking_anew_drops_what_was_confirmed_before():
    conversation = Conversation(identity="confirmed", access_token="t", customer_name="Anna")
    ask_identity(conversation, "/one")
    assert (conversation.identity, conversation.access_token, conversation.customer_name) == ("email", None, None)


def test_nothing_is_left_of_a_forgotten_identity():
    conversation = Conversation(identity="confirmed", access_token="t", customer_name="Anna", identity_then="/x")
    forget_identity(conversation)
    assert conversation.identity == "none"
    assert conversation.access_token is conversation.customer_name is conversation.identity_then is None

"""Whom an agent has blocked calls no person for some time, and the assistant goes on."""

from datetime import timedelta

import pytest

from bot.conversations import blocking
from bot.conversations.models import Block, Conversation
from bot.database import now
from tests.desk.conftest import Browser, Desk
from tests.desk.test_conversation import Guest, taken

LANGUAGES = pytest.mark.parametrize("language", ["lv", "en"])
REFUSED = {"lv": "aicināt nevarat", "en": "You cannot call an agent"}
BLOCKED = {"lv": "Klientu bloķēja Anna, līdz ", "en": "Blocked by Anna"}


def set_network(desk: Desk, guest: Guest, network: str) -> Guest:
    """Let a conversation have begun in a network, which a local address of the tests is not."""
    with desk.database.write() as session:
        session.get_one(Conversation, guest.id).network_hash = network
    return guest


def blocked(desk: Desk, language: str, network: str) -> tuple[Guest, Browser]:
    """Return a customer of a network, and the agent who has blocked them."""
    guest, browser = Guest(desk, language).asks_for_a_person(), desk.signed_in(language=language)
    set_network(desk, guest, network)
    browser.post(f"{guest.path}/take")
    browser.post(f"{guest.path}/block", {"span": "hour"})
    return guest, browser


@LANGUAGES
def test_who_is_blocked_calls_nobody_until_it_is_taken_back(desk, language):
    guest, browser = Guest(desk, language).asks_for_a_person(), desk.signed_in(language=language)
    browser.post(f"{guest.path}/take")
    assert f'action="{guest.path}/block"' in browser.get(guest.path).text
    assert browser.post(f"{guest.path}/block", {"span": "century"}).status_code == 422
    assert browser.post(f"{guest.path}/block", {"span": "day"}).headers["location"] == guest.path
    assert guest.state()["owner"] == "closed"
    assert BLOCKED[language] in browser.get(guest.path).text
    guest.asks_for_a_person()
    guest.asks_for_a_person()
    assert guest.state()["owner"] == "closed"
    assert len([one for one in guest.heard("notice") if REFUSED[language] in one["text"]]) == 1
    ticket = {"client_id": "ticket-0001", "email": "a@example.com", "text": "Call me"}
    assert guest.call("POST", "conversation/ticket", ticket).status_code == 429
    guest.writes("a question")
    assert guest.state()["owner"] == "assistant"
    assert desk.signed_in().post(f"{guest.path}/unblock").status_code == 403
    assert browser.post(f"{guest.path}/unblock").status_code == 303
    assert BLOCKED[language] not in browser.get(guest.path).text
    assert guest.asks_for_a_person().state()["owner"] == "waiting"


def test_a_new_conversation_from_the_same_network_is_blocked_too_and_none_from_another(desk):
    guest, browser = taken(desk)
    set_network(desk, guest, "a" * 64)
    browser.post(f"{guest.path}/block", {"span": "hour"})
    anew, other, unknown = (set_network(desk, Guest(desk), name) for name in ("a" * 64, "b" * 64, None))
    assert anew.asks_for_a_person().state()["owner"] == "assistant"
    assert other.asks_for_a_person().state()["owner"] == "waiting"
    assert unknown.asks_for_a_person().state()["owner"] == "waiting"


@LANGUAGES
def test_a_block_is_taken_back_after_the_customer_has_begun_anew(desk, language):
    guest, browser = blocked(desk, language, "c" * 64)
    guest.call("DELETE", "conversation")
    anew = set_network(desk, Guest(desk, language), "c" * 64)
    boss = desk.signed_in("supervisor", language=language)
    boss.post(f"{anew.path}/reason", {"reason": "the customer cannot call anybody"})
    assert BLOCKED[language] in boss.get(anew.path).text
    assert anew.asks_for_a_person().state()["owner"] == "assistant"
    assert BLOCKED[language] in browser.get(guest.path).text
    assert browser.post(f"{guest.path}/unblock").status_code == 303
    assert anew.asks_for_a_person().state()["owner"] == "waiting"


@LANGUAGES
def test_a_block_is_taken_back_where_it_is_met(desk, language):
    guest, browser = blocked(desk, language, "d" * 64)
    anew = set_network(desk, Guest(desk, language), "d" * 64)
    boss = desk.signed_in("supervisor", language=language)
    boss.post(f"{anew.path}/reason", {"reason": "the customer cannot call anybody"})
    assert boss.post(f"{anew.path}/unblock").status_code == 303
    assert BLOCKED[language] not in boss.get(anew.path).text
    assert BLOCKED[language] not in browser.get(guest.path).text
    assert anew.asks_for_a_person().state()["owner"] == "waiting"


def test_a_block_ends(desk):
    guest, browser = taken(desk)
    browser.post(f"{guest.path}/block", {"span": "hour"})
    with desk.database.write() as session:
        session.get_one(Block, guest.id).until = now() - timedelta(seconds=1)
    assert guest.asks_for_a_person().state()["owner"] == "waiting"
    with desk.database.write() as session:
        blocking.drop_ended(session)
        assert session.get(Block, guest.id) is None

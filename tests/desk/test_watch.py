"""Supervisors see who waits, who is at the desk, and that somebody waits for too long, at once."""

import json
from datetime import timedelta

import pytest

from bot.conversations.models import Conversation
from bot.database import now
from tests.conftest import stop_process
from tests.desk.conftest import start_desk
from tests.desk.test_conversation import Guest
from tests.desk.test_live import Stream

HERE = "/desk/measures"
LONG = {"lv": "Kāds klients gaida ilgāk nekā 5 min.", "en": "A customer has waited longer than 5 min."}
CALM = {"lv": "Gaida klienti", "en": "Customers waiting"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A desk of its own, as nobody else may wait at it."""
    started = start_desk(tmp_path_factory.mktemp("desk"))
    yield started
    stop_process(started.process)


def waited(desk, guest: Guest, minutes: int) -> None:
    with desk.database.write() as session:
        session.get_one(Conversation, guest.id).asked_at = now() - timedelta(minutes=minutes)


@pytest.mark.parametrize("language", ["lv", "en"])
def test_a_long_wait_is_told_in_words_and_who_waits_and_who_is_there(desk, language):
    boss = desk.signed_in("supervisor", language=language, name="Marta Liela")
    page = boss.get(HERE).text
    assert CALM[language] in page
    assert LONG[language] not in page
    assert "Marta Liela: " in page
    stream = Stream(boss, f"{HERE}/events")
    guest = Guest(desk, language).asks_for_a_person()
    name = guest.id[:4].upper()
    assert LONG[language] not in json.loads(stream.hears("live", name))["html"]
    waited(desk, guest, 7)
    told = json.loads(stream.hears("live", name, "7 min"))["html"]
    assert LONG[language] in told
    assert f'href="/desk/conversations/{guest.id}"' in told
    assert LONG[language] in boss.get(HERE).text
    assert guest.call("DELETE", "conversation/person").status_code == 204
    assert LONG[language] not in boss.get(HERE).text


def test_the_stream_ends_for_who_is_no_supervisor_any_more(desk):
    boss = desk.signed_in("supervisor")
    stream = Stream(boss, f"{HERE}/events")
    stream.hears("live", "")
    with desk.database.write() as session:
        session.merge(desk.get(boss.email)).role = "agent"
    Guest(desk).asks_for_a_person()
    stream.hears("ended")

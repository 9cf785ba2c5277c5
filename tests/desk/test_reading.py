"""Who reads a conversation: who holds it, for some days after, and everybody else only with a recorded reason."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.conversations import identity
from bot.conversations.models import Conversation, Transition
from bot.database import now
from bot.desk import reading
from bot.desk.models import Reading
from tests.conftest import stop_process
from tests.desk.conftest import start_desk
from tests.desk.test_conversation import Guest, taken

SECRET, NAME = "mana kaste ir zaļa", "Anna Bērziņa"
ASKS = {"lv": "Kāpēc vēlaties lasīt šo sarunu?", "en": "Why do you want to read this conversation?"}


def confirm(desk, guest: Guest) -> None:
    with desk.database.write() as session:
        ends = now() + timedelta(hours=1)
        identity.confirmed(session.get_one(Conversation, guest.id), "token", ends, NAME, "anna@example.com")


def held(desk, language: str = "lv"):
    """Return a customer, the agent who holds the conversation, and what the customer wrote in it."""
    guest, holder = taken(desk, language=language)
    guest.writes(SECRET)
    confirm(desk, guest)
    return guest, holder


@pytest.mark.parametrize("role", ["agent", "supervisor"])
@pytest.mark.parametrize("language", ["lv", "en"])
def test_who_does_not_hold_a_conversation_reads_it_with_a_reason_that_is_recorded(desk, role, language):
    guest, holder = held(desk)
    other = desk.signed_in(role, language=language, name="Jana Divi")
    refused = other.get(guest.path)
    assert refused.status_code == 403
    assert ASKS[language] in refused.text
    for reason in ("", "   ", "hm"):
        told = other.post(f"{guest.path}/reason", {"reason": reason})
        assert 'aria-invalid="true"' in other.get(told.headers["location"]).text
    assert other.post(f"{guest.path}/reason", {"reason": "the customer\n called " + "x" * 300}).status_code == 303
    assert SECRET in other.get(guest.path).text
    assert SECRET in holder.get(guest.path).text
    with desk.database.read() as session:
        (kept,) = session.scalars(select(Reading).where(Reading.conversation_id == guest.id))
    assert (kept.agent_id, kept.agent_name) == (desk.get(other.email).id, "Jana Divi")
    assert kept.reason == ("the customer called " + "x" * 300)[: reading.MAX_REASON_LENGTH]
    page = desk.signed_in("supervisor").get("/desk/team").text
    assert kept.reason in page
    assert SECRET not in page


def test_nothing_of_a_colleagues_conversation_shows_without_a_reason(desk):
    guest, _ = held(desk)
    other = desk.signed_in("supervisor")
    for path in ("/desk", guest.path, f"/desk/script/panel?conversation={guest.id}"):
        page = other.get(path).text
        assert SECRET not in page
        assert NAME not in page
    assert other.open(f"{guest.path}/events", accept="text/event-stream").status_code == 403
    assert other.post(f"{guest.path}/notes", {"text": "a note"}).status_code == 403
    assert other.post(f"{guest.path}/take-over").status_code == 303
    assert SECRET in other.get(guest.path).text


def test_who_held_a_conversation_reads_it_for_some_days(desk):
    guest, holder = held(desk)
    holder.post(f"{guest.path}/close", {"outcome": "solved"})
    assert SECRET in holder.get(guest.path).text

    def ago(days: int) -> None:
        with desk.database.write() as session:
            session.execute(
                update(Transition).where(Transition.conversation_id == guest.id).values(at=now() - timedelta(days=days))
            )

    ago(6)
    assert SECRET in holder.get(guest.path).text
    ago(8)
    assert holder.get(guest.path).status_code == 403


def test_a_setting_says_for_how_long(tmp_path):
    desk = start_desk(tmp_path, desk_read_after="0")
    try:
        guest, holder = held(desk)
        assert SECRET in holder.get(guest.path).text
        holder.post(f"{guest.path}/close", {"outcome": "solved"})
        assert holder.get(guest.path).status_code == 403
    finally:
        stop_process(desk.process)


def test_a_reason_is_good_for_some_hours_for_one_agent_and_one_conversation(desk):
    guest, another = held(desk)[0], held(desk)[0]
    first, second = desk.signed_in(), desk.signed_in()
    first.post(f"{guest.path}/reason", {"reason": "asked to help"})
    assert first.get(guest.path).status_code == 200
    assert first.get(another.path).status_code == second.get(guest.path).status_code == 403
    with desk.database.write() as session:
        session.execute(update(Reading).where(Reading.conversation_id == guest.id).values(at=now() - reading.GOOD_FOR))
    assert first.get(guest.path).status_code == 403


def test_every_agent_reads_who_waits_until_a_colleague_takes_the_conversation(desk):
    guest, other, holder = Guest(desk).asks_for_a_person(), desk.signed_in(), desk.signed_in()
    guest.writes(SECRET)
    assert SECRET in other.get(guest.path).text
    holder.post(f"{guest.path}/take")
    assert other.get(guest.path).status_code == 403


def test_no_reason_of_an_agent_opens_a_conversation_that_never_left_the_assistant(desk):
    guest, browser = Guest(desk), desk.signed_in()
    assert browser.post(f"{guest.path}/reason", {"reason": "out of curiosity"}).status_code == 404
    assert browser.get(guest.path).status_code == 404


@pytest.mark.parametrize(
    ("language", "words"), [("lv", "Pārāk daudz kontu vienā stundā"), ("en", "Too many accounts in one hour")]
)
def test_an_agent_looks_up_only_so_many_accounts_by_address(tmp_path, language, words):
    desk = start_desk(tmp_path, lookups_an_hour="3")
    try:
        agent, other = desk.signed_in(language=language), desk.signed_in()

        def look(browser, number: int):
            return browser.post("/desk/script/customer", {"email": f"c{number}@example.com"})

        assert look(agent, 0).status_code == 303  # without a call, nothing is looked up or counted
        for browser in (agent, other):
            browser.post("/desk/script/call")
        assert [look(agent, number).status_code for number in (1, 1, 2, 3)] == [303] * 4
        refused = look(agent, 4)
        assert refused.status_code == 429
        assert words in refused.text
        assert "c4@example.com" not in agent.get("/desk/script").text
        assert look(other, 1).status_code == 303
    finally:
        stop_process(desk.process)

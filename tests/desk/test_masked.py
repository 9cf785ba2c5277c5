"""Personal data in what agents write, and in messages that customers left, is kept for as long as it is needed."""

import re
import uuid

import pytest
from sqlalchemy import select

from bot.conversations.masking import DOTS
from bot.conversations.models import Message, Ticket, Transition
from bot.desk.models import Call
from tests.desk.test_conversation import Guest, client_id, taken

SECRET = {"lv": "29 123 456", "en": "anna.b@example.lv"}
TYPED = {"lv": "zvaniet Annai uz {}, rēķins 202611", "en": "write to {} about invoice 202611"}


def typed(language: str) -> tuple[str, str]:
    """Return a text as an agent types it, and as it is kept."""
    return TYPED[language].format(SECRET[language]), TYPED[language].format(DOTS)


def kept(desk, guest: Guest, author: str) -> str:
    with desk.database.read() as session:
        found = select(Message.text).where(Message.conversation_id == guest.id, Message.author == author)
        return session.scalars(found.order_by(Message.id.desc())).first()


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("leave", ["close", "return-to-bot"])
def test_what_an_agent_writes_is_read_as_typed_while_a_person_is_there_and_kept_masked(desk, language, leave):
    guest, liga = taken(desk, language)
    text, masked = typed(language)
    assert liga.post(f"{guest.path}/messages", {"text": text} | client_id()).status_code == 303
    assert liga.post(f"{guest.path}/notes", {"text": text}).status_code == 303
    colleague = desk.signed_in()
    assert liga.get(guest.path).text.count(SECRET[language]) == 2
    assert SECRET[language] not in colleague.get(guest.path).text
    assert guest.heard("agent")[-1]["text"] == text
    assert liga.post(f"{guest.path}/{leave}", {"outcome": "solved", "line": text}).status_code == 303
    assert (kept(desk, guest, "agent"), kept(desk, guest, "note")) == (masked, masked)
    assert guest.heard("agent")[-1]["text"] == masked
    if leave == "close":
        with desk.database.read() as session:
            made = select(Transition.line).where(Transition.conversation_id == guest.id, Transition.cause == "done")
            assert session.scalar(made) == masked


@pytest.mark.parametrize("language", ["lv", "en"])
def test_a_note_after_the_closing_is_kept_masked_at_once(desk, language):
    guest, liga = taken(desk, language)
    text, masked = typed(language)
    liga.post(f"{guest.path}/close", {"outcome": "solved"})
    assert liga.post(f"{guest.path}/notes", {"text": text}).status_code == 303
    assert kept(desk, guest, "note") == masked


@pytest.mark.parametrize("language", ["lv", "en"])
def test_a_message_that_was_left_is_read_as_typed_until_it_is_done(desk, language):
    guest, liga = Guest(desk, language), desk.signed_in()
    text, masked = typed(language)
    email = f"{uuid.uuid4().hex}@example.com"
    body = {"client_id": str(uuid.uuid4()), "email": email, "text": text}
    assert guest.call("POST", "conversation/ticket", body).status_code == 204
    page = liga.get("/desk").text
    row = page[page.index(email) :]
    assert SECRET[language] in row
    number = int(re.search(r"/desk/tickets/(\d+)/done", row)[1])
    assert liga.post(f"/desk/tickets/{number}/done").status_code == 303
    with desk.database.read() as session:
        assert session.get_one(Ticket, number).text == masked


@pytest.mark.parametrize("language", ["lv", "en"])
def test_the_note_on_a_call_is_kept_masked(desk, language):
    liga = desk.signed_in()
    text, masked = typed(language)
    assert liga.post("/desk/script/call", {"language": language}).status_code == 303
    assert liga.post("/desk/script/end", {"outcome": "solved", "note": text}).status_code == 303
    with desk.database.read() as session:
        assert session.scalars(select(Call.note).order_by(Call.id.desc())).first() == masked

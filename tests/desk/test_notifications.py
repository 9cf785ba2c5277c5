"""The agent who helps a confirmed customer sees the customer's notifications."""

import uuid
from datetime import timedelta

import pytest

from bot.conversations import identity
from bot.conversations.models import Conversation
from bot.conversations.notification_models import Notification
from bot.database import now
from tests.desk.conftest import Desk
from tests.desk.test_conversation import taken

HOSTILE = "<b>EOS</b> {{7*7}}"
TOLD = {"lv": ("Produktam vēl nav zaļās atzīmes", "e-pastā"), "en": ("A product still has no green tick", "by e-mail")}
WAITS = {"lv": "vēl nav paziņots", "en": "not told yet"}


def happened(desk: Desk, conversation_id: str, email: str, is_confirmed: bool = True) -> None:
    contacts = desk.process.app.state.shared.contacts
    with desk.database.write() as session:
        mine = session.get_one(Conversation, conversation_id)
        if is_confirmed:
            identity.confirmed(mine, "t", now() + timedelta(hours=1), "Anna", email)
            contacts.note(session, mine, email)
        for kind, facts, told_by in (
            ("product.incomplete", {"product": HOSTILE}, "email"),
            ("points.reached", {}, None),
        ):
            session.add(
                Notification(
                    event_hash=uuid.uuid4().hex,
                    email_hash=contacts.hash(email),
                    kind=kind,
                    facts=facts,
                    created_at=now(),
                    attempts=0,
                    told_by=told_by,
                    told_at=now() if told_by else None,
                )
            )


@pytest.mark.parametrize("language", ["lv", "en"])
def test_the_customer_tab_shows_what_the_customer_was_told(desk, language):
    guest, browser = taken(desk, language=language)
    browser.post("/desk/account", {"language": language, "at_once": "3"})
    happened(desk, guest.id, f"{uuid.uuid4().hex}@example.com")
    page = browser.get(guest.path).text
    assert all(words in page for words in (*TOLD[language], WAITS[language]))
    assert "&lt;b&gt;EOS&lt;/b&gt; {{7*7}}" in page


def test_nothing_is_shown_of_an_address_that_is_not_confirmed(desk):
    guest, browser = taken(desk)
    happened(desk, guest.id, f"{uuid.uuid4().hex}@example.com", is_confirmed=False)
    assert TOLD["lv"][0] not in browser.get(guest.path).text

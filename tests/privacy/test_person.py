"""A person is found by address, exported, and erased; nobody else is."""

import json
import os
import stat
from base64 import b64decode, b64encode
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.backend.verification import open_verification, verifications_of
from bot.conversations import (
    data_requests,
    handoff,
    identity,
    learning,
    messages,
    notifications,
    queue,
    subscriptions,
    turns,
)
from bot.conversations.contacts import Contacts
from bot.conversations.learning_models import Filing
from bot.conversations.models import Contact, Conversation, DataRequest, Message, Ticket, WebsiteToken
from bot.conversations.notification_models import Subscription
from bot.conversations.notifications import AccountEvent
from bot.conversations.subscriptions import Subscriptions
from bot.database import now
from bot.desk import agents, calls
from bot.desk.models import AuditEntry, Call
from bot.privacy import erasure, export, person
from bot.settings import Settings
from bot.text import fold
from tests.privacy.conftest import hear, talk

ANNA, PETER = "anna@example.com", "peter@example.com"


@pytest.fixture
def contacts(tmp_path) -> Contacts:
    return Contacts(Settings(data_dir=tmp_path))


def confirm(stores, contacts, conversation_id: str, email: str, token: str = "token") -> None:
    with stores.chat.write() as session:
        conversation = session.get_one(Conversation, conversation_id)
        identity.confirmed(conversation, token, now() + timedelta(hours=1), "Anna", email)
        contacts.note(session, conversation, email)


def forget(stores, conversation_id: str) -> None:
    with stores.chat.write() as session:
        identity.forget_identity(session.get_one(Conversation, conversation_id))


def call(stores, contacts, email: str, note: str = "") -> int:
    with stores.chat.write() as session:
        agent = agents.by_email(session, "agent@example.com") or agents.add(
            session, "agent@example.com", "Zane", "agent"
        )
        begun = calls.start(session, agent.id, "lv", "register")
        begun.email, begun.email_hash = email, contacts.hash(email)
        session.flush()
        calls.end(session, agent.id, "solved", note)
        return begun.id


def find(stores, contacts, email: str) -> person.Person:
    with stores.chat.read() as session:
        return person.find(session, contacts, email)


def test_a_person_is_found_after_the_confirmation_has_ended_however_the_address_is_written(stores, contacts):
    confirmed, other = talk(stores), talk(stores)
    confirm(stores, contacts, confirmed, "Anna@Example.com")
    forget(stores, confirmed)
    confirm(stores, contacts, other, PETER)
    called = call(stores, contacts, ANNA)
    call(stores, contacts, PETER)
    found = find(stores, contacts, " ANNA@example.com")
    assert (found.conversations, found.calls) == ([confirmed], [called])
    with stores.chat.read() as session:
        kept = [*session.scalars(select(Contact.email_hash)), *session.scalars(select(Call.email_hash))]
    assert not any("@" in one for one in kept)


def test_what_was_kept_before_there_were_hashes_is_found(stores, contacts):
    left, confirmed = talk(stores), talk(stores)
    confirm(stores, contacts, confirmed, ANNA)
    with stores.chat.write() as session:
        queue.leave_ticket(session, session.get_one(Conversation, left), "client-0002", "ANNA@example.com", "call me")
        session.execute(Contact.__table__.delete())
    assert set(find(stores, contacts, ANNA).conversations) == {left, confirmed}


def test_who_only_asked_for_a_code_is_not_the_person_but_the_address_goes(stores, contacts):
    asking = talk(stores)
    with stores.chat.write() as session:
        conversation = session.get_one(Conversation, asking)
        identity.ask_identity(conversation, "/ask_my_points")
        identity.code_sent(conversation, "verification", ANNA)
    assert find(stores, contacts, ANNA).conversations == []
    erasure.erase(stores, contacts, ANNA, "command")
    with stores.chat.read() as session:
        assert session.get_one(Conversation, asking).customer_email is None


def test_all_of_a_person_is_erased_and_nothing_of_another(stores, contacts):
    mine, other = talk(stores), talk(stores)
    for one, email in ((mine, ANNA), (other, PETER)):
        confirm(stores, contacts, one, email, token=f"token of {email}")
        call(stores, contacts, email)
        hear(stores, one, now(), ("user", None, "{}"))
        with stores.chat.write() as session:
            conversation = session.get_one(Conversation, one)
            queue.leave_ticket(session, conversation, "client-0002", email, "call me")
            assert data_requests.record_request(session, conversation, "erasure", email)
            session.add(WebsiteToken(id_hash=email, conversation_id=one, expires_at=now()))
        with stores.accounts.write() as session:
            open_verification(session, email, 600, 5)
    before = person.counts(stores, contacts, PETER)
    gone, tokens = erasure.erase(stores, contacts, "Anna@example.com", "boss@example.com")
    assert (gone, tokens) == ([mine], ["token of anna@example.com"])
    assert set(person.counts(stores, contacts, ANNA).values()) == {0}
    assert person.counts(stores, contacts, PETER) == before
    one_each = dict.fromkeys(("conversations", "tickets", "calls", "rasa", "codes"), 1)
    assert before == one_each | {"messages": 3, "notifications": 0, "mentions": 0}
    with stores.accounts.read() as session:
        assert [len(verifications_of(session, email)) for email in (ANNA, PETER)] == [0, 1]
    with stores.chat.read() as session:
        assert session.scalars(select(WebsiteToken.id_hash)).all() == [PETER]
        assert session.scalars(select(DataRequest.email)).all() == [PETER]
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.who, entry.what, entry.counts) == ("boss@example.com", "erased", before)


def test_in_the_words_of_others_only_the_address_is_masked(stores, contacts):
    other = talk(stores, text="write to Anna@Example.com, or anna@example.company")
    with stores.chat.write() as session:
        conversation = session.get_one(Conversation, other)
        handoff.add_note(session, conversation, "Zane", "100% anna@example.com")
        queue.leave_ticket(session, conversation, "client-0002", PETER, "my colleague is anna@example.com")
    called = call(stores, contacts, PETER, "for anna@example.com")
    with stores.chat.write() as session:
        asked = session.scalars(select(Message).where(Message.author == "customer")).one()
        turns.record(session, session.get_one(Conversation, other), asked, ["utter_fallback"], None, [], False, False)
        draft = {"lv": "raksta anna@example.com", "en": "-"}
        learning.decide(session, [asked.id], "new", "Zane", "invoice/who-new1", draft)
    assert person.counts(stores, contacts, ANNA)["mentions"] == 7  # what is shown, what Rasa gets, and the rest
    erasure.erase(stores, contacts, ANNA, "command")
    with stores.chat.read() as session:
        said = session.scalars(
            select(Message.text).where(Message.author.in_(("customer", "note"))).order_by(Message.id)
        )
        assert said.all() == ["write to ••••••, or anna@example.company", "100% ••••••"]
        folded = session.scalars(select(Message.folded).where(Message.author == "customer")).one()
        assert folded == fold("write to ••••••, or anna@example.company")
        assert session.scalars(select(Ticket.text)).one() == "my colleague is ••••••"
        assert session.get_one(Call, called).note == "for ••••••"
        filed = session.scalars(select(Filing)).one()
        assert (filed.text, filed.draft_lv) == ("write to ••••••, or anna@example.company", "raksta ••••••")


def test_the_export_has_all_that_was_said_and_names_no_agent_in_full(stores, contacts):
    mine = talk(stores, text="<b>kur</b> ir poga?")
    confirm(stores, contacts, mine, ANNA)
    with stores.chat.write() as session:
        agent = agents.add(session, "zane.supports@example.com", "Zane Surname", "agent")
        conversation = session.get_one(Conversation, mine)
        asked = session.scalars(select(Message).where(Message.author == "customer")).one()
        turns.record(session, conversation, asked, ["utter_fallback"], None, [], False, False)
        learning.decide(session, [asked.id], "new", "Zane", "invoice/who-new1", {"lv": "Raksta", "en": "It writes"})
        session.execute(update(Conversation).values(owner="agent", agent_id=agent.id, agent_name="Zane"))
        session.refresh(conversation)
        handoff.agent_says(session, conversation, agent.id, "labdien", "client-0003")
        handoff.add_note(session, conversation, "Zane", "called twice")
        messages.tell_rasa(session, conversation, "/person_left")
    call(stores, contacts, ANNA, "will call back")
    hear(stores, mine, now(), ("user", None, json.dumps({"event": "user", "text": "heard", "timestamp": 1.5})))
    with stores.accounts.write() as session:
        open_verification(session, ANNA, 600, 5)
    collected = export.collect(stores, contacts, ANNA)
    read = json.loads(export.as_json(collected, stores.files))
    said = [(one["author"], one["text"]) for one in read["conversations"][0]["messages"]]
    assert said == [("customer", "<b>kur</b> ir poga?"), ("agent", "labdien"), ("note", "called twice")]
    assert read["conversations"][0]["rasa"] == [
        {"at": "1970-01-01T00:00:01+00:00", "event": "user", "text": "heard", "name": None, "value": None}
    ]
    assert [one["kind"] for one in read["conversations"][0]["turns"]] == ["miss"]
    assert [one["text"] for one in read["conversations"][0]["filings"]] == ["<b>kur</b> ir poga?"]
    assert read["calls"][0]["note"] == "will call back"
    assert len(read["codes"]) == 1
    for language in ("lv", "en"):
        page = export.as_html(collected, language)
        for words in ("&lt;b&gt;kur&lt;/b&gt; ir poga?", "labdien", "called twice", "will call back", "heard"):
            assert words in page
        assert f'lang="{language}"' in page
        assert {"lv": "<td>Iekšēja piezīme</td>", "en": "<td>Internal note</td>"}[language] in page
        assert {"lv": "Autors", "en": "Author"}[language] in page
        assert "Surname" not in page
        assert "zane.supports" not in page


def test_a_request_is_kept_once_until_it_is_carried_out(stores):
    mine = talk(stores)
    with stores.chat.write() as session:
        conversation = session.get_one(Conversation, mine)
        assert data_requests.record_request(session, conversation, "export", ANNA)
        assert not data_requests.record_request(session, conversation, "export", "Anna@example.com")
        assert data_requests.record_request(session, conversation, "erasure", ANNA)
    with stores.chat.write() as session:
        first, second = data_requests.open_requests(session, 20)
        assert data_requests.finish_request(session, first.id, "Zane")
        assert not data_requests.finish_request(session, first.id, "Zane")
        assert data_requests.open_requests(session, 20) == [second]
        assert data_requests.record_request(session, session.get_one(Conversation, mine), "export", ANNA)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    settings = Settings(data_dir=tmp_path)
    made = Contacts(settings).hash(ANNA)
    assert Contacts(settings).hash(ANNA) == made
    assert os.listdir(tmp_path) == ["email.key"]
    assert stat.S_IMODE((tmp_path / "email.key").stat().st_mode) == 0o600
    given = {Contacts(Settings(data_dir=tmp_path, email_key=key * 32)).hash(ANNA) for key in "ab"}
    assert len(given | {made}) == 3
    with pytest.raises(ValueError, match="at least 32 characters"):
        Settings(email_key="short")


def test_the_files_of_a_person_are_exported_and_erased_with_their_conversations(stores, contacts, monkeypatch):
    kept = []
    for email in (ANNA, PETER):
        mine, file = talk(stores), stores.files.keep("pdf", f"%PDF-1.7 of {email}".encode())
        confirm(stores, contacts, mine, email)
        with stores.chat.write() as session:
            conversation = session.get_one(Conversation, mine)
            conversation.owner = "waiting"
            handoff.customer_sends(session, conversation, "client-0002", "mans.pdf", file, "mans.pdf")
            conversation.owner = "assistant"
        kept.append(file)

    def exported() -> dict:
        collected = export.collect(stores, contacts, ANNA)
        assert b64encode(b"%PDF").decode()[:-2] not in str(collected), "no file is read before its content is wanted"
        (conversation,) = json.loads(export.as_json(collected, stores.files))["conversations"]
        (sent,) = conversation["files"]
        return sent

    sent = exported()
    assert (sent["text"], b64decode(sent["content"])) == ("mans.pdf", f"%PDF-1.7 of {ANNA}".encode())
    for language in ("lv", "en"):
        page = export.as_html(export.collect(stores, contacts, ANNA), language)
        assert "mans.pdf" in page
        assert sent["content"] not in page
    monkeypatch.setattr(export, "MAX_FILES", 10)
    assert exported()["content"] == export.LEFT_OUT
    erasure.erase(stores, contacts, ANNA, "test")
    assert [stores.files.read(one) is None for one in kept] == [True, False]


def agree(stores, contacts, email: str) -> None:
    """Let somebody agree to be told, and tell them of a product."""
    subscribed = Subscriptions(Settings(events_key="k" * 32), contacts)
    mine = talk(stores)
    with stores.chat.write() as session:
        conversation = session.get_one(Conversation, mine)
        subscribed.ask(session, conversation, email)
        subscriptions.confirm(session.scalars(select(Subscription).order_by(Subscription.asked_at.desc())).first())
        event = AccountEvent(type="product.incomplete", email=email, product=f"EOS of {email}")
        notifications.record(session, contacts, f"event of {email}", event)


def test_what_somebody_was_told_is_exported_and_erased(stores, contacts):
    agree(stores, contacts, PETER)
    agree(stores, contacts, ANNA)
    assert person.counts(stores, contacts, ANNA)["notifications"] == 2
    exported = json.loads(export.as_json(export.collect(stores, contacts, ANNA), stores.files))
    assert [one["language"] for one in exported["subscriptions"]] == ["en"]
    assert [one["happened_to"] for one in exported["notifications"]] == [{"product": f"EOS of {ANNA}"}]
    for language in ("lv", "en"):
        assert f"EOS of {ANNA}" in export.as_html(export.collect(stores, contacts, ANNA), language)
    erasure.erase(stores, contacts, ANNA, "test")
    assert person.counts(stores, contacts, ANNA)["notifications"] == 0
    assert person.counts(stores, contacts, PETER)["notifications"] == 2

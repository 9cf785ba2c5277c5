"""Customers who agreed are notified of what happens to their accounts: once, by day, and where they are."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update

from bot.conversations import handoff, identity, lifecycle, notifications, queue, subscriptions
from bot.conversations.contacts import Contacts
from bot.conversations.messages import add_message
from bot.conversations.models import Choice, Conversation, Message
from bot.conversations.notification_models import Notification, Subscription
from bot.conversations.notifications import KINDS, AccountEvent
from bot.conversations.rasa_answers import RasaAnswer, store_answers
from bot.conversations.subscriptions import COMMAND, CONFIRMED_WITHIN, Subscriptions
from bot.database import Database, now
from bot.mail import Letter, compose
from bot.settings import Settings
from bot.web import notifier
from bot.web.chat_link import link_to_chat
from bot.web.mail_status import MailStatus
from bot.web.notifier import Notifier
from tests.conversations.talk import LIGA, OPEN, Talk
from tests.mail import SmtpServer, text_of

ANNA, KEY, SITE = "anna@example.com", "k" * 32, "https://www.example.com"
HOSTILE = "<img src=x> **EOS** [R5](https://evil.example)"
NEXT = {"lv": "Nākamais solis", "en": "Next step"}


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    started = SmtpServer()
    yield started
    started.close()


class Office:
    """The part of the website side that tells customers."""

    def __init__(self, database: Database, server: SmtpServer, folder, **more: object) -> None:
        given = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none", "events_key": KEY}
        given |= {"access_key": KEY, "email_key": KEY, "data_dir": folder, "public_url": "https://chat.example.com/"}
        # By default at any hour, as tests run at any hour.
        given |= {"notify_from": 0, "notify_until": 24, "frame_ancestors": SITE} | more
        self.settings, self.database = Settings(**given), database
        self.contacts = Contacts(self.settings)
        self.subscribed = Subscriptions(self.settings, self.contacts)
        self.notifier = Notifier(self.settings, database, self.subscribed, self.contacts, MailStatus())
        self.events = 0

    def happen(
        self, kind: str = "invoice.issued", email: str = ANNA, event_id: str = "", due_on: str = "2199-12-05"
    ) -> None:
        self.events += 1
        event = AccountEvent(type=kind, email=email, product=HOSTILE, due_on=due_on)
        with self.database.write() as session:
            notifications.record(session, self.contacts, event_id or f"event-{self.events}", event)

    def subscribe(self, talk: Talk) -> str:
        """Ask in the chat and open the link of the e-mail; return the token of the link."""
        talk.do(self.subscribed.ask, ANNA)
        with self.database.write() as session:
            found = session.scalars(select(Subscription)).one()
            subscriptions.confirm(found)
            return self.subscribed.opened(found)[1]

    def told(self) -> list[tuple[str, str | None]]:
        with self.database.read() as session:
            return [(one.kind, one.told_by) for one in session.scalars(select(Notification).order_by(Notification.id))]


@pytest.fixture
def office(database, server, tmp_path) -> Office:
    return Office(database, server, tmp_path)


def is_confirmed(talk: Talk, office: Office, email: str = ANNA) -> Talk:
    talk.do(lambda _, mine: identity.confirmed(mine, "t", now() + timedelta(hours=1), "Anna", email))
    talk.do(lambda session, mine: office.contacts.note(session, mine, email))
    return talk


@pytest.fixture
def anna(talk: Talk, office: Office) -> Talk:
    """A conversation in which Anna is confirmed, and has agreed to be told."""
    with office.database.write() as session:
        session.execute(update(Conversation).values(page_address=f"{SITE}/portal"))
    office.subscribe(is_confirmed(talk, office))
    return talk


def leave(talk: Talk) -> None:
    talk.do(lambda _, mine: identity.forget_identity(mine))


def due_again(database: Database) -> None:
    with database.write() as session:
        for kind in (Notification, Subscription):
            session.execute(update(kind).where(kind.due_at.is_not(None)).values(due_at=now()))


def said(talk: Talk, author: str = "assistant") -> list[str]:
    with talk.database.read() as session:
        mine = select(Message.text).where(Message.conversation_id == talk.id, Message.author == author)
        return list(session.scalars(mine.order_by(Message.id)))


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_happens_is_told_in_the_open_conversation_with_the_next_step(office, server, anna, kind, language):
    anna.do(lambda _, mine: setattr(mine, "language", language))
    office.happen(kind)
    assert office.notifier.send() == [anna.id]
    assert office.notifier.send() == []
    (text,) = said(anna)
    assert NEXT[language] in text
    assert "<img" not in text.replace("\\<", "")
    with office.database.read() as session:
        assert [choice.title for choice in session.scalars(select(Choice))]
    assert office.told() == [(kind, "chat")]
    assert server.letters == []


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_who_is_gone_gets_an_e_mail_in_their_language_with_the_way_back_and_the_way_out(
    office, server, anna, kind, language
):
    with office.database.write() as session:
        session.execute(update(Subscription).values(language=language))
    leave(anna)
    office.happen(kind)
    for _ in range(2):
        assert office.notifier.send() == []
    (letter,) = server.letters
    text = text_of(letter)
    assert letter["to"] == ANNA
    assert letter["content-language"] == language
    assert NEXT[language] in text
    assert f"{SITE}/portal#cps-assistant" in text
    page = letter["list-unsubscribe"].removeprefix("<").removesuffix("/end>")
    assert page.startswith("https://chat.example.com/notifications/")
    assert f"{page}?language={language}" in text
    assert letter["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert office.told() == [(kind, "email")]
    assert said(anna) == []


def test_the_way_out_stands_on_one_line_however_long_it_is():
    address = f"https://chat.example.com/notifications/{'A-_' * 40}/end"
    letter = Letter(to=ANNA, subject="?", text="?", language="lv", sent_at=now(), unsubscribe=address)
    assert f"List-Unsubscribe: <{address}>\r\n".encode() in bytes(compose(Settings(), letter))


def test_an_event_counts_once_however_often_it_arrives(office, anna):
    for _ in range(3):
        office.happen(event_id="the-same")
    office.notifier.send()
    assert len(said(anna)) == 1


def test_who_did_not_agree_is_told_nothing_and_nothing_is_kept(office, server, talk):
    is_confirmed(talk, office)
    office.happen()
    talk.do(office.subscribed.ask, ANNA)  # the link of the e-mail is not opened
    office.happen()
    office.notifier.send()
    assert office.told() == []
    assert [letter["subject"] for letter in server.letters] == ["Apstipriniet, ka vēlaties saņemt paziņojumus"]


@pytest.mark.parametrize(
    "hidden",
    [
        leave,
        lambda talk: talk.do(lambda _, mine: setattr(mine, "identity_seen_at", now() - timedelta(hours=2))),
        lambda talk: talk.do(lambda _, mine: setattr(mine, "access_expires_at", now() - timedelta(seconds=1))),
        lambda talk: talk.do(lambda _, mine: setattr(mine, "customer_email", "other@example.com")),
        lambda talk: talk.do(lifecycle.close_conversation),
        lambda talk: (talk.do(queue.ask, "asked", OPEN), talk.do(handoff.take, LIGA)),
    ],
    ids=["logged out", "idle", "run out", "somebody else", "ended", "with a person"],
)
def test_nothing_is_said_where_the_customer_is_not_confirmed_or_talks_to_a_person(office, server, anna, hidden):
    hidden(anna)
    before = len(said(anna))
    office.happen()
    assert office.notifier.send() == []
    assert len(said(anna)) == before
    assert office.told() == [("invoice.issued", "email")]
    assert [letter["to"] for letter in server.letters] == [ANNA]


def test_who_does_not_look_at_the_chat_gets_an_e_mail_after_a_while(office, server, anna):
    office.happen("application.approved")
    office.notifier.send()
    office.notifier.send()
    assert server.letters == []
    due_again(office.database)
    office.notifier.send()
    assert len(server.letters) == 1
    assert office.told() == [("application.approved", "email")]


def test_who_has_seen_it_in_the_chat_gets_no_e_mail(office, server, anna):
    office.happen("application.approved")
    office.notifier.send()
    with office.database.write() as session:
        newest = session.scalars(select(Message.id).order_by(Message.id.desc())).first()
        session.execute(update(Conversation).values(seen_id=newest))
    due_again(office.database)
    office.notifier.send()
    assert server.letters == []
    assert office.told() == [("application.approved", "chat")]


def test_who_cannot_be_reached_by_e_mail_is_told_at_the_next_visit(office, server, anna):
    leave(anna)
    server.letter_answer = "451 later"
    office.happen()
    for _ in range(len(notifier.PAUSES) + 3):
        office.notifier.send()
        due_again(office.database)
    assert server.letters == []
    assert office.told() == [("invoice.issued", None)]
    is_confirmed(anna, office)
    assert office.notifier.send() == [anna.id]
    assert office.told() == [("invoice.issued", "chat")]


def test_what_waited_too_long_is_not_told(office, server, anna):
    leave(anna)
    office.happen()
    with office.database.write() as session:
        session.execute(update(Notification).values(created_at=now() - notifications.OLDEST))
    office.notifier.send()
    is_confirmed(anna, office)
    assert office.notifier.send() == []
    assert server.letters == []


@pytest.mark.parametrize("is_here", [True, False])
def test_an_invoice_is_not_due_soon_after_its_day(office, server, anna, is_here):
    if not is_here:
        leave(anna)
    office.happen("invoice.due_soon", due_on="2026-01-05")
    assert office.notifier.send() == []
    assert server.letters == []
    office.happen("invoice.overdue", due_on="2026-01-05")
    office.notifier.send()
    assert office.told() == [("invoice.due_soon", None), ("invoice.overdue", "chat" if is_here else "email")]


@pytest.mark.parametrize(
    ("utc", "is_quiet"),
    [
        (datetime(2026, 11, 27, 5, 59, tzinfo=UTC), True),  # 7:59 in winter
        (datetime(2026, 11, 27, 6, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 27, 18, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 27, 19, 0, tzinfo=UTC), True),  # 21:00
        (datetime(2026, 7, 1, 5, 0, tzinfo=UTC), False),  # 8:00 in summer
        (datetime(2026, 7, 1, 18, 0, tzinfo=UTC), True),
    ],
)
def test_the_night_is_that_of_riga(utc, is_quiet):
    assert notifications.is_quiet(utc, 8, 21) == is_quiet


@pytest.mark.parametrize("is_here", [True, False])
def test_what_happens_at_night_is_told_in_the_morning(database, server, tmp_path, talk, monkeypatch, is_here):
    office = Office(database, server, tmp_path, notify_from=8, notify_until=21)
    office.subscribe(is_confirmed(talk, office))
    if not is_here:
        leave(talk)
    office.happen()
    is_quiet, at = notifications.is_quiet, [datetime(2026, 11, 27, hour, 30, tzinfo=UTC) for hour in (3, 6)]
    monkeypatch.setattr(notifications, "is_quiet", lambda _, *hours: is_quiet(at[0], *hours))
    assert office.notifier.send() == []
    assert (said(talk), server.letters) == ([], [])
    del at[0]
    office.notifier.send()
    assert office.told() == [("invoice.issued", "chat" if is_here else "email")]


@pytest.mark.parametrize("language", ["lv", "en"])
def test_the_question_whether_one_agrees_comes_once_by_e_mail_even_at_night(database, server, tmp_path, talk, language):
    office = Office(database, server, tmp_path, notify_from=23, notify_until=1)
    is_confirmed(talk, office).do(lambda _, mine: setattr(mine, "language", language))
    for _ in range(3):
        talk.do(office.subscribed.ask, ANNA)
        office.notifier.send()
    (letter,) = server.letters
    assert letter["content-language"] == language
    assert f"?language={language}" in text_of(letter)
    assert "list-unsubscribe" not in letter


def test_who_asks_again_gets_another_e_mail_and_the_first_link_stays_good(office, server, talk):
    is_confirmed(talk, office)
    for _ in range(2):
        talk.do(office.subscribed.ask, ANNA)
        office.notifier.send()
        with office.database.write() as session:
            session.execute(update(Subscription).values(asked_at=now() - subscriptions.AGAIN_AFTER - timedelta(1 / 24)))
    first, second = server.letters
    assert first["message-id"] != second["message-id"]
    with office.database.read() as session:
        token = office.subscribed.opened(session.scalars(select(Subscription)).one())[1]
    assert all(token in text_of(letter).replace("\n", "") for letter in (first, second))


def test_two_devices_that_ask_at_the_same_moment_get_one_e_mail(office, server, talk, monkeypatch):
    is_confirmed(talk, office)
    talk.do(office.subscribed.ask, ANNA)
    with office.database.write() as session:  # the other one has not seen the first
        mine = lifecycle.lock(session, talk.id)
        monkeypatch.setattr(session, "get", lambda *_, **__: None)
        monkeypatch.setattr(session, "merge", session.add)
        office.subscribed.ask(session, mine, ANNA)
    office.notifier.send()
    assert len(server.letters) == 1


def test_the_link_is_good_for_some_days_alone(office, talk):
    is_confirmed(talk, office).do(office.subscribed.ask, ANNA)
    with office.database.write() as session:
        found = session.scalars(select(Subscription)).one()
        token = office.subscribed.opened(found)[1]
        assert subscriptions.find(session, token)
        found.asked_at -= CONFIRMED_WITHIN
        session.flush()
        assert subscriptions.find(session, token) is None
    office.notifier.drop_unconfirmed()
    with office.database.read() as session:
        assert session.scalars(select(Subscription)).all() == []


def test_addresses_and_tokens_are_not_stored_as_they_are(office, anna):
    with office.database.read() as session:
        stored = session.scalars(select(Subscription)).one()
        email, token = office.subscribed.opened(stored)
        values = [str(value) for value in vars(stored).values()]
    assert email == ANNA
    assert not [value for value in values if ANNA in value or token in value]


def test_who_ends_it_is_told_nothing_any_more(office, server, anna):
    leave(anna)
    office.happen("application.approved")
    office.notifier.send()
    office.happen("invoice.issued")
    with office.database.write() as session:
        subscriptions.end(session, session.scalars(select(Subscription)).one())
    office.happen("invoice.overdue")
    office.notifier.send()
    assert len(server.letters) == 1
    assert office.told() == [("application.approved", "email")]  # what agents see


def test_an_address_whose_key_was_lost_is_forgotten(database, server, tmp_path, office, anna):
    leave(anna)
    office.happen()
    Office(database, server, tmp_path, access_key="l" * 32).notifier.send()
    with database.read() as session:
        assert session.scalars(select(Subscription)).all() == []
    assert (office.told(), server.letters) == ([], [])


@pytest.mark.parametrize("language", ["lv", "en"])
def test_it_is_offered_once_after_an_answer_from_the_account(office, talk, language):
    def offers() -> int:
        talk.do(office.subscribed.offer_after, "utter_my_points_some")
        return sum(COMMAND in choice for choice in payloads(talk))

    talk.do(lambda _, mine: setattr(mine, "language", language))
    assert offers() == 0  # not confirmed
    is_confirmed(talk, office)
    talk.do(office.subscribed.offer_after, "utter_points_needed")
    talk.do(office.subscribed.offer_after, "utter_backend_failed")
    assert payloads(talk) == []
    assert (offers(), offers()) == (1, 1)
    leave(talk)
    talk.do(office.subscribed.ask, None)
    assert len(said(talk, "notice")) == 2  # the offer, and the request to confirm


def test_it_is_offered_after_the_whole_answer(office, talk):
    is_confirmed(talk, office)
    given = [RasaAnswer(text=one, response=f"utter_my_{one}") for one in ("points", "invoice")]

    def answer(session, mine: Conversation) -> None:
        asked = add_message(session, mine, "customer", "?", for_rasa="?")
        store_answers(session, asked.id, given, now(), subscribed=office.subscribed)

    talk.do(answer)
    with talk.database.read() as session:
        mine = select(Message.author).where(Message.conversation_id == talk.id).order_by(Message.id)
        assert list(session.scalars(mine))[-3:] == ["assistant", "assistant", "notice"]


def test_it_is_not_offered_to_who_has_it_or_where_it_is_off(database, server, tmp_path, office, anna):
    anna.do(office.subscribed.offer_after, "utter_my_points_some")
    off = Office(database, server, tmp_path, events_key="")
    anna.do(off.subscribed.offer_after, "utter_my_points_some")
    assert payloads(anna) == []
    off.happen()
    assert off.notifier.send() == []


def payloads(talk: Talk) -> list[str]:
    with talk.database.read() as session:
        mine = select(Choice.payload).join(Message, Message.id == Choice.message_id)
        return list(session.scalars(mine.where(Message.conversation_id == talk.id)))


@pytest.mark.parametrize(
    "event",
    [
        {"type": "product.incomplete", "email": ANNA},
        {"type": "invoice.issued", "email": ANNA},
        {"type": "invoice.issued", "email": ANNA, "due_on": "soon"},
        {"type": "account.deleted", "email": ANNA},
        {"type": "points.reached", "email": "nobody"},
        {"type": "product.incomplete", "email": ANNA, "product": "x" * 201},
    ],
)
def test_an_event_says_what_it_is_about(event):
    with pytest.raises(ValidationError):
        AccountEvent(**event)


@pytest.mark.parametrize(
    ("public", "page", "is_named"),
    [
        ("https://chat.example.com/cps/", "https://chat.example.com/portal", True),
        ("https://chat.example.com", "https://elsewhere.example/portal", False),
        ("", "https://chat.example.com/portal", False),
        ("https://chat.example.com", None, False),
    ],
)
def test_a_letter_may_lead_to_the_site_of_the_chat_itself(public, page, is_named):
    settings = Settings(public_url=public, frame_ancestors="'self'")
    assert link_to_chat(settings, page) == (f"{page}#cps-assistant" if is_named else None)

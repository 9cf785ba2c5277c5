"""Marked texts go through every door of the whole assistant; after the erasure, no file holds one of them."""

import random
import string
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.backend.verification import verifications_of
from bot.conversations import lifecycle, notifications, subscriptions
from bot.conversations.contacts import Contacts
from bot.conversations.learning_models import Turn
from bot.conversations.notification_models import Subscription
from bot.conversations.notifications import AccountEvent
from bot.conversations.subscriptions import Subscriptions
from bot.database import Database
from bot.privacy import trackers
from bot.settings import Settings
from tests.conftest import Stack
from tests.customer import Customer, logged_in
from tests.desk.conftest import Browser

ANNA, HERE = "anna.berzina@example.com", "/desk/personal-data"


class Marks(dict[str, str]):
    """Words that stand nowhere else, by the door through which they go."""

    def new(self, door: str) -> str:
        """Make a word for a door."""
        self[door] = "".join(random.choices(string.ascii_lowercase, k=14))
        return self[door]

    def found(self, folder: Path) -> dict[str, list[str]]:
        """Return the doors whose words are in files, with the names of the files."""
        contents = {path.name: path.read_bytes().lower() for path in folder.rglob("*") if path.is_file()}
        places = {door: [name for name in contents if mark.encode() in contents[name]] for door, mark in self.items()}
        return {door: names for door, names in places.items() if names}


@pytest.fixture
def boss(stack) -> Iterator[Browser]:
    """The demo's supervisor, who takes conversations."""
    browser = Browser(stack.web)
    assert browser.sign_in("supervisor@example.com", stack.demo_password).status_code == 303
    yield browser
    browser.post("/desk/sign-out")


def id_of(stack: Stack, customer: Customer) -> str:
    with Database(f"sqlite:///{stack.folder / 'chat.db'}").read() as session:
        return lifecycle.find_conversation(session, customer.token).id


def send(customer: Customer, words: str, client_id: str = "") -> int:
    body = {"client_id": client_id or str(uuid.uuid4()), "text": words}
    return customer.call("POST", "conversation/messages", body).status_code


def to_the_assistant(customer: Customer, marks: Marks, language: str) -> None:
    question = {"lv": "kāpēc es neredzu zilo pogu?", "en": "why do I not see the blue button?"}[language]
    customer.say(f"{question} {marks.new(language + ' question')}")
    customer.say(f"/{marks.new(language + ' slash')}")
    customer.say(f"{marks.new(language + ' beside an address')} other@example.com, 29123456")
    customer.say(marks.new(language + " word alone").upper())
    before = customer.last
    assert send(customer, "?", f"{marks.new(language + ' id')}-0001") == 201
    customer.hear(before)
    assert send(customer, f"{marks.new(language + ' too long')} " * 500) == 413


def send_file(customer: Customer, name: str, content: str) -> int:
    return customer.session.post(
        f"{customer.web}/api/conversation/files",
        params={"client_id": str(uuid.uuid4())},
        data=f"%PDF-1.7 {content}".encode(),
        headers={"content-type": "application/octet-stream", "x-file-name": f"{name}.pdf"},
        timeout=60,
    ).status_code


def to_people(stack: Stack, boss: Browser, customer: Customer, marks: Marks, language: str) -> None:
    path = f"/desk/conversations/{id_of(stack, customer)}"
    customer.call("POST", "conversation/person")
    assert send(customer, f"{marks.new(language + ' in the queue')} other@example.com") == 201
    assert boss.post(f"{path}/take").status_code == 303
    assert send(customer, f"{marks.new(language + ' to an agent')} other@example.com") == 201
    assert send_file(customer, marks.new(language + " file name"), marks.new(language + " in a file")) == 201
    for door in ("messages", "notes"):
        more = {"client_id": uuid.uuid4().hex} if door == "messages" else {}
        assert boss.post(f"{path}/{door}", {"text": marks.new(f"{language} {door}"), **more}).status_code == 303
    boss.post(f"{path}/close", {"outcome": "solved", "line": marks.new(language + " closing")})
    rating = {"score": 5, "comment": marks.new(language + " rating")}
    assert customer.call("POST", "conversation/rating", rating).status_code == 204
    page = {"url": f"https://example.com/{marks.new(language + ' page')}", "title": marks.new(language + " page title")}
    assert customer.call("PUT", "conversation/page", page).status_code == 204
    left = {"client_id": "client-0001", "email": "Anna.Berzina@example.com", "text": marks.new(language + " left")}
    assert customer.call("POST", "conversation/ticket", left).status_code == 204
    left["email"] = marks.new(language + " left wrongly")
    assert customer.call("POST", "conversation/ticket", left).status_code == 422


def to_the_writers(stack: Stack, boss: Browser, customer: Customer, marks: Marks, language: str) -> None:
    mine = select(Turn).where(Turn.conversation_id == id_of(stack, customer)).order_by(Turn.message_id)
    with Database(f"sqlite:///{stack.folder / 'chat.db'}").write() as session:
        turn = session.scalars(mine).first()
        asked, turn.contradicted = turn.message_id, True
    draft = {f"draft_{one}": marks.new(f"{language} draft, {one}") for one in ("lv", "en")}
    filed = {"chosen": asked, "decision": "new", "thing": "invoice", "aspect": "who"}
    assert boss.post(f"/desk/quality/{asked}", filed | draft).status_code == 303
    assert draft["draft_en"] in boss.get("/desk/quality/patch").text
    judged = f"/desk/quality/judging/{id_of(stack, customer)}"
    assert boss.post(f"{judged}/open").status_code == 303
    facts = {"verdict": "bad", "facts": marks.new(language + " facts")}
    assert boss.post(f"{judged}/{asked}", facts).status_code in (200, 204, 303)


def by_telephone(boss: Browser, marks: Marks, language: str) -> None:
    boss.post("/desk/script/call", {"language": language})
    boss.post("/desk/script/customer", {"email": ANNA})
    boss.get(f"/desk/script?path=register&q={marks.new(language + ' search')}")
    boss.post("/desk/script/end", {"outcome": "solved", "note": marks.new(language + " call")})


def to_the_machinery(stack: Stack, boss: Browser, customer: Customer, marks: Marks, language: str) -> None:
    for door in ("api/conversation", "chat", "desk", "no-such-page"):
        mark = marks.new(f"{language} address of {door}")
        customer.session.get(f"{stack.web}/{door}/{mark}?{mark}={mark}", headers={"user-agent": mark}, timeout=30)
    token = {"token": marks.new(language + " token")}
    assert customer.call("POST", "conversation/identity/token", token).status_code == 403
    boss.post(f"{HERE}/find", {"email": marks.new(language + " find")})
    boss.post(f"{HERE}/erase", {"email": ANNA, "typed": marks.new(language + " typed")})


def by_the_account_system(stack: Stack, customer: Customer, marks: Marks, language: str) -> None:
    settings = Settings(data_dir=stack.folder, events_key="k" * 32)
    contacts = Contacts(settings)
    event = {"type": "product.incomplete", "email": ANNA, "product": marks.new(language + " event")}
    with Database(f"sqlite:///{stack.folder / 'chat.db'}").write() as session:
        mine = lifecycle.find_conversation(session, customer.token)
        Subscriptions(settings, contacts).ask(session, mine, ANNA)
        subscriptions.confirm(session.get_one(Subscription, contacts.hash(ANNA)))
        notifications.record(session, contacts, f"event {language}", AccountEvent(**event))


KEPT = (
    "question",
    "slash",
    "an address",
    "alone",
    " id",
    "queue",
    "agent",
    "messages",
    "notes",
    "closing",
    "rating",
    "left",
    "file name",
    "in a file",
    "facts",
    "event",
)


def test_nothing_of_a_person_remains_anywhere(stack, boss):
    marks, of_another = Marks(), Marks()
    other = Customer(stack.web, "en")
    other.say(f"hello {of_another.new('question')}, my colleague is {ANNA}")
    latvian, english = Customer(stack.web), logged_in(stack.web, ANNA, "en")
    latvian.say("cik man ir punktu?")
    typed = {"email": f"{marks.new('lv another address')}@example.com"}
    assert latvian.call("POST", "conversation/identity/email", typed).status_code == 204
    code = {"code": marks.new("lv code")}
    assert latvian.call("POST", "conversation/identity/code", code).status_code == 422
    latvian.confirm(stack.backend, ANNA)
    for customer, language in ((latvian, "lv"), (english, "en")):
        to_the_assistant(customer, marks, language)
        to_people(stack, boss, customer, marks, language)
        to_the_writers(stack, boss, customer, marks, language)
        by_telephone(boss, marks, language)
        by_the_account_system(stack, customer, marks, language)
        to_the_machinery(stack, boss, customer, marks, language)
    assert len(marks) > 30
    kept = {door for door in marks if door.endswith(KEPT)} | {"lv call", "en call"}
    assert kept <= marks.found(stack.folder).keys()
    exported = boss.post(f"{HERE}/export", {"email": ANNA, "kind": "json"}).text.lower()
    # The content of a file is exported as base64.
    assert [door for door in kept if marks[door] not in exported and not door.endswith((" id", "in a file"))] == []

    done = boss.post(f"{HERE}/erase", {"email": ANNA, "typed": ANNA})
    assert done.headers["location"] == f"{HERE}?done=erased"

    assert marks.found(stack.folder) == {}
    assert of_another.found(stack.folder).keys() == {"question"}
    address = Marks({"address": ANNA, "name": "anna.berzina"}).found(stack.folder)
    assert {name for names in address.values() for name in names} <= {
        "backend.db",
        "backend.db-wal",
    }  # the account itself
    with Database(f"sqlite:///{stack.folder / 'backend.db'}").read() as session:
        assert verifications_of(session, ANNA) == []
    for customer in (latvian, english):
        assert customer.call("GET", "conversation").status_code == 401
    assert other.say("how many points do I need to join?")


@pytest.mark.parametrize(("language", "asked", "said"), [("en", "hello", "Hello"), ("lv", "sveiki", "Labdien")])
def test_rasa_goes_on_in_the_language_of_a_conversation_that_it_forgot(stack, language, asked, said):
    customer = Customer(stack.web, "lv" if language == "en" else "en")
    customer.call("PUT", "conversation/language", {"language": language})
    customer.hear(customer.last)
    customer.say({"lv": "esmu PVN maksātājs", "en": "we are a VAT payer"}[language])
    mine, database = id_of(stack, customer), Database(f"sqlite:///{stack.folder / 'rasa.db'}")
    with database.write() as session:
        trackers.forget(session, [mine], keep_skeleton=True)
        left = session.execute(text("SELECT type_name FROM events WHERE sender_id = :id"), {"id": mine}).all()
    assert len(left) == trackers.BONES
    answer = customer.say(asked)
    assert said.lower() in answer.lower()

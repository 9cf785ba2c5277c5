"""The drawings: what they may contain, how they are served, and which names an answer may give."""

import xml.etree.ElementTree as ET

import pytest
import requests
from pydantic import TypeAdapter
from sqlalchemy import select

from bot.conversations import lifecycle, pictures
from bot.conversations.models import Message
from bot.conversations.rasa_answers import RasaAnswer, store_answers
from bot.database import Database, now
from bot.web import drawings
from tests.customer import Customer
from tests.databases import make_chat

FILES = [f"{name}.{language}" for name in sorted(pictures.WORDS) for language in pictures.LANGUAGES]
SVG = "{http://www.w3.org/2000/svg}"
DRAWN_WITH = {SVG + tag for tag in ("svg", "g", "rect", "path", "circle", "text", "use")}


@pytest.fixture
def database(tmp_path) -> Database:
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    make_chat(url)
    return Database(url)


def stored(database: Database, *answers: dict, language: str = "lv") -> list[Message]:
    """Store these answers of Rasa in a new conversation; return the assistant's messages."""
    parsed = TypeAdapter(list[RasaAnswer]).validate_python(list(answers))
    with database.write() as session:
        lifecycle.open_conversation(session, language)
        start = session.scalars(select(Message.id)).one()
        store_answers(session, start, parsed, now())
    with database.read() as session:
        return list(session.scalars(select(Message).where(Message.author == "assistant").order_by(Message.id)))


def test_every_drawing_has_its_words_and_every_words_a_drawing():
    assert {path.stem for path in pictures.FOLDER.glob("*.svg")} == set(pictures.WORDS)


@pytest.mark.parametrize("file", FILES)
def test_a_drawing_is_small_and_does_nothing_but_be_looked_at(file):
    drawn = drawings.drawing(file).plain
    assert len(drawn) < 6_000
    for element in ET.fromstring(drawn).iter():
        assert element.tag in DRAWN_WITH
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert not name.endswith("href") or value.startswith("#")
            assert "url(" not in value
            assert name != "style"


@pytest.mark.parametrize("file", FILES)
def test_a_drawing_shows_the_labels_of_its_language(file):
    name, language = file.split(".")
    drawn = [text.text for text in ET.fromstring(drawings.drawing(file).plain).iter(SVG + "text")]
    for label, said in pictures.WORDS[name].items():
        assert said[language] in (drawn if label != "alt" else [pictures.alt(file)])


def test_a_picture_speaks_the_language_of_its_answer(database):
    english = stored(database, {"text": "See", "image": "green_tick", "language": "en"})
    assert english[0].picture == "green_tick.en"


def test_without_a_language_a_picture_speaks_the_conversations(database):
    assert stored(database, {"text": "See", "image": "green_tick"}, language="en")[0].picture == "green_tick.en"


@pytest.mark.parametrize(
    "image",
    ["nothing_like_it", "green_tick.lv", "../words", "https://example.com/a.svg", "", 5, ["green_tick"], {}, None],
)
def test_a_picture_that_is_not_ours_is_left_out_and_the_words_are_said(database, image):
    said = stored(database, {"text": "Viens", "image": image}, {"text": "Divi", "image": "green_tick"})
    assert [(message.text, message.picture) for message in said] == [("Viens", None), ("Divi", "green_tick.lv")]


def test_a_drawing_travels_as_an_image_that_browsers_may_keep(stack):
    address = f"{stack.web}{drawings.address('migrate_button.lv')}"
    kept = requests.get(address, timeout=10)
    assert kept.headers["content-type"] == "image/svg+xml"
    assert "immutable" in kept.headers["cache-control"]
    assert "default-src 'none'" in kept.headers["content-security-policy"]
    assert "MIGRĒT PRODUKTUS" in kept.content.decode()
    stable = requests.get(address.partition("?")[0], timeout=10)
    assert stable.content == kept.content
    assert "max-age=0" in stable.headers["cache-control"]
    again = requests.get(address, headers={"If-None-Match": kept.headers["etag"]}, timeout=10)
    assert again.status_code == 304


@pytest.mark.parametrize(
    "file", ["nothing.lv", "green_tick", "green_tick.de", "words", "..%2Fwords.lv", "%2e%2e/words"]
)
def test_no_other_drawing_is_served(stack, file):
    assert requests.get(f"{stack.web}/pictures/{file}.svg", timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("language", "question", "alt"),
    [("lv", "kur ir zilā poga?", "zila poga"), ("en", "where is the blue button?", "a blue button")],
)
def test_an_answer_brings_its_picture_and_a_reload_brings_it_again(stack, language, question, alt):
    customer = Customer(stack.web, language)
    customer.say(question)
    for messages in (customer.events()[0], customer.events()[0]):
        assert alt in messages[-1]["picture"]["alt"]
        assert messages[-1]["picture"]["url"] == drawings.address(f"migrate_button.{language}")
        assert messages[0]["picture"] is None

"""The whole assistant with a second reader: a server of the tests that plays the language model."""

import json
from collections.abc import Iterator

import pytest

from tests.conftest import GENEROUS, Stack, running
from tests.customer import Customer
from tests.odd_server import OddServer, serve_oddly

PATH = "/chat/completions"
# Words from which nothing can be told, what the model takes them for, and a fact of that answer.
VAGUE = {"lv": "un kā tad ar to būs?", "en": "so how is it with that one then?"}
FACT = {"lv": "500", "en": "500"}
NOT_UNDERSTOOD = {"lv": "Par ko", "en": "about"}


@pytest.fixture(scope="module")
def reader() -> Iterator[OddServer]:
    with serve_oddly(slow=6.0) as server:
        yield server


@pytest.fixture(scope="module")
def read_twice(reader: OddServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    address = f"http://127.0.0.1:{reader.server_port}"
    folder = tmp_path_factory.mktemp("read-twice")
    with running(folder, reader_url=address, reader_model="small", reader_timeout="1", **GENEROUS) as stack:
        yield stack


def picks(reader: OddServer, status: int | str, address: str) -> None:
    """Have the model pick an address once."""
    reader.asked.clear()
    content = json.dumps({"choices": [{"message": {"content": address}}]}).encode()
    reader.answers[PATH] = [(status, content)]


@pytest.mark.parametrize("language", ["lv", "en"])
def test_where_the_assistant_is_unsure_it_answers_what_the_model_picked(read_twice, reader, language):
    customer = Customer(read_twice.web, language)
    picks(reader, 200, "ask_points_needed")
    assert FACT[language] in customer.say(VAGUE[language])
    assert reader.asked == [("POST", PATH)]


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("status", [500, "slow"])
def test_without_the_models_answer_its_own_reading_counts(read_twice, reader, language, status):
    customer = Customer(read_twice.web, language)
    picks(reader, status, "ask_points_needed")
    assert NOT_UNDERSTOOD[language] in customer.say(VAGUE[language])
    assert reader.asked == [("POST", PATH)]


@pytest.mark.parametrize(
    ("language", "question"),
    [("lv", "cik punktu vajag, lai pievienotos?"), ("en", "how many points do I need to join?")],
)
def test_what_is_clear_is_answered_without_the_model(read_twice, reader, language, question):
    reader.asked.clear()
    assert FACT[language] in Customer(read_twice.web, language).say(question)
    assert reader.asked == []

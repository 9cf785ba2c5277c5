"""Access tokens are encrypted in the database, and are worth nothing without the key."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from bot.conversations.models import Conversation
from bot.database import Database
from bot.keys import Cipher, new_key, new_private_key
from bot.settings import Settings
from bot.website import sign_token
from tests.backend.conftest import ANNA, KEY, Backend, start_backend
from tests.conftest import Web, stop_process
from tests.customer import Customer
from tests.databases import make_chat

SERVICE_KEY, DEMO_KEY, ACCESS_KEY = new_key(), new_private_key(), new_key()


@pytest.fixture(scope="module")
def accounts(tmp_path_factory) -> Iterator[Backend]:
    backend, process = start_backend(tmp_path_factory.mktemp("accounts"))
    yield backend
    stop_process(process)


@pytest.fixture
def database(tmp_path) -> Database:
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    make_chat(url)
    return Database(url)


@pytest.fixture
def start(start_web, accounts, database) -> Callable[[str], Web]:
    """Return a function that starts the web process with an access key, over the same database."""
    given = {"backend_url": accounts.address, "backend_key": KEY, "service_key": SERVICE_KEY, "demo_key": DEMO_KEY}
    return lambda key: start_web(access_key=key, chat_database=str(database.engine.url), **given)


@pytest.fixture
def confirmed(start, database) -> str:
    """The id of a conversation whose customer is confirmed."""
    token = sign_token(Settings(demo_key=DEMO_KEY), ANNA)
    answer = Customer(start(ACCESS_KEY).web, is_greeted=False).call(
        "POST", "conversation/identity/token", {"token": token}
    )
    assert answer.status_code == 200
    return kept(database).id


def kept(database: Database) -> Conversation:
    """Return the only conversation."""
    with database.read() as session:
        return session.query(Conversation).one()


def access(web: Web, conversation_id: str) -> requests.Response:
    """Ask for the token of a conversation, as the actions do."""
    address = f"{web.web}/internal/conversations/{conversation_id}/access"
    return requests.get(address, headers={"x-service-key": SERVICE_KEY}, timeout=10)


def test_a_token_is_stored_encrypted_and_opens_the_account_after_a_restart(start, database, accounts, confirmed):
    token = access(start(ACCESS_KEY), confirmed).json()["token"]
    assert accounts.call("GET", "/v1/account", token=token).status_code == 200
    files = Path(database.engine.url.database).parent.glob("chat.db*")
    assert not [file for file in files if token.encode() in file.read_bytes()]


def test_what_another_key_encrypted_is_dropped_at_the_start(start, database, confirmed):
    assert access(start(new_key()), confirmed).status_code == 404
    assert (kept(database).identity, kept(database).access_token, kept(database).customer_email) == ("none", None, None)


def test_a_token_that_an_earlier_release_stored_as_it_is_is_dropped_at_the_start(start, database, confirmed):
    with database.write() as session:
        session.query(Conversation).update({"access_token": "as-it-is"})
    assert access(start(ACCESS_KEY), confirmed).status_code == 404
    assert (kept(database).identity, kept(database).access_token) == ("none", None)


def test_the_longest_token_fits_into_its_column():
    assert len(Cipher(new_key()).encrypt("t" * 1400)) <= Conversation.__table__.c.access_token.type.length


@pytest.mark.parametrize("changed", ["", "x", "\u0101" * 40, "A" * 80])
def test_what_is_not_encrypted_is_not_decrypted(changed):
    assert Cipher(new_key()).decrypt(changed) is None


def test_one_text_is_encrypted_differently_each_time():
    cipher = Cipher(new_key())
    first, second = cipher.encrypt("token"), cipher.encrypt("token")
    assert first != second
    assert cipher.decrypt(first) == cipher.decrypt(second) == "token"

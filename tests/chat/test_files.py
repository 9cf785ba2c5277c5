"""A customer sends a picture or a PDF to a person, who alone may read it."""

import socket
import uuid
from urllib.parse import quote, urlsplit

import pytest
import requests

from bot.conversations import files
from bot.conversations.files import MAX_FILES, MAX_SIZE
from tests.conversations.test_files import SECRET, chunk, jpeg, png, segment
from tests.customer import Customer

PDF = b"%PDF-1.7 ..."


@pytest.fixture
def customer(web) -> Customer:
    return Customer(web.web, is_greeted=False)


def send(customer: Customer, content: bytes = PDF, name: str = "ekrāns.pdf", client_id: str = "") -> requests.Response:
    client_id = client_id or str(uuid.uuid4())
    return customer.session.post(
        f"{customer.web}/api/conversation/files",
        params={"client_id": client_id},
        data=content,
        headers={"content-type": "application/octet-stream", "x-file-name": quote(name)},
        timeout=60,
    )


def waits(customer: Customer) -> Customer:
    assert customer.call("POST", "conversation/person").status_code == 204
    return customer


@pytest.fixture
def waiting(customer):
    yield waits(customer)
    customer.call("DELETE", "conversation/person")


@pytest.mark.parametrize(
    ("content", "kind", "kept"),
    [
        (png(chunk(b"tEXt", SECRET)), "png", png()),
        (jpeg(segment(0xFE, SECRET)), "jpeg", jpeg()[: -len(SECRET)]),
        (PDF, "pdf", PDF),
    ],
)
def test_a_file_arrives_without_metadata_and_opens_as_a_download_that_can_do_nothing(waiting, content, kind, kept):
    sent = send(waiting, content, "mans ekrāns; x.html")
    assert sent.status_code == 201, sent.text
    message = waiting.events()[0][-1]
    assert (message["id"], message["author"], message["text"]) == (sent.json()["id"], "customer", "mans ekrāns; x.html")
    assert message["file"] == {"kind": kind}
    got = waiting.call("GET", f"conversation/files/{message['id']}")
    assert got.content == kept
    assert got.headers["content-type"] == {"pdf": "application/pdf"}.get(kind, f"image/{kind}")
    assert got.headers["content-disposition"].startswith(f'attachment; filename="file.{kind}"; filename*=UTF-8')
    assert got.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert got.headers["x-content-type-options"] == "nosniff"


def test_a_file_opens_in_its_conversation_alone(web, waiting):
    sent = send(waiting).json()["id"]
    other = Customer(web.web, is_greeted=False)
    assert other.call("GET", f"conversation/files/{sent}").status_code == 404
    assert requests.get(f"{web.web}/api/conversation/files/{sent}", timeout=30).status_code == 401
    for nothing in (sent - 1, 1, 2**31 - 1):
        assert waiting.call("GET", f"conversation/files/{nothing}").status_code == 404


def test_a_repeat_is_kept_once(web, waiting):
    folder, client_id = web.folder / "files", str(uuid.uuid4())
    first = send(waiting, client_id=client_id).json()
    before = len(list(folder.iterdir()))
    assert send(waiting, client_id=client_id).json() == first
    assert len(list(folder.iterdir())) == before


@pytest.mark.parametrize("language", ["lv", "en"])
def test_the_assistant_alone_says_that_it_cannot_look_and_offers_a_person(web, language):
    customer = Customer(web.web, language, is_greeted=False)
    folder = web.folder / "files"
    before = len(list(folder.iterdir())) if folder.exists() else 0
    refused = send(customer)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:cps:nobody-to-look")
    words = {"lv": "apskatīt nevaru", "en": "cannot look at pictures"}[language]
    told = [one for one in customer.events()[0] if words in one["text"]]
    assert [choice["command"] for choice in told[-1]["choices"]] == ["ask_person"]
    assert before == (len(list(folder.iterdir())) if folder.exists() else 0)


def begin(customer: Customer, sent: bytes, length: int) -> socket.socket:
    """Begin to send a file of some length; return the connection."""
    address = urlsplit(customer.web)
    connection = socket.create_connection((address.hostname, address.port), timeout=60)
    connection.sendall(
        f"POST /api/conversation/files?client_id={uuid.uuid4()} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Authorization: Bearer {customer.token}\r\nContent-Length: {length}\r\n\r\n".encode()
    )
    connection.sendall(sent)
    return connection


def test_what_nobody_will_look_at_is_refused_before_it_is_read(web):
    with begin(Customer(web.web, is_greeted=False), b"", MAX_SIZE) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 409")


@pytest.mark.parametrize(("language", "words"), [("lv", "pašlaik nevar saglabāt"), ("en", "cannot be stored")])
def test_on_a_full_disk_files_are_refused_in_words(web, monkeypatch, language, words):
    customer = waits(Customer(web.web, language, is_greeted=False))
    free = files.shutil.disk_usage(web.folder).free
    monkeypatch.setattr(files, "MIN_FREE", free * 2)
    refused = send(customer)
    assert (refused.status_code, words in refused.json()["detail"]) == (507, True)
    monkeypatch.undo()
    assert send(customer).status_code == 201
    customer.call("DELETE", "conversation/person")


@pytest.mark.parametrize(
    ("language", "words"), [("lv", "JPEG vai PNG attēlu vai PDF datni"), ("en", "JPEG or PNG picture, or a PDF")]
)
def test_other_files_are_refused_in_words(web, language, words):
    customer = waits(Customer(web.web, language, is_greeted=False))
    for content in (b"<html>", b"GIF89a", b"", png()[:30]):
        refused = send(customer, content, "x.png")
        assert refused.status_code == 422
        assert words in refused.json()["detail"]
    customer.call("DELETE", "conversation/person")


def test_a_file_may_be_as_large_as_is_said_and_no_larger(waiting):
    assert send(waiting, PDF + b"x" * (MAX_SIZE - len(PDF))).status_code == 201
    assert send(waiting, PDF + b"x" * MAX_SIZE).status_code == 413
    too_long = {"client_id": str(uuid.uuid4()), "text": "x" * 70_000}
    assert waiting.call("POST", "conversation/messages", too_long).status_code == 413  # as before


def test_one_conversation_sends_so_many_and_names_are_bounded_and_masked(web, waiting):
    sent = send(waiting, name="\u202e../../etc/anna@example.com " + "x" * 300)
    assert sent.status_code == 201
    for _ in range(MAX_FILES - 1):
        assert send(waiting).status_code == 201
    assert send(waiting).status_code == 429
    waiting.call("DELETE", "conversation/person")
    (named, *_) = [one for one in waiting.events()[0] if one["file"]]
    assert len(named["text"]) <= 100
    assert not set("/\u202e") & set(named["text"])
    assert "anna@" not in named["text"]

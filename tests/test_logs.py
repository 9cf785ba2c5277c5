"""Logs hold no ids of conversations, which open them to Rasa and the actions."""

import logging
import subprocess
import sys
import uuid

import requests

from bot.conversations.models import Conversation
from bot.database import Database
from bot.logs import REQUEST, REQUEST_HEADER, hash_ids_of_libraries, hashed
from bot.settings import ROOT
from tests.conftest import wait_for
from tests.customer import Customer


def test_a_conversation_is_logged_as_its_hash(start_web):
    web = start_web()  # without Rasa
    Customer(web.web, is_greeted=False).call(
        "POST", "conversation/messages", {"client_id": str(uuid.uuid4()), "text": "hello"}
    )
    log = web.folder / "log"
    wait_for(lambda: "rasa_does_not_answer" in log.read_text())
    with Database(f"sqlite:///{web.folder / 'chat.db'}").read() as session:
        conversation_id = session.query(Conversation.id).scalar()
    assert hashed(conversation_id) in log.read_text()
    assert conversation_id not in log.read_text()


def test_what_libraries_log_has_hashes_too(caplog):
    conversation_id = uuid.uuid4().hex
    before = logging.getLogRecordFactory()
    try:
        hash_ids_of_libraries()
        logging.getLogger("rasa").error("no lock for '%s'", conversation_id)
    finally:
        logging.setLogRecordFactory(before)
    assert caplog.messages == [f"no lock for '{hashed(conversation_id)}'"]


def test_a_full_disk_does_not_stop_what_is_logged():
    logged = "logs.configure('info'); structlog.get_logger().info('x'); print('on')"
    command = [sys.executable, "-c", f"import structlog; from bot import logs; {logged}"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=full, text=True, check=False)
    assert done.stdout == "on\n"


def test_a_request_is_named_by_the_uuid_that_came_along_and_by_nothing_else(web):
    name = str(uuid.uuid4())
    headers = {given: asked(web, given) for given in (name, "anna.berzina@example.com", "121212-12345", "x" * 5000)}
    assert headers.pop(name) == name
    for given, answered in headers.items():
        assert answered != given
        assert REQUEST.fullmatch(answered)


def asked(web, name: str) -> str:
    return requests.get(f"{web.web}/health", headers={REQUEST_HEADER: name}, timeout=10).headers[REQUEST_HEADER]

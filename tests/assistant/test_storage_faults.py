"""The disk is full or PostgreSQL cuts its connections in mid-conversation: each message is answered once, in order."""

import contextlib
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from bot.database import Database
from tests.conftest import GENEROUS, running, wait_for
from tests.customer import Customer

WALK = {"lv": ("palīdzi man soli pa solim", "gatavs", "jā"), "en": ("walk me through it step by step", "done", "yes")}
CUT = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid != pg_backend_pid()"
)


def walked(web: str, language: str) -> list[str]:
    """Return what a customer hears who is not disturbed."""
    customer = Customer(web, language)
    return [customer.say(said) for said in WALK[language]]


def test_connections_that_postgresql_cuts_cost_no_customer_their_place_or_language(tmp_path, new_postgresql):
    url = new_postgresql()
    given = dict.fromkeys(("chat_database", "backend_database", "tracker_database"), url)
    with running(tmp_path, **GENEROUS, **given) as stack:
        for language in WALK:
            expected = walked(stack.web, language)
            customer = Customer(stack.web, language)
            heard = []
            for said in WALK[language]:
                with Database(url).write() as session:
                    assert session.scalar(text(CUT)) > 0
                heard.append(customer.say(said))
            assert heard == expected


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=360m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> Path:
    """Leave no room on a disk; return the file that takes it."""
    ballast = disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as content:
        while content.write(b"x" * (1 << 20)):
            pass
    with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as content:
        while content.write(b"x" * 512):
            pass
    return ballast


def test_what_is_sent_while_the_disk_is_full_is_answered_once_there_is_room(tmp_path):
    with small_disk(tmp_path / "small") as disk, running(disk, **GENEROUS) as stack:
        expected = {language: walked(stack.web, language) for language in WALK}
        customers = [Customer(stack.web, language) for language in WALK for _ in range(3)]
        languages = [language for language in WALK for _ in range(3)]
        for customer, language in zip(customers, languages, strict=True):
            assert customer.say(WALK[language][0]) == expected[language][0]
        ballast = fill(disk)
        bodies = [{"client_id": str(uuid.uuid4()), "text": WALK[language][1]} for language in languages]
        for _ in range(3):
            for customer, body in zip(customers, bodies, strict=True):
                assert customer.call("POST", "conversation/messages", body).status_code in (201, 500, 503)
        ballast.unlink()
        for customer, language, body in zip(customers, languages, bodies, strict=True):

            def sent(customer: Customer = customer, body: dict = body) -> int | None:
                answered = customer.call("POST", "conversation/messages", body)
                return answered.json()["id"] if answered.status_code == 201 else None

            number = wait_for(sent)

            def said(customer: Customer = customer, number: int = number) -> list[str] | None:
                messages, state = customer.events(number)
                texts = [one["text"] for one in messages if one["author"] == "assistant"]
                return texts if texts and not state["typing"] and not state["waiting"] else None

            assert "\n".join(wait_for(said)) == expected[language][1]
            assert customer.say(WALK[language][2]) == expected[language][2]
            mine = [one["text"] for one in customer.events()[0] if one["author"] == "customer"]
            assert mine == list(WALK[language])

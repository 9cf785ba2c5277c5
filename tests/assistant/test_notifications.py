"""From the portal to the customer: the whole assistant tells who agreed what happens to their account."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import requests

from tests.conftest import GENEROUS, Stack, free_ports, running, wait_for
from tests.customer import Customer, logged_in
from tests.mail import SmtpServer, text_of

KEY = "events-key-of-the-tests-32-letters"
# An account for each language, as what happens to an account is told once.
NEW = {"lv": "kristine.balode@example.com", "en": "andris.krumins@example.com"}
ASKED = {"lv": "kas notiek ar manu pieteikumu?", "en": "what is happening with my application?"}
APPROVED = {"lv": "pieteikums ir apstiprināts", "en": "is approved"}
OFFER = {"lv": "Varu Jums paziņot", "en": "I can tell you"}


class Telling(NamedTuple):
    """The assistant with the key of the events, and its mail server."""

    stack: Stack
    server: SmtpServer

    def letters_to(self, email: str) -> list:
        return [letter for letter in self.server.letters if letter["to"] == email]


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Telling]:
    folder: Path = tmp_path_factory.mktemp("telling")
    server, (port,) = SmtpServer(), free_ports(1)
    given = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none", "web_port": port}
    given |= {"events_key": KEY, "public_url": f"http://127.0.0.1:{port}", "notify_from": 0, "notify_until": 24}
    with running(folder, **GENEROUS, **given) as stack:
        yield Telling(stack, server)
    server.close()


def agrees(telling: Telling, customer: Customer, email: str, language: str) -> str:
    """Ask about the application, press the button, and open the link of the e-mail; return the address of the page."""
    answer = customer.say(ASKED[language])
    assert OFFER[language] in answer
    (choice,) = [one for one in customer.choices if one.get("command") == "notify"]
    body = {"client_id": str(uuid.uuid4()), "choice": choice["id"]}
    assert customer.call("POST", "conversation/choices", body).status_code == 201
    letter = wait_for(lambda: telling.letters_to(email))[0]
    page = re.search(r"http\S+/notifications/[\w-]+", text_of(letter))[0]
    assert requests.post(f"{page}/confirm", timeout=30).status_code == 200
    return page


def test_an_approved_application_is_told_in_the_open_conversation_and_by_e_mail(telling):
    customers, pages = {}, {}
    for language, email in NEW.items():
        customers[language] = logged_in(telling.stack.web, email, language)
        pages[language] = agrees(telling, customers[language], email, language)
    before = {language: customer.events()[0][-1]["id"] for language, customer in customers.items()}
    away = customers["en"]
    assert away.call("DELETE", "conversation/identity").status_code == 204
    clock = {"forward_hours": 10 * 24}
    assert requests.post(f"{telling.stack.backend}/v1/clock", json=clock, timeout=30).status_code == 200
    # Here: in the conversation, with a button that the assistant understands.
    here = customers["lv"]
    (told,) = wait_for(lambda: [one for one in here.events(before["lv"])[0] if one["author"] == "assistant"])
    assert APPROVED["lv"] in told["text"]
    (step,) = told["choices"]
    body = {"client_id": str(uuid.uuid4()), "choice": step["id"]}
    pressed = here.call("POST", "conversation/choices", body)
    assert "donotreply@canon-europe.com" in here.hear(pressed.json()["id"])
    # Gone: by e-mail, with the way out.
    letter = wait_for(lambda: telling.letters_to(NEW["en"])[1:])[0]
    assert APPROVED["en"] in text_of(letter)
    assert letter["list-unsubscribe"] == f"<{pages['en']}/end>"
    assert requests.post(f"{pages['en']}/end", data={"List-Unsubscribe": "One-Click"}, timeout=30).status_code == 200
    log = "".join(path.read_text(errors="replace") for path in (telling.stack.folder / "logs").iterdir())
    assert not [email for email in NEW.values() if email in log]

"""The page System status shows supervisors what does not work, and sends again what could not be sent."""

import json
import os
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from bot.backup import back_up
from bot.conversations.models import Ticket, Transition
from bot.desk.status import _model_in_use
from bot.model import model_path, name_of
from bot.settings import LAST_BACKUP, Settings
from tests.conftest import stop_process, wait_for
from tests.conversations.test_outbox import Helpdesk
from tests.customer import Customer
from tests.desk.conftest import Browser, Desk, start_desk
from tests.mail import SmtpServer

HERE = "/desk/status"
NOT_SENT = {"lv": "Arī šoreiz neizdevās nosūtīt", "en": "It could not be sent this time either"}
SENT = {"lv": "Nosūtīts.", "en": "It has been sent."}
DOWN = {"lv": "Kontu sistēma Neatbild", "en": "Account system Does not answer"}
OUTBOX = {
    "lv": r"Sūtīt ziņas un webhook paziņojumus (\S+ ){1,3}?",  # the time, after midnight with the day
    "en": r"Send messages and webhooks (\S+ ){1,3}?",
}
WORKED, FAILED = {"lv": "Izdevās", "en": "It worked"}, {"lv": "Neizdevās: ", "en": "It failed: "}


def words(page: str) -> str:
    """Return what a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture(scope="module")
def helpdesk() -> Iterator[Helpdesk]:
    started = Helpdesk()
    yield started
    started.server.shutdown()


@pytest.fixture(scope="module")
def mail_server() -> Iterator[SmtpServer]:
    started = SmtpServer()
    yield started
    started.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory, helpdesk, mail_server) -> Iterator[Desk]:
    """A desk with a helpdesk and a mail server of its own."""
    given = {"smtp_host": "127.0.0.1", "smtp_port": str(mail_server.port), "smtp_tls": "none"}
    given |= {"webhook_url": helpdesk.address, "webhook_secret": "secret of the tests", "long_wait": "0"}
    started = start_desk(tmp_path_factory.mktemp("status"), support_email="support@example.com", **given)
    yield started
    stop_process(started.process)


def ids(desk: Desk, kind: type) -> list[int]:
    """Return what has failed at least once."""
    with desk.database.read() as session:
        return list(session.scalars(select(kind.id).where(kind.due_at.is_not(None), kind.attempts > 0)))


@pytest.mark.parametrize("language", NOT_SENT)
def test_a_webhook_and_a_letter_that_fail_are_listed_and_sent_again_by_hand(desk, helpdesk, mail_server, language):
    helpdesk.status, mail_server.letter_answer = 503, "451 later"
    supervisor = desk.signed_in("supervisor", language=language)
    customer = Customer(desk.address, language, is_greeted=False)
    customer.call("POST", "conversation/person")
    left = {"client_id": f"ticket-{language}", "email": "anna@example.com", "text": "?"}
    customer.call("POST", "conversation/ticket", left)
    paths = {
        "webhook": wait_for(lambda: ids(desk, Transition))[-1],
        "letter": wait_for(lambda: ids(desk, Ticket))[-1],
    }
    for kind, number in paths.items():
        path = f"{HERE}/again/{kind}/{number}"
        assert f'action="{path}"' in supervisor.get(HERE).text
        refused = supervisor.get(supervisor.post(path).headers["location"]).text
        assert NOT_SENT[language] in refused
        assert f'action="{path}"' in refused
    age = timedelta(days=3)  # the job leaves alone what is older than a day; a person does not
    with desk.database.write() as session:
        session.get_one(Transition, paths["webhook"]).at -= age
        session.get_one(Ticket, paths["letter"]).created_at -= age
    helpdesk.status, mail_server.letter_answer = 200, "250 OK"
    heard, letters = len(helpdesk.heard), len(mail_server.letters)
    for kind, number in paths.items():
        path = f"{HERE}/again/{kind}/{number}"
        for _ in range(2):  # a second press sends nothing
            assert SENT[language] in (shown := supervisor.get(supervisor.post(path).headers["location"]).text)
            assert f'action="{path}"' not in shown
    assert [json.loads(body)["id"] for _, _, body in helpdesk.heard[heard:]].count(paths["webhook"]) == 1
    assert len(mail_server.letters) == letters + 1


def test_what_is_given_up_stays_listed_and_what_does_not_exist_cannot_be_sent(desk):
    supervisor = desk.signed_in("supervisor", language="en")
    Customer(desk.address, is_greeted=False).call("POST", "conversation/person")
    with desk.database.write() as session:
        given_up = session.scalars(select(Transition).order_by(Transition.id.desc())).first()
        given_up.attempts, given_up.due_at = 8, given_up.at + timedelta(days=1)
        number = given_up.id
    shown = supervisor.get(HERE).text
    (row,) = [one for one in re.findall(r"<div>\s*<dt>.*?</div>", shown, re.S) if f"/again/webhook/{number}" in one]
    assert "Attempts: 8. Given up" in words(row)
    missing = supervisor.post(f"{HERE}/again/webhook/{2**31 - 1}")
    assert missing.headers["location"].endswith("not_sent_again")
    assert supervisor.post(f"{HERE}/again/card/1").status_code == 422
    assert supervisor.post(f"{HERE}/again/webhook/{number}", csrf="").status_code == 403


def test_only_supervisors_see_it_and_send(desk):
    agent = desk.signed_in()
    assert agent.get(HERE).status_code == 403
    assert agent.post(f"{HERE}/again/webhook/1").status_code == 403
    assert HERE not in agent.get("/desk").text


@pytest.mark.parametrize("language", DOWN)
def test_it_tells_parts_jobs_model_and_backup_in_both_languages(desk, language):
    supervisor = desk.signed_in("supervisor", language=language)
    assert DOWN[language] in words(supervisor.get(HERE).text)
    settings = Settings(data_dir=desk.log.parent)
    (settings.data_dir / LAST_BACKUP).write_text("{")  # cut by a full disk
    assert supervisor.get(HERE).status_code == 200
    folder = back_up(settings, desk.log.parent / f"backups-{language}")
    shown = words(supervisor.get(HERE).text)
    assert folder.name in shown
    assert re.search(r"\d{4} / \d{4}", shown)


def test_the_model_is_the_one_in_use(tmp_path):
    settings = Settings(models_dir=tmp_path)
    assert _model_in_use(settings, None) is None
    own = model_path(settings)
    for name in (own.name, "0123456789abcdef.tar.gz", "tried.tar.gz"):
        (tmp_path / name).write_text("")
    os.utime(own, (0, 0))
    assert _model_in_use(settings, None).name == name_of(own)
    assert _model_in_use(settings, "0123456789abcdef").name == "0123456789abcdef"


def says_of_outbox(browser: Browser, language: str, result: str) -> bool:
    return bool(re.search(OUTBOX[language] + result, words(browser.get(HERE).text)))


def test_each_process_knows_the_jobs_that_one_of_them_runs(two_desks):
    for desk, language in zip(two_desks, WORKED, strict=True):
        supervisor = desk.signed_in("supervisor", language=language)
        wait_for(lambda one=language, browser=supervisor: says_of_outbox(browser, one, WORKED[one]))


FULL = "CREATE TRIGGER is_full BEFORE UPDATE ON transitions BEGIN SELECT RAISE(ABORT, 'full'); END"


def test_a_job_that_fails_is_told_with_its_reason(tmp_path, helpdesk):
    desk = start_desk(tmp_path, webhook_url=helpdesk.address, webhook_secret="secret of the tests")
    try:
        with desk.database.write() as session:
            session.execute(text(FULL))
        Customer(desk.address, is_greeted=False).call("POST", "conversation/person")
        for language, failed in FAILED.items():
            supervisor = desk.signed_in("supervisor", language=language)
            reason = f"{failed}IntegrityError"
            wait_for(lambda one=language, browser=supervisor, said=reason: says_of_outbox(browser, one, said))
    finally:
        stop_process(desk.process)

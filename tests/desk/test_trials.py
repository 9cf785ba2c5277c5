"""Supervisors try what was decided, see gains and losses, and choose the model that answers."""

import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from bot.conversations import learning, trials
from bot.conversations.learning_models import Filing, ModelChoice, Trial
from bot.conversations.models import Conversation, Message
from bot.database import now
from bot.dialogue.answers import LANGUAGES
from bot.model import model_path
from bot.settings import Settings
from tests.conftest import stop_process, wait_for
from tests.desk.conftest import Desk, start_desk
from tests.desk.test_judging import SECRET, talked
from tests.desk.test_quality import missed, word

HERE = "/desk/quality/trials"
BASE, OTHER = "0" * 16, "a" * 16


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[Desk]:
    """A desk without models, where each trial fails at once."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "models").mkdir()
    started = start_desk(folder, models_dir=folder / "models")
    yield started
    stop_process(started.process)


@pytest.fixture
def desk(shared) -> Desk:
    with shared.database.write() as session:
        for table in (Trial, ModelChoice, Filing):
            session.execute(delete(table))
    return shared


def decide(desk: Desk) -> None:
    ids = missed(desk, f"kad atnāks rēķins {word()}")
    with desk.database.write() as session:
        assert learning.decide(session, ids, "example", "Marta Liela", "invoice/when")


def add(desk: Desk, **values) -> int:
    with desk.database.write() as session:
        trial = Trial(**{"at": now(), "who": "Marta Liela"} | values)
        session.add(trial)
        session.flush()
        return trial.id


def done(desk: Desk, changed: list[dict] = (), **values) -> int:
    counts = {"told": {"questions": 90, "before": 71, "after": 73, "gained": 3, "lost": 1}}
    result = {"counts": counts, "changed": [*changed]}
    return add(desk, **{"state": "done", "ended_at": now(), "model": OTHER, "base": BASE, "result": result} | values)


def newest(desk: Desk) -> Trial:
    with desk.database.read() as session:
        return trials.newest(session)[0]


def chosen(desk: Desk) -> list[tuple[str, str | None, str | None]]:
    with desk.database.read() as session:
        return [(one.who, one.model, one.base) for one in session.scalars(select(ModelChoice).order_by(ModelChoice.id))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_trial_runs_in_the_background_and_says_why_it_failed(desk, language):
    boss = desk.signed_in("supervisor", language=language, name="Jana Divi")
    nothing = {"lv": "Lēmumu, ko izmēģināt, vēl nav.", "en": "There are no decisions to try yet."}[language]
    assert nothing in boss.get(HERE).text
    assert boss.post(HERE).status_code == 422
    decide(desk)
    assert boss.post(HERE).headers["location"] == f"{HERE}?done=tried"
    wait_for(lambda: newest(desk).state == "failed")
    assert newest(desk).error.startswith("the model in use, ")
    assert newest(desk).decisions == 1
    shown = boss.get(HERE).text
    assert {"lv": "Izmēģinājums neizdevās: the model", "en": "The trial failed: the model"}[language] in shown
    assert "Jana Divi" in shown


def test_one_trial_runs_at_a_time_and_can_be_cancelled(desk):
    decide(desk)
    boss = desk.signed_in("supervisor")
    running = add(desk, state="asking", is_open=True, seen_at=now() + timedelta(hours=1), asked=30, questions=400)
    boss.post(HERE)
    assert newest(desk).id == running
    page = boss.get(HERE).text
    assert "30 no 400" in page
    assert 'value="30"' in page
    assert boss.post(f"{HERE}/cancel").headers["location"] == f"{HERE}?done=cancelled"
    assert newest(desk).state == "cancelled"
    assert boss.post(f"{HERE}/cancel").status_code == 303


def processes(folder: Path) -> list[str]:
    """Return the processes that are told of a folder."""
    listing = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listing.splitlines() if str(folder) in line]


def test_what_is_cancelled_ends_with_all_that_it_has_started(tmp_path):
    models = tmp_path / "models"
    models.mkdir()
    base = model_path(Settings())
    os.link(base, models / base.name)
    desk = start_desk(tmp_path, models_dir=models)
    try:
        decide(desk)
        boss = desk.signed_in("supervisor")
        boss.post(HERE)
        wait_for(lambda: processes(models), 120)  # Rasa trains
        assert newest(desk).state == "training"
        assert len(newest(desk).model) == len(BASE)
        boss.post(f"{HERE}/cancel")
        wait_for(lambda: not processes(models))
        assert (newest(desk).state, newest(desk).error) == ("cancelled", None)
        boss.post(HERE)
        wait_for(lambda: processes(models), 120)
    finally:
        stop_process(desk.process)
    assert not processes(models), "it ends with the website side"


def test_a_trial_whose_process_is_gone_is_given_up(desk):
    add(desk, state="training", is_open=True, seen_at=now() - timedelta(hours=1))
    wait_for(lambda: newest(desk).state == "failed")
    assert "tika pārtraukts" in desk.signed_in("supervisor").get(HERE).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_gains_and_losses_stand_side_by_side(desk, language):
    one, other = word(), word()
    talk, (asked,) = talked(desk, other, language=language)
    about = {"language": language, "before": "old words", "after": "<b>new words</b>"}
    done(desk, [
        about | {"part": "told", "gained": False, "text": one},
        about | {"part": "judged", "gained": True, "message_id": asked},
    ])  # fmt: skip
    boss = desk.signed_in("supervisor", language=language)
    page = boss.get(HERE).text
    told = {"lv": "Sarunas ar zināmām atbildēm", "en": "Conversations with known answers"}[language]
    cells = "".join(f'<td class="number">{number}</td>' for number in (90, 71, 73, 3, 1))
    assert f'<th scope="row">{told}</th>{cells}' in page
    lost, gained = page.split('id="lost"')[1].split('id="gained"')
    assert one in lost
    assert other in gained
    assert "old words" in lost
    assert "&lt;b&gt;new words&lt;/b&gt;" in gained
    assert SECRET not in page
    with desk.database.write() as session:
        session.execute(delete(Message).where(Message.conversation_id == talk))
        session.execute(delete(Conversation).where(Conversation.id == talk))
    page = boss.get(HERE).text
    assert other not in page
    assert {"lv": "Saruna ir dzēsta.", "en": "The conversation has been deleted."}[language] in page


def test_a_model_is_used_and_left_again(desk):
    first, second = done(desk), done(desk, model="b" * 16)
    boss = desk.signed_in("supervisor", name="Jana Divi")
    assert "Atgriezties" not in boss.get(HERE).text
    assert boss.post(f"{HERE}/{first}/use").headers["location"] == f"{HERE}?done=chosen"
    assert chosen(desk) == [("Jana Divi", OTHER, BASE)]
    page = boss.get(HERE).text
    assert f"Modelis {OTHER}" in page
    assert "Notiek pāreja" in page
    assert "Modelis no repozitorija datiem" in page
    boss.post(f"{HERE}/{second}/use")
    assert boss.post(f"{HERE}/back", {"to": ""}).status_code == 422, "another one was in use before"
    boss.post(f"{HERE}/back", {"to": OTHER})
    assert chosen(desk)[2:] == [("Jana Divi", OTHER, BASE)]
    with desk.database.write() as session:
        trials.choice(session).problem = "data_changed"
    assert "ir mainījušies repozitorija dati" in boss.get(HERE).text


@pytest.mark.parametrize("state", ["waiting", "training", "asking", "failed", "cancelled"])
def test_only_the_model_of_a_whole_trial_is_used(desk, state):
    trial = add(desk, state=state, is_open=None, model=OTHER)
    boss = desk.signed_in("supervisor")
    for number in (trial, trial + 1, 0, 2**40):
        assert boss.post(f"{HERE}/{number}/use").status_code in (404, 422)
    assert boss.post(f"{HERE}/back", {"to": "x" * 40}).status_code == 422
    assert chosen(desk) == []


def test_agents_try_nothing(desk):
    decide(desk)
    agent = desk.signed_in("agent")
    trial = done(desk)
    assert agent.get(HERE).status_code == 403
    for path in ("", "/cancel", "/back", f"/{trial}/use"):
        assert agent.post(HERE + path).status_code == 403
    assert (newest(desk).id, chosen(desk)) == (trial, [])

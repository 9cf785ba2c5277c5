"""What happens when somebody changes the data while the assistant runs."""

import shutil
import signal
from pathlib import Path

import pytest

from bot.retrain import first_fault, in_one_line
from bot.settings import ROOT
from tests.conftest import GENEROUS, start_stack, stop_process, wait_for, wait_until_ready
from tests.customer import Customer

RESPONSES = "data/waiting/responses.yml"
BUTTONS = (ROOT / RESPONSES).read_text(encoding="utf-8").splitlines().index("    buttons:") + 1  # their first line


@pytest.fixture
def project(tmp_path) -> Path:
    """The project in another folder, where a test may change its data; it shares what is installed.

    It learns without embeddings, which is quicker.
    """
    copy = tmp_path / "project"
    copy.mkdir()
    for name in ("actions", "bot", "data", "requirements"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    for name in ("domain.yml", "endpoints.yml", "credentials.yml"):
        shutil.copy(ROOT / name, copy / name)
    config = (ROOT / "config.yml").read_text(encoding="utf-8")
    assert "embeddings: true" in config
    (copy / "config.yml").write_text(config.replace("embeddings: true", "embeddings: false"), encoding="utf-8")
    (copy / ".venv").symlink_to(ROOT / ".venv")
    (copy / "bot/widget/node_modules").symlink_to(ROOT / "bot/widget/node_modules")
    return copy


def change(project: Path, old: str, new: str) -> None:
    path = project / RESPONSES
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    buttons:\n", "   buttons:\n", f"line {BUTTONS}: expected <block end>"),
        ("title: Kā", "titel: Kā", "utter_waiting: a button lacks its title or its payload"),
        ("value: en", "value: lv", "utter_waiting: there is no variant in 'en'"),
        ("  - condition:", "    condition:", "utter_waiting: it should be a list of variants"),
    ],
)
def test_a_fault_is_named_with_its_place(project, old, new, said):
    assert first_fault(project) == ""
    change(project, old, new)
    assert first_fault(project).startswith(f"{RESPONSES}, ")
    assert said in first_fault(project)
    assert len(first_fault(project).splitlines()) == 1


def test_rasas_own_complaint_is_shortened_to_the_first_place():
    complaint = (
        "[train] training\n"
        "\x1b[91mYamlValidationException: Failed to validate 'data/x/responses.yml'. Here are the errors:\n"
        "  in data/x/responses.yml:4:\n      Key 'button' was not defined. Path: '/responses/utter_x/0'\x1b[0m\n"
        "[train] stopped: Rasa could not train"
    )
    assert (
        in_one_line(complaint)
        == "data/x/responses.yml, line 4: Key 'button' was not defined. Path: '/responses/utter_x/0'"
    )
    assert in_one_line("warning\nNo space left\n[train] stopped") == "No space left"


@pytest.mark.servers
def test_a_changed_sentence_is_said_without_a_start_and_a_broken_one_leaves_the_old(project):
    (project / "var").mkdir()
    running = start_stack(project / "var", root=project, models_dir=project / "var/models", **GENEROUS)
    try:
        wait_until_ready(running)
        change(project, "Canon pārbauda pieteikumu", "Canon rūpīgi pārbauda pieteikumu")
        wait_for(lambda: "training a new model, while the old one answers" in running.output)
        customer = Customer(running.web)
        assert "Canon pārbauda pieteikumu" in customer.say("cik ilgi jāgaida?")
        wait_for(lambda: "the new model is ready" in running.output, 300)
        wait_for(lambda: running.output.count("rasa is up") == running.output.count("actions is up") == 2, 180)
        assert "ended with code" not in running.output
        assert "Canon rūpīgi pārbauda pieteikumu" in customer.say("cik ilgi jāgaida?")

        change(project, "    buttons:\n", "   buttons:\n")
        wait_for(lambda: f"cannot be used: {RESPONSES}, line {BUTTONS}" in running.output)
        assert "Canon rūpīgi pārbauda pieteikumu" in customer.say("cik ilgi jāgaida?")
        change(project, "   buttons:\n", "    buttons:\n")
        wait_for(lambda: "again what the assistant learned from" in running.output)
    finally:
        stop_process(running.process, signal.SIGINT)

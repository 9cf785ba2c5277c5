"""What happens when the data changes while the assistant runs."""

import shutil
import signal
from pathlib import Path

import pytest

from bot.retrain import first_fault, in_one_line
from bot.settings import ROOT
from tests.conftest import GENEROUS, start_stack, stop_process, wait_for, wait_until_ready
from tests.customer import Customer

RESPONSES = "data/waiting/responses.yml"
ANSWERS = "data/waiting/answers.yml"
BUTTONS = (ROOT / RESPONSES).read_text(encoding="utf-8").splitlines().index("    buttons:") + 1  # the first one's line


@pytest.fixture
def project(tmp_path) -> Path:
    """A copy of the project whose data a test may change, with the same installed packages.

    It trains without embeddings, which is quicker.
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


def change(project: Path, old: str, new: str, file: str = RESPONSES) -> None:
    path = project / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (RESPONSES, "    buttons:\n", "   buttons:\n", f"line {BUTTONS}: did not find expected key"),
        (RESPONSES, 'en: "What', 'eng: "What', "utter_waiting: a button lacks its title in 'en'"),
        (RESPONSES, "{lv: Runāt", "{Runāt", "utter_waiting: a button lacks its title in 'lv'"),
        (RESPONSES, "en: Talk to a person", "en: No", "utter_waiting: a button lacks its title in 'en'"),
        (RESPONSES, "payload: /person", "payloat: /person", "utter_waiting: a button lacks its payload"),
        (RESPONSES, "    en: |-", "    eng: |-", "utter_waiting: there is no text in 'en'"),
        (RESPONSES, "    lv: |-", "  - lv: |-", "utter_waiting: it should be a text in each language"),
        (ANSWERS, "      lv: Canon pārbauda", "      lc: Canon pārbauda", "check/what: there is no text in 'lv'"),
        (ANSWERS, "      again:", "      agian:", "check/what: there is no other wording, 'again'"),
        (ANSWERS, "        en: The appl", "        eng: The appl", "check/what: again: there is no text in 'en'"),
        (ANSWERS, "    what:", "    waht:", "check: 'waht' is none of what may be asked: what, where"),
        (ANSWERS, "    not_asked: [", "    not_asked: [colour, ", "check: 'colour' is none of what may be asked"),
        (ANSWERS, "        lv: |\n", "        lv:\n", "check/what: heard: it should be lines under 'lv: |'"),
        (ANSWERS, "intent: ", "topic: ", "intent: it should name the topic"),
    ],
)
def test_a_fault_is_named_with_its_place(project, file, old, new, said):
    assert first_fault(project) == ""
    change(project, old, new, file)
    assert first_fault(project).startswith(f"{file}, {said}")
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


def take_examples(project: Path, share: int) -> None:
    """Keep every nth example of each short answer, because training on all of them takes minutes."""
    for file in project.glob("data/*/answers*.yml"):
        kept, number = [], 0
        for line in file.read_text(encoding="utf-8").splitlines(keepends=True):
            number = number + 1 if line.startswith("          - ") else -1
            if number < 0 or number % share == 0:
                kept.append(line)
        file.write_text("".join(kept), encoding="utf-8")


@pytest.mark.stack
def test_a_changed_sentence_is_said_without_a_start_and_a_broken_one_leaves_the_old(project):
    (project / "var").mkdir()
    take_examples(project, 12)
    running = start_stack(project / "var", root=project, models_dir=project / "var/models", **GENEROUS)
    try:
        wait_until_ready(running)
        change(project, "**Līdz 2 darba dienām.** Brīvdienas", "**Līdz 2 darba dienām.** Svētdienas", ANSWERS)
        wait_for(lambda: "training a new model, while the old one answers" in running.output)
        assert "Brīvdienas" in Customer(running.web).say("cik ilgi jāgaida?")
        # Quick, because no examples have changed: Rasa takes the trained components from its cache.
        wait_for(lambda: "the new model is ready" in running.output, 120)
        wait_for(lambda: running.output.count("rasa is up") == running.output.count("actions is up") == 2, 180)
        assert "ended with code" not in running.output
        assert "Svētdienas" in Customer(running.web).say("cik ilgi jāgaida?")

        change(project, "    buttons:\n", "   buttons:\n")
        wait_for(lambda: f"cannot be used: {RESPONSES}, line {BUTTONS}" in running.output)
        assert "Svētdienas" in Customer(running.web).say("cik ilgi jāgaida?")
        change(project, "   buttons:\n", "    buttons:\n")
        wait_for(lambda: "again what the assistant learned from" in running.output)
    finally:
        stop_process(running.process, signal.SIGINT)

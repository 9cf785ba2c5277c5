"""What supervisors decided becomes a patch that applies to the files of the writers, and is read by the assistant."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.conversations.learning_models import Filing
from bot.desk import patches
from bot.dialogue.answers import LANGUAGES, read_answers
from bot.settings import ROOT

READ = """
import json
from bot.dialogue.answers import read_answers, read_responses
print(json.dumps([{a: one.heard for a, one in read_answers().items()}, read_responses()]))
"""


def filing(
    number: int, text: str, answer: str | None, decision: str = "example", language: str = "lv", **more
) -> Filing:
    return Filing(id=number, text=text, answer=answer, decision=decision, language=language, **more)


@pytest.fixture
def copy(tmp_path) -> Path:
    """A copy of the data, and of what reads it."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    shutil.copytree(ROOT / "bot/dialogue", tmp_path / "bot/dialogue")
    for name in ("bot/__init__.py", "bot/text.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def applied(copy: Path, patch: str) -> tuple[dict, dict]:
    """Apply a patch to the copy; return how customers ask for each answer, and all responses."""
    subprocess.run(["git", "apply", "-"], input=patch, text=True, cwd=copy, check=True)
    environment = os.environ | {"PYTHONPATH": str(copy)}
    read = subprocess.run([sys.executable, "-c", READ], cwd=copy, env=environment, capture_output=True, check=True)
    heard, responses = json.loads(read.stdout)
    return heard, responses


EXAMPLES = [
    filing(1, "cikos man atsūtīs to rēķinu, zvirbuli", "invoice/when"),
    filing(2, "at what hour does the bill show up, sparrow", "invoice/when", language="en"),
    filing(3, "- # vai 'tas' ir: \"jautājums\"?", "payment/what"),
    filing(4, "visu par maksāšanu, zvirbuli", "ask_payment"),
    filing(5, "vai CPS dod zvirbuļus", "ask_not_known", "not_known"),
    filing(6, "qwertz", None, "set_aside"),
    filing(
        7,
        "kur atgriezt kasti",
        "invoice/where-new7",
        "new",
        draft_lv='Nekur: "kaste" paliek.\nTā.',
        draft_en="It stays.",
    ),
    filing(8, "kur lai liek to kasti", "invoice/where-new7", "new"),
]


def test_the_patch_applies_and_the_assistant_reads_what_was_decided(copy):
    before = applied(copy, patches.patch_of([EXAMPLES[0]], copy / "data"))[0]
    patch = patches.patch_of(EXAMPLES, copy / "data")
    heard, responses = applied(copy, patch)
    assert EXAMPLES[0].text not in patch, "it is in the data already"
    assert heard["invoice/when"]["lv"] == before["invoice/when"]["lv"]
    assert heard["invoice/when"]["lv"][-1] == EXAMPLES[0].text
    assert heard["invoice/when"]["en"] == [*before["invoice/when"]["en"], EXAMPLES[1].text]
    assert heard["payment/what"]["lv"][-1] == "- # vai 'tas' ir: \"jautājums\"?"
    assert heard["invoice/where-new7"] == {"lv": [EXAMPLES[6].text, EXAMPLES[7].text], "en": []}
    texts = [variant["text"] for variant in responses["utter_invoice_where_new7"]]
    assert texts == [EXAMPLES[6].draft_lv, "It stays."]
    for topic, number in (("payment", 3), ("not_known", 4)):
        page = (copy / "data" / topic / "nlu.lv.yml").read_text(encoding="utf-8")
        assert f"    - {EXAMPLES[number].text}\n" in page
    assert "qwertz" not in patch
    assert patches.patch_of(EXAMPLES, copy / "data") == "", "all of it is in the data now"


def test_an_example_for_every_answer_finds_its_place(copy):
    addresses = list(read_answers())
    filings = [
        filing(number, f"zvirbulis {number} {language}", address, language=language)
        for number, address in enumerate(addresses)
        for language in LANGUAGES
    ]
    heard, _ = applied(copy, patches.patch_of(filings, copy / "data"))
    for number, address in enumerate(addresses):
        for language in LANGUAGES:
            assert heard[address][language] == [
                *read_answers()[address].heard[language],
                f"zvirbulis {number} {language}",
            ]


def test_nothing_decided_is_an_empty_patch():
    assert patches.patch_of([]) == ""

"""The typings in which everything is measured, and the measuring of somebody else's intents."""

import json
import re
import sys

import pytest

from tests.measure import external
from tests.measure.typings import mixed, with_typo, without_diacritics


def test_without_diacritics_nothing_else_changes():
    assert without_diacritics("Kāpēc neredzu POGU, R5?") == "Kapec neredzu POGU, R5?"


@pytest.mark.parametrize("text", ["kur ir zilā poga", "where is my invoice", "ok"])
def test_a_slip_is_one_slip_and_always_the_same(text):
    typed = with_typo(text)
    assert typed != text
    assert abs(len(typed) - len(text)) <= 1
    assert typed == with_typo(text)


def test_a_text_without_letters_gets_no_slip():
    assert with_typo("500?") == "500?"


def test_mixed_begins_in_one_language_and_ends_in_the_other():
    assert mixed("kur ir zilā poga", "where is the button") == "kur ir the button"


def test_other_intents_are_learned_from_a_file_and_the_last_line_is_for_programs(tmp_path, capsys, monkeypatch):
    rows = [{"text": f"{word} {number}", "intent": word} for word in ("weather", "music") for number in range(9)]
    for name in ("train.jsonl", "test.jsonl"):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["external", str(tmp_path / "train.jsonl"), str(tmp_path / "test.jsonl")])
    external.main()
    last = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(r"clean=100\.0 plain=100\.0 typo=\d+\.\d", last)

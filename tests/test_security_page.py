"""What docs/security.md says about code and tests is there."""

import re

from bot.settings import ROOT
from tests.attack import run
from tests.attack.attacker import ATTACKS

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_promise_names_code_and_tests_that_exist():
    rows = [row for row in re.findall(r"^\| (.+) \| (.+) \| (.+) \|$", PAGE, re.M) if "`tests/" in row[2]]
    assert len(rows) > 20
    for promise, code, tests in rows:
        for path in re.findall(r"`([\w/.]+)`", code + tests):
            assert (ROOT / path).is_file(), f"{promise}: {path}"


def test_the_page_lists_the_kinds_of_attacks_that_there_are():
    listed = set(re.findall(r"^\| ([a-z -]+) \|", PAGE.partition("## Trying it yourself")[2], re.M)) - {"kind"}
    assert listed == ATTACKS.keys()
    assert all(module.__doc__ for module in run.MODULES)

"""The published contracts match the code."""

import pytest

from bot.contracts import CONTRACTS, contract


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.name)
def test_the_published_contract_is_what_the_code_does(path):
    assert path.read_text(encoding="utf-8") == contract(path), "write it anew with: make contracts"

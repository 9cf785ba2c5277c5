"""Write the published OpenAPI contracts: python -m bot.contracts."""

import json
from pathlib import Path

from bot.app import create_app as create_chat
from bot.backend.api import create_app as create_backend
from bot.settings import ROOT, Settings

CONTRACTS = {ROOT / "docs" / "backend.openapi.json": create_backend, ROOT / "docs" / "chat.openapi.json": create_chat}


def contract(path: Path) -> str:
    """Return what a contract file should contain, according to the code."""
    return json.dumps(CONTRACTS[path](Settings()).openapi(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write all contracts."""
    for path in CONTRACTS:
        path.parent.mkdir(exist_ok=True)
        path.write_text(contract(path), encoding="utf-8")


if __name__ == "__main__":
    main()

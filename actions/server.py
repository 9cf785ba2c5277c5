"""Serve the actions: python -m actions.server PORT."""

import sys
from typing import Any

from rasa_sdk.endpoint import run
from rasa_sdk.executor import ActionExecutor


class WithoutDomain(ActionExecutor):
    """Run actions that read no domain: to send it with each call takes Rasa longer than the action takes."""

    def update_and_return_domain(self, payload: dict[str, Any], action_name: str) -> dict[str, Any]:
        """Do without; rasa-sdk would refuse the call."""
        return {}


def main() -> None:
    """Serve until told to stop, on the address that SANIC_HOST names."""
    executor = WithoutDomain()
    executor.register_package("actions")
    run(executor, int(sys.argv[1]))


if __name__ == "__main__":
    main()

"""Serve the actions: python -m actions.server PORT."""

import sys
from typing import Any

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor


class WithoutDomain(ActionExecutor):
    """Run actions without the domain, because Rasa takes longer to send it with each call than the action takes."""

    def update_and_return_domain(self, payload: dict[str, Any], action_name: str) -> dict[str, Any]:
        """Accept a call without a domain, which rasa-sdk would refuse."""
        return {}


def main() -> None:
    """Serve on the loopback address until told to stop."""
    executor = WithoutDomain()
    executor.register_package("actions")
    # One process: Sanic's worker manager was seen sending itself messages without end, at half a core.
    create_app(executor).run("127.0.0.1", int(sys.argv[1]), single_process=True, motd=False, access_log=False)


if __name__ == "__main__":
    main()

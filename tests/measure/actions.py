"""Run the actions without their server, for an unconfirmed customer: a call per line, and an answer per line.

    .venv/app/bin/python -m tests.measure.actions

Rasa's environment cannot import the actions; the measurements there talk to this process through a pipe.
"""

import asyncio
import json
import sys
from typing import NoReturn

from actions import backend
from actions.backend import NotConfirmed
from actions.server import WithoutDomain


def ask_who_it_is(*_: object) -> NoReturn:
    """Refuse access: the customer is not confirmed."""
    raise NotConfirmed


def main() -> None:
    """Answer calls until the input ends."""
    executor = WithoutDomain()
    executor.register_package("actions")
    backend.account = ask_who_it_is
    for call in sys.stdin:
        result = asyncio.run(executor.run(json.loads(call)))
        print(json.dumps(result.model_dump() if result else {}), flush=True)


if __name__ == "__main__":
    main()

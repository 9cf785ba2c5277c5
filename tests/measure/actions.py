"""Run the actions without their server, a call and an answer a line, for nobody whom we know.

    .venv/app/bin/python -m tests.measure.actions

Rasa's environment cannot import them; what measures there talks to this process through a pipe.
"""

import asyncio
import json
import sys
from typing import NoReturn

from actions.backend import NotConfirmed
from actions.lookup import Lookup
from actions.server import WithoutDomain


def ask_who_it_is(*_: object) -> NoReturn:
    """Open no account."""
    raise NotConfirmed


def main() -> None:
    """Answer calls until there are no more."""
    executor = WithoutDomain()
    executor.register_package("actions")
    for lookup in Lookup.__subclasses__():
        lookup.answer = ask_who_it_is
    for call in sys.stdin:
        result = asyncio.run(executor.run(json.loads(call)))
        print(json.dumps(result.model_dump() if result else {}), flush=True)


if __name__ == "__main__":
    main()

"""Serve the actions on the socket that is the standard input: python -m actions.server."""

import hmac
import socket
from typing import Any

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from bot.logs import name_request
from bot.settings import get_settings


class WithoutDomain(ActionExecutor):
    """Run actions without the domain, because Rasa takes longer to send it with each call than the action takes."""

    def update_and_return_domain(self, payload: dict[str, Any], action_name: str) -> dict[str, Any]:
        """Accept a call without a domain, which rasa-sdk would refuse."""
        return {}

    async def run(self, action_call: dict[str, Any]) -> dict[str, Any] | None:
        """Run an action under the id of the message that it answers."""
        message = (action_call.get("tracker") or {}).get("latest_message") or {}
        name_request((message.get("metadata") or {}).get("request"))
        answer: dict[str, Any] | None = await super().run(action_call)
        return answer


def demand_key(app: Sanic, key: str) -> None:
    """Answer nobody but Rasa, which has the key; an empty key never matches."""

    @app.on_request
    async def check(request: Request) -> HTTPResponse | None:
        given = request.headers.get("x-actions-key", "").encode(errors="replace")
        if request.path == "/health" or (key and hmac.compare_digest(given, key.encode())):
            return None
        return json({"error": "the key is missing or wrong"}, 401)


def main() -> None:
    """Serve until told to stop."""
    executor = WithoutDomain()
    executor.register_package("actions")
    app = create_app(executor)
    demand_key(app, get_settings().actions_key.get_secret_value())
    # One process: Sanic's worker manager was seen sending itself messages without end, at half a core.
    app.run(sock=socket.socket(fileno=0), single_process=True, motd=False, access_log=False)


if __name__ == "__main__":
    main()

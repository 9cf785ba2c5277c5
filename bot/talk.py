"""Chat with the assistant in the terminal, through the chat's HTTP interface: python -m bot.talk."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from typing import Any

import requests

from bot.processes import answers
from bot.settings import get_settings

HELP = "Type a message, the number of a button, 'lv' or 'en' to switch the language, or Ctrl-D to leave."


class Talk:
    """One conversation in the terminal."""

    def __init__(self, address: str) -> None:
        """Start a conversation with the assistant at an address."""
        self.address = address
        self.session = requests.Session()
        token = self.post("conversations", {"language": "lv"})["token"]
        self.session.headers["authorization"] = f"Bearer {token}"
        self.choices: list[dict[str, str]] = []

    def post(self, path: str, body: dict[str, str], method: str = "POST") -> Any:
        """Send a request; print the reason if it is refused."""
        answer = self.session.request(method, f"{self.address}/api/{path}", json=body, timeout=30)
        content = answer.json() if answer.content else {}
        if not answer.ok:
            print(f"! {content.get('detail') or content.get('title')}")
        return content

    def listen(self) -> None:
        """Print messages as they arrive."""
        with self.session.get(f"{self.address}/api/conversation/events", stream=True, timeout=None) as stream:
            stream.encoding = "utf-8"
            event = ""
            for line in stream.iter_lines(decode_unicode=True):
                if line.startswith("event: "):
                    event = line.removeprefix("event: ")
                elif line.startswith("data: ") and event == "message":
                    self.show(json.loads(line.removeprefix("data: ")))

    def listen_until_it_ends(self) -> None:
        """Print messages as they arrive, until the assistant stops."""
        with contextlib.suppress(requests.RequestException):
            self.listen()

    def show(self, message: dict[str, Any]) -> None:
        """Print one message and its numbered buttons."""
        if message["author"] == "customer":
            return
        speaker = f"{message['speaker']}: " if message["speaker"] else ""
        print(f"\n< {speaker}{message['text']}")
        if message["picture"]:
            print(f"  ({message['picture']['alt']} {self.address}{message['picture']['url']})")
        if message["choices"]:
            self.choices = message["choices"]
        for number, choice in enumerate(message["choices"], 1):
            print(f"  [{number}] {choice['title']}")

    def say(self, text: str) -> None:
        """Send a message, press a button, or switch the language."""
        ours = {"client_id": str(uuid.uuid4())}
        if text in ("lv", "en"):
            self.post("conversation/language", {"language": text}, "PUT")
        elif text.isdigit() and 1 <= int(text) <= len(self.choices):
            self.post("conversation/choices", ours | {"choice": self.choices[int(text) - 1]["id"]})
        else:
            self.post("conversation/messages", ours | {"text": text})


def main() -> None:
    """Chat with the running assistant, or start one."""
    address = get_settings().web_address
    started = None
    try:
        if not answers(f"{address}/health"):
            started = subprocess.Popen([sys.executable, "-m", "bot.run"], start_new_session=True)
            while started.poll() is None and not ready(address):
                time.sleep(0.5)
            if started.returncode is not None:
                sys.exit(started.returncode)
        talk = Talk(address)
        threading.Thread(target=talk.listen_until_it_ends, daemon=True).start()
        print(HELP)
        while True:
            text = input().strip()
            if text:
                talk.say(text)
    except (EOFError, KeyboardInterrupt):
        print()
    finally:
        if started and started.poll() is None:
            os.killpg(started.pid, signal.SIGTERM)
            started.wait()


def ready(address: str) -> bool:
    """Tell whether all processes that a conversation needs are up."""
    settings = get_settings()
    checks = [f"{address}/health", f"{settings.actions_address}/health"]
    checks += [f"{one}/webhooks/rest/" for one in settings.rasa_addresses]
    return all(answers(check) for check in checks)


if __name__ == "__main__":
    main()

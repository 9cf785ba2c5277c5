"""Measure turns through web, Rasa, actions and backend: python -m tests.load.turns (the assistant must be running)."""

import json
import statistics
import subprocess
import sys
import threading
import time
import uuid

from bot.settings import get_settings
from tests.conftest import COMMANDS
from tests.customer import Customer

WARM_UP, TURNS = 5, 60
QUESTIONS = {
    "answer": ("cik punktu vajag?", "how many points do I need to join"),
    "look-up": ("cik man ir punktu?", "how many points do I have?"),
}


class Listener:
    """A browser's event stream: when each assistant's message arrived."""

    def __init__(self, customer: Customer) -> None:
        self.customer, self.arrived, self.news = customer, {}, threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        headers = {"authorization": f"Bearer {self.customer.token}"}
        address = f"{self.customer.web}/api/conversation/events"
        with self.customer.session.get(address, headers=headers, stream=True, timeout=None) as stream:
            for line in stream.iter_lines(chunk_size=1):
                news = json.loads(line[6:]) if line.startswith(b"data: {") else {}
                if news.get("author") == "assistant":
                    with self.news:
                        self.arrived[news["id"]] = time.perf_counter()
                        self.news.notify_all()

    def wait_after(self, message_id: int) -> float:
        """Return when the first answer after a message arrived."""
        with self.news:
            assert self.news.wait_for(lambda: any(one > message_id for one in self.arrived), timeout=60), "no answer"
            return min(at for one, at in self.arrived.items() if one > message_id)


def measure(customer: Customer, questions: tuple[str, ...]) -> list[float]:
    """Return the milliseconds from sending each question to its answer's arrival."""
    listener, took = Listener(customer), []
    for turn in range(WARM_UP + TURNS):
        body = {"client_id": str(uuid.uuid4()), "text": questions[turn % len(questions)]}
        began = time.perf_counter()
        sent = customer.call("POST", "conversation/messages", body)
        sent.raise_for_status()
        took.append((listener.wait_after(sent.json()["id"]) - began) * 1000)
        time.sleep(0.1)
    return took[WARM_UP:]


def resident_memory() -> dict[str, int]:
    """Return the resident memory, in MiB, of all processes of each part of the only assistant that runs here."""
    listing = subprocess.run(["ps", "-eww", "-o", "rss,args"], capture_output=True, text=True, check=True)
    rows = [line.split(None, 1) for line in listing.stdout.splitlines()[1:]]
    parts = COMMANDS | {"supervisor": "-m bot.run"}
    return {part: sum(int(rss) for rss, args in rows if command in args) // 1024 for part, command in parts.items()}


def main() -> None:
    """Print milliseconds a turn and MiB a process. Raise CPS_MESSAGES_A_MINUTE for the assistant first."""
    settings = get_settings()
    customer = Customer(settings.web_address)
    customer.say(QUESTIONS["look-up"][0])
    customer.confirm(settings.backend_address, "anna.berzina@example.com")
    for name, questions in QUESTIONS.items():
        took = sorted(measure(customer, questions))
        p95 = took[int(len(took) * 0.95)]
        print(f"{name}: p50 {statistics.median(took):.0f} ms, p95 {p95:.0f} ms ({len(took)} turns)")
    print("MiB:", ", ".join(f"{name} {size}" for name, size in resident_memory().items()))


if __name__ == "__main__":
    sys.exit(main())

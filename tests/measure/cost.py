"""Measure what odd messages cost Rasa: .venv/rasa/bin/python -m tests.measure.cost.

Prints the processor time of the costliest turns with the trained model, beside the load of the machine: processor time
grows a little with it, too, as others use the caches.
"""

import os
import statistics
import sys
import time
import uuid

from tests.measure.conversations import assistant
from tests.measure.data import read, trained_model

WORST = 5  # that are printed


def main() -> None:
    """Send each message to a conversation of its own, and print milliseconds."""
    model = trained_model()
    if model is None:
        sys.exit("stopped: no model is trained for the present data; run make train")
    held_out = [one for by in read("tests/nlu/held_out.yml")["intents"].values() for one in by["lv"][:1] + by["en"][:1]]
    with assistant(model) as say:
        from tests.nlu.test_bounds import ODD  # Rasa's modules, which the assistant has loaded without TensorFlow

        for text in held_out[:10]:  # what is loaded at the first use
            say(uuid.uuid4().hex, text)
        for name, texts in (("ordinary", held_out), ("odd", ODD)):
            took = sorted(((_cost(say, text), text) for text in texts), reverse=True)
            load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
            median = statistics.median(cost for cost, _ in took)
            print(
                f"{name}: {len(took)} messages, median {median:.0f} ms, worst {took[0][0]:.0f} ms (load {load})",
                flush=True,
            )
            for cost, text in took[:WORST]:
                print(f"    {cost:.0f} ms: {text[:60]!r}")


def _cost(say, text: str) -> float:
    """Return the processor time of a turn, in milliseconds."""
    began = time.process_time()
    say(uuid.uuid4().hex, text)
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    main()

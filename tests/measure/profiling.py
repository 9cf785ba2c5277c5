"""Print where Rasa's process spends the time of its turns: python -m tests.measure.profiling (make profile).

py-spy looks a hundred times a second at what each of its threads does, while it answers the held-out questions. Each
look counts for the innermost module of ours or of Rasa's in whose turn it was.
"""

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bot.model import model_path
from bot.parts import open_sockets, parts
from bot.run import with_keys
from bot.settings import ROOT, get_settings
from tests.conftest import free_ports
from tests.measure.bench import NEEDS_ACCOUNT, Candidate, percentile, running, turn, wait_for_first_answer
from tests.measure.data import held_out, questions

SAMPLER = Path(sys.executable).with_name("py-spy")
TURNS, RATE = 280, 100  # questions, and looks a second
MODULE = re.compile(r"\(([^()]*?\b((?:bot|rasa)/[\w/]+\.py))(?::\d+)?\)$")
IN_A_TURN = re.compile(r"(^|;)(in_order|parse_message|handle_message) \(")
SHOWN = 25  # modules


def by_module(stacks: list[str]) -> Counter[str]:
    """Count the looks at a turn by module; stacks are py-spy's, outermost first, each with how often it was seen."""
    found: Counter[str] = Counter()
    for line in stacks:
        stack, _, count = line.rpartition(" ")
        if not IN_A_TURN.search(stack):
            continue
        modules = (MODULE.search(frame) for frame in reversed(stack.split(";")))
        innermost = next((one[2] for one in modules if one), "elsewhere")
        found[innermost] += int(count)
    return found


def table(found: Counter[str]) -> str:
    """Return the modules with their shares, the largest first."""
    total = found.total()
    rows = [f"{100 * count / total:5.1f} %  {module}" for module, count in found.most_common(SHOWN)]
    rest = total - sum(count for _, count in found.most_common(SHOWN))
    return "\n".join([*rows, f"{100 * rest / total:5.1f} %  all others"])


def main() -> None:
    """Ask the questions, and print the table."""
    rasa_port, actions_port = free_ports(2)
    with tempfile.TemporaryDirectory() as made, contextlib.ExitStack() as processes:
        folder, stacks = Path(made), Path(made) / "stacks"
        changes = {"rasa_port": rasa_port, "actions_port": actions_port, "data_dir": folder}
        settings = with_keys(get_settings().model_copy(update=changes | {"rasa_without_key": "always"}))
        rasa, actions = (next(part for part in parts(settings) if part.name == name) for name in ("rasa", "actions"))
        listener = processes.enter_context(open_sockets(settings)["actions"])
        processes.enter_context(running(actions.command, ROOT, actions.environment, folder / "actions.log", listener))
        sampler = [str(SAMPLER), "record", "--format", "raw", "--rate", str(RATE), "--output", str(stacks), "--"]
        ours = Candidate("ours", ROOT, [], {}, ROOT, settings.rasa_addresses[0], model_path(settings))
        command = [*sampler, *rasa.command]
        ours.process = processes.enter_context(running(command, ROOT, rasa.environment, folder / "rasa.log"))
        asked = [one for one in questions(held_out()) if one.typing == "clean" and one.intent not in NEEDS_ACCOUNT]
        texts = [one.text for one in random.Random(1).sample(asked, min(TURNS, len(asked)))]
        wait_for_first_answer(ours, texts[0])
        took = [turn(ours, f"profile-{at // 10}", text) for at, text in enumerate(texts)]
        os.kill(ours.process.pid, signal.SIGINT)  # py-spy writes what it has seen
        with contextlib.suppress(subprocess.TimeoutExpired):
            ours.process.wait(60)
        if not stacks.exists():
            sys.exit(f"[profile] stopped: {(folder / 'rasa.log').read_text()[-2000:]}")
        print(table(by_module(stacks.read_text(encoding="utf-8").splitlines())))
        p50, p95 = (percentile(took, share) for share in (0.5, 0.95))
        print(f"{len(took)} turns, p50 {p50:.0f} ms and p95 {p95:.0f} ms under py-spy")


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"measured in {time.monotonic() - began:.0f} s")

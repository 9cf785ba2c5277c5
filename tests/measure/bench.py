"""Compare the assistant with Rasa's default configuration, in one run: python -m tests.measure.bench.

Both learn from the same examples, with the same domain, responses and rules, and answer the same questions over the
REST channel, alternately, so that other load on the machine affects both.
"""

import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import yaml

from bot.dialogue.answers import read_responses
from bot.model import RASA, RASA_PYTHON
from bot.orphans import die_with_parent
from bot.parts import open_sockets, parts
from bot.run import with_keys
from bot.settings import ROOT, Settings, get_settings
from tests.conftest import free_ports
from tests.measure.data import LANGUAGES, examples, held_out, questions

EACH = 10  # examples per intent and language; Rasa's default trains for a quarter of an hour on 1,200
TURNS = 200  # from which the latency is measured
BURST = 160  # turns from which the throughput is measured
LONG = (10, 100, 300)  # turns of one long conversation whose latency is reported
NEAR = 5  # turns on either side that are averaged with it
START_TIMEOUT = 600.0
TYPINGS = ("clean", "plain", "typo", "mixed")
NEEDS_ACCOUNT = ("person", "ask_my_points")  # answered by the website side, which does not run here
STOCK_RASA = [str(RASA_PYTHON), "-m", "rasa"]
STOCK_ENDPOINTS = """action_endpoint:
  url: ${RASA_ACTIONS_URL}/webhook
  headers:
    x-actions-key: ${RASA_ACTIONS_KEY}
"""
OURS, STOCK = "ours", "Rasa's default"

Example = tuple[str, str, str, str]


@dataclass
class Candidate:
    """One of the two assistants that are compared, and its figures."""

    name: str
    config: Path
    command: list[str]
    environment: dict[str, str]
    folder: Path  # its working directory
    address: str
    model: Path
    process: subprocess.Popen[bytes] | None = None
    figures: dict[str, Any] = field(default_factory=dict)


def say(text: str) -> None:
    """Print one line of progress."""
    print(f"[bench] {text}", flush=True)


def sample(learned: list[Example], each: int) -> list[Example]:
    """Return up to `each` examples of every intent, language and step, the same on every run."""
    groups: dict[tuple[str, str, str], list[Example]] = {}
    for example in sorted(set(learned)):
        groups.setdefault(example[1:], []).append(example)
    chosen: list[Example] = []
    for key, group in sorted(groups.items()):
        chosen += random.Random(str(key)).sample(group, min(each, len(group)))
    return chosen


def as_nlu(learned: list[Example]) -> str:
    """Return examples in Rasa's format."""
    blocks = []
    for intent, language, step in sorted({example[1:] for example in learned}):
        texts = [text for text, *group in learned if group == [intent, language, step]]
        lines = "".join(f"- {text}\n" for text in texts)
        marks = {"language": language} | ({"step": step} if step else {})
        blocks.append({"intent": intent, "metadata": marks, "examples": lines})
    return yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, sort_keys=False)


def write_data(folder: Path, learned: list[Example]) -> None:
    """Copy the project's data in Rasa's own format, with only these examples.

    The assistant also learns the examples of its short answers, without which it has none to give.
    """
    shutil.rmtree(folder, ignore_errors=True)
    ours = shutil.ignore_patterns("nlu.*.yml", "responses.yml", "answers*.yml")
    shutil.copytree(ROOT / "data", folder, ignore=ours)
    said = {"version": "3.1", "responses": read_responses()}
    (folder / "said.yml").write_text(yaml.safe_dump(said, allow_unicode=True, sort_keys=False), "utf-8")
    (folder / "nlu.yml").write_text(as_nlu(learned), "utf-8")


def stock_config() -> Path:
    """Return the configuration that `rasa init` writes."""
    return next((ROOT / ".venv" / "rasa").glob("lib/python*/site-packages/rasa/cli/initial_project/config.yml"))


def fingerprint(config: Path, data: Path) -> str:
    """Hash what a model is made from."""
    sources = [config, ROOT / "domain.yml", ROOT / "requirements" / "rasa.txt", *sorted(data.rglob("*.yml"))]
    if config == ROOT / "config.yml":
        sources += sorted((ROOT / "bot" / "nlu").glob("*.py"))
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def train(candidate: Candidate, data: Path) -> None:
    """Train a model, unless the same one exists already, and note how long it took."""
    took = candidate.model.with_suffix(".seconds")
    if not (candidate.model.exists() and took.exists()):
        say(f"training {candidate.name}")
        config = candidate.model.with_suffix(".yml")
        shutil.copy(candidate.config, config)  # Rasa writes its defaults into its configuration file
        command = [
            *(RASA if candidate.name == OURS else STOCK_RASA),
            "train",
            "--force",
            "--domain",
            str(ROOT / "domain.yml"),
        ]
        command += ["--config", str(config), "--data", str(data), "--out", str(candidate.model.parent)]
        command += ["--fixed-model-name", candidate.model.name.removesuffix(".tar.gz")]
        cache = candidate.model.with_suffix(".cache")
        began = time.monotonic()
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=candidate.environment | {"RASA_CACHE_DIRECTORY": str(cache)},
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=die_with_parent,
        )
        shutil.rmtree(cache, ignore_errors=True)
        if done.returncode or not candidate.model.exists():
            sys.exit(f"{(done.stdout + done.stderr)[-3000:]}\n[bench] stopped: {candidate.name} cannot be trained")
        took.write_text(f"{time.monotonic() - began:.1f}")
    candidate.figures["training, s"] = float(took.read_text())
    candidate.figures["model, MB"] = candidate.model.stat().st_size / 1e6


def understood(candidate: Candidate) -> dict[tuple[str, str], float]:
    """Return the percentage of held-out questions that are understood, by language and typing."""
    asked = questions(held_out())
    done = subprocess.run(
        [str(RASA_PYTHON), "-m", "tests.measure.parse", str(candidate.model)],
        cwd=ROOT,
        env=candidate.environment,
        input=json.dumps([one.text for one in asked]),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=die_with_parent,
    )
    if done.returncode:
        sys.exit(f"{done.stderr[-3000:]}\n[bench] stopped: {candidate.name} cannot be asked")
    right: dict[tuple[str, str], list[bool]] = {}
    for one, intent in zip(asked, json.loads(done.stdout.splitlines()[-1]), strict=True):
        right.setdefault((one.language, one.typing), []).append(one.intent == intent)
    return {key: 100 * sum(hits) / len(hits) for key, hits in right.items()}


@contextlib.contextmanager
def running(
    command: list[str], folder: Path, environment: dict[str, str], log: Path, listener: Any = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process in a group of its own, and end that group afterwards."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=listener,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
    try:
        yield process
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)


def turn(candidate: Candidate, sender: str, text: str) -> float:
    """Send one message and return the milliseconds until the answer."""
    body = {"sender": sender, "message": text}
    began = time.perf_counter()
    answer = requests.post(f"{candidate.address}/webhooks/rest/webhook", json=body, timeout=120)
    took = 1000 * (time.perf_counter() - began)
    if answer.status_code != 200:  # an empty answer counts: Rasa's default has no fallback
        raise RuntimeError(f"{candidate.name} does not answer {text!r}: {answer.status_code} {answer.text[:200]}")
    return took


def wait_for_first_answer(candidate: Candidate, text: str) -> float:
    """Return the seconds from the start of a process to its first answer."""
    began = time.monotonic()
    while time.monotonic() - began < START_TIMEOUT:
        if candidate.process and candidate.process.poll() is not None:
            break
        with contextlib.suppress(requests.ConnectionError, RuntimeError, requests.JSONDecodeError):
            turn(candidate, "first", text)
            return time.monotonic() - began
        time.sleep(0.1)
    sys.exit(f"[bench] stopped: {candidate.name} does not start; see its log in var/bench")


def percentile(values: list[float], share: float) -> float:
    """Return the value below which this share of all values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def measure_latency(candidates: list[Candidate], texts: list[str]) -> None:
    """Ask both the same questions alternately, in conversations of ten."""
    took: dict[str, list[float]] = {one.name: [] for one in candidates}
    for at in range(-10, TURNS):
        for one in candidates if at % 2 else candidates[::-1]:
            spent = turn(one, f"latency-{at // 10}", texts[at % len(texts)])
            if at >= 0:
                took[one.name].append(spent)
    for one in candidates:
        for share in (50, 95, 99):
            one.figures[f"turn p{share}, ms"] = percentile(took[one.name], share / 100)


def measure_throughput(candidates: list[Candidate], texts: list[str], customers: int) -> None:
    """Let so many customers write at once, each as soon as they have their last answer."""
    per_customer = BURST // customers
    rates: dict[str, list[float]] = {one.name: [] for one in candidates}
    for part in range(2):
        for one in candidates:

            def write(customer: int, one: Candidate = one, part: int = part) -> None:
                for at in range(per_customer // 2):
                    turn(one, f"rate-{customers}-{part}-{customer}-{at // 10}", texts[(customer * 7 + at) % len(texts)])

            threads = [threading.Thread(target=write, args=(number,)) for number in range(customers)]
            began = time.monotonic()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            rates[one.name].append(customers * (per_customer // 2) / (time.monotonic() - began))
    for one in candidates:
        one.figures[f"turns a second, {customers} customers"] = statistics.mean(rates[one.name])


def measure_growth(candidates: list[Candidate], text: str) -> None:
    """Hold one long conversation with each assistant."""
    took: dict[str, list[float]] = {one.name: [] for one in candidates}
    for at in range(LONG[-1] + NEAR):
        for one in candidates if at % 2 else candidates[::-1]:
            took[one.name].append(turn(one, "long", text))
    for one in candidates:
        for at in LONG:
            one.figures[f"turn {at} of one conversation, ms"] = statistics.median(took[one.name][at - NEAR : at + NEAR])


def resident_memory(pid: int) -> float:
    """Return the resident memory, in MB, of a process group."""
    listing = subprocess.run(["ps", "-eo", "pgid,rss"], capture_output=True, text=True, check=True)
    rows = [line.split() for line in listing.stdout.splitlines()[1:]]
    return sum(int(rss) for group, rss in rows if int(group) == pid) * 1024 / 1e6


def last_line(ours: dict[str, Any], stock: dict[str, Any]) -> str:
    """Return a line for programs: the ratios of ours to Rasa's default, and our accuracies."""
    many = "turns a second, 8 customers"
    first, last = (f"turn {at} of one conversation, ms" for at in (LONG[0], LONG[-1]))
    return (
        f"p50_ratio={ours['turn p50, ms'] / stock['turn p50, ms']:.3f} throughput_ratio={ours[many] / stock[many]:.2f} "
        f"train_ratio={ours['training, s'] / stock['training, s']:.3f} growth_300={ours[last] / ours[first]:.2f} "
        f"lv={ours['understood, lv clean, %']:.1f} en={ours['understood, en clean, %']:.1f}"
    )


def table(candidates: list[Candidate]) -> str:
    """Return the figures side by side."""
    lines = [f"{'':36}" + "".join(f"{one.name:>16}" for one in candidates)]
    for name in candidates[0].figures:
        lines.append(f"{name:36}" + "".join(f"{one.figures[name]:16.1f}" for one in candidates))
    return "\n".join(lines)


def candidates_in(folder: Path, data: Path, settings: Settings) -> list[Candidate]:
    """Return the two candidates, ready to be trained and started."""
    stock_port = free_ports(1)[0]
    rasa = next(part for part in parts(settings) if part.name == "rasa")
    found = []
    for name, config, address in (
        (OURS, ROOT / "config.yml", settings.rasa_addresses[0]),
        (STOCK, stock_config(), f"http://127.0.0.1:{stock_port}"),
    ):
        label = "ours" if name == OURS else "stock"
        model = folder / f"{label}-{fingerprint(config, data)}.tar.gz"
        if name == OURS:
            command = [*rasa.command]
            command[command.index("--model") + 1] = str(model)
            found.append(Candidate(name, config, command, rasa.environment, ROOT, address, model))
        else:
            command = [*STOCK_RASA, "run", "-i", "127.0.0.1", "--port", str(stock_port)]
            command += ["--model", str(model)]
            found.append(Candidate(name, config, command, rasa.environment, folder / "stock", address, model))
    return found


def main() -> None:
    """Train both, measure both, print the table."""
    everything = "--all" in sys.argv[1:]
    folder = ROOT / "var" / "bench"
    (folder / "stock").mkdir(parents=True, exist_ok=True)
    rasa_port, actions_port = free_ports(2)
    changes = {"rasa_port": rasa_port, "actions_port": actions_port, "data_dir": folder, "models_dir": folder}
    changes["rasa_without_key"] = "always"
    settings = with_keys(get_settings().model_copy(update=changes))
    for old in folder.glob("rasa.db*"):
        old.unlink()
    learned = examples() if everything else sample(examples(), EACH)
    data = folder / "data"
    write_data(data, learned)
    # What `rasa init` writes, except for our action server, which both use.
    (folder / "stock" / "credentials.yml").write_text("rest:\n")
    (folder / "stock" / "endpoints.yml").write_text(STOCK_ENDPOINTS)
    both = candidates_in(folder, data, settings)
    say(f"{len(learned)} examples of {len({intent for _, intent, *_ in learned})} intents")
    for one in both:
        train(one, data)
        say(f"asking {one.name} the held-out questions")
        found = understood(one)
        for language in LANGUAGES:
            for typing in TYPINGS:
                one.figures[f"understood, {language} {typing}, %"] = found[language, typing]
    clean = [one for one in questions(held_out()) if one.typing == "clean" and one.intent not in NEEDS_ACCOUNT]
    texts = [one.text for one in random.Random(1).sample(clean, len(clean))]
    sure = next(text for text, intent, *_ in learned if intent == "greet")
    actions = next(part for part in parts(settings) if part.name == "actions")
    with contextlib.ExitStack() as processes:
        listener = processes.enter_context(open_sockets(settings)["actions"])
        started = running(actions.command, ROOT, actions.environment, folder / "actions.log", listener)
        processes.enter_context(started)
        for one in both:  # one after the other: each start has the machine to itself
            log = folder / f"{one.model.name.split('-')[0]}.log"
            one.process = processes.enter_context(running(one.command, one.folder, one.environment, log))
            one.figures["start to first answer, s"] = wait_for_first_answer(one, sure)
            say(f"{one.name} is up")
        measure_latency(both, texts)
        say("latency measured")
        for customers in (1, 8):
            measure_throughput(both, texts, customers)
        say("throughput measured")
        measure_growth(both, sure)
        for one in both:
            one.figures["resident memory, MB"] = resident_memory(one.process.pid) if one.process else 0
    print(table(both))
    print(last_line(both[0].figures, both[1].figures))


if __name__ == "__main__":
    main()

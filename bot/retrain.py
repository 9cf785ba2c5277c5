"""Retrain while the assistant runs, when the training data changes; the old model answers meanwhile."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from bot.dialogue.answers import ASPECTS, LANGUAGES, OF_THING
from bot.environments import environment_of
from bot.model import model_path
from bot.orphans import die_with_parent
from bot.settings import ROOT, Settings

LOOK = 2.0  # seconds between two checks of the files
POLITE = 10  # nice value of a training, so that conversations come first
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the parser in C, where there is one


async def follow(
    settings: Settings, in_use: Path, say: Callable[[str], None], renew: Callable[[Path], Awaitable[None]]
) -> None:
    """Check the files for ever; train a new model after a change, and have the assistant use it.

    `in_use` is the model of the files as they were at the start.
    """
    seen: Path | None = in_use
    tried: Path | None = in_use
    while True:
        await asyncio.sleep(LOOK)
        try:
            wanted = await asyncio.to_thread(model_path, settings)
            if wanted != seen:  # somebody may still be saving other files
                seen = wanted
            elif wanted != tried:
                before, tried = tried, wanted
                if wanted != in_use and await make(settings, wanted, say):
                    in_use = wanted
                    await renew(wanted)
                elif wanted == in_use and before:
                    say("the data is again what the assistant learned from")
        except OSError:  # an editor is just replacing a file
            seen = tried = None


async def make(settings: Settings, model: Path, say: Callable[[str], None]) -> bool:
    """Train a model unless it exists, and print what happens; return whether it can be used."""
    wrong = await asyncio.to_thread(first_fault)
    if not wrong and not await asyncio.to_thread(model.exists):
        say("the data changed: training a new model, while the old one answers")
        wrong = await _train_apart(settings)
        if model_path(settings) != model:  # it may contain half of a later change
            await asyncio.to_thread(model.unlink, missing_ok=True)
            return False
    if wrong:
        say(f"the old model goes on answering, as the data cannot be used: {wrong}")
    else:
        say("the new model is ready: rasa and actions start anew with it")
    return not wrong


async def _train_apart(settings: Settings) -> str:
    """Train in separate processes, which end with this one; return what is wrong, or an empty string."""

    def prepare() -> None:
        die_with_parent()
        os.nice(POLITE)

    training = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.model"),
        cwd=ROOT,
        env=environment_of("train", settings),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=prepare,
    )
    try:
        said, _ = await training.communicate()
    finally:
        if training.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(training.pid, signal.SIGKILL)
    return in_one_line(said.decode(errors="replace")) if training.returncode else ""


def in_one_line(said: str) -> str:
    """Shorten Rasa's output of a failed training to the first file and line that it names, or else to its last line."""
    place = re.search(r"in (\S+\.yml):(\d+):\s+(.+)", re.sub(r"\x1b\[\d*m", "", said))
    if place:
        return "{}, line {}: {}".format(*place.groups())
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("[train]")]
    return lines[-1] if lines else "Rasa ended without a word"


def first_fault(root: Path = ROOT) -> str:
    """Return the first fault in the files, with its file and line, or an empty string."""
    for path in [root / "domain.yml", root / "config.yml", *sorted((root / "data").rglob("*.yml"))]:
        name = path.relative_to(root)
        try:
            content = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - a safe one
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            return f"{name}, line {line}: {error.problem}"
        except (OSError, ValueError, yaml.YAMLError) as error:
            return f"{name}: {str(error).splitlines()[0]}"
        if not isinstance(content, dict):
            return f"{name}: it should be names with what belongs to them, 'name: …'"
        for fault in _faults(path.name, content):
            return f"{name}, {fault}"
    return ""


# These yield faults that Rasa would report without a file and line, or not at all. Only the first fault is used: the
# checks after it may rely on what is missing.


def _faults(file: str, content: dict[str, Any]) -> Iterator[str]:
    if file == "responses.yml":
        for name, said in _named(content.get("responses")):
            yield from (f"{name}: {fault}" for fault in _faults_of_words(said))
    elif file.startswith("answers"):
        if not isinstance(content.get("intent"), str):
            yield "intent: it should name the topic whose page tells the rest"
        for thing, cells in _named(content.get("answers")):
            if not isinstance(cells, dict):
                yield f"{thing}: it should be answers by what is asked, 'what: …'"
            answers = {key: cell for key, cell in cells.items() if key not in OF_THING}
            for asked in (*answers, *(cells.get("not_asked") or [])):
                if str(asked).partition("-")[0] not in ASPECTS:
                    yield f"{thing}: {asked!r} is none of what may be asked: {', '.join(ASPECTS)}"
            for key, cell in answers.items():
                yield from (f"{thing}/{key}: {fault}" for fault in _faults_of_answer(cell))


def _faults_of_answer(cell: Any) -> Iterator[str]:
    yield from _faults_of_wording(cell)
    for words in cell.get("if") or []:
        yield from _faults_of_wording(words)
        if not isinstance(words.get("when"), dict):
            yield "what stands under 'if' does not tell 'when' it is said"
    for key in ("heard", "then"):
        lines = cell.get(key) or {}
        if not isinstance(lines, dict) or not all(isinstance(text, str) for text in lines.values()):
            yield f"{key}: it should be lines under 'lv: |' and 'en: |'"


def _faults_of_wording(words: Any) -> Iterator[str]:
    yield from _faults_of_words(words)
    if "again" not in words:
        yield "there is no other wording, 'again', for who asks once more"
    yield from (f"again: {fault}" for fault in _faults_of_words(words["again"]))


def _faults_of_words(words: Any) -> Iterator[str]:
    if not isinstance(words, dict):
        yield "it should be a text in each language, 'lv: …' and 'en: …'"
    for language in LANGUAGES:
        if not isinstance(words.get(language), str):
            yield f"there is no text in {language!r}"
    for button in words.get("buttons") or []:
        lacks = [key for key in (*LANGUAGES, "payload") if not isinstance(button, dict) or not button.get(key)]
        if lacks:
            yield f"a button lacks its {'payload' if lacks[0] == 'payload' else f'title in {lacks[0]!r}'}"


def _named(content: Any) -> Iterator[tuple[str, Any]]:
    yield from content.items() if isinstance(content, dict) else ()

"""Try changed data: train a model, and ask it and the one in use the same: python -m bot.trial.work.

A process of its own, so that conversations come first. It gets a Task as JSON on its standard input, and prints a line
of JSON for each step; the last one is the result, or what went wrong.
"""

import asyncio
import json
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from threading import Lock, Thread
from types import FrameType
from typing import Any, TypedDict

from bot.model import TrainingError, is_whole, model_path, name_of, project_of, train
from bot.private import write_privately
from bot.retrain import first_fault, in_one_line
from bot.settings import ROOT, Settings, get_settings
from bot.trial import exam, project
from bot.trial.exam import Answer, Talk
from bot.trial.serving import ServingError, serving

TELL = 1.0  # seconds between two lines of progress
SIGN_OF_LIFE = 20.0  # seconds between two empty ones
NOTHING_NEW = "nothing_new"  # instead of an error's text: the model in use learned from the same
_alone = Lock()


class Task(TypedDict):
    """What is tried."""

    files: dict[str, str]  # of the data, as they are to be
    judged: list[dict[str, Any]]  # conversations, as learned by exam.py
    in_use: str | None  # the name of the model in use, if it is not that of the repository's data


def tell(**step: Any) -> None:
    """Print a line for the process that waits."""
    with _alone:
        print(json.dumps(step), flush=True)


def give_signs_of_life() -> None:
    """Tell that this process goes on, however long a step takes."""
    while True:
        time.sleep(SIGN_OF_LIFE)
        tell()


def try_out(settings: Settings, task: Task) -> None:
    """Train and ask; raise TrainingError, ServingError or OSError."""
    base = model_path(settings)
    used = settings.models_dir / f"{task['in_use']}.tar.gz" if task["in_use"] else base
    used_root = project_of(used) if task["in_use"] else ROOT
    for one in (base, used):  # the oldest models are deleted, but none that may be needed
        if one.exists():
            one.touch()
    if not used.exists():
        raise ServingError(f"the model in use, {name_of(used)}, is not in {settings.models_dir}")
    model = project.make(settings, task["files"])
    tell(state="training", model=name_of(model), base=name_of(base))
    if model == used:
        raise TrainingError(NOTHING_NEW)
    if wrong := first_fault(project_of(model)):
        raise TrainingError(wrong)
    if not (model.exists() and is_whole(model)):
        train(settings, root=project_of(model))
    asked = exam.talks(task["judged"])
    total = 2 * exam.count(asked)
    tell(state="asking", asked=0, questions=total)
    before = asyncio.run(_answers(settings, asked, used, used_root, 0))
    after = asyncio.run(_answers(settings, asked, model, project_of(model), total // 2))
    tell(state="done", result=exam.compared(asked, before, after))


async def _answers(settings: Settings, asked: list[Talk], model: Path, root: Path, so_far: int) -> list[Answer]:
    told_at = 0.0

    def progress(sent: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at > TELL:
            told_at = time.monotonic()
            tell(state="asking", asked=so_far + sent)

    folder = Path(tempfile.mkdtemp(prefix=project.ASKING, dir=settings.data_dir))
    try:
        async with serving(settings, model, root, folder) as say:
            return await asyncio.to_thread(exam.answers, asked, say, progress)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Try what the standard input tells."""
    write_privately()
    signal.signal(signal.SIGTERM, _end)
    settings = get_settings()
    task: Task = json.load(sys.stdin)
    Thread(target=give_signs_of_life, daemon=True).start()
    project.clear(settings)
    try:
        try_out(settings, task)
    except TrainingError as error:
        tell(state="failed", error=in_one_line(str(error)))
    except (ServingError, OSError) as error:
        tell(state="failed", error=str(error))
    finally:
        project.clear(settings)


def _end(number: int, _: FrameType | None) -> None:
    """End in order, once, so that nothing is left behind."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


if __name__ == "__main__":
    main()

"""Run trials, one at a time, each in a process of its own with low priority: a periodic job of the website side."""

import json
import os
import signal
import subprocess
import sys
import threading
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.conversations import learning, trials
from bot.database import Database, now
from bot.desk import patches
from bot.environments import environment_of
from bot.orphans import die_with_parent
from bot.processes import kill_group
from bot.settings import PREFIX, ROOT, Settings
from bot.trial.work import NOTHING_NEW, Task

POLITE = 10  # nice value, so that conversations come first
PATIENCE = 20.0  # seconds that a process may take to end
log = structlog.get_logger()


class Runner:
    """Starts what supervisors ask for, follows it, and ends what they cancel."""

    def __init__(self, settings: Settings, database: Database) -> None:
        """Take the database; nothing runs yet."""
        self._settings, self._database = settings, database
        self._process: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None
        self._trial_id = 0

    def run(self) -> list[str]:
        """Start the trial that waits, or end the one that was cancelled; return no conversation, as a job does."""
        with self._database.read() as session:  # most often, there is nothing to do
            trial = trials.under_way(session)
        if self._thread and self._thread.is_alive():
            if not trial or trial.id != self._trial_id:
                self._kill()
            return []
        if not trial:
            return []
        with self._database.write() as session:
            trial = trials.under_way(session, for_update=True)
            trials.end_silent(trial)
            if not trial or trial.state != "waiting":
                return []
            filings = learning.filings(session)
            changed = patches.changed_files(filings)
            if not changed:
                trials.end(trial, "failed", NOTHING_NEW)
                return []
            trial.state, trial.seen_at = "training", now()
            trial.decisions = sum(one.decision in patches.EXPORTED for one in filings)
            task = Task(files=changed, judged=trials.judged(session), in_use=trials.in_use(session))
            self._trial_id = trial.id
        # The process ends with the thread that starts it, so that is one of its own, which waits for it.
        self._thread = threading.Thread(target=self._follow, args=(self._trial_id, task), daemon=True)
        self._thread.start()
        return []

    def stop(self) -> None:
        """End the process of a trial."""
        self._kill()
        if self._thread:
            self._thread.join(PATIENCE)

    def _kill(self) -> None:
        if self._process and self._process.poll() is None:
            kill_group(self._process.pid, signal.SIGTERM)

    def _follow(self, trial_id: int, task: Task) -> None:
        """Start a process, and store what it tells."""
        names = ("data_dir", "models_dir", "web_host", "web_port")
        where = {f"{PREFIX}{name.upper()}": str(getattr(self._settings, name)) for name in names}
        with subprocess.Popen(
            [sys.executable, "-m", "bot.trial.work"],
            cwd=ROOT,
            env=environment_of("trial", self._settings) | where,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_politely,
        ) as process:
            self._process = process
            try:
                with process.stdin as to:  # type: ignore[union-attr]
                    json.dump(task, to)
                for line in process.stdout:  # type: ignore[union-attr]
                    self._store(trial_id, json.loads(line))
            except (OSError, ValueError, SQLAlchemyError) as error:
                log.error("trial_failed", reason=type(error).__name__)
                self._kill()
        kill_group(process.pid, signal.SIGKILL)  # what it has started
        self._store(trial_id, {"state": "failed", "error": trials.INTERRUPTED})

    def _store(self, trial_id: int, step: dict[str, Any]) -> None:
        """Store a step of a trial, unless it has ended already."""
        with self._database.write() as session:
            trial = trials.under_way(session, for_update=True)
            if not trial or trial.id != trial_id:  # it was cancelled
                self._kill()
                return
            trial.seen_at = now()
            if step.get("state") in ("done", "failed"):
                trials.end(trial, step["state"], step.get("error", ""), step.get("result"))
                return
            for name in ("state", "asked", "questions", "model", "base"):
                if name in step:
                    setattr(trial, name, step[name])


def _politely() -> None:
    die_with_parent()
    os.nice(POLITE)

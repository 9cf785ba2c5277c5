"""The model that supervisors chose at the desk: find it at the start, and follow their choices while it runs."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.conversations import trials
from bot.conversations.learning_models import ModelChoice
from bot.database import Database, now
from bot.model import ENDING, is_whole, model_path, name_of, project_of
from bot.retrain import make
from bot.settings import ROOT, Settings
from bot.trial.project import with_code_of_today

LOOK = 2.0  # seconds between two looks at the database
DATA_CHANGED, MISSING = "data_changed", "missing"


@dataclass(frozen=True)
class Used:
    """A model, and the folder of the project with the data that belongs to it."""

    model: Path
    root: Path = ROOT


class Choices:
    """What supervisors choose, and what became of it."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        """Open the database of the conversations."""
        self._settings, self._say = settings, say
        self._database = Database(settings.chat_database_url)
        self._seen = 0  # id of the choice that was looked at last
        self._is_chosen = False  # whether a chosen model answers

    def at_start(self) -> Used | None:
        """Return what was chosen, or None for the model of the repository's data."""
        try:
            choice = self._newest()
            if not choice:
                return None
            self._seen = choice.id
            if choice.problem == DATA_CHANGED:  # for good, even if the data changes back: somebody decides anew
                return None
            found = self._find(choice) if choice.model else Used(model_path(self._settings))
            self._note(choice.id, found)
        except SQLAlchemyError:  # there is no database yet, or bot.prepare will say what is wrong with it
            return None
        self._is_chosen = isinstance(found, Used) and found.root != ROOT
        return found if isinstance(found, Used) and self._is_chosen else None

    async def follow(self, use: Callable[[Used], Awaitable[None]]) -> None:
        """Look for a new choice for ever, and have the assistant use it."""
        while True:
            await asyncio.sleep(LOOK)
            choice = None
            with suppress(SQLAlchemyError):  # the database may be down for a while
                choice = await asyncio.to_thread(self._newest)
            if not choice or choice.id == self._seen:
                continue
            self._seen = choice.id
            try:
                await self._take(choice, use)
            except (SQLAlchemyError, OSError) as error:
                self._say(f"the model that was chosen at the desk is not used: {type(error).__name__}")

    def supersede(self) -> None:
        """Note that the repository's data has changed, so that its model is used instead of the chosen one."""
        self._is_chosen = False
        with suppress(SQLAlchemyError):
            choice = self._newest()
            if choice and choice.model and not choice.problem:
                self._note(choice.id, DATA_CHANGED)

    async def _take(self, choice: ModelChoice, use: Callable[[Used], Awaitable[None]]) -> None:
        found = await asyncio.to_thread(self._find, choice) if choice.model else await self._of_repository()
        if isinstance(found, Used):
            self._say(f"the model {name_of(found.model)} was chosen at the desk: rasa and actions start anew with it")
            await self._use(found, use)
        elif self._is_chosen and isinstance(instead := await self._of_repository(), Used):
            await self._use(instead, use)
        await asyncio.to_thread(self._note, choice.id, found)

    async def _use(self, found: Used, use: Callable[[Used], Awaitable[None]]) -> None:
        self._is_chosen = found.root != ROOT
        await use(found)

    async def _of_repository(self) -> Used | str:
        model = model_path(self._settings)
        return Used(model) if model.exists() or await make(self._settings, model, self._say) else MISSING

    def _find(self, choice: ModelChoice) -> Used | str:
        """Return the chosen model with its data and the code of today, or why it cannot be used."""
        if choice.base != name_of(model_path(self._settings)):
            return DATA_CHANGED
        model = self._settings.models_dir / f"{choice.model}{ENDING}"
        root = project_of(model)
        if not root.is_dir() or not model.exists() or not is_whole(model):
            return MISSING
        with_code_of_today(root)
        model.touch()  # as the oldest models are deleted
        return Used(model, root)

    def _newest(self) -> ModelChoice | None:
        with self._database.read() as session:
            return trials.choice(session)

    def _note(self, choice_id: int, found: Used | str) -> None:
        """Keep what became of a choice, for the desk; say what is wrong with it."""
        if not isinstance(found, Used):
            why = {DATA_CHANGED: "the repository's data has changed since", MISSING: "it is not there any more"}[found]
            self._say(f"the model that was chosen at the desk is not used, as {why}; that of the repository answers")
        with self._database.write() as session:
            choice = session.get_one(ModelChoice, choice_id)
            if isinstance(found, Used):
                choice.used_at, choice.problem = choice.used_at or now(), None
            else:
                choice.problem = found

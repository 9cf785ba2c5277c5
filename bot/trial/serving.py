"""Serve a model beside the assistant, to ask it questions: Rasa and the actions, on ports of their own."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from bot.http import Service, ServiceError
from bot.keys import new_key
from bot.parts import LOOPBACK, READ_DATA, parts
from bot.processes import POLL, answers, last_words, start, stop_all
from bot.settings import PREFIX, Settings
from bot.trial.exam import Items, Say

START_TIMEOUT = 300.0  # seconds; conversations come first
A_TURN = 60.0  # seconds that an answer may take


class ServingError(Exception):
    """A process did not start; the text says why in one line."""


@contextlib.asynccontextmanager
async def serving(settings: Settings, model: Path, root: Path, folder: Path) -> AsyncIterator[Say]:
    """Start the processes, with their logs and trackers in a folder; yield what asks them, and stop them again."""
    listener = socket.create_server((LOOPBACK, 0))
    own = own_settings(settings, folder, listener.getsockname()[1])
    running = [part for part in parts(own, model, root) if part.kind in READ_DATA]
    try:
        for part in running:
            part.log = folder / f"{part.name}.log"
            if part.kind == "actions":
                part.listener = listener
                part.environment |= {f"{PREFIX}READER_URL": ""}  # nobody else is asked
            await start(part)
        async with asyncio.timeout(START_TIMEOUT):
            for part in running:
                while not await asyncio.to_thread(answers, part.health):
                    if part.process is None or part.process.returncode is not None:
                        raise ServingError(f"{part.name} does not start: {last_words(part.log)}")
                    await asyncio.sleep(POLL)
        yield _asks(Service(own.rasa_addresses[0], {"x-rasa-key": own.rasa_key.get_secret_value()}, (2, A_TURN)))
    except TimeoutError:
        raise ServingError(f"the model does not answer after {START_TIMEOUT:.0f} s") from None
    finally:
        await stop_all(running)
        listener.close()


def own_settings(settings: Settings, folder: Path, actions_port: int) -> Settings:
    """Return settings of one process of each kind, with its own ports, keys and trackers."""
    own = {
        "actions_port": actions_port,
        "rasa_port": _free_port(),
        "rasa_processes": 1,
        "actions_processes": 1,
        "actions_key": new_key(),
        "rasa_key": new_key(),
        "tracker_database": f"sqlite:///{folder / 'trackers.db'}",
    }
    return Settings(**settings.model_dump() | own)  # a copy of the object would keep the addresses that it knows


def _asks(rasa: Service) -> Say:
    def say(sender: str, text: str) -> Items:
        try:
            found: Items = rasa.call("POST", "/webhooks/rest/webhook", {"sender": sender, "message": text})
        except ServiceError as error:
            if error.status is None:
                raise ServingError(f"Rasa ended while it was asked: {error}") from None
            return []  # a customer would hear an apology
        return found

    return say


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port

"""Start the assistant's processes, watch over them, and stop them together: python -m bot.run."""

import asyncio
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import yaml
from pydantic import SecretStr

from bot import mail
from bot.environments import environment_of
from bot.keys import kept_key, new_key, new_password, new_private_key
from bot.model import RASA_PYTHON, TrainingError, former_model, is_whole, model_path, train
from bot.orphans import die_with_parent
from bot.parts import READ_DATA, open_sockets, parts, wrong_port
from bot.private import ACCESS_KEY, close_files, write_privately
from bot.processes import ManagedProcess, keep_running, last_words, restart, say, stop_all
from bot.retrain import follow
from bot.safety import check
from bot.settings import PREFIX, ROOT, Settings, SettingsError, get_settings
from bot.trial.chosen import Choices, Used

FREE_MIB = 300  # free space that databases, models and logs need
START_TIMEOUT = 180.0  # seconds within which a process must be up for the first time


def stop(text: str) -> NoReturn:
    """Exit with one line that says what is wrong and what to do."""
    sys.exit(f"[run] stopped: {text}")


KEYS = ("service_key", "backend_key", "agents_key", "rasa_key", "actions_key", "demo_key", "demo_password")
DESK_SAMPLE = ROOT / "bot" / "desk" / "sample.yml"


def with_keys(settings: Settings) -> Settings:
    """Generate the keys by which the processes trust each other, where the settings have none."""
    makers = dict.fromkeys(KEYS, new_key) | {"demo_key": new_private_key, "demo_password": new_password}
    made = {name: SecretStr(make()) for name, make in makers.items() if not getattr(settings, name)}
    return settings.model_copy(update=made)


def with_access_key(settings: Settings) -> Settings:
    """Take the key that outlasts a start from the data folder, unless it is set."""
    if settings.access_key:
        return settings
    path = settings.data_dir / ACCESS_KEY
    try:
        return settings.model_copy(update={"access_key": SecretStr(kept_key(path))})
    except ValueError as error:
        stop(str(error))
    except OSError as error:
        stop(f"{path} cannot be used ({error.strerror}); make it readable, or set CPS_ACCESS_KEY")


def check_disk(settings: Settings) -> None:
    """Exit if a folder cannot be written or the disk is full."""
    folders = {"data_dir": settings.data_dir, "models_dir": settings.models_dir, "files_dir": settings.sent_files}
    for name, folder in folders.items():
        setting = PREFIX + name.upper()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "logs").mkdir(exist_ok=True) if name == "data_dir" else None
            probe = folder / ".probe"
            probe.write_bytes(b"x")
            probe.unlink()
        except OSError as error:
            stop(f"{folder} cannot be written ({error.strerror}); make it writable, or set {setting} to another folder")
        free = shutil.disk_usage(folder).free >> 20
        if free < FREE_MIB:
            stop(f"{free} MiB free on the disk of {folder}, {FREE_MIB} needed; make room, or set {setting}")


def update_model(settings: Settings) -> Path:
    """Return the model to start with, trained if its data or code has changed; exit with one line if that fails."""
    model = model_path(settings)
    if model.exists():
        if is_whole(model):
            return model
        model.unlink()
        if former := former_model(settings):
            say(f"the model {model} was damaged; the former one, {former.name}, answers while a new one is trained")
            return former
    say("training the model, as its data changed; the first time this takes some minutes")
    try:
        say(f"trained in {train(settings):.0f} s")
    except TrainingError as error:
        print(error, file=sys.stderr)
        stop("Rasa could not train; its last words stand above. 'make check' names faulty data")
    return model


async def renew(running: list[ManagedProcess], settings: Settings, used: Used) -> None:
    """Restart what reads the data, with another model: one process after the other, so that the others answer."""
    wanted = {part.name: part for part in parts(settings, used.model, used.root)}
    for part in running:
        if part.kind in READ_DATA:
            part.command, part.root = wanted[part.name].command, wanted[part.name].root
            with suppress(TimeoutError):  # the rest may do better; and data that are mended are noticed
                async with asyncio.timeout(START_TIMEOUT):
                    await restart(part)


async def run(settings: Settings, used: Used, choices: Choices) -> str:
    """Run all processes until told to stop; return why they ended, or an empty string after a signal."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    reasons: list[str] = []
    # A damaged model is replaced by a former one, and made anew.
    of_data = used.model if used.root == ROOT else model_path(settings)

    def give_up(reason: str) -> None:
        reasons.append(reason)
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    running = parts(settings, used.model, used.root)
    for part in running:
        if part.log.exists():
            part.log.replace(part.log.with_suffix(".log.1"))

    async def start_all() -> None:
        # Rasa takes longest to start, and needs no database of ours, so it goes first.
        rasas = [part for part in running if part.kind == "rasa"]
        keepers.extend(asyncio.create_task(keep_running(part, give_up)) for part in rasas)
        failed = await update_databases(settings)
        if failed:
            give_up(failed)
            return
        sockets = open_sockets(settings)
        for part in running:
            part.listener = sockets.get(part.kind)
            if part.kind != "rasa":
                keepers.append(asyncio.create_task(keep_running(part, give_up)))
        await greet(settings, running, give_up)
        await try_mail(settings)
        alone = asyncio.Lock()

        async def use(other: Used) -> None:
            async with alone:
                await renew(running, settings, other)

        async def use_repository(model: Path) -> None:
            await asyncio.to_thread(choices.supersede)
            await use(Used(model))

        keepers.append(asyncio.create_task(choices.follow(use)))
        await follow(settings, of_data, say, use_repository)

    keepers: list[asyncio.Task[None]] = []
    keepers.append(asyncio.create_task(start_all()))
    await ended.wait()
    for task in keepers:
        task.cancel()
    if not reasons:
        say("stopping")
    await stop_all(running)
    return "; ".join(reasons)


async def update_databases(settings: Settings) -> str:
    """Migrate the databases; return what is wrong, or an empty string."""
    command = (sys.executable, "-m", "bot.prepare")
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env=environment_of("prepare", settings),
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=die_with_parent,
    )
    _, said = await process.communicate()
    lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
    return (lines[-1] if lines else "the databases cannot be used") if process.returncode else ""


async def greet(settings: Settings, running: list[ManagedProcess], give_up: Callable[[str], None]) -> None:
    """Print the addresses once everything is up."""
    try:
        async with asyncio.timeout(START_TIMEOUT):
            for part in running:
                await part.up.wait()
    except TimeoutError:
        late = next(part for part in running if not part.up.is_set())
        give_up(f"{late.name} is not up after {START_TIMEOUT:.0f} s; its last words: {last_words(late.log)}")
        return
    say(f"the assistant is ready: {settings.web_address}/")
    if not settings.backend_url and not settings.smtp_host:
        say(f"letters with codes land in {settings.backend_address}/mailbox")
    if settings.demo and not settings.oidc_issuer:
        say(f"the agents' desk is at {settings.web_address}/desk: {how_to_sign_in(settings)}")
    say(f"logs are in {settings.data_dir / 'logs'}; Ctrl-C stops everything")


def how_to_sign_in(settings: Settings) -> str:
    """Say who the demo's sample agents are; a terminal shows their password too, but no file keeps it."""
    names = " or ".join(agent["email"] for agent in yaml.safe_load(DESK_SAMPLE.read_text(encoding="utf-8")))
    secret = settings.demo_password.get_secret_value()
    password = secret if sys.stdout.isatty() else "of CPS_DEMO_PASSWORD (without one, start it in a terminal)"
    return f"sign in as {names}, with the password {password}"


async def try_mail(settings: Settings) -> None:
    """Say what is wrong with the mail server, if one is set; letters are sent again until it works."""
    if not settings.smtp_host:
        return
    if settings.smtp_from.endswith("@localhost"):
        say("e-mail comes from cps@localhost, which other mail servers refuse; set CPS_SMTP_FROM")
    failed = await asyncio.to_thread(mail.try_server, settings)
    if failed:
        where = f"{settings.smtp_host}:{settings.smtp_port} ({settings.smtp_tls_mode})"
        say(f"the mail server {where} cannot be used: {failed}; see CPS_SMTP_HOST and the settings below it")


def main() -> None:
    """Check the settings, prepare the model and the databases, and run the processes."""
    settings = get_settings()
    try:
        check(settings)
    except SettingsError as error:
        stop(str(error))
    settings = with_keys(settings)
    if not RASA_PYTHON.exists():
        stop("Rasa's environment is missing; run 'make setup'")
    write_privately()
    check_disk(settings)
    if wrong := wrong_port(settings):
        stop(wrong)
    if closed := close_files(settings):
        say(f"{closed} files and folders of databases, logs and models were open to other accounts, and are closed now")
    settings = with_access_key(settings)
    choices = Choices(settings, say)
    used = choices.at_start() or Used(update_model(settings))
    reason = asyncio.run(run(settings, used, choices))
    if reason:
        stop(reason)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:  # before run() handles the signal itself
        sys.exit(130)

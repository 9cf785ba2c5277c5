"""Train Rasa's model if the data or the code behind it has changed: python -m bot.model."""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import time
import zlib
from pathlib import Path

from bot.orphans import die_with_parent
from bot.private import write_privately
from bot.settings import ROOT, Settings, get_settings

RASA_PYTHON = ROOT / ".venv" / "rasa" / "bin" / "python"
RASA = [str(RASA_PYTHON), "-m", "bot.nlu.without_tensorflow"]  # Rasa's command line, with less to load
AGENT_WORDS = Path("data/guide/agent.yml")  # what only agents say, from which nothing is learned
KEEP_MODELS = 5  # the one in use, the former one, that of the data, and some that were tried
ENDING = ".tar.gz"
A_DAY = 86_400
BLOCK = 1 << 20  # bytes of a model that are read at once
CACHE_MEGABYTES = 300  # Rasa's cache: a changed sentence needs no new training
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
    "CUDA_VISIBLE_DEVICES": "-1",
}


class TrainingError(Exception):
    """Rasa could not train a model; the text says why in one line."""


def rasa_environment(settings: Settings) -> dict[str, str]:
    """Return the environment of a training: ours without the assistant's settings."""
    own = {name: value for name, value in os.environ.items() if not name.upper().startswith("CPS_")}
    cache = {"RASA_CACHE_DIRECTORY": str(_cache(settings)), "RASA_MAX_CACHE_SIZE": str(CACHE_MEGABYTES)}
    addresses = {"RASA_ACTIONS_URL": settings.actions_address, "RASA_TRACKER_URL": "sqlite://"}
    return own | QUIET | cache | addresses | {"RASA_ACTIONS_KEY": "", "RASA_KEY": ""}


def model_path(settings: Settings, root: Path = ROOT) -> Path:
    """Return the path of the model for the data and code in a folder, whether it is trained yet or not."""
    data = sorted(set((root / "data").rglob("*.yml")) - {root / AGENT_WORDS})
    sources = [root / "domain.yml", root / "config.yml", *data, *_code(root)]
    return settings.models_dir / f"{_digest(sources, root)}{ENDING}"


def name_of(model: Path) -> str:
    """Return the name of a model: the hash of what it was trained from."""
    return model.name.removesuffix(ENDING)


def project_of(model: Path) -> Path:
    """Return the folder of the changed data that a model was trained from; there is none for the repository's data."""
    return model.with_name(name_of(model))


def is_whole(model: Path) -> bool:
    """Tell whether a model can be unpacked: a full disk or a crash may have cut it."""
    try:
        with gzip.open(model) as content:
            while content.read(BLOCK):
                pass
    except (OSError, EOFError, zlib.error):
        return False
    return True


def former_model(settings: Settings) -> Path | None:
    """Return the newest other model of the repository's data that can be unpacked."""
    others = [one for one in _newest_first(settings) if one != model_path(settings) and not project_of(one).exists()]
    return next(filter(is_whole, others), None)


def _newest_first(settings: Settings) -> list[Path]:
    """Return all models, the last used or trained one first."""
    return sorted(settings.models_dir.glob(f"*{ENDING}"), key=lambda path: path.stat().st_mtime, reverse=True)


def _cache(settings: Settings) -> Path:
    """Return the folder of Rasa's cache for the present code, as Rasa does not notice changed code."""
    return settings.models_dir / "cache" / _digest(_code(ROOT), ROOT)


def _code(root: Path) -> list[Path]:
    """Return the files with the code that trains a model or is stored in it."""
    own = [root / "bot" / name for name in ("dialogue/answers.py", "text.py")]
    return [root / "requirements" / "rasa.txt", *sorted((root / "bot" / "nlu").glob("*.py")), *own]


def _digest(sources: list[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for source in sources:
        digest.update(f"{source.relative_to(root)}\0".encode() + source.read_bytes())
    return digest.hexdigest()[:16]


def train(settings: Settings, force: bool = False, root: Path = ROOT) -> float:
    """Train the model for a folder and delete the oldest ones; return the seconds it took, or raise TrainingError.

    With `force`, train everything from scratch, without Rasa's cache.
    """
    model, began, cache = model_path(settings, root), time.monotonic(), _cache(settings)
    cache.mkdir(parents=True, exist_ok=True)
    # `make check` validates the data, and bot/retrain.py checks what changed; here validation would take a minute.
    command = [*RASA, "train", "--skip-validation", "--out", str(settings.models_dir)]
    command += ["--fixed-model-name", name_of(model), *(["--force"] if force else [])]
    done = subprocess.run(
        command,
        cwd=root,
        env=rasa_environment(settings),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=die_with_parent,
    )
    if done.returncode or not model.exists():
        lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        raise TrainingError("\n".join(lines[-15:]) or "Rasa ended without a word")
    for other in set(cache.parent.iterdir()) - {cache}:  # caches of other code; another training may still use one
        if time.time() - other.stat().st_mtime <= A_DAY:
            continue
        if other.is_dir():
            shutil.rmtree(other, ignore_errors=True)
        else:  # embeddings that no recent training has used
            other.unlink(missing_ok=True)
    for older in _newest_first(settings)[KEEP_MODELS:]:
        older.unlink()
        shutil.rmtree(project_of(older), ignore_errors=True)
    return time.monotonic() - began


def main() -> None:
    """Train unless the model is up to date, or always with --force."""
    settings = get_settings()
    write_privately()
    force = "--force" in sys.argv[1:]
    if model_path(settings).exists() and not force:
        print("[train] the model is up to date; nothing to do")
        return
    print("[train] training; the first time this takes some minutes", flush=True)
    try:
        print(f"[train] done in {train(settings, force):.0f} s")
    except TrainingError as error:
        sys.exit(f"{error}\n[train] stopped: Rasa could not train; its last words stand above")


if __name__ == "__main__":
    main()

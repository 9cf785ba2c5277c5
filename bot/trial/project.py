"""Copies of the project with other data: what a model is tried in, and what runs with it once it is used."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from bot.model import ENDING, model_path, project_of
from bot.settings import ROOT, Settings

CODE = ("actions", "bot", "requirements")
FILES = ("domain.yml", "config.yml", "endpoints.yml", "credentials.yml")
LEFT_OUT = shutil.ignore_patterns("node_modules", "dist", "__pycache__")
ASKING = "trial"  # the beginning of the names of folders with what models are asked
NEW = "new"  # a copy whose name is not known yet


def make(settings: Settings, changed: Mapping[str, str]) -> Path:
    """Copy the project with some files of its data changed; return the path of the model to be trained there."""
    copy = settings.models_dir / NEW
    shutil.rmtree(copy, ignore_errors=True)
    for folder in (*CODE, "data"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=LEFT_OUT)
    for name in FILES:
        shutil.copy(ROOT / name, copy / name)
    for name, content in changed.items():
        (copy / name).write_text(content, encoding="utf-8")
    model = model_path(settings, copy)
    if project_of(model).exists():  # it may be in use
        shutil.rmtree(copy)
    else:
        copy.rename(project_of(model))
    return model


def clear(settings: Settings) -> None:
    """Remove what an interrupted trial left: conversations that were judged, and copies whose model is not finished."""
    for folder in settings.data_dir.glob(f"{ASKING}*"):
        shutil.rmtree(folder, ignore_errors=True)
    for domain in settings.models_dir.glob("*/domain.yml"):
        if not domain.parent.with_name(f"{domain.parent.name}{ENDING}").exists():
            shutil.rmtree(domain.parent, ignore_errors=True)


def with_code_of_today(copy: Path) -> None:
    """Replace the code in a copy: only its data is its own."""
    for folder in CODE:
        shutil.rmtree(copy / folder, ignore_errors=True)
        shutil.copytree(ROOT / folder, copy / folder, ignore=LEFT_OUT)
    for name in FILES:
        shutil.copy(ROOT / name, copy / name)

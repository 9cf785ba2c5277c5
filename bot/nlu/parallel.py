"""Work on several cores at once. Without Rasa."""

from collections.abc import Callable, Iterable
from typing import Any

from joblib import Parallel, delayed

from bot.orphans import die_with_parent

Each = Callable[..., Iterable[Any]]  # a function like map()


def on_all_cores(function: Callable[..., Any], *arguments: Iterable[Any]) -> list[Any]:
    """Call a function for each set of arguments, as map() does, with one process per core."""
    # Copied to the processes, because scikit-learn cannot train on arrays that are mapped read-only.
    calls = (delayed(_call)(function, one) for one in zip(*arguments, strict=True))
    return list(Parallel(n_jobs=-1, max_nbytes=None)(calls))


def _call(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    die_with_parent()  # or these processes would keep a stopped training's output open
    return function(*arguments)

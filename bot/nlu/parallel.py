"""Work on several cores at once. Without Rasa."""

from collections.abc import Callable, Iterable
from typing import Any

from joblib import Parallel, delayed

Each = Callable[..., Iterable[Any]]  # a function like map()


def on_all_cores(function: Callable[..., Any], *arguments: Iterable[Any]) -> list[Any]:
    """Call a function for each set of arguments, as map() does, with one process per core."""
    # Copied to the processes, because scikit-learn cannot train on arrays that are mapped read-only.
    return list(Parallel(n_jobs=-1, max_nbytes=None)(delayed(function)(*one) for one in zip(*arguments, strict=True)))

"""Train the assistant's own classifier on somebody else's intents: python -m tests.measure.external TRAIN TEST."""

import argparse
import json
import time
from pathlib import Path

from bot.nlu import embeddings
from bot.nlu.intents import Intents, rank_intents, train_intents
from tests.measure.data import uses_embeddings
from tests.measure.typings import TYPINGS


def read_pairs(file: Path) -> list[tuple[str, str]]:
    """Read pairs of a text and its intent from a file with one {"text", "intent"} per line."""
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    return [(row["text"], row["intent"]) for row in rows]


def accuracies(model: Intents, pairs: list[tuple[str, str]]) -> dict[str, float]:
    """Return the percentage of texts that are understood, by typing."""
    return {
        typing: 100 * sum(rank_intents(model, type_(text))[0][0] == intent for text, intent in pairs) / len(pairs)
        for typing, type_ in TYPINGS.items()
    }


def main() -> None:
    """Print the accuracies; the last line is for programs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    files = parser.parse_args()
    learned, asked = read_pairs(files.train), read_pairs(files.test)
    print(
        f"{len(learned)} examples of {len({intent for _, intent in learned})} intents, {len(asked)} questions",
        flush=True,
    )
    began = time.monotonic()
    model = train_intents(learned, learned if uses_embeddings() and embeddings.is_at_hand() else None)
    print(f"trained in {time.monotonic() - began:.0f} s", flush=True)
    print(" ".join(f"{typing}={right:.1f}" for typing, right in accuracies(model, asked).items()))


if __name__ == "__main__":
    main()

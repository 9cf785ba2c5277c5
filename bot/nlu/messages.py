"""Read and extend Rasa's messages."""

from typing import Any

from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    METADATA,
    METADATA_INTENT,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message


def add_entity(message: Message, name: str, value: str, extractor: str, start: int = 0, end: int | None = None) -> None:
    """Add an entity; without a position it spans the whole text."""
    entity = {
        ENTITY_ATTRIBUTE_TYPE: name,
        ENTITY_ATTRIBUTE_VALUE: value,
        "start": start,
        "end": len(message.get(TEXT)) if end is None else end,
        "extractor": extractor,
    }
    message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)


def mark_of(example: Message, name: str) -> Any:
    """Return the value of a mark in a training example's metadata, or None."""
    return example.get(METADATA, {}).get(METADATA_INTENT, {}).get(name)

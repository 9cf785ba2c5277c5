"""Put what was found into Rasa's message."""

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
    """Add an entity, which the whole text tells unless it is said where it stands."""
    entity = {
        ENTITY_ATTRIBUTE_TYPE: name,
        ENTITY_ATTRIBUTE_VALUE: value,
        "start": start,
        "end": len(message.get(TEXT)) if end is None else end,
        "extractor": extractor,
    }
    message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)


def mark_of(example: Message, name: str) -> Any:
    """Return what a training example is marked with under a name, or None."""
    return example.get(METADATA, {}).get(METADATA_INTENT, {}).get(name)

"""Put what was found into Rasa's message."""

from rasa.shared.nlu.constants import ENTITIES, ENTITY_ATTRIBUTE_TYPE, ENTITY_ATTRIBUTE_VALUE, TEXT
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

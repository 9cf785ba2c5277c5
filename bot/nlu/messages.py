"""Put what was found into Rasa's message."""

from rasa.shared.nlu.constants import ENTITIES, ENTITY_ATTRIBUTE_TYPE, ENTITY_ATTRIBUTE_VALUE, TEXT
from rasa.shared.nlu.training_data.message import Message


def add_entity(message: Message, name: str, value: str, extractor: str) -> None:
    """Add an entity that the whole text tells."""
    entity = {
        ENTITY_ATTRIBUTE_TYPE: name,
        ENTITY_ATTRIBUTE_VALUE: value,
        "start": 0,
        "end": len(message.get(TEXT)),
        "extractor": extractor,
    }
    message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)

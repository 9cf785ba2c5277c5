"""What a message tells, on a day of the tests, and tables of messages."""

import datetime

from bot.nlu.details import details_in
from bot.nlu.entities import find_entities

TODAY = datetime.date(2026, 11, 26)  # a Thursday


def told(text, known=None, today=TODAY):
    named = [{"entity": n.entity, "value": n.value, "start": n.start, "end": n.end} for n in find_entities(text)]
    return details_in(text, named, today, known)


def table(**rows):
    """Return pairs of a value and a message from a text of messages per value; `none` means no value."""
    values = {value: None if value == "none" else value for value in rows}
    return [(values[value], text.strip()) for value, texts in rows.items() for text in texts.strip().splitlines()]

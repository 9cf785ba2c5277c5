"""Messages as the dialogue hears them, and the turns that answer them."""

from bot.dialogue.answers import read_answers
from bot.dialogue.guide import Position, read_guide
from bot.dialogue.heard import Heard
from bot.dialogue.policy import Turn, take_turn
from bot.dialogue.ranking import Part, Talk, topic_of
from bot.text import fold, is_asking

GUIDE = read_guide()
UNKNOWN = "price/how_much-tier"  # an answer that offers a person


def response(address: str) -> str:
    """Return the name of an answer's response for a customer who has given no details."""
    return read_answers()[address].variants[-1].response


def part(intent: str, *addresses: str, aspect: str = "", text: str = "kaut kas", sure: float = 0.9) -> Part:
    """Return a message or sentence with one certain intent; the first address is the most likely."""
    answers: dict[str, dict[str, float]] = {}
    near = dict(zip(addresses, (0.8, 0.4, 0.3), strict=False))
    for address, share in zip(addresses, (0.8, 0.15, 0.05), strict=False):
        answers.setdefault(str(topic_of(address)), {})[address] = share
    if intent.startswith("ask_"):
        answers.setdefault(intent, {intent: 1.0})
    topics = {topic: 1.0 / len(answers) for topic in answers}
    told = {aspect: 0.9} if aspect else {}
    return Part(fold(text), {intent: sure}, answers, topics, told, near, is_asking(fold(text)))


def heard(first: Part, *others: Part, text: str = "kaut kas", told: dict | None = None, **more) -> Heard:
    intent = more.pop("intent", next(iter(first.intents)))
    return Heard(
        text, intent, more.pop("entities", {}), (first, *others), tuple(first.intents.items()), told or {}, **more
    )


def pressed(intent: str, **more) -> Heard:
    return Heard("", intent, {}, (), ((intent, 1.0),), {}, is_payload=True, **more)


def signs(text: str, told: dict | None = None) -> Heard:
    return Heard(text, "nlu_fallback", {}, (), (), told or {})


def turn(message: Heard, talk: Talk | None = None, position: Position | None = None, before: str | None = None) -> Turn:
    return take_turn(GUIDE, position or Position(), talk or Talk(), message, before)


def asks(address: str, **more) -> Heard:
    """Return a message that asks for one short answer for certain."""
    aspect = read_answers()[address].aspect
    return heard(part(str(topic_of(address)), address, aspect=aspect), **more)


def follows_up(address: str, aspect: str = "", **more) -> Heard:
    """Return a follow-up that is most likely about one short answer."""
    return heard(part("follow_up", address, aspect=aspect), **more)

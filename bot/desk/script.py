"""The guided script: where an agent stands with a customer on the phone, and which ways lead on. Keeps no state."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from bot.dialogue.answers import read_responses
from bot.dialogue.guide import Guide, Node, Position, read_guide

WORDS = Path(__file__).resolve().parents[2] / "data" / "guide" / "agent.yml"
MAX_PLACES = 60  # that an address keeps; earlier places are dropped


@dataclass(frozen=True)
class Way:
    """A way on from a place: a customer's answer, `next` or `stuck`, and the place to which it leads."""

    name: str
    place: str


@dataclass(frozen=True)
class Step:
    """A step of the walkthrough, the place that opens it, and whether it is passed, present or ahead."""

    number: int
    place: str
    status: str  # here, passed, ahead


@cache
def walkthrough() -> Guide:
    """Read the walkthrough, once."""
    return read_guide()


@cache
def words() -> dict[str, dict[str, Any]]:
    """Read the words and notes for the agent, by place."""
    content: dict[str, dict[str, Any]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return content


@cache
def pictures() -> dict[str, str]:
    """Return the drawings that the chat shows, by place."""
    said = read_responses()
    shown = {name: said[f"utter_guide_{name}"][0].get("image") for name in walkthrough().nodes}
    return {name: picture for name, picture in shown.items() if picture}


def title(guide: Guide, step: int, language: str) -> str:
    """Return the title of a step, by its number."""
    called: str = words()[list(guide.opens.values())[step - 1]]["title"][language]
    return called


def in_parts(address: str) -> str:
    """Space an address out, so that it can be dictated piece by piece."""
    return re.sub(r"(://|[./?=&@])", r" \1 ", address)


def ways(place: Node) -> list[Way]:
    """Return the ways on from a place: the answers first, then `next` and `stuck`."""
    found = [Way(answer, there) for answer, there in place.answers.items()]
    found += [Way(name, there) for name, there in (("next", place.next), ("stuck", place.on_stuck)) if there]
    return found


def is_dead_end(place: Node) -> bool:
    """Tell whether a place has no way on for a customer who is stuck, so that the agent has to pass the question on."""
    return not (place.ends or place.on_stuck or "no" in place.answers)


def read_path(guide: Guide, path: str) -> Position | None:
    """Return where a path such as "apply.documents" leads, or None if no agent can have taken it."""
    names = tuple(path.split(".")) if path else (guide.first,)
    if len(names) > MAX_PLACES or not guide.nodes.keys() >= set(names):
        return None
    may = (there in _reached_from(guide, here) for here, there in pairwise(names))
    return Position(names) if all(may) else None


def write_path(position: Position) -> str:
    """Return the path as it is written in an address."""
    return ".".join(position.path)


def here(guide: Guide, position: Position) -> Node:
    """Return the present place, the last one included."""
    return guide.nodes[position.path[-1]]


def go(position: Position, name: str) -> Position:
    """Go on to a place."""
    return Position(position.to(name).path[-MAX_PLACES:])


def back(position: Position) -> Position | None:
    """Return to the place before, if there is one."""
    return Position(position.path[:-1]) if len(position.path) > 1 else None


def steps(guide: Guide, position: Position) -> list[Step]:
    """Return all steps, each with its status."""
    present = here(guide, position).step
    passed = {guide.nodes[name].step for name in position.path}
    statuses = dict.fromkeys(passed, "passed") | {present: "here"}
    return [Step(number, name, statuses.get(number, "ahead")) for number, name in enumerate(guide.opens.values(), 1)]


def _reached_from(guide: Guide, name: str) -> set[str]:
    return {way.place for way in ways(guide.nodes[name])} | set(guide.opens.values())

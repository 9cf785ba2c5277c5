"""What a new model is asked before it is used: held-out questions, told conversations, and those judged at the desk."""

import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.dialogue.answers import LANGUAGES
from bot.trial.told import Turn, seen, told

HELD_OUT = Path(__file__).resolve().parents[2] / "exam" / "held_out.yml"
UNKNOWN = "out_of_scope"  # of questions that the assistant has no answer to
DECLINED = (UNKNOWN, "ask_not_known")  # intents that are answered with "this I do not know"
MOST_SHOWN = 300  # characters of an answer, and questions whose answers have changed
Items = list[dict[str, Any]]  # an answer, as Rasa's channel sends it
Say = Callable[[str, str], Items]


@dataclass(frozen=True)
class Question:
    """A message of a conversation, and whether an answer to it is right; None: it only leads to the next one."""

    part: str  # held_out, told, judged
    language: str
    text: str
    is_right: Callable[[Items], bool] | None
    message_id: int | None = None  # of a message that was judged: its text stays with the conversation


@dataclass(frozen=True)
class Answer:
    """How a model answered a question."""

    is_right: bool
    said: str


Talk = list[Question]


def talks(judged: Iterable[dict[str, Any]]) -> list[Talk]:
    """Return all conversations of the exam."""
    return [*_held_out(), *_told(), *map(_judged, judged)]


def _held_out() -> Iterator[Talk]:
    asked = yaml.safe_load(HELD_OUT.read_text(encoding="utf-8"))
    for intent, by_language in {**asked["intents"], UNKNOWN: asked[UNKNOWN]}.items():
        is_right = is_declined if intent == UNKNOWN else _is_taken_for(intent)
        for language in LANGUAGES:
            yield from ([Question("held_out", language, text, is_right)] for text in by_language[language])


def _told() -> Iterator[Talk]:
    for talk in told():
        yield [Question("told", turn.language, turn.user, _is_answer_to(turn)) for turn in talk.turns]


def _judged(talk: dict[str, Any]) -> Talk:
    language = talk["language"]
    return [
        Question("judged", language, turn["user"], _contains(turn["facts"], language), turn["message_id"])
        for turn in talk["turns"]
    ]


def understood(items: Items) -> dict[str, Any]:
    """Return how a message was understood."""
    return (items[0].get("understood") if items else None) or {}


def is_declined(items: Items) -> bool:
    """Tell whether the assistant said that it does not know this."""
    found = understood(items)
    return found.get("intent") in DECLINED or not found.get("sure")


def _is_taken_for(intent: str) -> Callable[[Items], bool]:
    return lambda items: understood(items).get("intent") == intent


def _is_answer_to(turn: Turn) -> Callable[[Items], bool]:
    return lambda items: turn.is_answered_by(seen(items, turn.language))


def _contains(facts: list[str], language: str) -> Callable[[Items], bool] | None:
    patterns = [re.compile(r"\s+".join(map(re.escape, fact.split())), re.IGNORECASE) for fact in facts]
    return (lambda items: all(one.search(seen(items, language)) for one in patterns)) if patterns else None


def count(asked: Iterable[Talk]) -> int:
    """Return how many messages are sent."""
    return sum(map(len, asked))


def answers(asked: Iterable[Talk], say: Say, tell: Callable[[int], None]) -> list[Answer]:
    """Hold the conversations, each from its start; return the answers to what is a question, and tell the progress."""
    found, sent = [], 0
    for talk in asked:
        sender = uuid.uuid4().hex
        for question in talk:
            items = say(sender, question.text)
            if question.is_right:
                said = seen(items, question.language)
                found.append(Answer(question.is_right(items), said[:MOST_SHOWN]))
            sent += 1
            tell(sent)
    return found


def compared(asked: Iterable[Talk], before: list[Answer], after: list[Answer]) -> dict[str, Any]:
    """Return how many questions of each part were answered rightly before and after, and those that changed."""
    questions = [question for talk in asked for question in talk if question.is_right]
    counts: dict[str, dict[str, int]] = {}
    changed = []
    for question, old, new in zip(questions, before, after, strict=True):
        of_part = counts.setdefault(question.part, dict.fromkeys(("questions", "before", "after", "gained", "lost"), 0))
        of_part["questions"] += 1
        of_part["before"] += old.is_right
        of_part["after"] += new.is_right
        if old.is_right != new.is_right:
            of_part["gained" if new.is_right else "lost"] += 1
            asks = {"message_id": question.message_id} if question.message_id else {"text": question.text}
            about = {"part": question.part, "language": question.language, "gained": new.is_right}
            changed.append(about | asks | {"before": old.said, "after": new.said})
    return {"counts": counts, "changed": sorted(changed, key=lambda one: bool(one["gained"]))[:MOST_SHOWN]}

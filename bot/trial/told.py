"""Realistic conversations, and what their answers must contain: exam/told/<kind>.<language>.yml.

A file is a list. An item is one message with what its answer must and must not contain (patterns, in any case), or a
`story` of several such `turns`. A pattern may refer to those in patterns.yml; titles of buttons are part of an answer.
`aspect` and `act` tell how a message is best understood; they are measured, but do not decide whether a turn is right.
"""

import datetime
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.dialogue.answers import LANGUAGES

FOLDER = Path(__file__).resolve().parents[2] / "exam" / "told"
NAME = re.compile(r"\{([a-z]\w*)(?::([\d-]+))?\}")
# Rasa only passes the request on; the chat itself says what the customer then sees.
SAID_BY_CHAT = {
    "hand_off": {
        "lv": "CPS prioritārā atbalsta dienesta darbinieks drīz atbildēs.",
        "en": "A person of CPS priority support will take over soon.",
    },
    "confirm_identity": {
        "lv": "Lūdzu, ievadiet e-pasta adresi un kodu.",
        "en": "Please enter your e-mail address and the code.",
    },
}


@dataclass(frozen=True)
class Turn:
    """One message, and what its answer must and must not contain."""

    user: str
    language: str
    must: tuple[re.Pattern[str], ...]
    must_not: tuple[re.Pattern[str], ...]
    aspect: tuple[str, ...]  # any of these aspects; empty if the file gives none
    act: tuple[str, ...]  # any of these intents

    def is_answered_by(self, said: str) -> bool:
        """Tell whether an answer contains what it must, and nothing that it must not."""
        held = all(one.search(said) for one in self.must)
        return bool(said.strip()) and held and not any(one.search(said) for one in self.must_not)


@dataclass(frozen=True)
class Conversation:
    """A customer's messages, filed by what the customer does."""

    kind: str
    language: str
    story: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Answered:
    """A message and Rasa's answer, as items of the REST channel."""

    conversation: Conversation
    turn: Turn
    items: list[dict[str, Any]]

    @property
    def said(self) -> str:
        """The answer as the customer sees it."""
        return seen(self.items, self.turn.language)

    @property
    def is_right(self) -> bool:
        """Whether the answer contains what it must, and nothing that it must not."""
        return self.turn.is_answered_by(self.said)

    def __str__(self) -> str:
        names = " ".join(item.get("response") or "-" for item in self.items)
        return (
            f"{self.conversation.kind}.{self.conversation.language}: {self.turn.user}\n    {names}: {self.said[:300]!r}"
        )


def told(language: str | None = None) -> list[Conversation]:
    """Return all conversations, or those of one language."""
    found = []
    for code in (language,) if language else LANGUAGES:
        for file in sorted(FOLDER.glob(f"*.{code}.yml")):
            for item in yaml.safe_load(file.read_text(encoding="utf-8")):
                turns = tuple(_turn(one, code) for one in item.get("turns", [item]))
                found.append(Conversation(file.name.partition(".")[0], code, item.get("story", ""), turns))
    return found


def seen(items: list[dict[str, Any]], language: str) -> str:
    """Return what a customer sees of Rasa's answer: texts, titles of buttons, and the chat's own words on a request."""
    lines = []
    for item in items:
        lines.append(item.get("text") or "")
        lines += [button["title"] for button in item.get("buttons") or []]
        lines += [SAID_BY_CHAT[wish][language] for wish in item.get("custom") or {} if wish in SAID_BY_CHAT]
    return "\n".join(line for line in lines if line)


def converse(conversation: Conversation, say: Callable[[str], list[dict[str, Any]]]) -> list[Answered]:
    """Send all messages of a conversation, one after the other."""
    return [Answered(conversation, turn, say(turn.user)) for turn in conversation.turns]


def rows_by_kind(answered: Iterable[Answered]) -> list[str]:
    """Return a line for each kind with the share that was answered rightly, in each language."""
    found = defaultdict[tuple[str, str], list[bool]](list)
    for one in answered:
        for kind in (one.conversation.kind, "all"):
            found[kind, one.conversation.language].append(one.is_right)
    languages = [code for code in LANGUAGES if ("all", code) in found]
    rows = ["  answered rightly, %".ljust(26) + "".join(code.rjust(16) for code in languages)]
    for kind in (*sorted({kind for kind, _ in found} - {"all"}), "all"):
        asked = [found[kind, code] for code in languages]
        cells = [f"{sum(right)}/{len(right)} {percent(sum(right), len(right)):6.1f}" for right in asked]
        rows.append(f"    {kind:22}" + "".join(cell.rjust(16) for cell in cells))
    return rows


def percent(part: float, whole: float) -> float:
    """Return a share in per cent, or 0 of nothing."""
    return 100 * part / whole if whole else 0.0


def _turn(item: Mapping[str, Any], language: str) -> Turn:
    language = item.get("language", language)
    never = _patterns()[language]["never"]
    return Turn(
        user=item["user"],
        language=language,
        must=tuple(compiled(one, language) for one in _listed(item.get("must"))),
        must_not=tuple(compiled(one, language) for one in (*_listed(item.get("must_not")), *never)),
        aspect=tuple(_listed(item.get("aspect"))),
        act=tuple(_listed(item.get("act"))),
    )


def compiled(pattern: str, language: str) -> re.Pattern[str]:
    """Return a pattern with the patterns that it refers to; an unknown name raises KeyError."""
    return re.compile(_expanded(pattern, _patterns()[language]), re.IGNORECASE)


def _expanded(pattern: str, names: Mapping[str, Any]) -> str:
    def named(match: re.Match[str]) -> str:
        known = names
        if match[2]:
            day = datetime.date.fromisoformat(match[2])
            month = names["months"][day.month - 1]
            known = {**names, "day": str(day.day), "number": str(day.month), "month": month, "iso": match[2]}
        return f"(?:{_expanded(known[match[1]], known)})"

    return NAME.sub(named, pattern)


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


@cache
def _patterns() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / "patterns.yml").read_text(encoding="utf-8"))
    return found

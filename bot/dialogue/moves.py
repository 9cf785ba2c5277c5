"""Decide where a customer's message leads in the walkthrough."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.dialogue.guide import DONE, WHAT_NOW, Guide, Node, Position
from bot.dialogue.heard import FALLBACK
from bot.text import fold

# Asks to be led on from an answer while no walkthrough runs; a mere "ok" only means that the answer was read.
GO_ON = re.compile(rf"{DONE.pattern}|talak|turpin|pec tam|\bnext\b|continue|go on|carry on|what now|and then|move on")
# Asks to be led to a step, even to an earlier one.
GOES_BACK = re.compile(
    r"atpak|atgriez|velreiz|no jauna|\bsol\w*\b|\buz\b|\bpie\b|par[ei]j|back|again|"
    r"return|\bstep\b|\bgo to\b|jump|show|parad"
)
# These responses end by asking whether to go through it step by step.
STARTS = ("utter_overview", "utter_guide_not_started")
# After these responses "yes" means "go on" and "no" means "not now"; they ask nothing about the step.
OFFERS = ("utter_guide_offer", "utter_guide_paused")
# While the walkthrough runs, its question is repeated after every answer except to these intents.
UNSURE = "utter_guide_unsure"  # a message is most likely about the step
NOT_OFFERED = {"nlu_fallback", "start", "person", "person_left", "abuse", "goodbye", "identity_cancelled"}


@dataclass(frozen=True)
class Move:
    """The names of the actions to run in order (None: the rules decide), and where the customer stands afterwards."""

    say: tuple[str | None, ...]
    position: Position


def move(
    guide: Guide,
    position: Position,
    intent: str,
    text: str = "",
    entities: dict[str, Any] | None = None,
    said_before: str | None = None,
    details: Mapping[str, str] | None = None,
    told: Mapping[str, str] | None = None,
) -> Move | None:
    """Return where a message leads, or None if the walkthrough has no part in it.

    `said_before` is the action that spoke last before the message; `details` are what the customer has told so far,
    and `told` what this message tells.
    """
    found = _move(guide, position, intent, text, entities or {}, said_before, told or {})
    return _past_what_is_known(guide, position, found, details or {}) if found else None


def _past_what_is_known(guide: Guide, position: Position, found: Move, details: Mapping[str, str]) -> Move:
    """Go on from a node whose question the customer has answered before."""
    node = found.position.at(guide)
    if node is None or found.position.path == position.path or found.say[-1:] != (f"utter_guide_{node.name}",):
        return found
    answer = node.known_answer(details)
    there = node.answers.get(answer or "")
    return _to(found.position, there) if there and there != node.name else found


def _move(
    guide: Guide,
    position: Position,
    intent: str,
    text: str,
    entities: dict[str, Any],
    said_before: str | None,
    told: Mapping[str, str],
) -> Move | None:
    node = position.at(guide)
    if intent in ("guide_start", "guide_resume", "guide_jump"):
        return _enter(guide, position, node, intent, text, entities)
    if node is None:
        return _from_answer(guide, position, intent, text, said_before)

    here = f"utter_guide_{node.name}"
    offered = said_before in OFFERS
    if not position.paused:
        given = entities.get("answer") or node.known_answer(told) or node.answer_in(text)
        if given in node.answers:
            return _to(position, node.answers[given])
        other = _other_branch(guide, position, told) or _ahead(guide, node, told)
        if other:
            return _to(position, other)
        if intent == "next" and node.answers and WHAT_NOW.search(fold(text)):
            return Move((f"utter_guide_ask_{node.name}",), position)
        if intent == "progress":
            return _after(guide, position, node, entities)
        if told and intent in ("deny", "not_done", "nlu_fallback") and not node.known_answer(told):
            return Move(("utter_guide_noted", f"utter_guide_ask_{node.name}"), position)
        done = node.is_done_by(text) and (intent in ("next", "nlu_fallback") or intent.startswith("ask_"))
        told_of = guide.told_by(f"utter_{intent.removeprefix('ask_')}") if done else None
        if told_of and told_of.step != node.step:
            return _after(guide, position, node, {"step": str(told_of.step)})
        if node.next and (done or (intent == "next" and not offered)):
            return _to(position, node.next)
        if not offered:
            moved = _within(position, node, intent)
            if moved:
                return moved
    if offered and intent in ("affirm", "next"):
        return Move((here,), Position(position.path))
    if offered and intent in ("deny", "not_done"):
        return Move(("utter_guide_stopped",), Position(position.path, paused=True))
    if intent in ("affirm", "deny", "next", "not_done") and position.paused:
        return Move(("utter_guide_paused",), position)
    if intent == "person_left" and not position.paused:
        return Move(("utter_guide_person_left", here), position)
    if intent == "guide_stop":
        return Move(("utter_guide_stopped",), Position(position.path, paused=True))
    if intent == "guide_back":
        path = position.path[:-1] or position.path
        return Move((f"utter_guide_{path[-1]}",), Position(path))
    if intent == "guide_repeat":
        return Move((here,), Position(position.path))
    if intent == "guide_where":
        return Move(("utter_guide_where", here), Position(position.path))
    if intent == "guide_details":
        return Move((node.details, "utter_guide_offer"), Position(position.path))
    # A message that was not understood is most likely about the step; the second time the fallback answers.
    if intent == "nlu_fallback" and not position.paused and not offered:
        return Move((UNSURE, node.details, "utter_guide_offer"), position)
    if intent == "set_language" and not position.paused:
        return Move(("utter_language_set", here), position)
    return None


def _other_branch(guide: Guide, position: Position, told: Mapping[str, str]) -> str | None:
    """Return where the other answer to the previous question leads, for a customer who corrects their answer."""
    asked = guide.nodes[position.path[-2]] if len(position.path) > 1 else None
    there = asked.answers.get(asked.known_answer(told) or "") if asked else None
    return there if there != position.path[-1] and guide.nodes.get(there or "") else None


def _ahead(guide: Guide, node: Node, told: Mapping[str, str]) -> str | None:
    """Return the later step that a detail reveals the customer has reached: "the button is there"."""
    later = (one for one in guide.nodes.values() if one.is_shown and one.step > node.step)
    return next((one.answers[answer] for one in later if (answer := one.known_answer(told))), None)


def _enter(
    guide: Guide, position: Position, node: Node | None, intent: str, text: str, entities: dict[str, Any]
) -> Move | None:
    named = guide.opening(entities["step"]) if "step" in entities else None
    if named and node and text and guide.nodes[named].step < node.step and not GOES_BACK.search(fold(text)):
        return None  # about an earlier step: nobody is led back unasked
    if named:
        return _to(position, named)
    if intent == "guide_jump":
        return Move(("utter_guide_which_step",), position)
    if node is None:
        return _to(Position(), guide.first)
    return Move(("utter_guide_where", f"utter_guide_{node.name}"), Position(position.path))


def _from_answer(guide: Guide, position: Position, intent: str, text: str, said_before: str | None) -> Move | None:
    """Lead on from an answer about a step, for a customer whose words only make sense within that step."""
    if intent == "guide_repeat":
        return Move((said_before,), position) if said_before not in (None, FALLBACK) else None
    if said_before in STARTS and intent in ("affirm", "next"):
        return _to(Position(), guide.first)
    node = guide.told_by(said_before)
    if node is None:
        return None
    if intent in ("guide_details", "guide_where"):
        return _to(Position(), node.name)
    means_it = intent == "not_done" or (intent == "next" and GO_ON.search(fold(text)))
    if means_it or (intent in ("affirm", "deny", "next", "nlu_fallback") and node.answer_in(text)):
        return move(guide, Position((node.name,)), intent, text)
    return None


def _after(guide: Guide, position: Position, node: Node, entities: dict[str, Any]) -> Move:
    """Lead on from the step that the customer has just reported as done; never back."""
    done = guide.opening(entities.get("step", ""))
    step = guide.nodes[done].step if done else node.step
    if step < node.step:
        return Move((f"utter_guide_ask_{node.name}",), position)
    openings = list(guide.opens.values())
    if step < len(openings):
        return _to(position, openings[step])
    return _to(position, guide.last)


def _within(position: Position, node: Node, intent: str) -> Move | None:
    answer = {"affirm": "yes", "deny": "no", "not_done": "no"}.get(intent, "")
    if answer in node.answers:
        return _to(position, node.answers[answer])
    if intent == "affirm" and node.next and not node.answers:
        return _to(position, node.next)
    if intent == "affirm":
        return Move(("utter_guide_choose", f"utter_guide_{node.name}"), position)
    if intent in ("deny", "not_done"):
        return _to(position, node.on_stuck) if node.on_stuck else Move(("action_person",), position)
    return None


def _to(position: Position, name: str) -> Move:
    return Move((f"utter_guide_{name}",), position.to(name))

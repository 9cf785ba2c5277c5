"""Tell what a message means to the walkthrough: an answer, progress, a request to go to a step, or something else."""

import re
from dataclasses import replace

from bot.dialogue.guide import DENIES, INTENDS, WHAT_NOW, Guide, Node, Position, is_statement
from bot.dialogue.heard import BY_RULE, CERTAIN, NOT_UNDERSTOOD, STRONG, SURE_PART, SURER_PART, Heard
from bot.dialogue.moves import GO_ON, Move, move
from bot.dialogue.ranking import Talk, leaning, rank, strength, thing_of

# Intents that the walkthrough takes even where a question mark follows.
WITHIN = {"guide_start", "guide_resume", "guide_jump", "guide_back", "guide_stop", "guide_where", "next"}
WHICH_STEP = re.compile(r"(?:un |and |so )?(?:kur[sa]|kuraja|which|what) (?:ir |is )?(?:sol\w*|step)(?: \w+){0,3}\W*")
ASKED = re.compile(r"\bi (?:asked|was asking)\b|\b(?:es )?(?:jautaju|prasiju)\b")  # a question once more
AGREES_LAST = re.compile(r"\w[ ,]+(?:ja|yes|yea|yeah|yep|yup)\W*$")
AGREES_THEN = re.compile(r"(?:ja|yes|yep|yeah|yup) \w+(?: \w+)?\W*$")


def moved_by(guide: Guide, position: Position, talk: Talk, heard: Heard, said_before: str | None) -> Move | None:
    """Return where a message leads in the walkthrough, or None where it asks something else."""
    node = None if position.paused else position.at(guide)
    done = _reported(guide, node, heard) if node else None
    if done:
        return move(guide, position, "progress", "", {"step": str(done)}, said_before, talk.details)
    answer = _answer_first(heard)
    if node and answer:
        return move(guide, position, *answer, {}, said_before, talk.details)
    if node and _asks(heard, talk) and heard.intent not in WITHIN:
        return None
    intent = heard.intent
    if intent == NOT_UNDERSTOOD and not (node and (node.answer_in(heard.text) or node.is_done_by(heard.text))):
        best = rank(heard.parts[0], talk, heard.told)[0]
        is_question = best.sure >= SURER_PART and strength(heard.parts[0], best.address) >= STRONG
        leans = leaning(heard.parts[0]) > 0.5 and (not node or thing_of(talk.about))
        if (talk.about and leans) or (node and is_question):
            return None
    if talk.about and not position.at(guide) and intent in ("guide_repeat", "guide_details", "guide_where"):
        return None
    said = heard.parts[0].text
    if node and WHICH_STEP.fullmatch(said):
        intent = "guide_where"
    if node and intent == "guide_jump" and "step" not in heard.entities and GO_ON.search(heard.parts[-1].text):
        intent = "next"  # "I said no, let us go on"
    is_vague = leaning(heard.parts[0]) > CERTAIN
    if node and intent == NOT_UNDERSTOOD and heard.parts[0].aspects.get("problem", 0.0) >= BY_RULE and is_vague:
        intent = "not_done"  # "it does not work"
    agrees = AGREES_LAST.search(said) or (AGREES_THEN.match(said) and not DENIES.search(said))
    if node and intent != "progress" and agrees and is_statement(said):
        intent = "affirm"  # "the form is open, yes", "yes attached"
    return move(guide, position, intent, heard.text, dict(heard.entities), said_before, talk.details, heard.told)


def told_first(
    guide: Guide, node: Node, position: Position, talk: Talk, heard: Heard, said_before: str | None
) -> Move | None:
    """Return where the first part of a message leads if it answers or reports progress before the rest asks."""
    first, *rest = heard.parts[1:] or (None,)
    if first is None or not is_statement(first.text) or not any(part.asks for part in rest):
        return None
    if node.earlier and node.earlier.search(first.text):
        return None
    reported = guide.reported(first.text, node) if not INTENDS.search(first.text) else None
    if reported:
        return move(guide, position, "progress", "", {"step": str(reported)}, said_before, talk.details)
    intent = next((name for name in ("affirm", "deny", "next", "progress") if first.intent(name) >= BY_RULE), None)
    is_done = node.is_done_by(first.text)
    if intent is None and (is_done or node.answer_in(first.text) or node.known_answer(heard.told)):
        intent = "next" if is_done else NOT_UNDERSTOOD
    if intent is None:
        return None
    entities = dict(heard.entities) if intent == "progress" else {}
    moved = move(guide, position, intent, first.text, entities, said_before, talk.details, heard.told)
    return moved if moved and moved.position.path != position.path else None


def _reported(guide: Guide, node: Node, heard: Heard) -> int | None:
    """Return the furthest step that a message reports as done, unless it asks or speaks of trouble besides."""
    whole, *parts = heard.parts
    is_more = any(part.asks and not WHAT_NOW.fullmatch(part.text) for part in parts or [whole])
    if is_more or INTENDS.search(whole.text):
        return None
    steps = [guide.reported(part.text, node) for part in heard.parts]
    return max((step for step in steps if step), default=None)


def _answer_first(heard: Heard) -> tuple[str, str] | None:
    """Return the plain yes or no that a message begins with, and its words, unless the rest asks something."""
    first, *rest = heard.parts[1:] or (None,)
    if first is None or any(part.asks for part in rest):
        return None
    answer = next((name for name in ("affirm", "deny") if first.intent(name) >= BY_RULE), None)
    # "No, rather step by step": a request to the walkthrough itself goes first.
    wish = next((name for part in rest for name in WITHIN if part.intent(name) >= BY_RULE), None)
    return (wish or answer, first.text) if answer else None


def _asks(heard: Heard, talk: Talk) -> bool:
    """Tell whether a message surely asks a question of its own."""
    part = heard.parts[0]
    best = rank(part, replace(talk, about=None), heard.told)[0]
    return ("?" in heard.text or bool(ASKED.search(part.text))) and best.sure >= SURE_PART and leaning(part) < 0.5

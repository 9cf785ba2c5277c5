"""The walkthrough: where a customer stands, and where what they say leads. Reads data/guide.yml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.text import ASKING, fold

FILE = Path(__file__).resolve().parent.parent / "data" / "guide.yml"
MOST_WORDS = 8  # a longer statement is a story, not an answer

# All patterns are over folded text.
DENIES = re.compile(
    r"\b(nav|bez|ne(?!ed|w|xt|ar|cess|t\b|twork)\w*|no|not|never|none|without|cannot|\w+n't|"
    r"(do|does|did|is|are|was|have|has|ca|wo)nt)\b"
)
ASKS = re.compile(rf"\?|(?:^|[,;:] ?)(?:(?:un|bet|and|but) )?{ASKING}")
# What asks how to go on: it is no "done" to a question that is open, and asks nothing beside another question.
WHAT_NOW = re.compile(
    r"\b(?:(?:un|and|so|ok) )?(?:(?:ko|kas) (?:man |mums )?(?:tagad|talak|darit|tad darit|tad talak)(?: darit)?|"
    r"(?:what|where)(?: do i do| to do)? (?:now|next)|now what|and now)\b\W*"
)
AMOUNT = re.compile(r"\b(\d{1,2}[ .,]?\d{3}|\d{1,5})\b")
DONE = re.compile(
    r"gatav|izdar|izdev|darits|pabei|aizpild|nosuti|aizsuti|iesnie(?:g|dz)|pievienoj|pievienots|nomain|sakartoj|izlaboj|"
    r"salaboj|(?:pie|ie|uz)lik(?:u|am|ts|ta|ti)\b|ierakst[ij]|ievadi(?:j|t)|izvele(?:j|t)|samaksa|apmaksa|"
    r"registre(?:ju|jam|ts|ta|ti)\b|augsuplad|spiedu\b|migre(?:ju|jam|ts|ti)\b|iestatij|iestatit[sai]|tagad zal|"
    r"done|ready|finish|submitted|attached|worked|works now|fixed|sorted|upload|opened|entered|chose\b|chosen|picked|"
    r"paid|registered|pressed|clicked|filled|typed|migrated|\bsent\b|added|green now|"
    r"password (?:is )?set|set (?:a |the |my )?pass"
)
# What one says to be led on from an answer, where no walkthrough runs; a mere "ok" only means that it was read.
GO_ON = re.compile(rf"{DONE.pattern}|talak|turpin|pec tam|\bnext\b|continue|go on|carry on|what now|and then|move on")
# What asks to be led to a step, also to an earlier one.
GOES_BACK = re.compile(
    r"atpak|atgriez|velreiz|no jauna|\bsol\w*\b|\buz\b|\bpie\b|par[ei]j|back|again|"
    r"return|\bstep\b|\bgo to\b|jump|show|parad"
)
# These end with the question whether to go through it step by step.
STARTS = ("utter_overview", "utter_guide_not_started")
# After these "yes" means "go on", and "no" means "not now"; they ask nothing about the step.
OFFERS = ("utter_guide_offer", "utter_guide_paused")
# While the walkthrough runs, it is offered again after an answer to anything but these.
NOT_OFFERED = {"nlu_fallback", "start", "person", "person_left", "abuse", "goodbye", "identity_cancelled"}


def is_statement(said: str) -> bool:
    """Tell whether a folded text is short and asks nothing."""
    return bool(said) and not ASKS.search(said) and len(said.split()) <= MOST_WORDS


@dataclass(frozen=True)
class Place:
    """Where a customer may stand; the names of other places say where to go from here."""

    name: str
    step: int  # counted from 1
    details: str
    next: str | None
    answers: dict[str, str]
    heard: dict[str, re.Pattern[str]]
    least: int | None
    stuck: str | None
    known: str | None  # the detail that answers its question
    is_shown: bool  # only who has come so far can tell that detail

    def known_answer(self, details: Mapping[str, str]) -> str | None:
        """Return the answer that the customer has given before, as a detail, or None."""
        told = details.get(self.known or "")
        if told and self.least:
            told = "yes" if int(told) >= self.least else "no"
        return told if told in self.answers else None

    @property
    def ends(self) -> bool:
        """Whether the walkthrough ends here."""
        return not self.next and not self.answers

    def answer_in(self, text: str) -> str | None:
        """Return the answer that a short statement gives to this place's question, or None."""
        said = fold(text)
        if not is_statement(said):
            return None
        amount = AMOUNT.search(said)
        if self.least and amount and not DENIES.search(said):
            return "yes" if int(re.sub(r"\D", "", amount[0])) >= self.least else "no"
        found = [answer for answer, pattern in self.heard.items() if pattern.search(said)]
        if len(found) != 1:
            return None
        if not DENIES.search(said):
            return found[0]
        return "no" if found == ["yes"] else None


@dataclass(frozen=True)
class Guide:
    """All places by name, and the place that opens each step, in order."""

    places: dict[str, Place]
    opens: dict[str, str]
    details: dict[int, list[str]]  # by step, the responses that tell more about it

    @property
    def first(self) -> str:
        """The place where the walkthrough begins."""
        return next(iter(self.opens.values()))

    @property
    def last(self) -> str:
        """The place where the walkthrough ends."""
        return next(name for name, place in self.places.items() if place.ends)

    def opening(self, step: Any) -> str | None:
        """Return the place that opens a step, named by its id or its number, or None if there is no such step."""
        names = list(self.opens.values())
        if str(step).isdecimal():
            return names[int(step) - 1] if 1 <= int(step) <= len(names) else None
        return self.opens.get(str(step))

    def told_by(self, response: str | None) -> Place | None:
        """Return the place that opens the step which a response tells about, or None."""
        opening = [self.places[name] for name in self.opens.values()]
        return next((place for place in opening if response in (place.details, *self.details[place.step])), None)


def read_guide(file: Path = FILE) -> Guide:
    """Read the walkthrough; a place that leads nowhere raises KeyError."""
    places: dict[str, Place] = {}
    opens: dict[str, str] = {}
    details: dict[int, list[str]] = {}
    for number, step in enumerate(yaml.safe_load(file.read_text(encoding="utf-8"))["steps"], start=1):
        opens[step["id"]] = next(iter(step["places"]))
        details[number] = [step["details"]]
        for name, place in step["places"].items():
            places[name] = Place(
                name=name,
                step=number,
                details=place.get("details", step["details"]),
                next=place.get("next"),
                answers=place.get("answers", {}),
                heard={answer: re.compile(pattern) for answer, pattern in place.get("heard", {}).items()},
                least=place.get("least"),
                stuck=place.get("stuck"),
                known=place.get("known"),
                is_shown=place.get("shown", False),
            )
    for place in places.values():
        for name in filter(None, (place.next, place.stuck, *place.answers.values())):
            places[name]
    return Guide(places, opens, details)


@dataclass(frozen=True)
class Standing:
    """Where a customer is: the places visited, the last one present, and whether the walkthrough rests."""

    path: tuple[str, ...] = ()
    paused: bool = False

    def at(self, guide: Guide) -> Place | None:
        """Return the present place, or None where the walkthrough was not begun or has ended."""
        place = guide.places.get(self.path[-1]) if self.path else None
        return None if place is None or place.ends else place

    def to(self, name: str) -> "Standing":
        """Go on to a place."""
        return Standing(self.path if self.path[-1:] == (name,) else (*self.path, name))


@dataclass(frozen=True)
class Move:
    """What to say, as names of actions in order (None: what the rules say), and where the customer stands then."""

    say: tuple[str | None, ...]
    standing: Standing


def move(
    guide: Guide,
    standing: Standing,
    intent: str,
    text: str = "",
    entities: dict[str, Any] | None = None,
    said_before: str | None = None,
    details: Mapping[str, str] | None = None,
    told: Mapping[str, str] | None = None,
) -> Move | None:
    """Return where a message leads, or None if the walkthrough has no part in it.

    `said_before` is the action that spoke last before the message; `details` are what the customer has told so far,
    and `told` those of this message.
    """
    found = _move(guide, standing, intent, text, entities or {}, said_before, told or {})
    return _past_what_is_known(guide, standing, found, details or {}) if found else None


def _past_what_is_known(guide: Guide, standing: Standing, found: Move, details: Mapping[str, str]) -> Move:
    """Go on from a place whose question the customer has answered before."""
    place = found.standing.at(guide)
    if place is None or found.standing.path == standing.path or found.say[-1:] != (f"utter_guide_{place.name}",):
        return found
    answer = place.known_answer(details)
    there = place.answers.get(answer or "")
    return _to(found.standing, there) if there and there != place.name else found


def _move(
    guide: Guide,
    standing: Standing,
    intent: str,
    text: str,
    entities: dict[str, Any],
    said_before: str | None,
    told: Mapping[str, str],
) -> Move | None:
    place = standing.at(guide)
    if intent in ("guide_start", "guide_resume", "guide_jump"):
        return _enter(guide, standing, place, intent, text, entities)
    if place is None:
        return _from_answer(guide, standing, intent, text, said_before)

    here = f"utter_guide_{place.name}"
    offered = said_before in OFFERS
    if not standing.paused:
        given = entities.get("answer") or place.known_answer(told) or place.answer_in(text)
        if given in place.answers:
            return _to(standing, place.answers[given])
        other = _other_branch(guide, standing, told) or _ahead(guide, place, told)
        if other:
            return _to(standing, other)
        if intent == "next" and place.answers and WHAT_NOW.search(fold(text)):
            return Move((f"utter_guide_ask_{place.name}",), standing)
        if intent == "progress":
            return _after(guide, standing, place, entities)
        if told and intent in ("deny", "not_done", "nlu_fallback") and not place.known_answer(told):
            return Move(("utter_guide_noted", f"utter_guide_ask_{place.name}"), standing)
        done = says_done(text) and (intent in ("next", "nlu_fallback") or intent.startswith("ask_"))
        told_of = guide.told_by(f"utter_{intent.removeprefix('ask_')}") if done else None
        if told_of and told_of.step != place.step:
            return _after(guide, standing, place, {"step": str(told_of.step)})
        if place.next and (done or (intent == "next" and not offered)):
            return _to(standing, place.next)
        if not offered:
            moved = _within(standing, place, intent)
            if moved:
                return moved
    if offered and intent in ("affirm", "next"):
        return Move((here,), Standing(standing.path))
    if offered and intent in ("deny", "not_done"):
        return Move(("utter_guide_stopped",), Standing(standing.path, paused=True))
    if intent in ("affirm", "deny", "next", "not_done") and standing.paused:
        return Move(("utter_guide_paused",), standing)
    if intent == "person_left" and not standing.paused:
        return Move(("utter_guide_person_left", here), standing)
    if intent == "guide_stop":
        return Move(("utter_guide_stopped",), Standing(standing.path, paused=True))
    if intent == "guide_back":
        path = standing.path[:-1] or standing.path
        return Move((f"utter_guide_{path[-1]}",), Standing(path))
    if intent == "guide_repeat":
        return Move((here,), Standing(standing.path))
    if intent == "guide_where":
        return Move(("utter_guide_where", here), Standing(standing.path))
    if intent == "guide_details":
        return Move((place.details, "utter_guide_offer"), Standing(standing.path))
    # What was not understood is most likely about the step; a second time the fallback speaks.
    if intent == "nlu_fallback" and not standing.paused and not offered:
        return Move(("utter_guide_unsure", place.details, "utter_guide_offer"), standing)
    if intent == "set_language" and not standing.paused:
        return Move(("utter_language_set", here), standing)
    return None


def _other_branch(guide: Guide, standing: Standing, told: Mapping[str, str]) -> str | None:
    """Return where the other answer to the question before leads, for who corrects the one they gave."""
    asked = guide.places[standing.path[-2]] if len(standing.path) > 1 else None
    there = asked.answers.get(asked.known_answer(told) or "") if asked else None
    return there if there != standing.path[-1] and guide.places.get(there or "") else None


def _ahead(guide: Guide, place: Place, told: Mapping[str, str]) -> str | None:
    """Return where a detail leads that only who is at a later step can tell: "the button is there"."""
    later = (one for one in guide.places.values() if one.is_shown and one.step > place.step)
    return next((one.answers[answer] for one in later if (answer := one.known_answer(told))), None)


def _enter(
    guide: Guide, standing: Standing, place: Place | None, intent: str, text: str, entities: dict[str, Any]
) -> Move | None:
    named = guide.opening(entities["step"]) if "step" in entities else None
    if named and place and text and guide.places[named].step < place.step and not GOES_BACK.search(fold(text)):
        return None  # news or a question about an earlier step: nobody is led back unasked
    if named:
        return _to(standing, named)
    if intent == "guide_jump":
        return Move(("utter_guide_which_step",), standing)
    if place is None:
        return _to(Standing(), guide.first)
    return Move(("utter_guide_where", f"utter_guide_{place.name}"), Standing(standing.path))


def _from_answer(guide: Guide, standing: Standing, intent: str, text: str, said_before: str | None) -> Move | None:
    """Lead on from an answer that tells about a step, for who says what only makes sense within it."""
    if intent == "guide_repeat":
        return Move((said_before,), standing) if said_before else None
    if said_before in STARTS and intent in ("affirm", "next"):
        return _to(Standing(), guide.first)
    place = guide.told_by(said_before)
    if place is None:
        return None
    if intent in ("guide_details", "guide_where"):
        return _to(Standing(), place.name)
    means_it = intent == "not_done" or (intent == "next" and GO_ON.search(fold(text)))
    if means_it or (intent in ("affirm", "deny", "next", "nlu_fallback") and place.answer_in(text)):
        return move(guide, Standing((place.name,)), intent, text)
    return None


def _after(guide: Guide, standing: Standing, place: Place, entities: dict[str, Any]) -> Move:
    """Lead on from the step that the customer has just told to be done; never back."""
    done = guide.opening(entities.get("step", ""))
    step = guide.places[done].step if done else place.step
    if step < place.step:
        return Move((f"utter_guide_ask_{place.name}",), standing)
    openings = list(guide.opens.values())
    if step < len(openings):
        return _to(standing, openings[step])
    return _to(standing, guide.last)


def says_done(text: str) -> bool:
    """Tell whether a short statement means that the step is done, whatever else its words tell."""
    said = fold(text)
    return is_statement(said) and bool(DONE.search(said)) and not DENIES.search(said)


def _within(standing: Standing, place: Place, intent: str) -> Move | None:
    answer = {"affirm": "yes", "deny": "no", "not_done": "no"}.get(intent, "")
    if answer in place.answers:
        return _to(standing, place.answers[answer])
    if intent == "affirm" and place.next and not place.answers:
        return _to(standing, place.next)
    if intent == "affirm":
        return Move(("utter_guide_choose", f"utter_guide_{place.name}"), standing)
    if intent in ("deny", "not_done"):
        return _to(standing, place.stuck) if place.stuck else Move(("action_person",), standing)
    return None


def _to(standing: Standing, name: str) -> Move:
    return Move((f"utter_guide_{name}",), standing.to(name))

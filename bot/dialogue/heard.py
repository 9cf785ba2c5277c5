"""A message as the dialogue sees it, and the details about the customer that it gives."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.dialogue.guide import Node
from bot.dialogue.ranking import Part, Talk, thing_of, topic_of

NOT_UNDERSTOOD = "nlu_fallback"
PERSON = "action_person"
FALLBACK = "action_fallback"
SECOND_READER = "action_second_reader"
STILL_STUCK = "utter_still_stuck"
ABOUT_WHAT = "utter_follow_up_nothing"
WEAK, STRONG = 0.06, 0.2  # of an answer: to give it to a message not understood, and to a follow-up to nothing
SURE_PART, SURER_PART = 0.3, 0.5  # of an answer to a part that asks, and to one that only states
HINTS = 0.05  # probability below which a topic is not even hinted at
POINTS_MEANT = 0.35  # probability from which a bare figure counts as points
BY_RULE = 0.5  # probability from which a rule answers in the middle of a talk
ABOUT_POINTS = {"ask_points_needed", "ask_tiers", "ask_points_counted", "ask_my_points", "ask_my_tiers"}
ABOUT_OLD_EMAIL = {"ask_old_email", "ask_migrate_button"}
NOTHING_CAME = re.compile(r"\b(?:nekas|neko|nothing)\b|\bneka\b\W*$")  # "vairāk nekā 500" is "more than 500"
LEFT_EMPTY = re.compile(
    r"(?<!ja )\b(?:ne(?:aizpildij|noradij|ierakstij|ielik)\w*|atstaj\w+ tuks\w*|"
    r"(?<!if i )left (?:it|that) (?:empty|blank)|did(?: not|n'?t) (?:fill|give|enter|write)(?: (?:it|any))?)\b"
)
NO_LONGER = re.compile(r"\b(?:vairs neesam|vairs neesmu|neesam|neesmu|no longer|not any ?more|are not|aren't|am not)\b")
LEANS = 0.5  # how much a message must lean on the talk to be about the answer that was given last
SURE = 0.2  # share of the evidence from which the likeliest answer is given
CERTAIN = 0.9  # probability of an intent from which a message is about more than the detail in it


@dataclass(frozen=True)
class Heard:
    """A message, as the dialogue sees it."""

    text: str  # as typed; empty where a button was pressed
    intent: str
    entities: Mapping[str, Any]
    parts: tuple[Part, ...]  # the message, then its sentences; empty where it has no words
    ranking: tuple[tuple[str, float], ...]  # of all intents, the likeliest first
    told: Mapping[str, str]  # details that this message gives
    language: str | None = None  # of the conversation so far
    is_confirmed: bool = False
    is_payload: bool = False
    with_person: bool = False  # the customer waits for a person: only questions are answered
    has_second_reader: bool = False  # whether a language model may be asked which answer fits
    picked: Sequence[str] | None = None  # the addresses that it picked, if it was asked
    asks_who_it_is: bool = False  # whether this turn has opened the identity form

    @property
    def may_be_read_again(self) -> bool:
        """Whether a second reader has not been asked yet."""
        return self.has_second_reader and self.picked is None

    @property
    def asks_for_the_language_it_has(self) -> bool:
        """Whether it sounds like a wish for the language that is spoken already: "is there any in Latvian?"."""
        has_it = self.language is not None and self.entities.get("language") == self.language
        return self.intent == "set_language" and has_it and any(part.asks for part in self.parts)

    def likely(self, *names: str) -> float:
        """Return how likely one of these intents is, in the message or in one of its sentences."""
        return max((part.intent(*names) for part in self.parts), default=float(self.intent in names))


def told_now(heard: Heard, talk: Talk, node: Node | None = None) -> dict[str, str]:
    """Return the details that this message gives; a bare figure counts as points where the talk is about points."""
    told = dict(heard.told)
    about_points = topic_of(talk.about) in ABOUT_POINTS or heard.likely(*ABOUT_POINTS) >= POINTS_MEANT
    about_points = about_points or bool(node and node.known == "points")
    if "points" in told and "points" not in heard.entities and not about_points:
        del told["points"]
    if "points" in told and told["points"] == talk.details.get("points") and any(one.asks for one in heard.parts[1:]):
        del told["points"]  # said again beside a question of another kind
    if topic_of(talk.about) == "ask_documents" and "vat_payer" in talk.details and "vat_payer" not in told:
        said = heard.parts[0].text if heard.parts else ""
        if NO_LONGER.search(said):
            told["vat_payer"] = "no"
    if topic_of(talk.about) in ABOUT_OLD_EMAIL and LEFT_EMPTY.search(heard.parts[0].text if heard.parts else ""):
        told["gave_old_email"] = "no"
    said = heard.parts[0].text if heard.parts else ""
    of_invitation = thing_of(talk.about) == "invitation" or talk.about == "ask_my_invitation" or "points" in told
    if of_invitation and NOTHING_CAME.search(said) and not any(part.asks for part in heard.parts):
        told["invitation_came"] = "no"
    about_payment = topic_of(talk.about) == "ask_payment" or heard.likely("ask_payment", "ask_membership") >= HINTS
    if told.get("payment") == "card" and not about_payment:  # a licence and a memory card are cards, too
        del told["payment"]
    if "invoice_came" in told and not about_payment:  # an invoice is a document for the application, too
        del told["invoice_came"]
    return told

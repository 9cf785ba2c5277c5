"""Rank the answers to a message by the evidence: what it seems to ask, and what the talk is about.

Plain functions over a log-linear model; bot/dialogue/policy.py decides by the ranking.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from math import exp, log
from typing import Any

from bot.dialogue.answers import Answer, read_answers

# Shares of the evidence for a topic, against 1 of the message's own intent.
HINTED, HINTED_LEANING = 0.23, 1.2  # the topic that its words hint at; the same for a message that leans on the talk
OPEN, OPEN_UNHINTED = 0.54, 0.5  # the topic of the talk, if the message leans on it; added if it hints at none
STAYS = 0.34  # the topic of the talk, for every message
OF_A_DETAIL = 1.5  # the topic that a detail in the message belongs to
NO_TOPIC = "none"  # the hint of a message whose words suggest no topic
DOUBTFUL = 0.6  # how much not being understood makes a message lean on the talk
# Weights of the evidence for an answer: exponents of its probabilities, and what is added to these.
BY_ANSWER, RARE, RARE_OPEN = 0.71, 0.009, 0.014  # exponent; added to the probability, RARE_OPEN in the open topic
BY_ASPECT, BY_ASPECT_LEANING, FLAT = 0.8, 0.57, 0.06
# The rest are exponents of e, by what is true of it. All weights were searched for over told conversations.
NEAR, NEAR_LEANING = 3.2, 2.5  # how near an example is, from 0 to 1
SAME_WORDS = 0.98  # nearness from which an example is the message itself
LEARNED = 3.0  # the message is one of its examples
PAGE = -2.6  # it is a topic's page
PROBLEM = 1.6  # it is about a problem
SAME_THING = 1.3  # the talk is about its thing, and the message leans on the talk
SAME_ASPECT = 1.1  # the same for its aspect
ASKED_YES_OR_NO = 0.4  # it says yes or no, and the question asks for that
FIGURES = 1.8  # it computes with a figure in the message
CONTRADICTED = -2.5  # it is for other customers than the one the message describes
UNSAID = -1.0  # it is about what has not come, and the message does not say so
UNREPORTED = -1.5  # it is about a problem, and the message asks something and sounds like none
SOUNDS_LIKE_ONE = 0.1  # probability of the aspect "problem" from which it does
OF_WHAT_WAS_TOLD = 0.25  # it is for customers like the one the message describes
OF_WHAT_IS_KNOWN, OF_WHAT_IS_KNOWN_LEANING = 0.25, 0.77  # the same by what the talk told
REJECTED = -3.0  # the message says that this answer was not what was asked
AFTER_NEWS = 2.9  # it tells what comes next, and the message reports what is done
TELLS_NEWS = 0.5  # probability of "progress" from which a message reports what is done
FOLLOW_UP = "follow_up"
# Topics whose page says less than the account does.
OWN = {
    "ask_waiting": "ask_my_status",
    "ask_green_tick": "ask_my_products",
    "ask_migrate_button": "ask_my_migration",
    "ask_tiers": "ask_my_tiers",
    "ask_payment": "ask_my_payment",
    "ask_membership": "ask_my_membership",
}
GENERAL = {own: general for general, own in OWN.items()} | {"ask_my_points": "ask_points_counted"}
TOPIC_OF_DETAIL = {
    "payment": "ask_payment",
    "vat_payer": "ask_documents",
    "gave_old_email": "ask_old_email",
    "sees_button": "ask_migrate_button",
}
YES_OR_NO = re.compile(
    r"(?:^|[.,;] )(?:un |bet |and |but |so |tad |ok )?(?:vai|is|are|was|am|can|could|do|does|"
    r"did|will|would|may|must|should|has|have)\b|"
    r"\b(?:der|deres|drikst|drikstu|pietiks?|pietiek|jabut|jalik|ok|okay|enough|fine)\b\W*$"
)
# Words that stand for something said before, in a few words.
REFERS = re.compile(
    r"\b(?:it|its|that|those|them|there|ones?|this|each|same|"
    r"tas|tos|ta|tam|taja|tajos|tur|tie|tiem|sis|sie|sos|vinu|vinai|vinam|vins|vina)\b|"
    r"\b(?:un|bet|vai|kur|ka|kad|ko|kas|es|par) (?:to|so)\b"  # not the English "to" and "so"
)
MAX_WORDS_REFERRING, REFERRING = 9, 0.25
# Nothing but words that ask or refer: "how long?" and "un ja nav?" are about the topic of the talk.
BARE = re.compile(
    r"(?:(?:how|where|when|why|what|which|who|exactly|long|much|many|and|but|so|if|not|then|that|this|it|them|they|those|"
    r"these|ones?|do|does|did|i|we|is|are|was|can|must|should|need|there|here|now|next|ok|well|for|to|of|about|"
    r"ka|kur|kad|kapec|cik|ilgi|daudz|un|bet|ja|nav|ne|tad|tiesi|vai|tas|ta|to|tos|tam|tie|ko|man|mums|tagad|darit|"
    r"dara|kas|kurs|kuru|kurus|kura|kuras|ari|gan|jau|nu|labi|es|mes|ir|vajag|var|drikst|lai|no|uz|par|pie)\b\W*)+"
)
SAME_THING_BARE = 3.0  # an exponent of e, added to SAME_THING for such a message
YES_OR_NO_ASPECTS = ("counts", "must", "may")
GOES_ON = ("next", "not_done", "guide_repeat", "guide_details", "guide_where")  # mean this only outside the walkthrough
NEEDS = {"last_day": "date"}  # the detail that a computation needs, if not points


@dataclass(frozen=True)
class Part:
    """A message, or one of its sentences, as it was understood."""

    text: str  # folded
    intents: Mapping[str, float]
    answers: Mapping[str, Mapping[str, float]]  # by topic and address; a page has the topic as its address
    topics: Mapping[str, float]  # the topics that its words hint at, even where it leans on the talk
    aspects: Mapping[str, float]
    near: Mapping[str, float] = field(default_factory=dict)  # by address: how near one of its examples is, from 0 to 1
    asks: bool = False  # whether it asks by its form

    def intent(self, *names: str) -> float:
        """Return how likely one of these intents is."""
        return sum(self.intents.get(name, 0.0) for name in names)


@dataclass(frozen=True)
class Talk:
    """What the dialogue knows of a conversation."""

    about: str | None = None  # the address answered last, or the intent of a page
    offer: str | None = None  # what the assistant offered last: "person", or an intent
    said: tuple[str, ...] = ()  # names of responses, the latest last
    details: Mapping[str, str] = field(default_factory=dict)
    rejected: str | None = None  # the address of an answer that the customer now says was not what they asked


@dataclass(frozen=True)
class Choice:
    """An answer that was chosen, and how sure."""

    address: str
    sure: float


def topic_of(address: str | None) -> str | None:
    """Return the topic that an address belongs to."""
    if not address:
        return None
    answer = read_answers().get(address)
    return answer.topic if answer else GENERAL.get(address, address)


def thing_of(address: str | None) -> str | None:
    """Return the thing that an address is about, or None for a page."""
    return address.partition("/")[0] if address and "/" in address else None


def aspect_of(address: str | None) -> str | None:
    """Return the aspect that an address answers, or None for a page."""
    return address.partition("/")[2].partition("-")[0] if address and "/" in address else None


def leaning(part: Part) -> float:
    """Return from 0 to 1 how much a message leans on what was said before, having no sure topic of its own."""
    own = sum(p for name, p in part.intents.items() if name.startswith("ask_") or name == "out_of_scope")
    follow = part.intent(FOLLOW_UP, *GOES_ON)
    lean = follow / ((follow + own) or 1.0)
    doubt = 1.0 - max(part.intents.values(), default=0.0)
    if REFERS.search(part.text) and len(part.text.split()) <= MAX_WORDS_REFERRING:
        lean += (1.0 - lean) * REFERRING
    return lean + (1.0 - lean) * doubt * DOUBTFUL


def rank(part: Part, talk: Talk, told: Mapping[str, str]) -> list[Choice]:
    """Return the likeliest answers, the best first, with their shares of the evidence."""
    answers = read_answers()
    lean = leaning(part) if talk.about else 0.0
    open_topic = topic_of(talk.about)
    found: dict[str, float] = {}
    for topic, share in topics_of(part, open_topic, lean, told).items():
        probable = dict(part.answers.get(topic, {topic: 1.0}))
        near = [address for address in part.near if address in answers and answers[address].topic == topic]
        for address in (*near, *(_addresses_of(topic) if topic == open_topic else ())):
            probable.setdefault(address, 0.0)
        rare = RARE + (RARE_OPEN * lean if topic == open_topic else 0.0)
        for address, p in probable.items():
            if share and (address in answers or address == topic):
                fits = fit(answers[address], part, talk, told, lean) if address in answers else PAGE
                near_by = part.near.get(address, 0.0)
                fits += (NEAR + NEAR_LEANING * lean) * near_by + LEARNED * (near_by >= SAME_WORDS)
                found[address] = share * (p + rare) ** BY_ANSWER * exp(fits)
    total = sum(found.values()) or 1.0
    ranked = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return [Choice(address, weight / total) for address, weight in ranked[:12]] or [Choice("ask_overview", 0.0)]


def fit(answer: Answer, part: Part, talk: Talk, told: Mapping[str, str], lean: float) -> float:
    """Return how well an answer fits the question, the talk, and what the customer told, as an exponent of e."""
    known, only = {**talk.details, **told}, answer.only
    exponent = log(FLAT + part.aspects.get(answer.aspect, 0.0)) * (BY_ASPECT + BY_ASPECT_LEANING * lean)
    weights = (
        (PROBLEM, answer.aspect == "problem"),
        (
            UNREPORTED,
            answer.aspect == "problem" and part.asks and part.aspects.get("problem", 0.0) < SOUNDS_LIKE_ONE,
        ),
        (REJECTED, answer.address == talk.rejected),
        (AFTER_NEWS, answer.aspect == "next" and part.intent("progress") >= TELLS_NEWS),
        (ASKED_YES_OR_NO, answer.aspect in YES_OR_NO_ASPECTS and bool(YES_OR_NO.search(part.text))),
        (FIGURES, bool(answer.computed) and needed(answer) in told),
        (SAME_THING * lean, answer.thing == thing_of(talk.about)),
        (SAME_THING_BARE, answer.thing == thing_of(talk.about) and bool(BARE.fullmatch(part.text))),
        (SAME_ASPECT * lean, answer.aspect == aspect_of(talk.about)),
        (CONTRADICTED, any(told.get(name, value) != value for name, value in only.items())),
        (UNSAID, any(name.endswith("_came") and value == "no" and name not in known for name, value in only.items())),
        (OF_WHAT_WAS_TOLD, _holds(only, told)),
        (
            OF_WHAT_IS_KNOWN + OF_WHAT_IS_KNOWN_LEANING * lean,
            _holds(only, known) and not _holds(only, told),
        ),
    )
    return exponent + sum(weight for weight, is_so in weights if is_so)


def _holds(only: Mapping[str, str], details: Mapping[str, str]) -> bool:
    return bool(only) and all(details.get(name) == value for name, value in only.items())


def topics_of(part: Part, open_topic: str | None, lean: float, told: Mapping[str, str]) -> dict[str, float]:
    """Return the evidence for each topic, by the message and, as far as it leans on it, by the talk."""
    own: dict[str, float] = {}
    for name, p in part.intents.items():
        general = GENERAL.get(name, name)
        if general in part.answers and not general.startswith("ask_my_"):
            own[general] = own.get(general, 0.0) + p
    total = sum(own.values()) or 1.0
    hinted = dict(part.topics)
    unhinted = hinted.pop(NO_TOPIC, 0.0)
    of_details = {TOPIC_OF_DETAIL[name] for name in told if name in TOPIC_OF_DETAIL}
    if open_topic and open_topic in part.answers and BARE.fullmatch(part.text):
        return {open_topic: 1.0}
    hint = (1 - lean) * HINTED + lean * HINTED_LEANING
    shares = {}
    for name in {*own, *hinted, *of_details, open_topic or ""} & part.answers.keys():
        shares[name] = (1 - lean) * own.get(name, 0.0) / total + hint * hinted.get(name, 0.0)
        if name in of_details:
            shares[name] += OF_A_DETAIL
        if name == open_topic:
            # Even a message with a topic of its own is a little likelier to stay with the topic of the talk.
            shares[name] += (OPEN + OPEN_UNHINTED * unhinted) * lean + STAYS
    return shares


@cache
def _addresses_of(topic: str) -> tuple[str, ...]:
    return tuple(address for address, answer in read_answers().items() if answer.topic == topic)


def needed(answer: Answer) -> str:
    """Return the name of the detail from which an answer is computed."""
    return NEEDS.get(answer.computed or "", "points")


def part_of(parsed: Mapping[str, Any]) -> Part:
    """Return a Part from what the classifier hands on: lists of names and probabilities."""
    answers = {topic: dict(found) for topic, found in parsed["answers"].items()}
    others = {name: dict(parsed[name]) for name in ("topics", "aspects", "near")}
    return Part(parsed["text"], dict(parsed["intents"]), answers, **others, asks=parsed["asks"])


def strength(part: Part, address: str) -> float:
    """Return how likely a message asks for an answer at all, whatever else it might be."""
    topic = topic_of(address) or ""
    return max(own_share(part), part.topics.get(topic, 0.0)) * part.answers.get(topic, {}).get(address, 0.0)


def own_share(part: Part) -> float:
    """Return how likely a message has a topic of its own, whichever that is."""
    return sum(p for name, p in part.intents.items() if name.startswith("ask_"))

"""Word an answer: computed where the customer gave a figure or a date, and never the same twice."""

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache

from bot.dialogue.answers import AGAIN, LANGUAGES, STATED, Answer, read_answers, read_responses
from bot.dialogue.ranking import YES_OR_NO, Choice, Part, Talk, needed
from bot.text import fold

ASKED_AGAIN = "utter_asked_again"
MAX_SAID = 80  # names that are remembered
TIERS_COMPUTED, CORPORATE, ANY_TIER, LATE = (
    ("invitation", "any", "corporate", "tiers", "missing"),
    "enough/counts-corporate",
    "enough/counts-any",
    "invitation/problem",
)
TIERS = "enough/which-tiers"
WHICH = re.compile(
    r"\b(?:ko|kuru|kadu|what|which)\b.{0,30}\b(?:var(?:u|am)?|can|could|panemt|izvel\w*|choose|take|open|pieejam\w*)\b"
)
NOT_OF_TIERS = re.compile(r"aicin|ielug|invit|\btruk|pietruk|\bmissing\b|\bdarit\b|\bdo\b")
HOW_MUCH = ("invitation/how_much", "any_tier/how_much", "corporate/how_much")  # a tier in the question decides
COMPUTED = {
    "invitation": "action_enough",
    "invitation_late": "action_enough",
    "missing": "action_enough",
    "any": "action_enough",
    "corporate": "action_enough",
    "tiers": "action_enough",
    "last_day": "action_last_day",
}
# A question that has a "not" of its own: "so I can't ...?", "isn't it ...?", "vai tad nevar ...?".
NOT = r"can'?t|cannot|(?:do|does|did|is|are|was|wo|would|must|need|should|have|has)n'?t|(?:am|do|is|are|will|need) not"
NOT += r"|never|no longer"
NE = r"(?:nav|ne(?:var|drikst|vajag|der|ir|skait|nak|bus|esmu|esam|pietiek|dabu)\w*)"
NEGATED = re.compile(
    rf"\b(?:so|then|means?|mean that|meaning|that) (?:(?:i|we|you|it|one|they|there) )?(?:{NOT})\b|"
    r"(?:^|[,.;:] ?|\b(?:so|then|and|but) )(?:(?:can'?|(?:do|does|did|is|are|wo|would|must|need|should)n'?)t "
    r"(?:i|we|you|it|they|there|that|this|the)|(?:can|do|does|is|are|will|must|need) (?:i|we|you|it|they|that) not)\b|"
    rf"\b(?:vai|tatad|tad|nozime,? ka) (?:(?:tad|es|mes|man|mums|to|tas|vairs|tur|tiesam) )*{NE}\b|^{NE} \w.*\?"
)
# A question that a yes or no does not answer.
OPEN = re.compile(
    r"(?:(?:un|bet|tad|nu|ok|labi|and|but|so|then)[ ,]+)*"
    r"(?:kad|kur|cik|ko|kas|kur[sau]|kad[sau]|kapec|ka|when|where|what|which|who|whose|why|how)\b"
)
# A problem that is only supposed, not reported: "what if ...?", "ko darīt, ja ...", "will the link expire?".
# "Jā, ..." tells it; folded, it is spelled as "ja" is.
SUPPOSED = re.compile(
    r"\b(?:if|in case|in the event)\b|^ja \w|\w\W+ja \w|"
    r"^(?:(?:un|bet|and|but) )?(?:vai|(?:will|would|can|could|may|is it)\b(?! (?:not|you)\b)) [^.?!]*\?\W*$"
)
# A question whether something does harm, to which "yes, you may" means no.
HARMS = re.compile(r"\b(?:lose|harms?|hurts?|matters?|a problem if|bad if|zaude(?:ju|su|jam|sim)|kaite\w*|trauce\w*)\b")
CONNECTING = re.compile(r"savieno|connect you")
ALIKE = 0.7  # how much of two answers is the same from which they say the same
TROUBLED = 0.4  # probability of the aspect "problem" from which a message reports one
SELDOM = 0.3  # share of an answer's examples up to which that is an unusual way to ask for it
OF_THE_RULE = ("what", "how_much", "where")  # aspects that ask for the rule, not about this customer


def as_told(choice: Choice, talk: Talk, told: Mapping[str, str], text: str) -> Choice:
    """Return the answer about the tier or the missing invitation that the message names, where it is about points."""
    answer = read_answers().get(choice.address)
    if answer and answer.computed == "invitation" and WHICH.search(text) and not NOT_OF_TIERS.search(text):
        choice = Choice(TIERS, choice.sure)  # "what can I take with 1430?"
        answer = read_answers()[TIERS]
    if answer and answer.computed == "invitation" and told.get("invitation_came") == "no":
        return Choice(LATE, choice.sure)
    if answer and answer.computed in TIERS_COMPUTED and "tier" in told and "points" in {**talk.details, **told}:
        return Choice(CORPORATE if told["tier"] == "corporate" else ANY_TIER, choice.sure)
    if choice.address in HOW_MUCH and "tier" in told:
        return Choice("corporate/how_much" if told["tier"] == "corporate" else "any_tier/how_much", choice.sure)
    return choice


def wording(address: str, talk: Talk, told: Mapping[str, str]) -> str:
    """Return the name of the response or action that answers, given what was said already."""
    answer = read_answers().get(address)
    if answer is None:
        return unsaid(f"utter_{address.removeprefix('ask_')}", talk)
    known = {**talk.details, **told}
    if answer.computed and is_computed(answer, told, known):
        return COMPUTED[answer.computed]
    return unsaid(answer.response(known), talk)


def stated(name: str, part: Part) -> str:
    """Return an answer's name, without the yes, no or sympathy at its beginning where these do not suit the question.

    A yes or no is left out where the question has a "not" that the answer's examples seldom have, or where it begins
    with a word such as "when"; sympathy, where the problem is only supposed, or the message hardly sounds like one.
    """
    answer = by_response().get(name)
    if answer is None or name + STATED not in read_responses():
        return name
    if answer.aspect == "problem":
        is_told = part.aspects.get("problem", 0.0) >= TROUBLED and not SUPPOSED.search(part.text)
        return name if is_told else name + STATED
    if answer.aspect == "may" and HARMS.search(part.text):
        return name + STATED
    if OPEN.match(part.text) and not YES_OR_NO.search(part.text):
        return name + STATED
    return name + STATED if NEGATED.search(part.text) and _negated_share(answer.address) <= SELDOM else name


@cache
def _negated_share(address: str) -> float:
    """Return the share of an answer's examples that ask with a "not"."""
    answer = read_answers()[address]
    heard = [fold(line) for lines in (answer.heard, answer.then) for language in lines for line in lines[language]]
    return sum(bool(NEGATED.search(line)) for line in heard) / max(1, len(heard))


def repeats(name: str, said: Sequence[str]) -> bool:
    """Tell whether a response says much the same as one of those in the same turn."""
    return any(_alike(name, other) for other in said)


@cache
def _alike(one: str, other: str) -> bool:
    texts = [(_bare(one, number), _bare(other, number)) for number in range(len(LANGUAGES))]
    return all(all(pair) and SequenceMatcher(None, pair[0], pair[1]).ratio() >= ALIKE for pair in texts)


def _bare(name: str, number: int) -> str:
    """Return the words of a response without a yes or no, or an empty text if an action computes them."""
    variants = read_responses().get(name + STATED) or read_responses().get(name)
    return str(variants[number]["text"]) if variants else ""


def is_computed(answer: Answer, told: Mapping[str, str], known: Mapping[str, str]) -> bool:
    """Tell whether an answer is computed from what the customer tells now or, if the question allows, told before."""
    if needed(answer) in told:
        return True
    if needed(answer) not in known:
        return False
    if answer.computed == "last_day":
        return answer.aspect in ("by_when", "when", "how_long")
    return answer.computed == "missing" or answer.aspect not in OF_THE_RULE


def unsaid(name: str, talk: Talk) -> str:
    """Return a response in a wording not used yet, or the reply to a customer who asks for the third time."""
    if name not in talk.said:
        return name
    if name + AGAIN not in talk.said and name in by_response():
        return name + AGAIN
    return ASKED_AGAIN


def remember(talk: Talk, names: Sequence[str | None]) -> tuple[str, ...]:
    """Return the names of the responses said so far, with these added."""
    new = [name.removesuffix(STATED) for name in names if name and name.startswith("utter_")]
    return (*[name for name in talk.said if name not in new], *new)[-MAX_SAID:]


@cache
def offers_connecting(name: str) -> bool:
    """Tell whether a response offers to connect a person."""
    return any(CONNECTING.search(one["text"]) for one in read_responses()[name])


@cache
def by_response() -> Mapping[str, Answer]:
    """Return the short answers by the names of their responses."""
    return {one.response: answer for answer in read_answers().values() for one in answer.variants}

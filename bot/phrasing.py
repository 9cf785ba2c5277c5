"""Word an answer: computed where the customer told a figure or a date, and never the same twice. Plain functions."""

from collections.abc import Mapping, Sequence
from functools import cache

from bot.answers import AGAIN, Answer, read_answers
from bot.ranking import Choice, Talk, needed

ASKED_AGAIN = "utter_asked_again"
MOST_SAID = 80  # names that are remembered
TIERS_COMPUTED, CORPORATE, ANY_TIER = (
    ("invitation", "any", "corporate", "tiers"),
    "enough/counts-corporate",
    "enough/counts-any",
)
COMPUTED = {
    "invitation": "action_enough",
    "missing": "action_enough",
    "any": "action_enough",
    "corporate": "action_enough",
    "tiers": "action_enough",
    "last_day": "action_last_day",
}
OF_THE_RULE = ("what", "how_much", "where")  # aspects that ask for the rule, whatever the customer told before


def about_tier(choice: Choice, talk: Talk, told: Mapping[str, str]) -> Choice:
    """Return the answer about the tier that the message names, where points are compared."""
    answer = read_answers().get(choice.address)
    if answer and answer.computed in TIERS_COMPUTED and "tier" in told and "points" in {**talk.details, **told}:
        return Choice(CORPORATE if told["tier"] == "corporate" else ANY_TIER, choice.sure)
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


def is_computed(answer: Answer, told: Mapping[str, str], known: Mapping[str, str]) -> bool:
    """Tell whether an answer is computed with what the customer told now or, where it asks for that, before."""
    if needed(answer) in told:
        return True
    if needed(answer) not in known:
        return False
    if answer.computed == "last_day":
        return answer.aspect in ("by_when", "when", "how_long")
    return answer.computed == "missing" or answer.aspect not in OF_THE_RULE


def unsaid(name: str, talk: Talk) -> str:
    """Return a response in a wording that was not used yet, or what is said to who asks a third time."""
    if name not in talk.said:
        return name
    if name + AGAIN not in talk.said and name in by_response():
        return name + AGAIN
    return ASKED_AGAIN


def remember(talk: Talk, names: Sequence[str | None]) -> tuple[str, ...]:
    """Return the names that were said, with these."""
    new = [name for name in names if name and name.startswith("utter_")]
    return (*[name for name in talk.said if name not in new], *new)[-MOST_SAID:]


@cache
def by_response() -> Mapping[str, Answer]:
    """Return the short answers by the names of their responses."""
    return {one.response: answer for answer in read_answers().values() for one in answer.variants}

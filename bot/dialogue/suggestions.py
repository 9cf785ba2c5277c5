"""Suggest the questions that a customer may have meant instead, where the likeliest answer is hardly likelier."""

from collections.abc import Mapping, Sequence
from functools import cache

from bot.dialogue.answers import AGAIN, STATED, read_answers
from bot.dialogue.heard import FALLBACK, Heard
from bot.dialogue.phrasing import COMPUTED, by_response, wording
from bot.dialogue.ranking import Talk, rank
from bot.text import fold

UNSURE = 0.6  # share of the evidence below which other questions are suggested
LIKELY = 0.04  # share from which a question is suggested
MAX_SUGGESTED, MAX_AFTER_MISS = 2, 3
OF_COMPUTED = ("utter_enough_", "utter_last_day")  # prefixes of responses that actions compute


def suggested(talk: Talk, heard: Heard, said: Sequence[str | None]) -> tuple[str, ...]:
    """Return the addresses of the answers that may have been meant instead of what is said, the likeliest first.

    There are none beside a sure answer, several answers, or what is no answer.
    """
    ranked = rank(heard.parts[0], talk, heard.told)
    is_miss = FALLBACK in said
    answers = [name for name in said if name and (name in COMPUTED.values() or is_short(name))]
    if not is_miss and (len(answers) != 1 or ranked[0].sure >= UNSURE):
        return ()
    found: dict[str, str] = {}  # by what is said: two addresses may lead to one computation
    for one in ranked:
        if one.address in read_answers() and one.sure >= LIKELY:
            found.setdefault(wording(one.address, talk, heard.told).removesuffix(AGAIN), one.address)
    others = [address for name, address in found.items() if name not in {one.removesuffix(STATED) for one in answers}]
    return tuple(others[: MAX_AFTER_MISS if is_miss else MAX_SUGGESTED])


def is_short(response: str) -> bool:
    """Tell whether a response is a short answer, written or computed."""
    return response.startswith(OF_COMPUTED) or response.removesuffix(AGAIN).removesuffix(STATED) in by_response()


def asked_by_name(text: str) -> str | None:
    """Return the address of the answer whose question a text is, word for word, or None."""
    return _by_question().get(fold(text).strip())


def buttons(addresses: Sequence[str], language: str) -> list[dict[str, str]]:
    """Return a button for each of these answers; pressing one asks its question."""
    questions = [read_answers()[address].question[language] for address in addresses if address in read_answers()]
    return [{"title": question, "payload": question} for question in questions]


@cache
def _by_question() -> Mapping[str, str]:
    return {fold(one).strip(): answer.address for answer in read_answers().values() for one in answer.question.values()}

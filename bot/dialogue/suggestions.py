"""Suggest the questions that a customer may have meant instead, where the likeliest answer is hardly likelier."""

from collections.abc import Mapping, Sequence
from functools import cache

from bot.dialogue.answers import AGAIN, STATED, read_answers
from bot.dialogue.heard import FALLBACK, Heard
from bot.dialogue.phrasing import COMPUTED, by_response, wording
from bot.dialogue.ranking import Choice, Talk, rank
from bot.text import fold

UNSURE = 0.6  # share of the evidence below which other questions are suggested
LIKELY = 0.04  # share from which a question is suggested
FAINT = 0.005  # the same for a customer whom the answer did not help
MAX_SUGGESTED, MAX_AFTER_MISS = 2, 3
# Prefixes of responses that actions compute, and the actions.
OF_COMPUTED = {"utter_enough_": "action_enough", "utter_last_day": "action_last_day"}
OF_ACCOUNT = "utter_my_"  # prefix of what an account shows


def suggested(talk: Talk, heard: Heard, said: Sequence[str | None]) -> tuple[str, ...]:
    """Return the addresses of the answers that may have been meant instead of what is said, the likeliest first.

    There are none beside a sure answer, several answers, or what is no answer.
    """
    ranked = rank(heard.parts[0], talk, heard.told)
    is_miss = FALLBACK in said
    answers = [name for name in said if name and (name in COMPUTED.values() or is_short(name))]
    if not is_miss and (len(answers) != 1 or ranked[0].sure >= UNSURE):
        return ()
    return _others(ranked, talk, heard, answers, LIKELY)[: MAX_AFTER_MISS if is_miss else MAX_SUGGESTED]


def likely_instead(talk: Talk, heard: Heard, said: Sequence[str | None]) -> tuple[str, ...]:
    """Return the addresses of the likeliest other answers, for a customer whom the one that was given did not help."""
    if not heard.parts:
        return ()
    ranked = rank(heard.parts[0], talk, heard.told)
    return _others(ranked, talk, heard, [name for name in said if name], FAINT)[:MAX_SUGGESTED]


def _others(ranked: Sequence[Choice], talk: Talk, heard: Heard, said: Sequence[str], least: float) -> tuple[str, ...]:
    """Return the addresses of answers that say something else, the likeliest first."""
    found: dict[str, str] = {}  # by what is said: two addresses may lead to one computation
    for one in ranked:
        if one.address in read_answers() and one.sure >= least:
            found.setdefault(wording(one.address, talk, heard.told).removesuffix(AGAIN), one.address)
    known = {one.removesuffix(AGAIN).removesuffix(STATED) for one in said}
    known |= {action for prefix, action in OF_COMPUTED.items() if any(one.startswith(prefix) for one in said)}
    return tuple(address for name, address in found.items() if name not in known)


def is_short(response: str) -> bool:
    """Tell whether a response is a short answer, written or computed."""
    return response.startswith(tuple(OF_COMPUTED)) or response.removesuffix(AGAIN).removesuffix(STATED) in by_response()


def tells(response: str | None) -> bool:
    """Tell whether a response tells something: a short answer, the page of a topic, or what an account shows."""
    if not response:
        return False
    of_topic = f"ask_{response.removesuffix(AGAIN).removeprefix('utter_')}" in _topics()
    return of_topic or response.startswith(OF_ACCOUNT) or is_short(response)


def asked_by_name(text: str) -> str | None:
    """Return the address of the answer whose question a text is, word for word, or None."""
    return _by_question().get(fold(text).strip())


def questions(addresses: Sequence[str], language: str) -> list[str]:
    """Return the question to which each of these is the answer."""
    return [read_answers()[address].question[language] for address in addresses if address in read_answers()]


def buttons(addresses: Sequence[str], language: str) -> list[dict[str, str]]:
    """Return a button for each of these answers; pressing one asks its question."""
    return [{"title": question, "payload": question} for question in questions(addresses, language)]


@cache
def _topics() -> frozenset[str]:
    return frozenset(answer.topic for answer in read_answers().values())


@cache
def _by_question() -> Mapping[str, str]:
    return {fold(one).strip(): answer.address for answer in read_answers().values() for one in answer.question.values()}

"""Choose the answers to a message: one to each of its questions, or one to the whole."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.dialogue.guide import WHAT_NOW
from bot.dialogue.heard import CERTAIN, LEANS, SURE, SURE_PART, SURER_PART
from bot.dialogue.phrasing import as_told
from bot.dialogue.ranking import FOLLOW_UP, GOES_ON, Choice, Part, Talk, leaning, own_share, rank, topic_of

IN_WHOLE = 0.5  # how much a whole message counts against its only question at least: an exponent of its shares
RARE = 0.01  # added to the share of each answer to that question
FIGURES = ("points", "date")  # details from which answers are computed
MAX_ANSWERS = 3  # to one message
SURE_WHOLE = 0.8  # share for the whole message from which its parts must be surer to be answered
TOPICAL = 0.3  # probability of any topic from which a sentence may be a question
# How a sentence names the topic of a detail; figures and days count for all sentences of a message.
NAMED = {
    "payment": re.compile(r"kart|card|parskait|transfer|bank|maks(?!ataj)|pay(?!er)"),
    "vat_payer": re.compile(r"\b(?:pvn|vat)\b|maksataj|payer|dokument|document"),
    "gave_old_email": re.compile(r"past|mail|adres|address"),
    "sees_button": re.compile(r"pog|button"),
    "tier": re.compile(r"sudrab|zelt|platin|korporat|silver|gold|corporate"),
}
CONDITION = re.compile(r"(?:(?:and|but|so|un|bet|tad) )?(?:if|ja)\b")


def choose(parts: Sequence[Part], talk: Talk, told: Mapping[str, str]) -> list[Choice]:
    """Return the answers to a message: one to each of its questions, up to three, or one to the whole."""
    whole = rank(parts[0], talk, told)
    found: list[Choice] = []
    before = talk if leaning(parts[0]) > 0.5 else replace(talk, about=whole[0].address)
    asking = [part.asks for part in parts[1:]]
    if asking == [False, True] and parts[2].intent(FOLLOW_UP) >= LEANS and whole[0].sure >= SURE_PART:
        return [as_told(whole[0], talk, told, parts[0].text)]  # "and the invoice? how fast"
    for part in parts[1:]:
        told_here = {name: value for name, value in told.items() if _is_named(name, part.text)}
        if not part.asks and any(asking):  # what is told besides a question is no question of its own
            continue
        if own_share(part) + part.intent(FOLLOW_UP, *GOES_ON) < TOPICAL or WHAT_NOW.fullmatch(part.text):
            continue
        if CONDITION.match(part.text) and part is not parts[-1]:  # "if I pay by card, is it charged at once?"
            continue
        best = rank(part, before if found or leaning(part) > 0.5 else talk, told_here)[0]
        least = SURE_PART if part.asks and whole[0].sure < SURE_WHOLE else SURER_PART
        if part.asks and own_share(part) >= CERTAIN:
            least = SURE
        if best.sure >= least:
            best = as_told(best, talk, told_here, part.text)
            if thing_and_aspect(best.address) not in [thing_and_aspect(one.address) for one in found]:
                found.append(best)
            before = replace(before, about=best.address)
    answered = {topic_of(one.address) for one in found if "/" in one.address}
    found = [one for one in found if "/" in one.address or one.address not in answered]  # no page beside its answers
    if len(found) > 1:
        return found[:MAX_ANSWERS]
    if asking.count(True) == 1 and len(asking) > 1:
        only = parts[1 + asking.index(True)]
        question = rank(only, before, told)
        if own_share(only) >= TOPICAL:  # "I applied on Monday. may I reset the password?" asks for nothing computed
            whole = rank(parts[0], talk, {name: value for name, value in told.items() if name not in FIGURES})
        length = len(only.text) / len(parts[0].text)  # what else is told counts the less
        return [as_told(_likeliest(whole, question, IN_WHOLE + (1 - IN_WHOLE) * length), talk, told, parts[0].text)]
    return [as_told(whole[0], talk, told, parts[0].text)]


def _is_named(detail: str, text: str) -> bool:
    """Tell whether a sentence, and not only another one of the message, may name the topic of a detail."""
    return detail not in NAMED or bool(NAMED[detail].search(text))


def _likeliest(whole: Sequence[Choice], question: Sequence[Choice], weight: float) -> Choice:
    """Return the likeliest answer to a message that has one question among statements, by both."""
    by_question = {one.address: one.sure for one in question}
    by_whole = {one.address: one.sure for one in whole}

    def score(address: str) -> float:
        shares = (by_whole.get(address, 0.0) + RARE, by_question.get(address, 0.0) + RARE)
        return shares[0] ** weight * shares[1] ** (1 - weight)

    address = max((*by_whole, *by_question), key=score)
    return Choice(address, max(by_whole.get(address, 0.0), by_question.get(address, 0.0)))


def thing_and_aspect(address: str) -> str:
    """Return an address without its qualifier: two answers on the same aspect are hardly two questions."""
    return address.partition("-")[0]

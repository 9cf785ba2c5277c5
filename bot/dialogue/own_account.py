"""Tell which look-up in the customer's own account a message asks for."""

import re
from collections.abc import Sequence
from functools import cache

from bot.dialogue.answers import AGAIN, STATED, Answer, read_answers, read_responses
from bot.dialogue.heard import BY_RULE, CERTAIN, FALLBACK, LEANS, NOT_UNDERSTOOD, SURE_PART, SURER_PART, Heard
from bot.dialogue.phrasing import by_response, wording
from bot.dialogue.ranking import GENERAL, OWN, Part, Talk, aspect_of, leaning, rank, topic_of

LOOKS_UP, MAY_LOOK_UP = 0.5, 0.35  # probability from which the account is looked up; the same if the message says "my"
IN_ACCOUNT_AT_LEAST = 0.2  # the same if the message asks what is in "my account"
IN_ACCOUNT = re.compile(r"\b(?:mana|musu) kont[aā]\b(?! (?:ka|kur)\b)|\b(?:in|on|under) (?:my|our) account\b")
OF_THEMSELVES = re.compile(
    r"\b(?:man|es|mes|varu|varam|mans|mana|manu|manam|manai|manas|mani|manos|mums|musu|my|mine|our|me|i|we|us)\b"
)
OF_THEIRS = re.compile(r"\b(?:mans|mana|manu|manam|manai|manas|mani|manos|musu|my|our)\b")
MINE = re.compile(
    r"\b(?:(?:about|and|see|show|check) (?:mine|my own)\b(?! is)|savus|savejos?|savejiem|manejos?|manejais|manejiem)\b"
)
HAVE = re.compile(
    r"\b(?:do|did|have) (?:i|we)(?: \w+){0,2} (?:have|got|earned?)\b|\bhave (?:i|we) (?:\w+ )?(?:got|earned)\b|"
    r"\b(?:man|mums)(?: \w+)? ir\b|\bir (?:man|mums)\b"
)
SUPPOSES = re.compile(r"\b(?:ja|if|when i|in case)\b")
STATES = ("problem", "if_not", "when", "by_when", "why", "where")  # aspects that ask how things stand
# Aspects that ask for a fact about the customer's own account.
FACTS = ("what", "which", "counts", "when", "by_when", "how_long", "how_much", "where", "if_not", "problem")
# A general answer that only leads to the account.
FROM_ACCOUNT = re.compile(r"\b(?:who you are|cannot see|(?:only from|can be checked for|looked up in) your account)\b")
OTHER_PEOPLES = "ask_not_known"  # the topic of the one clear no to others' data

# What is said about points and tiers, of which the account knows more.
ENOUGH, MY_GOAL, MY_INVITATION = "action_enough", "action_my_goal", "action_my_invitation"
ON_TIERS = ("enough", "any_tier", "corporate")  # things
OF_POINTS = ("action_my_points", "action_my_tiers")  # look-ups
ON_POINTS = ("ask_tiers", "ask_points_needed", "ask_points_counted", "ask_green_tick")  # topics
REACHES = re.compile(r"\b(?:have|get|enough|reach|pieti[ke]\w*|sanak\w*|bus|tiksu|dabusu)\b")
WILL_HAVE = re.compile(
    r"\b(?:i|we)(?: would|'d|'ll| will)? (?:have|get)\b|\b(?:man|mums) (?:\w+ )?(?:bus|butu|sanak\w*)\b"
)
ON_INVITATION = ("invitation", "invitation_late")  # what an answer computes

Reply = tuple[tuple[str | None, ...], str | None]  # actions, and what the talk is about afterwards


def likeliest_look_up(part: Part) -> str:
    """Return the likeliest intent that asks about the customer's own account, or an empty text."""
    return max((name for name in part.intents if name.startswith("ask_my_")), key=part.intent, default="")


def meant_intent(talk: Talk, heard: Heard) -> str:
    """Return the intent of a message, a look-up instead where it speaks of "my", none where an answer is surer."""
    intent, whole = heard.intent, heard.parts[0]
    theirs = likeliest_look_up(whole)
    if intent == NOT_UNDERSTOOD and OF_THEIRS.search(whole.text) and whole.intent(theirs) >= MAY_LOOK_UP:
        intent = theirs
    if intent.startswith("ask_my_") and not heard.is_confirmed and whole.intent(intent) < CERTAIN:
        narrower = rank(whole, talk, heard.told)[0]
        # "Nothing was taken from my card. did it fail?" is no question about the application, and "what about my
        # invoice?" asks for no explanation of invoices.
        explains = aspect_of(narrower.address) == "what" and OF_THEIRS.search(whole.text)
        explains = explains or (aspect_of(narrower.address) == "how_much" and HAVE.search(whole.text))
        if narrower.sure >= SURER_PART and own_of(narrower.address) != intent and not explains:
            return NOT_UNDERSTOOD
    return intent


def look_up(talk: Talk, heard: Heard, intent: str, said_before: str | None) -> Reply | None:
    """Return the reply to a message that asks about the customer's own account, or None."""
    whole = heard.parts[0]
    theirs = likeliest_look_up(whole)
    in_account = bool(IN_ACCOUNT.search(whole.text)) and whole.intent(theirs) >= IN_ACCOUNT_AT_LEAST
    if in_account and not heard.intent.startswith("ask_my_"):
        best = rank(whole, talk, heard.told)[0]
        is_about_it = "/" in best.address and GENERAL.get(theirs) == topic_of(best.address)
        says_more = is_about_it and best.sure >= SURE_PART and not _in_account_only(best.address)
        if says_more and not heard.is_confirmed:  # one line in general, until it is known who asks
            return (wording(best.address, talk, heard.told), action_of(theirs)), best.address
        return (action_of(theirs),), theirs
    if intent.startswith("ask_my_") and (heard.is_confirmed or whole.intent(intent) >= LOOKS_UP):
        ranked = rank(whole, talk, heard.told)
        general = next((one for one in ranked[:3] if own_of(one.address) == intent and one.sure > 0.1), None)
        action, narrower = action_of(intent), ranked[0]
        is_sure = narrower.sure >= SURE_PART and whole.intent(intent) < CERTAIN
        # The account has just been told: what else is asked there?
        if heard.is_confirmed and action == said_before and is_sure and _asks_else(narrower.address, intent):
            return (wording(narrower.address, talk, heard.told),), narrower.address
        if general and not heard.is_confirmed and "/" in general.address:
            return (wording(general.address, talk, heard.told), action), general.address
        return (action,), general.address if general else intent
    if any(MINE.search(part.text) and leaning(part) >= LEANS for part in heard.parts):
        about = talk.about if leaning(whole) >= LEANS else rank(whole, talk, heard.told)[0].address
        topic = topic_of(about)
        mine = own_of(about or "") or next((own for own, general in GENERAL.items() if general == topic), None)
        if mine or topic == OTHER_PEOPLES:  # "and what about mine?", "why does it take so long? check mine"
            return (action_of(mine or "ask_my_status"),), about
    return None


def in_account(said: Sequence[str | None], about: str | None, heard: Heard) -> tuple[str | None, ...]:
    """Return the actions for a confirmed customer, with the account's own points in place of general thresholds.

    A question that names a tier, and is about points, is answered for that tier; `about` is what the talk is about now.
    """
    goal = read_answers().get(about or "")
    own = MY_INVITATION if goal and goal.computed in ON_INVITATION and "tier" not in heard.told else MY_GOAL
    of_tier = "tier" in heard.told and any(part.asks for part in heard.parts)
    names: list[str | None] = []
    for name in said:
        answer = by_response().get((name or "").removesuffix(AGAIN).removesuffix(STATED))
        of_points = answer and answer.thing in ON_TIERS and answer.aspect in FACTS and (of_tier or answer.computed)
        may_have = of_tier and answer and answer.topic in ON_POINTS and REACHES.search(heard.parts[0].text)
        is_sum = name == FALLBACK and "points" in heard.told  # "no, I mean 721 and the missing tick"
        if name == ENOUGH or of_points or may_have or is_sum or (of_tier and name in OF_POINTS):
            name = own
        elif (
            answer
            and answer.thing == "points"
            and answer.aspect == "how_much"
            and WILL_HAVE.search(heard.parts[0].text)
        ):
            name = OF_POINTS[0]
        if name not in names:
            names.append(name)
    return tuple(names)


def asks_of_their_account(answer: Answer, part: Part) -> bool:
    """Tell whether a message that gets an answer "I do not know" wants the account to be looked up at once."""
    return bool(OF_THEIRS.search(part.text) or (answer.aspect in STATES and OF_THEMSELVES.search(part.text)))


def own_of(address: str) -> str | None:
    """Return the intent that looks up in the account what an address is about."""
    answer = read_answers().get(address)
    return answer.own if answer else OWN.get(address)


def _asks_else(address: str, own: str) -> bool:
    """Tell whether an answer tells something that this look-up does not tell."""
    answer = read_answers().get(address)
    if answer is None or _in_account_only(address):
        return False
    return answer.own != own or not answer.is_known


@cache
def _in_account_only(address: str) -> bool:
    """Tell whether the general answer says no more than that the account would tell."""
    answer = read_answers()[address]
    return any(FROM_ACCOUNT.search(one["text"]) for one in read_responses()[answer.variants[-1].response])


def own_if_asked(address: str, part: Part, said_before: str | None, about: str | None) -> str | None:
    """Return the intent that looks an answer up in the account, if a message asks about the customer's own case.

    The general answer is given where the account was looked up a moment ago for another question, or where the case is
    only supposed. `about` is what the talk is about: the same question again asks how things stand now.
    """
    answer = read_answers().get(address)
    if answer is None:  # of pages, only those that know less than the account
        return own_of(address) if part.aspects.get("what", 0.0) < BY_RULE else None
    of_themselves = OF_THEMSELVES.search(part.text) or (said_before or "").startswith("action_my_")
    if SUPPOSES.search(part.text) or not (answer.aspect in STATES or of_themselves):
        return None
    topical = OWN.get(answer.topic) if answer.aspect in FACTS and OF_THEMSELVES.search(part.text) else None
    own = answer.own or topical
    looks_up = own and (action_of(own) != said_before or address == about or _in_account_only(address))
    return own if looks_up else None


def action_of(own: str) -> str:
    """Return the action that looks up what an intent asks for."""
    return f"action_{own.removeprefix('ask_')}"

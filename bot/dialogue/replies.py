"""Choose the replies to a message outside the walkthrough: answers, look-ups, and small talk."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.dialogue.answers import read_answers
from bot.dialogue.guide import WHAT_NOW, Position
from bot.dialogue.heard import (
    ABOUT_WHAT,
    BY_RULE,
    CERTAIN,
    FALLBACK,
    NOT_UNDERSTOOD,
    PERSON,
    STILL_STUCK,
    STRONG,
    SURE_PART,
    SURER_PART,
    WEAK,
    Heard,
)
from bot.dialogue.phrasing import COMPUTED, about_tier, stated, unsaid, wording
from bot.dialogue.ranking import (
    FOLLOW_UP,
    GENERAL,
    GOES_ON,
    OWN,
    SAME_WORDS,
    Choice,
    Part,
    Talk,
    aspect_of,
    leaning,
    needed,
    own_share,
    rank,
    strength,
    thing_of,
    topic_of,
)
from bot.text import is_asking

OUTSIDE = "out_of_scope"  # what the talk is about after something that it does not answer
IN_WHOLE = 0.5  # how much a whole message counts against its only question at least: an exponent of its shares
RARE = 0.01  # added to the share of each answer to that question
MAX_ANSWERS = 3  # to one message
DOUBTFUL = 0.7  # share of the evidence below which a second reader is asked, if there is one
SURE = 0.2  # share of the evidence from which the likeliest answer is given
OF_ITS_OWN = 0.6  # probability of any topic from which a sure answer is given even if no topic is sure
CLOSE = 0.6  # how near an example must be to a message not understood for its answer to be given
SURE_WHOLE = 0.8  # share for the whole message from which its parts must be surer to be answered
ACCEPTS = 0.6  # probability of "yes" from which an offer is taken up
TOPICAL = 0.3  # probability of any topic from which a sentence may be a question
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
SUPPOSES = re.compile(r"\b(?:ja|if|when i|in case)\b")
CONDITION = re.compile(r"(?:(?:and|but|so|un|bet|tad) )?(?:if|ja)\b")
STATES = ("problem", "if_not", "when", "by_when", "why", "where")  # aspects that ask how things stand
# Aspects that ask for a fact about the customer's own account.
FACTS = ("what", "which", "counts", "when", "by_when", "how_long", "how_much", "where", "if_not", "problem")
# Intents that a rule answers wherever they come.
BY_RULES = {
    "greet", "thanks", "goodbye", "help", "log_out", "small_talk", "abuse", "affirm", "deny", "next", "not_done",
    "start", "identity_cancelled", "person_left", "guide_back", "guide_repeat", "guide_where", "guide_stop",
}  # fmt: skip
REJECTS = re.compile(
    r"^(?:no|ne|nope|huh)\b(?! (?:vel|idea|problem))|\bi (?:meant?|did ?n.?t ask|asked|was asking)\b|"
    r"\b(?:(?:es )?(?:domaju|(?:ne)?jautaju|(?:ne)?prasiju|runaju)|runa ir par)\b|\bnot what i\b|\bne par to\b"
)
LEANS = 0.5  # how much a message must lean on the talk to be about the answer that was given last
MAX_WORDS = 16  # of a message that only gives a detail
# What follows from a detail that a customer gives without asking anything.
FOLLOWS = {
    ("payment", "card"): "card/by_when",
    ("payment", "transfer"): "transfer/by_when",
    ("vat_payer", "yes"): "documents/which",
    ("vat_payer", "no"): "documents/which",
}


def choose(parts: Sequence[Part], talk: Talk, told: Mapping[str, str]) -> list[Choice]:
    """Return the answers to a message: one to each of its questions, up to three, or one to the whole."""
    whole = rank(parts[0], talk, told)
    found: list[Choice] = []
    before = talk if leaning(parts[0]) > 0.5 else replace(talk, about=whole[0].address)
    asking = [part.asks for part in parts[1:]]
    if asking == [False, True] and parts[2].intent(FOLLOW_UP) >= LEANS and whole[0].sure >= SURE_PART:
        return [about_tier(whole[0], talk, told)]  # "and the invoice? how fast"
    for part in parts[1:]:
        if not part.asks and any(asking):  # what is told besides a question is no question of its own
            continue
        if own_share(part) + part.intent(FOLLOW_UP, *GOES_ON) < TOPICAL or WHAT_NOW.fullmatch(part.text):
            continue
        if CONDITION.match(part.text) and part is not parts[-1]:  # "if I pay by card, is it charged at once?"
            continue
        best = rank(part, before, told)[0]
        least = SURE_PART if part.asks and whole[0].sure < SURE_WHOLE else SURER_PART
        if part.asks and own_share(part) >= CERTAIN:
            least = SURE
        if best.sure >= least:
            if thing_and_aspect(best.address) not in [thing_and_aspect(one.address) for one in found]:
                found.append(best)
            before = replace(before, about=best.address)
    answered = {topic_of(one.address) for one in found if "/" in one.address}
    found = [one for one in found if "/" in one.address or one.address not in answered]  # no page beside its answers
    if len(found) > 1:
        return [about_tier(one, talk, told) for one in found[:MAX_ANSWERS]]
    if asking.count(True) == 1 and len(asking) > 1:
        question = rank(parts[1 + asking.index(True)], before, told)
        length = len(parts[1 + asking.index(True)].text) / len(parts[0].text)  # what else is told counts the less
        return [about_tier(_likeliest(whole, question, IN_WHOLE + (1 - IN_WHOLE) * length), talk, told)]
    return [about_tier(whole[0], talk, told)]


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


def follows_from_details(talk: Talk, before: Talk, heard: Heard) -> str | None:
    """Return the address of what follows from a new detail that is given in the middle of a talk without a question."""
    part = heard.parts[0]
    new = {name: value for name, value in heard.told.items() if before.details.get(name) != value}
    if not new or is_asking(WHAT_NOW.sub("", part.text)) or len(part.text.split()) > MAX_WORDS:
        return None
    answer = read_answers().get(talk.about or "")
    if answer and answer.computed and needed(answer) in new:
        return answer.address
    best = rank(part, talk, new)[0]
    is_problem = aspect_of(best.address) == "problem" and best.sure >= SURER_PART
    if (
        is_problem
        or part.aspects.get("problem", 0.0) >= BY_RULE
        or part.intent("progress", "complain", "thanks") >= BY_RULE
    ):
        return None
    swapped = f"{new['payment']}/{(talk.about or '').partition('/')[2]}" if "payment" in new else ""
    if thing_of(talk.about) in ("card", "transfer") and swapped in read_answers():
        return swapped
    if max((p for name, p in part.intents.items() if name not in ("affirm", "deny")), default=0.0) >= CERTAIN:
        return None
    return next((FOLLOWS[name, new[name]] for name in new if (name, new[name]) in FOLLOWS), None)


def take_up_offer(position: Position, talk: Talk, heard: Heard, said_before: str | None) -> tuple[str, ...] | None:
    """Return the reply to a customer who accepts or declines the last offer."""
    if not talk.offer:
        return None
    # "Ok, and how do I register them?" accepts nothing.
    goes_on = any(part.asks for part in heard.parts[1:])
    if heard.intent == "affirm" or (heard.likely("affirm") >= ACCEPTS and not goes_on):
        return (PERSON,) if talk.offer == "person" else (f"utter_{talk.offer.removeprefix('ask_')}",)
    if heard.intent == "deny" and len(heard.text.split()) <= 5:
        return ("utter_offer_declined",)
    return None


def reply(
    actions: frozenset[str], talk: Talk, before: Talk, heard: Heard, position: Position, said_before: str | None
) -> tuple[tuple[str | None, ...], str | None]:
    """Return the reply to a message outside the walkthrough, and what the talk is about afterwards."""
    intent, whole = heard.intent, heard.parts[0]
    if intent == "never_mind" or heard.parts[-1].intent("never_mind") >= BY_RULE:
        return ("utter_never_mind",), None
    if whole.intent("abuse") >= BY_RULE:
        return ("utter_abuse",), talk.about
    if _rejects(heard, talk):
        talk = replace(talk, rejected=talk.about)
    if intent == "complain" and not _is_topical(heard, talk):
        again = "utter_complain" in talk.said
        return ("utter_complain_again" if again else "utter_complain",), talk.about
    questions = [part for part in heard.parts[1:] if part.asks and part.intent("set_language") < BY_RULE]
    if intent == "set_language" and questions:  # "let us go on in English. when is it charged?"
        rest = max(questions[0].intents, key=questions[0].intents.__getitem__, default=NOT_UNDERSTOOD)
        asked = replace(heard, parts=(questions[0],), intent=rest)
        return reply(actions, talk, before, asked, position, said_before)
    if intent == "set_language":
        answer = read_answers().get(talk.about or "")
        return ("utter_language_set", *((answer.response(talk.details),) if answer else ())), talk.about
    in_talk = talk.about not in (None, OUTSIDE)
    by_rule = intent in BY_RULES and (not in_talk or (whole.intent(intent) >= BY_RULE and intent not in GOES_ON))
    if by_rule and not _is_topical(heard, talk) and not _is_learned(whole):
        if intent == "affirm" and in_talk:  # "ok", "I see"
            return ("utter_acknowledged",), talk.about
        return (), talk.about if intent in ("thanks", "affirm", "deny", "next") else None
    theirs = max((name for name in whole.intents if name.startswith("ask_my_")), key=whole.intent, default="")
    in_account = bool(IN_ACCOUNT.search(whole.text)) and whole.intent(theirs) >= IN_ACCOUNT_AT_LEAST
    if in_account and not intent.startswith("ask_my_"):
        return (_action(theirs),), theirs
    if intent == NOT_UNDERSTOOD and OF_THEIRS.search(whole.text) and whole.intent(theirs) >= MAY_LOOK_UP:
        intent = theirs
    if intent.startswith("ask_my_") and not heard.is_confirmed and whole.intent(intent) < CERTAIN:
        narrower = rank(whole, talk, heard.told)[0]
        if narrower.sure >= SURER_PART and _own(narrower.address) != intent:
            intent = (
                NOT_UNDERSTOOD  # "nothing was taken from my card. did it fail?" is no question about the application
            )
    if intent.startswith("ask_my_") and (heard.is_confirmed or whole.intent(intent) >= LOOKS_UP):
        general = next(
            (c for c in rank(whole, talk, heard.told)[:3] if _own(c.address) == intent and c.sure > 0.1), None
        )
        action, narrower = _action(intent), rank(whole, talk, heard.told)[0]
        is_told = action == said_before and whole.intent(intent) < LOOKS_UP and _own(narrower.address) is None
        if is_told and "/" in narrower.address and narrower.sure >= SURE_PART:
            return (wording(narrower.address, talk, heard.told),), narrower.address  # the account does not tell that
        if general and not heard.is_confirmed and "/" in general.address:
            return (wording(general.address, talk, heard.told), action), general.address
        return (action,), general.address if general else intent
    if MINE.search(whole.text) and leaning(whole) >= LEANS:
        topic = topic_of(talk.about)
        mine = _own(talk.about or "") or next((own for own, general in GENERAL.items() if general == topic), None)
        if mine or topic == "ask_not_known":  # "and what about mine?", after one clear no to others' data
            return (_action(mine or "ask_my_status"),), talk.about
    best = rank(whole, talk, heard.told)[0]
    is_like = best.sure >= SURER_PART and whole.near.get(best.address, 0.0) >= CLOSE
    hinted = whole.topics.get(topic_of(best.address) or "", 0.0) >= CERTAIN
    unsure = strength(whole, best.address) < STRONG and not (is_like or hinted) and len(heard.parts) == 1
    if not talk.about and (intent == FOLLOW_UP or whole.intent(FOLLOW_UP, *GOES_ON) >= LEANS) and unsure:
        again = talk.said[-1:] == (ABOUT_WHAT,)
        return (FALLBACK if again else ABOUT_WHAT,), None
    if talk.about and leaning(whole) > 0.4:
        said = _follow_up(talk, before, heard)
        if said:
            return said, talk.about
    choices = choose(heard.parts, talk, heard.told)
    outside = whole.intent("out_of_scope")
    if intent == "out_of_scope" and outside > own_share(whole) and leaning(whole) < LEANS:
        return (), OUTSIDE
    found = strength(whole, choices[0].address)
    leans = bool(talk.about) and leaning(whole) >= LEANS
    is_close = whole.near.get(choices[0].address, 0.0) >= CLOSE and choices[0].sure >= SURE_PART
    is_sure = choices[0].sure >= SURER_PART and own_share(whole) >= OF_ITS_OWN
    is_weak = intent == NOT_UNDERSTOOD and found < STRONG and not is_sure
    if not leans and not is_close and (choices[0].sure < SURE / 2 or is_weak):
        guess = wording(choices[0].address, talk, heard.told) if found >= WEAK else None
        return (("utter_fallback_guess", guess, FALLBACK) if guess else (FALLBACK,)), talk.about
    return _answered(choices, talk, heard, said_before)


def picked_reply(talk: Talk, heard: Heard, said_before: str | None) -> tuple[tuple[str | None, ...], str | None]:
    """Return the reply that the second reader picked, and what the talk is about afterwards."""
    return _answered([Choice(address, 1.0) for address in heard.picked or ()], talk, heard, said_before)


def is_doubtful(talk: Talk, heard: Heard) -> bool:
    """Tell whether a second reader should say which answer fits a message."""
    asks = heard.intent.startswith("ask_") or heard.intent in (NOT_UNDERSTOOD, FOLLOW_UP, OUTSIDE)
    return asks and rank(heard.parts[0], talk, heard.told)[0].sure < DOUBTFUL


def _answered(
    choices: Sequence[Choice], talk: Talk, heard: Heard, said_before: str | None
) -> tuple[tuple[str | None, ...], str | None]:
    """Return the actions that say these answers, and what the talk is about afterwards."""
    whole = heard.parts[0]
    names: list[str] = []
    for one in choices:
        own = _own_if_asked(one.address, whole, said_before) if heard.is_confirmed else None
        own = one.address if one.address.startswith("ask_my_") else own
        name = _action(own) if own else None
        name = name or wording(one.address, replace(talk, said=(*talk.said, *names)), heard.told)
        if name not in names:
            names.append(name)
    if len(choices) == 1:
        names = [stated(names[0], whole)]
    last = read_answers().get(choices[-1].address)
    if last and last.own and not last.is_known and not heard.is_confirmed and OF_THEMSELVES.search(whole.text):
        names.append(_action(last.own))
    return tuple(names), (last.leads if last and last.leads else choices[-1].address)


def _follow_up(talk: Talk, before: Talk, heard: Heard) -> tuple[str, ...] | None:
    """Return the reply to a few words that are about the last answer and ask for no other, or None."""
    part = heard.parts[0]
    aspect, sure = max(part.aspects.items(), key=lambda one: one[1], default=("", 0.0))
    if talk.about == OUTSIDE:
        return (unsaid("utter_not_known", talk),) if part.intent(FOLLOW_UP) >= LEANS else None
    answer = read_answers().get(talk.about or "")
    if answer and answer.computed and needed(answer) in heard.told and leaning(part) >= LEANS:
        return (COMPUTED[answer.computed],)
    corrected = answer.response(talk.details) if answer and leaning(part) >= LEANS else None
    if answer and corrected and corrected not in talk.said and corrected != answer.response(before.details):
        return (corrected,)
    if sure < 0.5:
        return None
    best = rank(part, talk, heard.told)[0]
    another = best.sure >= SURER_PART and best.address != talk.about
    if answer and answer.aspect == "problem" and aspect in ("next", "how", "what", "who") and not another:
        return (wording(answer.address, talk, {}),)
    if answer and not answer.is_known and aspect in ("who", "next", "sure") and leaning(part) >= LEANS and not another:
        return (wording(answer.address, talk, {}),)
    if aspect == "sure":
        if answer and answer.computed and needed(answer) in talk.details:
            return (COMPUTED[answer.computed],)
        return (wording(talk.about or "", talk, {}),) if answer else ("utter_sure",)
    if aspect == "more":
        return (unsaid(f"utter_{(topic_of(talk.about) or '').removeprefix('ask_')}", talk),)
    if aspect == "problem":
        found = read_answers().get(best.address)
        matches = max(part.answers.get(topic_of(talk.about) or "", {}).values(), default=0.0)
        if found and (matches >= 0.5 or best.sure >= SURE_PART) and found.response({}) not in talk.said:
            return None
        return (unsaid(STILL_STUCK, talk),)
    return None


def _rejects(heard: Heard, talk: Talk) -> bool:
    """Tell whether a message says that the last answer was not what was asked, and gives no detail that corrects it."""
    answer = read_answers().get(talk.about or "")
    if not answer or answer.computed or any(set(heard.told) & set(one.when) for one in answer.variants):
        return False
    complains = any(part.intent("complain") >= BY_RULE for part in heard.parts)
    return complains or bool(REJECTS.search(heard.parts[0].text))


def _is_learned(part: Part) -> bool:
    """Tell whether a message is an example of an answer, word for word."""
    return max(part.near.values(), default=0.0) >= SAME_WORDS


def _is_topical(heard: Heard, talk: Talk) -> bool:
    """Tell whether a message asks about a topic besides a greeting, thanks or a complaint."""
    best = [rank(part, talk, heard.told)[0] for part in heard.parts if leaning(part) < 0.5 and own_share(part) > 0.3]
    return any(one.sure >= SURE_PART for one in best)


def _own(address: str) -> str | None:
    """Return the intent that looks up in the account what an address is about."""
    answer = read_answers().get(address)
    return answer.own if answer else OWN.get(address)


def _own_if_asked(address: str, part: Part, said_before: str | None) -> str | None:
    """Return the intent that looks an answer up in the account, if a message asks about the customer's own case.

    The general answer is given where the account was looked up a moment ago, or where the case is only supposed.
    """
    answer = read_answers().get(address)
    if answer is None:  # of pages, only those that know less than the account
        return _own(address) if part.aspects.get("what", 0.0) < BY_RULE else None
    of_themselves = OF_THEMSELVES.search(part.text) or (said_before or "").startswith("action_my_")
    if SUPPOSES.search(part.text) or not (answer.aspect in STATES or of_themselves):
        return None
    topical = OWN.get(answer.topic) if answer.aspect in FACTS and OF_THEMSELVES.search(part.text) else None
    return answer.own or (topical if topical and _action(topical) != said_before else None)


def _action(own: str) -> str:
    return f"action_{own.removeprefix('ask_')}"

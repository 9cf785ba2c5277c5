"""Choose what is said to a message: by what was understood, what the talk is about, and what was said already.

Plain functions; Rasa's part is bot/nlu/dialogue_policy.py.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.answers import AGAIN, STATED, read_answers
from bot.guide import DENIES, GO_ON, NOT_OFFERED, WHAT_NOW, Guide, Move, Place, Standing, is_statement, move, says_done
from bot.phrasing import ASKED_AGAIN, COMPUTED, about_tier, by_response, remember, stated, unsaid, wording
from bot.ranking import (
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
from bot.text import ASKING

NOT_UNDERSTOOD = "nlu_fallback"
PERSON = "action_person"
FALLBACK = "action_fallback"
GUIDE_START = "action_guide_start"
STILL_STUCK = "utter_still_stuck"
ABOUT_WHAT = "utter_follow_up_nothing"
OUTSIDE = "out_of_scope"  # what the talk is about after something that it does not answer
MOST_ANSWERS = 3  # to one message

SURE = 0.2  # share of the evidence from which the likeliest answer is given
CLOSE = 0.6  # how near an example must be to what was not understood, to give its answer
WEAK, STRONG = 0.06, 0.2  # of an answer to what was not understood: to be guessed at, and to be given
SURE_PART, SURER_PART = 0.3, 0.5  # and the answer to a part of a message that asks, and that only states
SURE_WHOLE = 0.8  # a message from which its parts must be surer to have answers of their own
ASKS = re.compile(rf"\b{ASKING}")
ACCEPTS = 0.6  # probability of "yes" from which an offer is taken up
WANTS_PERSON, PART_WANTS_PERSON, ANGRY = 0.55, 0.75, 0.6  # probability from which a person is called
HINTS_AT_PERSON = 0.12  # the same, where the message has a word for one
PERSON_NAMED = re.compile(
    r"\b(?:operator\w*|cilvek\w*|dziv\w+|darbiniek\w*|konsultant\w*|specialist\w*|savieno\w*|parsledz\w*|"
    r"human|person|agent|someone|somebody|anyone|operator|representative|put me through|connect me)\b"
)
WISHES_PERSON = re.compile(
    r"\b(?:(?:iedod|dod|savieno|pasauc|paaicini?|parsledz|padod)(?:j?iet)?\b(?: \w+){0,3}? "
    r"(?:operator|cilvek|dziv|darbiniek|konsultant|specialist)\w*|"
    r"(?:gribu|vajag|velos) (?:(?:runat|parunat) )?(?:ar )?(?:\w+ )?(?:operatoru|cilveku|konsultantu|kadu,? kas)|"
    r"(?:get|give|put|connect|transfer|send) me (?:\w+ ){0,4}?(?:someone|somebody|human|person|agent|operator)|"
    r"(?:want|need|like) an? (?:real |live |human )?(?:human|person|agent|operator|representative)|"
    r"(?:talk|speak|chat) (?:to|with) (?:an? )?(?:real|live|human|person|agent|operator|someone|somebody)"
    r")\b(?! \w+ed\b)"
)
A_PERSON = r"(?:operator|cilvek|darbiniek|konsultant)\w*"
DECLINES = re.compile(
    rf"\b{A_PERSON}(?: \w+)? ne(?:grib|vaj|vel)\w*|\bne(?:grib|vaj|vel)\w*(?: \w+)* {A_PERSON}|"
    r"\b(?:no|don'?t|not|without)\b(?: \w+){0,3} (?:human|person|agent|operator|anyone)\b"
)
NO_WISH = re.compile(r"\bne(?:grib|vaj|vel)\w*|\bvai\b|\b(?:do|don'?t|not|must|should|have to|never|without)\b")
HINTS = 0.05  # probability below which a topic is not even hinted at
TOPICAL = 0.3  # probability of any topic from which a sentence may be a question
POINTS_MEANT = 0.35  # and from which a bare figure counts as points
LOOKS_UP, MAY_LOOK_UP = 0.5, 0.35  # and from which their account is looked up; if it speaks of what is theirs
BY_RULE = 0.5  # and from which one rule answers, in the middle of a talk
ABOUT_POINTS = {"ask_points_needed", "ask_tiers", "ask_points_counted", "ask_my_points", "ask_my_tiers"}
OFFERS_PERSON = {ASKED_AGAIN, STILL_STUCK, "utter_complain", "utter_complain_again", "utter_not_known"}
OF_THEMSELVES = re.compile(
    r"\b(?:man|es|mes|varu|varam|mans|mana|manu|manam|manai|manas|mani|manos|mums|musu|my|mine|our|me|i|we|us)\b"
)
OF_THEIRS = re.compile(r"\b(?:mans|mana|manu|manam|manai|manas|mani|manos|musu|my|our)\b")
MINE = re.compile(
    r"\b(?:(?:about|and|see|show|check) (?:mine|my own)\b(?! is)|savus|savejos?|savejiem|manejos?|manejais|manejiem)\b"
)
SUPPOSES = re.compile(r"\b(?:ja|if|when i|in case)\b")
CONDITION = re.compile(r"(?:(?:and|but|so|un|bet|tad) )?(?:if|ja)\b")
NO_LONGER = re.compile(r"\b(?:vairs neesam|vairs neesmu|neesam|neesmu|no longer|not any ?more|are not|aren't|am not)\b")
STATES = ("problem", "if_not", "when", "by_when", "why", "where")  # aspects that ask how things stand
FACTS = (
    "what",
    "which",
    "counts",
    "when",
    "by_when",
    "how_long",
    "how_much",
    "where",
    "if_not",
    "problem",
)  # of one's own
# Intents that one rule answers, wherever they come.
BY_RULES = {
    "greet", "thanks", "goodbye", "help", "log_out", "small_talk", "abuse", "affirm", "deny", "next", "not_done",
    "start", "identity_cancelled", "person_left", "guide_back", "guide_repeat", "guide_where", "guide_stop",
}  # fmt: skip
# Intents that the walkthrough takes even where a question mark follows.
WITHIN = {"guide_start", "guide_resume", "guide_jump", "guide_back", "guide_stop", "guide_where", "next"}
AGREES = re.compile("[\U0001f44d\U0001f44c\u2705\u2714\U0001f64f\U0001f4af]")
DISAGREES = re.compile("[\U0001f44e\u274c\u274e]")
AGREES_LAST = re.compile(r"\w[ ,]+(?:ja|yes|yea|yeah|yep|yup)\W*$")
AGREES_THEN = re.compile(r"(?:ja|yes|yep|yeah|yup) \w+(?: \w+)?\W*$")
ASKS_ALONE = re.compile(r"\?|\.\.\.|\u2026")
LEANS = 0.5  # how much a message must lean on the talk to be about the answer that was given last
ASKS_AT_ALL = re.compile(rf"\?|(?:^|\W){ASKING}")
MOST_WORDS = 16  # of what only tells a detail
CERTAIN = 0.9  # probability of an intent from which a message is about more than the detail in it
# What follows from a detail, for who tells nothing else.
FOLLOWS = {
    ("payment", "card"): "card/by_when",
    ("payment", "transfer"): "transfer/by_when",
    ("vat_payer", "yes"): "documents/which",
    ("vat_payer", "no"): "documents/which",
}


@dataclass(frozen=True)
class Heard:
    """A message, as the dialogue sees it."""

    text: str  # as typed; empty where a button was pressed
    intent: str
    entities: Mapping[str, Any]
    parts: tuple[Part, ...]  # the message, then its sentences; empty where it has no words
    ranking: tuple[tuple[str, float], ...]  # of the intents
    told: Mapping[str, str]  # details in this message
    is_confirmed: bool = False
    is_payload: bool = False
    asks_who_it_is: bool = False  # whether this turn has opened the form that asks

    def likely(self, *names: str) -> float:
        """Return how likely one of these intents is, in the message or in one of its sentences."""
        return max((part.intent(*names) for part in self.parts), default=float(self.intent in names))


@dataclass(frozen=True)
class Turn:
    """What is said to a message, as names of actions (None: what the rules say), and what holds from then on."""

    say: tuple[str | None, ...]
    standing: Standing
    talk: Talk


def choose(parts: Sequence[Part], talk: Talk, told: Mapping[str, str]) -> list[Choice]:
    """Return the answers to a message: one to each of its questions, up to three, or to it as a whole."""
    whole = rank(parts[0], talk, told)
    found: list[Choice] = []
    before = talk if leaning(parts[0]) > 0.5 else replace(talk, about=whole[0].address)
    asking = [bool(ASKS.search(part.text)) for part in parts[1:]]
    if asking == [False, True] and parts[2].intent(FOLLOW_UP) >= LEANS and whole[0].sure >= SURE_PART:
        return [about_tier(whole[0], talk, told)]  # "and the invoice? how fast"
    for part, asks in zip(parts[1:], asking, strict=True):
        if own_share(part) + part.intent(FOLLOW_UP, *GOES_ON) < TOPICAL or WHAT_NOW.fullmatch(part.text):
            continue
        if CONDITION.match(part.text) and part is not parts[-1]:  # "if I pay by card, is it charged at once?"
            continue
        best = rank(part, before, told)[0]
        least = SURE_PART if asks and whole[0].sure < SURE_WHOLE else SURER_PART
        if asks and own_share(part) >= CERTAIN:
            least = SURE
        if best.sure >= least:
            if thing_and_aspect(best.address) not in [thing_and_aspect(one.address) for one in found]:
                found.append(best)
            before = replace(before, about=best.address)
    answered = {topic_of(one.address) for one in found if "/" in one.address}
    found = [one for one in found if "/" in one.address or one.address not in answered]  # no page beside its answers
    if len(found) > 1:
        return [about_tier(one, talk, told) for one in found[:MOST_ANSWERS]]
    return [about_tier(whole[0], talk, told)]


def thing_and_aspect(address: str) -> str:
    """Return an address without its qualifier: two of one aspect are hardly two questions."""
    return address.partition("-")[0]


def take_turn(
    guide: Guide, actions: frozenset[str], standing: Standing, talk: Talk, heard: Heard, said_before: str | None
) -> Turn:
    """Decide a turn. `said_before` is the action that spoke last."""
    place = None if standing.paused else standing.at(guide)
    before, told = talk, told_now(heard, talk, place)
    talk, heard = replace(talk, details={**talk.details, **told}), replace(heard, told=told)
    if heard.is_payload:
        return _pressed(guide, standing, talk, heard, said_before)
    if not heard.parts:
        return _without_words(guide, standing, talk, heard, said_before)
    person = _person(talk, heard)
    if person:
        return Turn(person, standing, replace(talk, offer=None))
    told_only = None if standing.at(guide) and not standing.paused else _told_only(talk, before, heard)
    if told_only:
        follows = (wording(told_only, talk, told),)
        return Turn(follows, standing, _after(replace(talk, about=told_only), follows))
    offered = _offered(standing, talk, heard, said_before)
    if offered:
        return Turn(offered, standing, _after(talk, offered))
    moved = _moved(guide, standing, talk, heard, said_before)
    if moved:
        return _walked(guide, standing, talk, heard, moved)
    told_first = _told_first(guide, place, standing, talk, heard, said_before) if place else None
    if told_first:  # "no, we are not. and who may submit it?"
        asked = heard.parts[2:] if len(heard.parts) == 3 else (heard.parts[0], *heard.parts[2:])
        intent = max(asked[0].intents, key=asked[0].intents.__getitem__, default=NOT_UNDERSTOOD)
        said, about = _reply(actions, talk, before, replace(heard, parts=asked, intent=intent), standing, said_before)
        if said and FALLBACK not in said:
            said = (*said, *told_first.say)
            return Turn(said, told_first.standing, _after(replace(talk, about=about), said))
    said, about = _reply(actions, talk, before, heard, standing, said_before)
    runs = standing.at(guide)
    is_answered = heard.intent not in NOT_OFFERED or (heard.intent == NOT_UNDERSTOOD and said and FALLBACK not in said)
    if runs and not standing.paused and is_answered and not heard.asks_who_it_is:
        if said == (ABOUT_WHAT,):  # what leans on nothing that was said is about the step
            said = ("utter_guide_where", f"utter_guide_{runs.name}")
        else:
            said = (*(said or (None,)), f"utter_guide_ask_{runs.name}")
    return Turn(said, standing, _after(replace(talk, about=about), said))


def told_now(heard: Heard, talk: Talk, place: Place | None = None) -> dict[str, str]:
    """Return the details of this message; a bare figure counts as points where the talk is about them."""
    told = dict(heard.told)
    about_points = topic_of(talk.about) in ABOUT_POINTS or heard.likely(*ABOUT_POINTS) >= POINTS_MEANT
    about_points = about_points or bool(place and place.known == "points")
    if "points" in told and "points" not in heard.entities and not about_points:
        del told["points"]
    if topic_of(talk.about) == "ask_documents" and "vat_payer" in talk.details and "vat_payer" not in told:
        said = heard.parts[0].text if heard.parts else ""
        if NO_LONGER.search(said):
            told["vat_payer"] = "no"
    about_payment = topic_of(talk.about) == "ask_payment" or heard.likely("ask_payment", "ask_membership") >= HINTS
    if told.get("payment") == "card" and not about_payment:  # a licence is a card, too, and so is what a camera holds
        del told["payment"]
    return told


def _after(talk: Talk, said: Sequence[str | None]) -> Talk:
    """Return what holds once this was said."""
    names = [name for name in said if name]
    offer: str | None = None
    for name in names:
        answer = by_response().get(name.removesuffix(AGAIN).removesuffix(STATED))
        if answer:
            offer = answer.offer
        elif name in OFFERS_PERSON:
            offer = "person"
    return replace(talk, offer=offer, said=remember(talk, names))


def _walked(guide: Guide, standing: Standing, talk: Talk, heard: Heard, moved: Move) -> Turn:
    """Return the turn of a move; who is confirmed begins where the account stands, which an action reads."""
    starts = not standing.at(guide) and moved.standing.path[-1:] == (guide.first,) and "step" not in heard.entities
    if starts and heard.is_confirmed:
        return Turn((GUIDE_START,), standing, _after(talk, ()))
    there = moved.standing.at(guide)
    if there and moved.standing.path != standing.path:  # what leans on the talk is about the step then
        talk = replace(talk, about=f"ask_{there.details.removeprefix('utter_')}")
    return Turn(moved.say, moved.standing, _after(talk, moved.say))


def _pressed(guide: Guide, standing: Standing, talk: Talk, heard: Heard, said_before: str | None) -> Turn:
    """Decide what a pressed button leads to: the page it names, or a move within the walkthrough."""
    moved = move(guide, standing, heard.intent, "", dict(heard.entities), said_before, talk.details)
    if moved:
        return _walked(guide, standing, talk, heard, moved)
    about = heard.intent if heard.intent.startswith("ask_") else talk.about
    page = f"utter_{heard.intent.removeprefix('ask_')}"
    runs = standing.at(guide)
    say: tuple[str | None, ...] = ()
    if runs and not standing.paused and heard.intent not in NOT_OFFERED and not heard.asks_who_it_is:
        say = (None, f"utter_guide_ask_{runs.name}")
    return Turn(say, standing, _after(replace(talk, about=about), (page, *say[1:])))


def _without_words(guide: Guide, standing: Standing, talk: Talk, heard: Heard, said_before: str | None) -> Turn:
    """Answer a message of signs alone, by what it means where the customer stands."""
    text = heard.text
    agrees = bool(AGREES.search(text))
    if agrees or (DISAGREES.search(text)):
        intent = "affirm" if agrees else "deny"
        as_word = replace(heard, intent=intent, parts=(Part("", {intent: 1.0}, {}, {}, {}),), ranking=((intent, 1.0),))
        offered = _offered(standing, talk, as_word, said_before)
        if offered:
            return Turn(offered, standing, _after(talk, offered))
        moved = move(guide, standing, intent, "", {}, said_before, talk.details)
        if moved:
            return Turn(moved.say, moved.standing, _after(talk, moved.say))
        return Turn(("utter_acknowledged",), standing, talk)
    if any(letter.isdigit() for letter in text):
        moved = move(guide, standing, heard.intent, text, dict(heard.entities), said_before, talk.details)
        if moved:
            return Turn(moved.say, moved.standing, _after(talk, moved.say))
        answer = read_answers().get(talk.about or "")
        if answer and answer.computed and needed(answer) in heard.told:
            return Turn((COMPUTED[answer.computed],), standing, talk)
        return Turn(("utter_waiting_for_question",), standing, talk)
    if ASKS_ALONE.search(text):
        if talk.about and "/" in talk.about:
            said = (wording(talk.about, talk, {}),)
            return Turn(said, standing, _after(talk, said))
        return Turn(("utter_waiting_for_question",), standing, talk)
    if any(letter.isalpha() for letter in text):
        return Turn(("utter_gibberish",), standing, talk)
    return Turn(("utter_acknowledged",), standing, talk)


def _person(talk: Talk, heard: Heard) -> tuple[str, ...] | None:
    """Return how a person is called, where the customer wants one or is angry."""
    if heard.intent == "person":
        return (PERSON,)
    declines = any(DECLINES.search(part.text) for part in heard.parts)
    for number, part in enumerate(heard.parts):
        wants = part.intent("person")
        least = WANTS_PERSON if number == 0 else PART_WANTS_PERSON  # few words mean little by themselves
        if wants >= (HINTS_AT_PERSON if PERSON_NAMED.search(part.text) else least) and not declines:
            return (PERSON,)
        if WISHES_PERSON.search(part.text) and not NO_WISH.search(part.text):
            return (PERSON,)
    if heard.likely("angry") >= ANGRY:
        return ("utter_angry", PERSON)
    return None


def _told_only(talk: Talk, before: Talk, heard: Heard) -> str | None:
    """Return the address of what follows for who tells a new detail in the middle of a talk, and asks nothing."""
    part = heard.parts[0]
    new = {name: value for name, value in heard.told.items() if before.details.get(name) != value}
    if not new or ASKS_AT_ALL.search(WHAT_NOW.sub("", part.text)) or len(part.text.split()) > MOST_WORDS:
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


def _offered(standing: Standing, talk: Talk, heard: Heard, said_before: str | None) -> tuple[str, ...] | None:
    """Return what is said to who takes up, or turns down, what was offered last."""
    if not talk.offer:
        return None
    # "Ok, and how do I register them?" accepts nothing.
    goes_on = any(ASKS.search(part.text) for part in heard.parts[1:])
    if heard.intent == "affirm" or (heard.likely("affirm") >= ACCEPTS and not goes_on):
        return (PERSON,) if talk.offer == "person" else (f"utter_{talk.offer.removeprefix('ask_')}",)
    if heard.intent == "deny" and len(heard.text.split()) <= 5:
        return ("utter_offer_declined",)
    return None


def _moved(guide: Guide, standing: Standing, talk: Talk, heard: Heard, said_before: str | None) -> Move | None:
    """Return where the walkthrough leads, unless the message asks something else."""
    place = None if standing.paused else standing.at(guide)
    answer = _answer_first(heard)
    if place and answer:
        return move(guide, standing, *answer, {}, said_before, talk.details)
    if place and _asks(heard, talk) and heard.intent not in WITHIN:
        return None
    intent = heard.intent
    if intent == NOT_UNDERSTOOD and not (place and (place.answer_in(heard.text) or says_done(heard.text))):
        best = rank(heard.parts[0], talk, heard.told)[0]
        is_question = best.sure >= SURER_PART and strength(heard.parts[0], best.address) >= STRONG
        leans = leaning(heard.parts[0]) > 0.5 and (not place or thing_of(talk.about))
        if (talk.about and leans) or (place and is_question):
            return None
    if talk.about and not standing.at(guide) and intent in ("guide_repeat", "guide_details", "guide_where"):
        return None
    said = heard.parts[0].text
    if place and intent == "guide_jump" and "step" not in heard.entities and GO_ON.search(heard.parts[-1].text):
        intent = "next"  # "I said no, let us go on"
    is_vague = leaning(heard.parts[0]) > CERTAIN
    if place and intent == NOT_UNDERSTOOD and heard.parts[0].aspects.get("problem", 0.0) >= BY_RULE and is_vague:
        intent = "not_done"  # "it does not work"
    agrees = AGREES_LAST.search(said) or (AGREES_THEN.match(said) and not DENIES.search(said))
    if place and intent != "progress" and agrees and is_statement(said):
        intent = "affirm"  # "the form is open, yes", "yes attached"
    return move(guide, standing, intent, heard.text, dict(heard.entities), said_before, talk.details, heard.told)


def _told_first(
    guide: Guide, place: Place, standing: Standing, talk: Talk, heard: Heard, said_before: str | None
) -> Move | None:
    """Return where the first part of a message leads, where it answers or tells what is done before the rest asks."""
    first, *rest = heard.parts[1:] or (None,)
    if first is None or not is_statement(first.text) or not any(ASKS.search(part.text) for part in rest):
        return None
    intent = next((name for name in ("affirm", "deny", "next", "progress") if first.intent(name) >= BY_RULE), None)
    is_done = says_done(first.text)
    if intent is None and (is_done or place.answer_in(first.text) or place.known_answer(heard.told)):
        intent = "next" if is_done else NOT_UNDERSTOOD
    if intent is None:
        return None
    entities = dict(heard.entities) if intent == "progress" else {}
    moved = move(guide, standing, intent, first.text, entities, said_before, talk.details, heard.told)
    return moved if moved and moved.standing.path != standing.path else None


def _answer_first(heard: Heard) -> tuple[str, str] | None:
    """Return the plain yes or no that a message begins with, and its words, where the rest asks nothing."""
    first, *rest = heard.parts[1:] or (None,)
    if first is None or any(ASKS.search(part.text) for part in rest):
        return None
    answer = next((name for name in ("affirm", "deny") if first.intent(name) >= BY_RULE), None)
    # "No, rather step by step": what is wished of the walkthrough itself goes first.
    wish = next((name for part in rest for name in WITHIN if part.intent(name) >= BY_RULE), None)
    return (wish or answer, first.text) if answer else None


def _asks(heard: Heard, talk: Talk) -> bool:
    """Tell whether a message surely asks a question of its own."""
    part = heard.parts[0]
    best = rank(part, replace(talk, about=None), heard.told)[0]
    return "?" in heard.text and best.sure >= SURE_PART and leaning(part) < 0.5


def _reply(
    actions: frozenset[str], talk: Talk, before: Talk, heard: Heard, standing: Standing, said_before: str | None
) -> tuple[tuple[str | None, ...], str | None]:
    """Return what is said to a message outside of the walkthrough, and what the talk is about then."""
    intent, whole = heard.intent, heard.parts[0]
    if intent == "never_mind" or heard.parts[-1].intent("never_mind") >= BY_RULE:
        return ("utter_never_mind",), None
    if whole.intent("abuse") >= BY_RULE:
        return ("utter_abuse",), talk.about
    if intent == "complain" and not _is_topical(heard, talk):
        again = "utter_complain" in talk.said
        return ("utter_complain_again" if again else "utter_complain",), talk.about
    if intent == "set_language":
        answer = read_answers().get(talk.about or "")
        return ("utter_language_set", *((answer.response(talk.details),) if answer else ())), talk.about
    in_talk = talk.about not in (None, OUTSIDE)
    by_rule = intent in BY_RULES and (not in_talk or (whole.intent(intent) >= BY_RULE and intent not in GOES_ON))
    if by_rule and not _is_topical(heard, talk) and not _is_learned(whole):
        if intent == "affirm" and in_talk:  # "ok", "I see"
            return ("utter_acknowledged",), talk.about
        return (), talk.about if intent in ("thanks", "affirm", "deny", "next") else None
    if intent == NOT_UNDERSTOOD and OF_THEIRS.search(whole.text):
        theirs = max((name for name in whole.intents if name.startswith("ask_my_")), key=whole.intent, default="")
        intent = theirs if whole.intent(theirs) >= MAY_LOOK_UP else intent
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
    if not leans and not is_close and (choices[0].sure < SURE / 2 or (intent == NOT_UNDERSTOOD and found < STRONG)):
        guess = wording(choices[0].address, talk, heard.told) if found >= WEAK else None
        return (("utter_fallback_guess", guess, FALLBACK) if guess else (FALLBACK,)), talk.about
    names: list[str] = []
    for one in choices:
        own = _own_if_asked(one.address, whole, said_before) if heard.is_confirmed else None
        name = _action(own) if own else None
        name = name or wording(one.address, replace(talk, said=(*talk.said, *names)), heard.told)
        if name not in names:
            names.append(name)
    if len(choices) == 1:
        names = [stated(names[0], whole.text)]
    last = read_answers().get(choices[-1].address)
    if last and last.own and not last.is_known and not heard.is_confirmed and OF_THEMSELVES.search(whole.text):
        names.append(_action(last.own))
    return tuple(names), (last.leads if last and last.leads else choices[-1].address)


def _follow_up(talk: Talk, before: Talk, heard: Heard) -> tuple[str, ...] | None:
    """Return what is said to a few words about the open answer that ask for no other, or None."""
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


def _is_learned(part: Part) -> bool:
    """Tell whether a message is an example of an answer, word for word."""
    return max(part.near.values(), default=0.0) >= SAME_WORDS


def _is_topical(heard: Heard, talk: Talk) -> bool:
    """Tell whether a message asks about a topic beside its greeting, its thanks or its complaint."""
    best = [rank(part, talk, heard.told)[0] for part in heard.parts if leaning(part) < 0.5 and own_share(part) > 0.3]
    return any(one.sure >= SURE_PART for one in best)


def _own(address: str) -> str | None:
    """Return the intent that looks up in the account what an address asks for."""
    answer = read_answers().get(address)
    return answer.own if answer else OWN.get(address)


def _own_if_asked(address: str, part: Part, said_before: str | None) -> str | None:
    """Return what looks an answer up in the account, where a message speaks of the customer or of how things stand.

    What the account was just looked up for, or what is only supposed, the general answer tells.
    """
    answer = read_answers().get(address)
    if answer is None:  # no page where the account knows better; "what is the green tick?" is no such
        return _own(address) if part.aspects.get("what", 0.0) < BY_RULE else None
    if SUPPOSES.search(part.text) or not (answer.aspect in STATES or OF_THEMSELVES.search(part.text)):
        return None
    topical = OWN.get(answer.topic) if answer.aspect in FACTS and OF_THEMSELVES.search(part.text) else None
    return answer.own or (topical if topical and _action(topical) != said_before else None)


def _action(own: str) -> str:
    return f"action_{own.removeprefix('ask_')}"

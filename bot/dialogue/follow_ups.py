"""Tell what follows from the last answer: its offer taken up, a detail given, a few words about it, a rejection."""

import re
from collections.abc import Mapping

from bot.dialogue.answers import read_answers
from bot.dialogue.guide import WHAT_NOW
from bot.dialogue.heard import BY_RULE, CERTAIN, LEANS, PERSON, STILL_STUCK, SURE_PART, SURER_PART, Heard
from bot.dialogue.phrasing import COMPUTED, unsaid, wording
from bot.dialogue.ranking import FOLLOW_UP, Part, Talk, aspect_of, leaning, needed, rank, thing_of, topic_of
from bot.text import is_asking

OUTSIDE = "out_of_scope"  # what the talk is about after something that it does not answer
ACCEPTS = 0.6  # probability of "yes" from which an offer is taken up
REJECTS = re.compile(
    r"^(?:no|ne|nope|huh)\b(?! (?:vel|idea|problem))|\bi (?:meant?|did ?n.?t ask|asked|was asking)\b|"
    r"\b(?:(?:es )?(?:domaju|(?:ne)?jautaju|(?:ne)?prasiju|runaju)|runa ir par)\b|\bnot what i\b|\bne par to\b"
)
THANKS, YES = re.compile(r"\b(?:paldies|thanks|thank you|thx)\b"), re.compile(r"(?:ja|yes|yep|yeah|sure)\b")
MAX_WORDS_OF_YES = 4  # of a "yes" that needs no further word for what it agrees to
# A person is asked for, or nothing has helped.
CONNECTS = re.compile(
    r"\b(?:savieno\w*|pasauc\w*|ludzu|cilvek\w*|kadu|operator\w*|dariet|please|pls|connect|call|person|human|somebody|"
    r"someone|agent|go ahead|do (?:it|that|so)|nothing|still (?:no|not)|nekas|joprojam|tapat)\b"
)
# Nothing but the demand for a plain yes or no.
PLAINLY = re.compile(r"(?:\w+ ){0,3}(?:yes or no|ja vai ne)(?:\W+\w+){0,2}\W*")
FIGURE_ALONE = re.compile(r"(?:(?:so|and|then|ok|tad|tatad|un|ja|yes) )*\d[\d ]*(?: ?(?:p|pts?|points?|punkt\w*))?\W*")
STILL = re.compile(r"\b(?:same|still|tas pats|tapat|to pasu|joprojam|atkal|again)\b")  # the problem is as it was
CONTRAST = re.compile(r"\b(?:bet|tikai|but|only|though)\b")  # "the invoice came, but with a mistake"
MAX_WORDS = 16  # of a message that only gives a detail
MAX_WORDS_OF_PAYMENT = 6  # the same, of the way to pay: "ok, by card" and not "ok, card, so I can use it right away"
# What follows from a detail that a customer gives without asking anything.
FOLLOWS = {
    ("payment", "card"): "card/by_when",
    ("payment", "transfer"): "transfer/by_when",
    ("vat_payer", "yes"): "documents/which",
    ("vat_payer", "no"): "documents/which",
    ("gave_old_email", "no"): "migrate_button/if_not-no_email",
    ("invitation_came", "yes"): "invitation/next",
    ("invoice_came", "yes"): "invoice/next",
}


def follows_from_details(talk: Talk, before: Talk, heard: Heard) -> str | None:
    """Return the address of what follows from a new detail that is given in the middle of a talk without a question."""
    part = heard.parts[0]
    new = {name: value for name, value in heard.told.items() if before.details.get(name) != value}
    if not new or is_asking(WHAT_NOW.sub("", part.text)) or len(part.text.split()) > MAX_WORDS:
        return None
    answer = read_answers().get(talk.about or "")
    if answer and answer.computed and needed(answer) in new:
        return answer.address
    follows = next((FOLLOWS[name, new[name]] for name in new if (name, new[name]) in FOLLOWS), None)
    sure = max((p for name, p in part.intents.items() if name not in ("affirm", "deny")), default=0.0)
    # News may sound like a problem: "sorry, my mistake, we ARE registered".
    if follows and sure < CERTAIN and _is_news(new, before) and not CONTRAST.search(part.text):
        return follows
    best = rank(part, talk, new)[0]
    is_problem = aspect_of(best.address) == "problem" and best.sure >= SURER_PART
    if (
        is_problem
        or part.aspects.get("problem", 0.0) >= BY_RULE
        or part.intent("progress", "complain", "thanks") >= BY_RULE
    ):
        return None
    if "payment" in new and len(part.text.split()) > MAX_WORDS_OF_PAYMENT:
        return None
    swapped = f"{new['payment']}/{(talk.about or '').partition('/')[2]}" if "payment" in new else ""
    if thing_of(talk.about) in ("card", "transfer") and swapped in read_answers():
        return swapped
    return None if sure >= CERTAIN else follows


def _is_news(new: Mapping[str, str], before: Talk) -> bool:
    """Tell whether a detail corrects what was told before, or says that something has come."""
    corrects = any(name in before.details and (name, new[name]) in FOLLOWS and name != "payment" for name in new)
    return corrects or any((name, value) in FOLLOWS and name.endswith("_came") for name, value in new.items())


def take_up_offer(talk: Talk, heard: Heard) -> tuple[str, ...] | None:
    """Return the reply to a customer who accepts or declines the last offer."""
    if not talk.offer or wants_it_plainly(heard.parts[0]):
        return None
    # "Ok, and how do I register them?" accepts nothing.
    goes_on = any(part.asks for part in heard.parts[1:])
    if heard.intent == "affirm" or (heard.likely("affirm") >= ACCEPTS and not goes_on):
        if talk.offer == "person":
            return (PERSON,) if _wants_connecting(heard.parts[0].text) else None
        return (f"utter_{talk.offer.removeprefix('ask_')}",)
    if heard.intent == "deny" and len(heard.text.split()) <= 5:
        return ("utter_offer_declined",)
    return None


def _wants_connecting(text: str) -> bool:
    """Tell whether a folded text that sounds like "yes" takes up the offer of a person, and tells nothing else."""
    if THANKS.search(text) and not YES.match(text):  # "fine, thanks"
        return False
    return len(text.split()) <= MAX_WORDS_OF_YES or bool(CONNECTS.search(text))


def follow_up(talk: Talk, before: Talk, heard: Heard) -> tuple[str, ...] | None:
    """Return the reply to a few words that are about the last answer and ask for no other, or None."""
    part = heard.parts[0]
    aspect, sure = max(part.aspects.items(), key=lambda one: one[1], default=("", 0.0))
    if wants_it_plainly(part):
        aspect, sure = "sure", 1.0
    if talk.about == OUTSIDE:
        return (unsaid("utter_not_known", talk),) if part.intent(FOLLOW_UP) >= LEANS else None
    answer = read_answers().get(talk.about or "")
    if answer and answer.computed and needed(answer) in heard.told and leaning(part) >= LEANS:
        return (COMPUTED[answer.computed],)
    if answer and answer.computed and needed(answer) in talk.details and FIGURE_ALONE.fullmatch(part.text):
        return (COMPUTED[answer.computed],)  # "so 600?": what is missing, as it was just told
    corrected = answer.response(talk.details) if answer and leaning(part) >= LEANS else None
    if answer and corrected and corrected not in talk.said and corrected != answer.response(before.details):
        return (corrected,)
    if sure < 0.5:
        return None
    best = rank(part, talk, heard.told)[0]
    another = best.sure >= SURER_PART and best.address != talk.about
    if answer and answer.aspect == "problem" and aspect == "next" and aspect_of(best.address) == "next":
        another = False  # what to do now is about the problem, not about what follows where there is none
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
        if answer and answer.aspect == "problem" and STILL.search(part.text):
            return (unsaid(STILL_STUCK, talk),)
        found = read_answers().get(best.address)
        matches = max(part.answers.get(topic_of(talk.about) or "", {}).values(), default=0.0)
        if found and (matches >= 0.5 or best.sure >= SURE_PART) and found.response({}) not in talk.said:
            return None
        return (unsaid(STILL_STUCK, talk),)
    return None


def wants_it_plainly(part: Part) -> bool:
    """Tell whether a message asks for nothing but a plain yes or no to what was asked before."""
    return bool(PLAINLY.fullmatch(part.text))


def rejects(heard: Heard, talk: Talk) -> bool:
    """Tell whether a message says that the last answer was not what was asked, and gives no detail that corrects it."""
    answer = read_answers().get(talk.about or "")
    if not answer or answer.computed or any(set(heard.told) & set(one.when) for one in answer.variants):
        return False
    complains = any(part.intent("complain") >= BY_RULE for part in heard.parts)
    return complains or bool(REJECTS.search(heard.parts[0].text))

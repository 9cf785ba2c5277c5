"""Choose the replies to a message outside the walkthrough: small talk, look-ups, follow-ups, answers."""

from collections.abc import Sequence
from dataclasses import replace

from bot.dialogue.answers import read_answers
from bot.dialogue.choosing import choose
from bot.dialogue.follow_ups import OUTSIDE, follow_up, rejects, wants_it_plainly
from bot.dialogue.heard import (
    ABOUT_WHAT,
    BY_RULE,
    CERTAIN,
    FALLBACK,
    LEANS,
    NOT_UNDERSTOOD,
    STRONG,
    SURE,
    SURE_PART,
    SURER_PART,
    WEAK,
    Heard,
)
from bot.dialogue.own_account import Reply, action_of, asks_of_their_account, look_up, meant_intent, own_if_asked
from bot.dialogue.phrasing import repeats, stated, wording
from bot.dialogue.ranking import (
    FOLLOW_UP,
    GOES_ON,
    SAME_WORDS,
    Choice,
    Part,
    Talk,
    leaning,
    own_share,
    rank,
    strength,
    topic_of,
)

DOUBTFUL = 0.7  # share of the evidence below which a second reader is asked, if there is one
OF_ITS_OWN = 0.6  # probability of any topic from which a sure answer is given even if no topic is sure
CLOSE = 0.6  # how near an example must be to a message not understood for its answer to be given
# Intents that a rule answers wherever they come.
BY_RULES = {
    "greet", "thanks", "goodbye", "help", "log_out", "small_talk", "abuse", "affirm", "deny", "next", "not_done",
    "start", "identity_cancelled", "person_left", "guide_back", "guide_repeat", "guide_where", "guide_stop",
}  # fmt: skip


def reply(talk: Talk, before: Talk, heard: Heard, said_before: str | None) -> Reply:
    """Return the reply to a message outside the walkthrough, and what the talk is about afterwards."""
    if rejects(heard, talk):
        talk = replace(talk, rejected=talk.about)
    heard = _without_what_was_dropped(heard)
    spoken = None if wants_it_plainly(heard.parts[0]) else _to_small_talk(talk, heard)
    if spoken:
        return spoken
    asked = _behind_a_language(heard) if heard.intent == "set_language" else None
    if asked:
        return reply(talk, before, asked, said_before)
    intent = meant_intent(talk, heard)
    looked_up = look_up(talk, heard, intent, said_before)
    if looked_up:
        return looked_up
    whole = heard.parts[0]
    if _is_about_nothing(talk, heard, intent):
        return (FALLBACK if said_before in (FALLBACK, ABOUT_WHAT) else ABOUT_WHAT,), None
    if talk.about and (leaning(whole) > 0.4 or wants_it_plainly(whole)):
        said = follow_up(talk, before, heard)
        if said:
            return said, talk.about
    choices = choose(heard.parts, talk, heard.told)
    outside = whole.intent("out_of_scope")
    if intent == "out_of_scope" and outside > own_share(whole) and leaning(whole) < LEANS:
        return (), OUTSIDE
    if _is_missed(talk, heard, intent, choices[0]):
        return (FALLBACK,), talk.about
    return _answered(choices, talk, heard, said_before)


def _without_what_was_dropped(heard: Heard) -> Heard:
    """Return a message from behind its "never mind" on: "what now. forget it. may I move them myself?"."""
    dropped = [
        number for number, part in enumerate(heard.parts[:-1]) if number and part.intent("never_mind") >= BY_RULE
    ]
    if not dropped:
        return heard
    kept = heard.parts[dropped[-1] + 1 :]
    first = kept[0] if len(kept) == 1 else heard.parts[0]
    intent = max(first.intents, key=first.intents.__getitem__, default=NOT_UNDERSTOOD)
    return replace(heard, parts=(first,) if len(kept) == 1 else (first, *kept), intent=intent)


def picked_reply(talk: Talk, heard: Heard, said_before: str | None) -> Reply:
    """Return the reply that the second reader picked, and what the talk is about afterwards."""
    return _answered([Choice(address, 1.0) for address in heard.picked or ()], talk, heard, said_before)


def is_doubtful(talk: Talk, heard: Heard) -> bool:
    """Tell whether a second reader should say which answer fits a message."""
    asks = heard.intent.startswith("ask_") or heard.intent in (NOT_UNDERSTOOD, FOLLOW_UP, OUTSIDE)
    return asks and rank(heard.parts[0], talk, heard.told)[0].sure < DOUBTFUL


def _to_small_talk(talk: Talk, heard: Heard) -> Reply | None:
    """Return the reply to what asks about no topic: abuse, a complaint, thanks, a wish for a language."""
    intent, whole = heard.intent, heard.parts[0]
    if intent == "never_mind" or heard.parts[-1].intent("never_mind") >= BY_RULE:
        return ("utter_never_mind",), None
    if whole.intent("abuse") >= BY_RULE:
        return ("utter_abuse",), talk.about
    if intent == "complain" and not _is_topical(heard, talk):
        again = "utter_complain" in talk.said
        return ("utter_complain_again" if again else "utter_complain",), talk.about
    if intent == "set_language" and not _behind_a_language(heard):
        answer = read_answers().get(talk.about or "")
        return ("utter_language_set", *((answer.response(talk.details),) if answer else ())), talk.about
    in_talk = talk.about not in (None, OUTSIDE)
    by_rule = intent in BY_RULES and (not in_talk or (whole.intent(intent) >= BY_RULE and intent not in GOES_ON))
    if not by_rule or _is_topical(heard, talk) or _is_learned(whole):
        return None
    if intent == "affirm" and in_talk:  # "ok", "I see"
        return ("utter_acknowledged",), talk.about
    return (), talk.about if intent in ("thanks", "affirm", "deny", "next") else None


def _behind_a_language(heard: Heard) -> Heard | None:
    """Return the question behind a wish for a language: "let us go on in English. when is it charged?"."""
    asked = next((part for part in heard.parts[1:] if part.asks and part.intent("set_language") < BY_RULE), None)
    if asked is None:
        return None
    intent = max(asked.intents, key=asked.intents.__getitem__, default=NOT_UNDERSTOOD)
    return replace(heard, parts=(asked,), intent=intent)


def _is_about_nothing(talk: Talk, heard: Heard, intent: str) -> bool:
    """Tell whether a message follows up on something although the talk is about nothing yet."""
    whole = heard.parts[0]
    if talk.about or not (intent == FOLLOW_UP or whole.intent(FOLLOW_UP, *GOES_ON) >= LEANS):
        return False
    best = rank(whole, talk, heard.told)[0]
    is_like = best.sure >= SURER_PART and whole.near.get(best.address, 0.0) >= CLOSE
    hinted = whole.topics.get(topic_of(best.address) or "", 0.0) >= CERTAIN
    return strength(whole, best.address) < STRONG and not (is_like or hinted) and len(heard.parts) == 1


def _is_missed(talk: Talk, heard: Heard, intent: str, choice: Choice) -> bool:
    """Tell whether even the likeliest answer is so unlikely that it is only suggested."""
    whole = heard.parts[0]
    leans = bool(talk.about) and leaning(whole) >= LEANS
    is_close = whole.near.get(choice.address, 0.0) >= CLOSE and choice.sure >= SURE_PART
    is_sure = choice.sure >= SURER_PART and own_share(whole) >= OF_ITS_OWN
    is_weak = intent == NOT_UNDERSTOOD and strength(whole, choice.address) < WEAK and not is_sure
    return not leans and not is_close and (choice.sure < SURE / 2 or is_weak)


def _answered(choices: Sequence[Choice], talk: Talk, heard: Heard, said_before: str | None) -> Reply:
    """Return the actions that say these answers, and what the talk is about afterwards."""
    whole = heard.parts[0]
    names: list[str] = []
    for one in choices:
        own = own_if_asked(one.address, whole, said_before, talk.about) if heard.is_confirmed else None
        own = one.address if one.address.startswith("ask_my_") else own
        name = action_of(own) if own else None
        name = name or wording(one.address, replace(talk, said=(*talk.said, *names)), heard.told)
        if name not in names and not repeats(name, names):
            names.append(name)
    if len(choices) == 1:
        names = [stated(names[0], whole)]
    last = read_answers().get(choices[-1].address)
    if last and last.own and not last.is_known and not heard.is_confirmed and asks_of_their_account(last, whole):
        names.append(action_of(last.own))
    return tuple(names), (last.leads if last and last.leads else choices[-1].address)


def _is_learned(part: Part) -> bool:
    """Tell whether a message is an example of an answer, word for word."""
    return max(part.near.values(), default=0.0) >= SAME_WORDS


def _is_topical(heard: Heard, talk: Talk) -> bool:
    """Tell whether a message asks about a topic besides a greeting, thanks or a complaint."""
    best = [rank(part, talk, heard.told)[0] for part in heard.parts if leaning(part) < 0.5 and own_share(part) > 0.3]
    return any(one.sure >= SURE_PART for one in best)

"""Decide a turn from what was understood, what the talk is about, and what was said before.

Plain functions; Rasa's part is bot/nlu/dialogue_policy.py.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.dialogue.answers import AGAIN, STATED, read_answers
from bot.dialogue.follow_ups import follows_from_details, take_up_offer
from bot.dialogue.guide import Guide, Position
from bot.dialogue.heard import ABOUT_WHAT, FALLBACK, NOT_UNDERSTOOD, PERSON, SECOND_READER, STILL_STUCK, Heard, told_now
from bot.dialogue.moves import NOT_OFFERED, UNSURE, Move, move
from bot.dialogue.own_account import Reply, in_account
from bot.dialogue.person import asks_of_queue, calls_person, leaves_message
from bot.dialogue.phrasing import ASKED_AGAIN, COMPUTED, by_response, offers_connecting, remember, wording
from bot.dialogue.progress import moved_by, told_first
from bot.dialogue.ranking import Part, Talk, needed
from bot.dialogue.replies import is_doubtful, picked_reply, reply
from bot.dialogue.suggestions import suggested

GUIDE_START = "action_guide_start"
SILENCE = "action_listen"
QUESTION_MISSED = "utter_guide_question_missed"
# To a question without an answer, while a person is awaited; the second time, in other words.
LEFT_TO_PERSON = ("utter_left_to_person", "utter_left_to_person_again")
NOTED = ("utter_noted_for_person", "utter_noted_for_person_again")  # to what is only told
COURTESIES = ("thanks", "affirm", "deny", "goodbye", "greet")  # need no word from who only waits
LEAVE_MESSAGE = "utter_leave_message"
OFFERS_PERSON = {ASKED_AGAIN, STILL_STUCK, "utter_complain", "utter_complain_again", "utter_not_known"}
AGREES = re.compile("[\U0001f44d\U0001f44c\u2705\u2714\U0001f64f\U0001f4af]")
DISAGREES = re.compile("[\U0001f44e\u274c\u274e]")
ASKS_ALONE = re.compile(r"\?|\.\.\.|\u2026")


@dataclass(frozen=True)
class Turn:
    """The actions that answer a message (None: the rules decide), and the state of the talk afterwards."""

    say: tuple[str | None, ...]
    position: Position
    talk: Talk
    suggested: tuple[str, ...] = ()  # addresses of the answers that may have been meant instead


def take_turn(guide: Guide, position: Position, talk: Talk, heard: Heard, said_before: str | None) -> Turn:
    """Decide a turn. `said_before` is the action that spoke last."""
    turn = _take_turn(guide, position, talk, heard, said_before)
    return replace(turn, say=in_account(turn.say, turn.talk.about, heard)) if heard.is_confirmed else turn


def _take_turn(guide: Guide, position: Position, talk: Talk, heard: Heard, said_before: str | None) -> Turn:
    node = None if position.paused else position.at(guide)
    if heard.asks_for_the_language_it_has:
        heard = replace(heard, intent=NOT_UNDERSTOOD)
    before, told = talk, told_now(heard, talk, node)
    talk, heard = replace(talk, details={**talk.details, **told}), replace(heard, told=told)
    if heard.with_person:
        return _meanwhile(position, talk, before, heard)
    if heard.is_payload:
        return _pressed(guide, position, talk, heard, said_before)
    if not heard.parts:
        return _without_words(guide, position, talk, heard, said_before)
    if heard.picked:
        return _replied(guide, position, talk, heard, picked_reply(talk, heard, said_before))
    if leaves_message(heard.text):
        return Turn((LEAVE_MESSAGE,), position, talk)
    person = calls_person(talk, heard)
    if person:
        return Turn(person, position, replace(talk, offer=None))
    told_only = None if position.at(guide) and not position.paused else follows_from_details(talk, before, heard)
    if told_only:
        follows = (wording(told_only, talk, told),)
        return Turn(follows, position, _after(replace(talk, about=told_only), follows))
    offered = take_up_offer(talk, heard)
    if offered:
        return Turn(offered, position, _after(talk, offered))
    moved = moved_by(guide, position, talk, heard, said_before)
    first = told_first(guide, node, position, talk, heard, said_before) if node else None
    asks_besides = first is not None and heard.intent == "progress"  # "submitted it today. when does the mail come?"
    if moved and not asks_besides and not (UNSURE in moved.say and (heard.may_be_read_again or first)):
        return _walked(guide, position, talk, heard, moved)
    if first:  # "no, we are not. and who may submit it?"
        asked = heard.parts[2:] if len(heard.parts) == 3 else (heard.parts[0], *heard.parts[2:])
        intent = max(asked[0].intents, key=asked[0].intents.__getitem__, default=NOT_UNDERSTOOD)
        said, about = reply(talk, before, replace(heard, parts=asked, intent=intent), said_before)
        if FALLBACK in said:  # what was reported counts, even where the question behind it was not understood
            said, about = (QUESTION_MISSED,), talk.about
        if said:
            said = (*said, *first.say)
            return Turn(said, first.position, _after(replace(talk, about=about), said))
    if heard.may_be_read_again and is_doubtful(talk, heard):
        return Turn((SECOND_READER,), position, before)
    return _replied(guide, position, talk, heard, reply(talk, before, heard, said_before))


def _replied(guide: Guide, position: Position, talk: Talk, heard: Heard, replied: Reply) -> Turn:
    """Return the turn of a reply; within the walkthrough, the step's own question follows."""
    said, about = replied
    runs = position.at(guide)
    is_answered = heard.intent not in NOT_OFFERED or (heard.intent == NOT_UNDERSTOOD and said and FALLBACK not in said)
    if runs and not position.paused and is_answered and not heard.asks_who_it_is:
        if said == (ABOUT_WHAT,):  # a follow-up to nothing is about the step
            said = ("utter_guide_where", f"utter_guide_{runs.name}")
        else:
            said = (*(said or (None,)), f"utter_guide_ask_{runs.name}")
    others = () if heard.picked else suggested(talk, heard, said)
    return Turn(said, position, _after(replace(talk, about=about), said), others)


def _meanwhile(position: Position, talk: Talk, before: Talk, heard: Heard) -> Turn:
    """Answer only questions while the customer waits for a person; the rest is left to that person."""
    said: tuple[str | None, ...] = ()
    about = talk.about
    if leaves_message(heard.text):
        return Turn((LEAVE_MESSAGE,), position, talk)
    if asks_of_queue(heard.text) or calls_person(talk, heard):
        return Turn((PERSON,), position, talk)
    if heard.is_payload and heard.intent.startswith("ask_"):
        kind = "action" if heard.intent.startswith("ask_my_") else "utter"
        said, about = (f"{kind}_{heard.intent.removeprefix('ask_')}",), heard.intent
    elif heard.parts and heard.parts[0].asks:
        said, about = reply(talk, before, heard, None)
    said = tuple(name for name in said if name and _answers(name, heard))
    if said:
        return Turn(said, position, _after(replace(talk, about=about), said))
    if not heard.parts or heard.intent in COURTESIES:
        return Turn((SILENCE,), position, talk)
    wordings = LEFT_TO_PERSON if any(part.asks for part in heard.parts) else NOTED
    told = next((name for name in wordings if name not in talk.said), SILENCE)
    return Turn((told,), position, replace(talk, said=remember(talk, (told,))))


def _answers(name: str, heard: Heard) -> bool:
    """Tell whether an action answers on a topic, without offering the person who has been called already."""
    answer = by_response().get(name.removesuffix(AGAIN).removesuffix(STATED))
    if answer:
        return answer.offer != "person" or not offers_connecting(name)
    topics = {answer.topic for answer in read_answers().values()}
    return (
        name in COMPUTED.values()
        or f"ask_{name.removeprefix('utter_')}" in topics
        or (name.startswith("action_my_") and heard.is_confirmed)
    )


def _after(talk: Talk, said: Sequence[str | None]) -> Talk:
    """Return the state of the talk after these actions."""
    names = [name for name in said if name]
    offer: str | None = None
    for name in names:
        answer = by_response().get(name.removesuffix(AGAIN).removesuffix(STATED))
        if answer:
            offer = answer.offer
        elif name in OFFERS_PERSON:
            offer = "person"
    return replace(talk, offer=offer, said=remember(talk, names))


def _walked(guide: Guide, position: Position, talk: Talk, heard: Heard, moved: Move) -> Turn:
    """Return the turn of a move; a confirmed customer begins where the account stands, which an action reads."""
    starts = not position.at(guide) and moved.position.path[-1:] == (guide.first,) and "step" not in heard.entities
    if starts and heard.is_confirmed:
        return Turn((GUIDE_START,), position, _after(talk, ()))
    there = moved.position.at(guide)
    if there and moved.position.path != position.path:  # follow-ups are about the step from now on
        talk = replace(talk, about=f"ask_{there.details.removeprefix('utter_')}")
    return Turn(moved.say, moved.position, _after(talk, moved.say))


def _pressed(guide: Guide, position: Position, talk: Talk, heard: Heard, said_before: str | None) -> Turn:
    """Decide what a pressed button leads to: the page it names, or a move within the walkthrough."""
    moved = move(guide, position, heard.intent, "", dict(heard.entities), said_before, talk.details)
    if moved:
        return _walked(guide, position, talk, heard, moved)
    about = heard.intent if heard.intent.startswith("ask_") else talk.about
    page = f"utter_{heard.intent.removeprefix('ask_')}"
    runs = position.at(guide)
    say: tuple[str | None, ...] = ()
    if runs and not position.paused and heard.intent not in NOT_OFFERED and not heard.asks_who_it_is:
        say = (None, f"utter_guide_ask_{runs.name}")
    return Turn(say, position, _after(replace(talk, about=about), (page, *say[1:])))


def _without_words(guide: Guide, position: Position, talk: Talk, heard: Heard, said_before: str | None) -> Turn:
    """Answer a message without letters by what it means where the customer stands."""
    text = heard.text
    agrees = bool(AGREES.search(text))
    if agrees or (DISAGREES.search(text)):
        intent = "affirm" if agrees else "deny"
        as_word = replace(heard, intent=intent, parts=(Part("", {intent: 1.0}, {}, {}, {}),), ranking=((intent, 1.0),))
        offered = take_up_offer(talk, as_word)
        if offered:
            return Turn(offered, position, _after(talk, offered))
        moved = move(guide, position, intent, "", {}, said_before, talk.details)
        if moved:
            return Turn(moved.say, moved.position, _after(talk, moved.say))
        return Turn(("utter_acknowledged",), position, talk)
    if any(letter.isdigit() for letter in text):
        moved = move(guide, position, heard.intent, text, dict(heard.entities), said_before, talk.details)
        if moved:
            return Turn(moved.say, moved.position, _after(talk, moved.say))
        answer = read_answers().get(talk.about or "")
        if answer and answer.computed and needed(answer) in heard.told:
            return Turn((COMPUTED[answer.computed],), position, talk)
        return Turn(("utter_waiting_for_question",), position, talk)
    if ASKS_ALONE.search(text):
        if talk.about and "/" in talk.about:
            said = (wording(talk.about, talk, {}),)
            return Turn(said, position, _after(talk, said))
        return Turn(("utter_waiting_for_question",), position, talk)
    if any(letter.isalpha() for letter in text):
        return Turn(("utter_gibberish",), position, talk)
    return Turn(("utter_acknowledged",), position, talk)

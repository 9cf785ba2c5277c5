"""Decide each turn that a rule cannot: the walkthrough, short answers, follow-ups, offers, guesses."""

from __future__ import annotations

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rasa.core.policies.policy import Policy, PolicyPrediction, confidence_scores_for
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue.guide import Guide, Position, read_guide
from bot.dialogue.heard import SECOND_READER, Heard
from bot.dialogue.policy import Turn, take_turn
from bot.dialogue.ranking import Talk, part_of
from bot.dialogue.suggestions import asked_by_name, likely_instead, questions, tells
from bot.nlu.details import details_in
from bot.nlu.suggesting import SUGGESTED

RIGA = ZoneInfo("Europe/Riga")
LANGUAGE = "language"
PATH, PAUSED, STEP = "guide_path", "guide_paused", "guide_step"
ABOUT, OFFER, SAID, DETAILS, PICKED = "about", "offer", "said", "details", "picked"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class DialoguePolicy(Policy):
    """Let bot/dialogue/policy.py decide a turn, and Rasa carry it out.

    A policy and not an action: it needs nothing but the tracker, and a turn stays within Rasa.
    """

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        featurizer: Any = None,
    ) -> None:
        super().__init__(config, model_storage, resource, execution_context, featurizer)
        self.guide = read_guide()

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return a priority above that of the rules."""
        return {"priority": 7}

    def train(self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """Learn nothing: all that this policy says is data."""
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Predict this turn's next action, or nothing."""
        before, user, after = split_turn(list(tracker.events))
        if user is None:
            return self._prediction(self._default_predictions(domain))
        done = [event.action_name for event in after if isinstance(event, ActionExecuted)]
        done = [name for name in done if name != SECOND_READER]
        turn = planned(self.guide, before, user, after)
        name = turn.say[len(done)] if len(done) < len(turn.say) else ACTION_LISTEN_NAME if turn.say else None
        events = changes(self.guide, turn, before) if not done and turn.say != (SECOND_READER,) else []
        if name is None:  # this part of the turn is left to the rules
            return self._prediction(self._default_predictions(domain), events=events)
        return self._prediction(confidence_scores_for(name, 1.0, domain), events=events)


def split_turn(events: list[Event]) -> tuple[list[Event], UserUttered | None, list[Event]]:
    """Return the events before the customer's last message, the message, and the events after it."""
    for index in range(len(events) - 1, -1, -1):
        if isinstance(events[index], UserUttered):
            return events[:index], events[index], events[index + 1 :]
    return events, None, []


def slots_in(events: list[Event]) -> dict[str, Any]:
    """Return the values of the slots after these events."""
    return {event.key: event.value for event in events if isinstance(event, SlotSet)}


def position_in(kept: dict[str, Any]) -> Position:
    """Return where the customer stands in the walkthrough, from the slots."""
    return Position(tuple(kept.get(PATH) or ()), bool(kept.get(PAUSED)))


def talk_in(kept: dict[str, Any]) -> Talk:
    """Return the state of the talk, from the slots."""
    return Talk(kept.get(ABOUT), kept.get(OFFER), tuple(kept.get(SAID) or ()), dict(kept.get(DETAILS) or {}))


def changes(guide: Guide, turn: Turn, before: list[Event]) -> list[Event]:
    """Return the events that store what a turn changes."""
    kept = slots_in(before)
    position, talk = turn.position, turn.talk
    step = guide.nodes[position.path[-1]].step if position.path else None
    wanted: dict[str, Any] = {}
    if position != position_in(kept):
        wanted = {PATH: list(position.path), PAUSED: position.paused, STEP: step}
    wanted |= {
        SUGGESTED: list(turn.suggested),
        ABOUT: talk.about,
        OFFER: talk.offer,
        SAID: list(talk.said),
        DETAILS: dict(talk.details),
    }
    return [SlotSet(name, value) for name, value in wanted.items() if value != (kept.get(name) or type(value)())]


def planned(guide: Guide, before: list[Event], user: UserUttered, after: list[Event]) -> Turn:
    """Return the actions of this turn, which are planned once for all predictions, and anew where the plan changes."""
    since = (slots_in(after).get(PICKED), asks_who_it_is(after))  # all that the plan takes from the events since
    made = getattr(user, "planned", None)
    if not made or made[0] != since:
        made = user.planned = (since, plan(guide, before, user, after))
    turn: Turn = made[1]
    return turn


def plan(guide: Guide, before: list[Event], user: UserUttered, after: list[Event]) -> Turn:
    """Return the actions of this turn, None for the rules' part; if there are none, the rules decide."""
    kept, heard = slots_in(before), heard_in(before, user, after)
    return take_turn(guide, position_in(kept), talk_in(kept), heard, last_said(before))


def heard_in(before: list[Event], user: UserUttered, after: list[Event]) -> Heard:
    """Return how the customer's last message was understood."""
    kept = slots_in(before)
    typed = (user.text or "").strip()
    is_payload = not typed or typed.startswith("/")  # Rasa's own story tests give an intent without text
    told = {} if is_payload else details_in(typed, user.entities, today(), kept.get(DETAILS))
    asked = asked_by_name(typed)
    return Heard(
        text="" if is_payload else typed,
        intent=user.intent_name or "",
        entities={entity["entity"]: entity["value"] for entity in user.entities},
        parts=tuple(part_of(one) for one in user.parse_data.get("parts") or ()),
        ranking=tuple((one["name"], one["confidence"]) for one in user.parse_data.get("intent_ranking") or ()),
        told=told,
        language=kept.get(LANGUAGE),
        is_confirmed=bool(user.metadata.get("confirmed")),
        is_payload=is_payload,
        with_person=bool(user.metadata.get("with_person")),
        has_second_reader=bool(user.metadata.get("second_reader")),
        picked=slots_in(after).get(PICKED, [asked] if asked else None),
        asks_who_it_is=asks_who_it_is(after),
    )


def meant_instead(tracker: DialogueStateTracker) -> list[str] | None:
    """Return the questions that the last message may have asked instead; None if it was told nothing."""
    before, user, after = split_turn(list(tracker.events))
    said = [event.metadata.get("utter_action") for event in after if isinstance(event, BotUttered)]
    if user is None or not any(tells(name) for name in said):
        return None
    heard = heard_in(before, user, after)
    return questions(likely_instead(talk_in(slots_in(before)), heard, said), tracker.get_slot(LANGUAGE) or "lv")


def today() -> datetime.date:
    """Return today's date in Latvia."""
    return datetime.datetime.now(RIGA).date()


def last_said(events: list[Event]) -> str | None:
    """Return the action that spoke last."""
    quiet = (ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME)
    names = (event.action_name for event in reversed(events) if isinstance(event, ActionExecuted))
    return next((name for name in names if name not in quiet), None)


def asks_who_it_is(events: list[Event]) -> bool:
    """Tell whether the identity form was opened: the walkthrough must not add to it."""
    return any(
        isinstance(event, BotUttered) and event.metadata.get("utter_action") == "utter_confirm_identity"
        for event in events
    )

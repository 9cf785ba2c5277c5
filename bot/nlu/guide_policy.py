"""Lead through the walkthrough, answer from the customer's own account or a second question, guess before giving up."""

from __future__ import annotations

import re
from typing import Any

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

from bot.guide import NOT_OFFERED, Guide, Move, Standing, move, read_guide
from bot.nlu.text import fold

OFFER = "utter_guide_offer"
NOT_UNDERSTOOD = "nlu_fallback"
# What a confirmed customer who speaks of themselves is told instead of the general answer.
OWN = {
    "ask_waiting": "ask_my_status",
    "ask_green_tick": "ask_my_products",
    "ask_migrate_button": "ask_my_migration",
    "ask_tiers": "ask_my_tiers",
    "ask_payment": "ask_my_payment",
    "ask_membership": "ask_my_membership",
}
# Over folded text.
OF_THEMSELVES = re.compile(
    r"\b(man|mans|mana|manu|manam|manai|manas|mani|manos|manus|mums|musu|es|i|me|my|mine|we|our)\b"
)
WORTH_A_GUESS = 0.2  # probability; below it three guesses in four are wrong
PATH, PAUSED, STEP = "guide_path", "guide_paused", "guide_step"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class GuidePolicy(Policy):
    """Decide a turn that one rule cannot: in the walkthrough, of who is confirmed, of two questions, of a guess.

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
        """Stand above the rules."""
        return {"priority": 7}

    def train(self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """Learn nothing: the walkthrough is data."""
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
        turn = plan(self.guide, domain.action_names_or_texts, before, user, after)
        if turn is None:
            return self._prediction(self._default_predictions(domain))
        name = turn.say[len(done)] if len(done) < len(turn.say) else ACTION_LISTEN_NAME
        if name is None:  # the rules' part of the turn
            return self._prediction(self._default_predictions(domain))
        events = slots(self.guide, turn.standing) if not done and turn.standing != standing_in(before) else []
        return self._prediction(confidence_scores_for(name, 1.0, domain), optional_events=events)


def split_turn(events: list[Event]) -> tuple[list[Event], UserUttered | None, list[Event]]:
    """Return the events before the customer's last message, the message, and the events after it."""
    for index in range(len(events) - 1, -1, -1):
        if isinstance(events[index], UserUttered):
            return events[:index], events[index], events[index + 1 :]
    return events, None, []


def standing_in(events: list[Event]) -> Standing:
    """Return where the customer stood after these events."""
    kept = {event.key: event.value for event in events if isinstance(event, SlotSet)}
    return Standing(tuple(kept.get(PATH) or ()), bool(kept.get(PAUSED)))


def slots(guide: Guide, standing: Standing) -> list[Event]:
    """Return the events that keep where the customer stands."""
    step = guide.places[standing.path[-1]].step if standing.path else None
    return [SlotSet(PATH, list(standing.path)), SlotSet(PAUSED, standing.paused), SlotSet(STEP, step)]


def plan(guide: Guide, actions: list[str], before: list[Event], user: UserUttered, after: list[Event]) -> Move | None:
    """Return all that is said in this turn, with None for what the rules say, or None to leave it to them."""
    intent = user.intent_name or ""
    entities = {entity["entity"]: entity["value"] for entity in user.entities}
    text = "" if (user.text or "").startswith("/") else user.text or ""
    standing = standing_in(before)
    turn = move(guide, standing, intent, text, entities, last_said(before))
    if turn:
        return turn
    say: tuple[str | None, ...] = (None,)
    if user.metadata.get("confirmed") and OF_THEMSELVES.search(fold(text)):
        say = (action_for(OWN.get(intent), actions),)
    if intent == NOT_UNDERSTOOD:
        guess = likeliest_answer(user.parse_data.get("intent_ranking", []), actions)
        return Move(("utter_fallback_guess", guess, "action_fallback"), standing) if guess else None
    second = action_for(entities.get("also_asked"), actions)
    if second:
        say = (say[0] or action_for(intent, actions), second)
    runs = standing.at(guide) and not standing.paused and intent not in NOT_OFFERED
    if runs and not asks_who_it_is(after):
        say = (*say, OFFER)
    return Move(say, standing) if say != (None,) else None


def likeliest_answer(ranking: list[dict[str, Any]], actions: list[str]) -> str | None:
    """Return the answer to the likeliest topic, if it is likely enough to be worth reading."""
    name, sure = next(((i["name"], i["confidence"]) for i in ranking if i["name"] != NOT_UNDERSTOOD), ("", 0.0))
    answer = action_for(name, actions) if name.startswith("ask_") else None
    return answer if answer and answer.startswith("utter_") and sure >= WORTH_A_GUESS else None


def last_said(events: list[Event]) -> str | None:
    """Return the action that spoke last, unless it was the fallback."""
    quiet = (ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME)
    names = (event.action_name for event in reversed(events) if isinstance(event, ActionExecuted))
    name = next((name for name in names if name not in quiet), None)
    return None if name == "action_fallback" else name


def action_for(intent: str | None, actions: list[str]) -> str | None:
    """Return the action that answers an intent: one topic has one name everywhere."""
    topic = (intent or "").removeprefix("ask_")
    return next((name for name in (f"action_{topic}", f"utter_{topic}") if name in actions), None)


def asks_who_it_is(events: list[Event]) -> bool:
    """Tell whether the identity form was opened: it must not be talked over."""
    return any(
        isinstance(event, BotUttered) and event.metadata.get("utter_action") == "utter_confirm_identity"
        for event in events
    )

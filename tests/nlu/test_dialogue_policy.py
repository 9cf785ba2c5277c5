from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered

from bot.dialogue.guide import read_guide
from bot.nlu.dialogue_policy import PICKED, plan, planned

BEFORE = [ActionExecuted("action_listen")]
SPOKEN = [ActionExecuted("utter_greet"), BotUttered("Hello!", metadata={"utter_action": "utter_greet"})]


def _heard():
    intent = {"name": "guide_start", "confidence": 0.9}
    return UserUttered("lead me through it", intent, parse_data={"intent": intent, "entities": [], "parts": []})


def test_a_turn_is_planned_once_for_all_its_actions():
    guide, user = read_guide(), _heard()
    first = planned(guide, BEFORE, user, [])
    assert first == plan(guide, BEFORE, user, [])
    assert first.say
    assert planned(guide, BEFORE, user, SPOKEN) is first
    assert planned(guide, BEFORE, _heard(), []) is not first


def test_a_turn_is_planned_anew_once_an_answer_is_picked_or_the_customer_is_asked_who_they_are():
    guide, user = read_guide(), _heard()
    for since in ([SlotSet(PICKED, "none")], [BotUttered("?", metadata={"utter_action": "utter_confirm_identity"})]):
        first = planned(guide, BEFORE, user, [])
        again = planned(guide, BEFORE, user, since)
        assert again is not first
        assert again == plan(guide, BEFORE, user, since)

import pytest
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered

from bot.dialogue.answers import read_answers
from bot.dialogue.guide import read_guide
from bot.nlu.dialogue_policy import LANGUAGE, PICKED, changes, plan, planned
from bot.nlu.suggesting import SUGGESTED

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


def _says(text, intent, **more):
    parsed = {"intent": {"name": intent, "confidence": 0.9}, "entities": more.pop("entities", []), **more}
    return UserUttered(text, parsed["intent"], parsed["entities"], parse_data=parsed)


def _part(text, *addresses):
    found = [[address, 0.5] for address in addresses]
    topic = {
        "answers": {"ask_payment": found},
        "near": found,
        "topics": [["ask_payment", 1.0]],
        "intents": [["ask_payment", 0.9]],
    }
    return {"text": text, "asks": True, "aspects": [], **topic}


@pytest.mark.parametrize("language", ["lv", "en"])
def test_the_question_on_a_button_is_answered_and_a_doubtful_answer_keeps_its_suggestions(language):
    guide = read_guide()
    wanted = read_answers()["invoice/where"]
    pressed = _says(wanted.question[language], "person", parts=[_part("rekins", "invoice/when")])
    assert plan(guide, BEFORE, pressed, []).say == (wanted.variants[-1].response,)
    doubtful = _says("rekins kur kad", "ask_payment", parts=[_part("rekins kur kad", "invoice/when", "invoice/where")])
    turn = plan(guide, BEFORE, doubtful, [])
    kept = {event.key: event.value for event in changes(guide, turn, BEFORE)}
    assert kept[SUGGESTED] == list(turn.suggested)
    assert turn.suggested
    later = [*BEFORE, SlotSet(SUGGESTED, kept[SUGGESTED])]
    forgotten = {event.key: event.value for event in changes(guide, plan(guide, later, pressed, []), later)}
    assert forgotten[SUGGESTED] == []


@pytest.mark.parametrize("spoken", ["lv", "en"])
def test_a_wish_for_the_language_that_is_spoken_is_read_as_a_question(spoken):
    asked = {"parts": [_part("var latviski?", "invoice/when")], "entities": [{"entity": "language", "value": "lv"}]}
    turn = plan(read_guide(), [*BEFORE, SlotSet(LANGUAGE, spoken)], _says("var latviski?", "set_language", **asked), [])
    assert ("utter_language_set" in turn.say) is (spoken == "en")

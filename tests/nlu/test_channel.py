import asyncio
import threading

import pytest
from rasa.core.actions.action import create_bot_utterance
from rasa.core.run import create_http_input_channels
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import read_endpoint_config

from bot.nlu.channel import Turns, WholeMessages, forget_earlier_person, has_key, parsed, said_before, understood
from bot.nlu.tracker_store import RecentTurns

VARIANT = [{"type": "slot", "name": "language", "value": "lv"}]


def _sent(**message):
    output = WholeMessages()
    asyncio.run(output.send_response("c1", message))
    return output.messages


def test_a_text_with_blank_lines_stays_one_message():
    assert _sent(text="Viens\n\nDivi") == [{"recipient_id": "c1", "text": "Viens\n\nDivi"}]


def test_text_buttons_and_custom_data_come_as_one_item():
    buttons = [{"title": "Jā", "payload": "/yes"}]
    assert _sent(text="Vai?", buttons=buttons, custom={"form": "identity"}) == [
        {"recipient_id": "c1", "text": "Vai?", "buttons": buttons, "custom": {"form": "identity"}}
    ]


def test_an_item_says_its_language_and_its_response():
    assert _sent(text="Labdien!", condition=VARIANT, utter_action="utter_greet", elements=[]) == [
        {"recipient_id": "c1", "text": "Labdien!", "language": "lv", "response": "utter_greet"}
    ]


def test_an_item_names_its_picture():
    assert _sent(text="Lūk!", image="green_tick") == [{"recipient_id": "c1", "text": "Lūk!", "image": "green_tick"}]


SLOTS = ("details", "about", "offer", "said", "suggested", "guide_path", "guide_paused")
DOMAIN = Domain.from_dict({"slots": {name: {"type": "any", "mappings": [{"type": "custom"}]} for name in SLOTS}})
TOLD = {"vat_payer": "no", "points": "2500"}
MISSED = {"intent": {"name": "nlu_fallback", "confidence": 0.3}}
RANKING = [{"name": "nlu_fallback", "confidence": 0.3}, {"name": "ask_tiers", "confidence": 0.2}]


def _heard(*events, person=0):
    message = UserUttered("?", parse_data={**MISSED, "intent_ranking": RANKING}, metadata={"person": person})
    return DialogueStateTracker.from_events("c1", [message, *events], DOMAIN.slots)


def test_it_tells_what_the_dialogue_holds_of_the_customer():
    told = understood(_heard(SlotSet("details", TOLD), SlotSet("about", "password_mail/problem-link_dead"), person=2))
    assert (told["intent"], told["details"], told["person"]) == ("ask_tiers", TOLD, 2)
    assert told["problem"] == "password_mail/problem-link_dead"


def test_it_tells_what_was_likeliest_and_what_the_talk_is_about():
    told = understood(_heard(SlotSet("about", "invoice/when")))
    assert (told["about"], told["ranking"]) == ("invoice/when", [("ask_tiers", 0.2)])


@pytest.mark.parametrize(
    ("typed", "rejects"),
    [("Nē, es jautāju par rēķinu", True), ("that is not what I asked", True), ("kad atnāks rēķins?", False)],
)
def test_it_tells_that_a_message_says_that_the_answer_was_another_one(typed, rejects):
    message = UserUttered(typed, parse_data=MISSED)
    assert understood(DialogueStateTracker.from_events("c1", [message], DOMAIN.slots))["rejects"] == rejects


@pytest.mark.parametrize(("suggested", "guessed"), [(["invoice/when"], True), ([], False), (None, False)])
def test_an_answer_with_other_questions_beside_it_is_a_guess(suggested, guessed):
    assert understood(_heard(SlotSet("suggested", suggested)))["guessed"] is guessed


@pytest.mark.parametrize(
    ("response", "instead"), [("utter_invoice_when", []), ("utter_thanks", None), ("utter_fallback", None)]
)
def test_what_may_have_been_meant_instead_is_told_where_something_was_answered(response, instead):
    said = create_bot_utterance({"text": "!", "utter_action": response})
    assert understood(_heard(UserUttered("?", parse_data=MISSED), said))["instead"] == instead


@pytest.mark.parametrize("about", [None, "password_mail/when", "ask_password", "made_up/problem"])
def test_what_is_no_problem_is_not_reported(about):
    told = understood(_heard(SlotSet("about", about)))
    assert (told["details"], told["problem"], told["person"]) == ({}, None, 0)


@pytest.mark.parametrize(
    ("said", "sure"),
    [
        (["utter_tiers"], True),
        (["action_fallback"], False),
        (["utter_tiers", "action_fallback", "action_listen"], False),
    ],
)
def test_a_message_is_not_understood_where_the_fallback_spoke(said, sure):
    assert understood(_heard(*map(ActionExecuted, said)))["sure"] == sure
    assert understood(_heard(ActionExecuted("action_fallback"), UserUttered("?", parse_data=MISSED)))["sure"]


@pytest.mark.parametrize(("person", "kept"), [(0, TOLD), (1, TOLD), (2, None)])
def test_what_one_customer_told_is_forgotten_once_another_goes_on(tmp_path, person, kept):
    store = RecentTurns(DOMAIN, f"sqlite:///{tmp_path / 'trackers.db'}")

    async def turn():
        await store.save(_heard(SlotSet("details", TOLD), SlotSet("said", ["utter_tiers"]), person=1))
        await forget_earlier_person(store, "c1", person)
        return await store.retrieve("c1")

    tracker = asyncio.run(turn())
    assert tracker.get_slot("details") == kept
    assert tracker.get_slot("said") == ["utter_tiers"]


def test_a_conversation_that_rasa_never_heard_of_has_nothing_to_forget(tmp_path):
    store = RecentTurns(DOMAIN, f"sqlite:///{tmp_path / 'trackers.db'}")
    asyncio.run(forget_earlier_person(store, "c2", 1))


SAID = {
    "lv": {
        "text": "Labdien!\n\nKā varu palīdzēt?",
        "condition": VARIANT,
        "utter_action": "utter_greet",
        "image": "green_tick",
        "buttons": [{"title": "Punkti", "payload": "/ask_tiers"}],
    },
    "en": {
        "text": "Hello!",
        "condition": [{"type": "slot", "name": "language", "value": "en"}],
        "utter_action": "utter_greet",
        "custom": {"hand_off": {"cause": "asked"}},
    },
}


@pytest.mark.parametrize("language", SAID)
def test_a_repeat_is_answered_with_what_was_said_also_after_a_restart(tmp_path, language):
    first = _sent(**SAID[language]) + _sent(text="!")
    events = [create_bot_utterance({**SAID[language]}), ActionExecuted("action_x"), create_bot_utterance({"text": "!"})]
    message = UserUttered("?", parse_data=MISSED, metadata={"message": 7})
    earlier = [UserUttered("?", parse_data=MISSED, metadata={"message": 6}), create_bot_utterance({"text": "before"})]
    tracker = DialogueStateTracker.from_events("c1", [*earlier, message, *events], DOMAIN.slots)

    def store():
        return RecentTurns(DOMAIN, f"sqlite:///{tmp_path / 'trackers.db'}")

    asyncio.run(store().save(tracker))
    read = asyncio.run(store().retrieve("c1"))
    assert said_before(read, 7) == first
    assert said_before(read, 6) == [{"recipient_id": "c1", "text": "before"}]  # asked by who slept meanwhile
    assert said_before(read, 8) == said_before(read, None) == said_before(None, 7) == []


def test_a_turn_that_came_to_nothing_is_done_again():
    tracker = DialogueStateTracker.from_events(
        "c1", [UserUttered("?", parse_data=MISSED, metadata={"message": 7}), ActionExecuted("action_x")], DOMAIN.slots
    )
    assert said_before(tracker, 7) == []


def test_a_repeat_waits_for_the_turn_even_where_nobody_waits_for_that_any_more():
    done, gate = [], asyncio.Event()

    async def turn():
        if not done:  # as the channel checks whether the turn is done
            await gate.wait()
            done.append("moved")
        return list(done)

    async def play():
        turns = Turns()
        first = asyncio.create_task(turns.do("c1", turn))
        await asyncio.sleep(0)
        first.cancel()  # the client has disconnected
        repeats = [asyncio.create_task(turns.do("c1", turn)) for _ in range(3)]
        other = await turns.do("c2", lambda: asyncio.sleep(0, "another conversation goes on meanwhile"))
        gate.set()
        return other, await asyncio.gather(*repeats)

    other, repeats = asyncio.run(play())
    assert other
    assert repeats == [["moved"]] * 3


def test_a_turn_that_fails_fails_for_who_asked_and_the_next_one_is_done():
    async def broken():
        raise ValueError("broken")

    async def play():
        turns = Turns()
        with pytest.raises(ValueError, match="broken"):
            await turns.do("c1", broken)
        return await turns.do("c1", lambda: asyncio.sleep(0, "done"))

    assert asyncio.run(play()) == "done"


def test_other_conversations_go_on_while_a_message_is_read():
    others = threading.Event()

    class Slow:
        async def parse_message(self, message):
            return {"text": message, "others went on": others.wait(10)}

    async def play():
        reading = asyncio.create_task(parsed(Slow(), "hello"))
        await asyncio.sleep(0.01)
        others.set()
        return await reading

    assert asyncio.run(play()) == {"text": "hello", "others went on": True}


@pytest.mark.parametrize(
    ("key", "given", "opens"),
    [
        ("secret", "secret", True),
        ("secret", "Secret", False),
        ("secret", "", False),
        ("secret", "\u0101\udc80", False),
        ("", "", True),
        ("", "anything", True),
    ],
)
def test_whoever_calls_needs_the_key_from_the_environment(monkeypatch, key, given, opens):
    monkeypatch.setenv("RASA_KEY", key)
    (channel,) = create_http_input_channels(None, "credentials.yml")
    assert has_key({"x-rasa-key": given}, channel.key) == opens


def test_without_a_key_in_the_environment_rasa_does_not_start(monkeypatch):
    monkeypatch.delenv("RASA_KEY", raising=False)
    with pytest.raises(RasaException, match="RASA_KEY"):
        create_http_input_channels(None, "credentials.yml")


def test_the_actions_are_called_with_their_key(monkeypatch):
    monkeypatch.setenv("RASA_ACTIONS_KEY", "secret")
    monkeypatch.setenv("RASA_ACTIONS_URL", "http://127.0.0.1:5055")
    monkeypatch.setenv("RASA_TRACKER_URL", "sqlite://")
    actions = read_endpoint_config("endpoints.yml", "action_endpoint")
    assert (actions.url, actions.headers) == ("http://127.0.0.1:5055/webhook", {"x-actions-key": "secret"})

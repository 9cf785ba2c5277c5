"""The questions that may have been meant instead stand below a doubtful answer, and below nothing else."""

import asyncio

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.dialogue.answers import LANGUAGES, MORE, read_answers, read_responses
from bot.nlu.suggesting import SUGGESTED, SuggestingGenerator

ANSWER, STEP = "utter_invoice_where", "utter_guide_ask_apply"
OTHERS = ("invoice/when", "card/by_when")


@pytest.fixture(scope="module")
def domain() -> Domain:
    slots = {name: {"type": kind, "mappings": []} for name, kind in (("language", "text"), (SUGGESTED, "list"))}
    return Domain.from_dict({"slots": slots, "responses": read_responses()})


def titles(domain, response: str, language: str, suggested: tuple[str, ...]) -> list[str]:
    tracker = DialogueStateTracker.from_events(
        "anybody",
        [SlotSet("language", language), SlotSet(SUGGESTED, list(suggested))],
        domain.slots,
    )
    generator = SuggestingGenerator(EndpointConfig(), domain)
    words = {"points": "1", "missing": "1", "guide_step": "1", "guide_steps": "9"}
    said = asyncio.run(generator.generate(response, tracker, "rest", **words))
    return [button["title"] for button in (said or {}).get("buttons", [])]


def questions(language: str) -> list[str]:
    return [read_answers()[address].question[language] for address in OTHERS]


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_take_the_place_of_the_topics_page(domain, language):
    alone = titles(domain, ANSWER, language, ())
    assert alone[-1] == MORE[language]
    assert titles(domain, ANSWER, language, OTHERS) == [*alone[:-1], *questions(language)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_computed_answer_has_them_too(domain, language):
    computed = next(name for name in read_responses() if name.startswith("utter_enough_"))
    assert titles(domain, computed, language, OTHERS)[-2:] == questions(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_else_has_them(domain, language):
    assert titles(domain, STEP, language, OTHERS) == titles(domain, STEP, language, ())


def test_the_buttons_of_a_response_are_its_own_again_in_the_next_turn(domain):
    before = titles(domain, ANSWER, "lv", ())
    titles(domain, ANSWER, "lv", OTHERS)
    assert titles(domain, ANSWER, "lv", ()) == before

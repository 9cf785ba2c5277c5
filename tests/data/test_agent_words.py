"""The agent's words on the phone exist at every place in both languages, and say only what the chat says too."""

import re

import pytest

from bot.dialogue.answers import read_responses
from bot.dialogue.guide import read_guide
from tests.data.test_words import DATA, language_of, leaves, load

GUIDE = read_guide()
WORDS = load(DATA / "guide/agent.yml")
PLACES = sorted(GUIDE.nodes)
FIGURE = re.compile(r"\d+")
LABEL = re.compile(r'"([^"]+)"')
MAX_WORDS = 30  # of a spoken sentence


def chat_says(place: str, language: str) -> str:
    """Return everything that the chat says at the step of a place, with buttons and details."""
    step = GUIDE.nodes[place].step
    names = [f"utter_guide_{name}" for name, one in GUIDE.nodes.items() if one.step == step]
    names += [GUIDE.nodes[name].details for name, one in GUIDE.nodes.items() if one.step == step]
    said = [variant for name in names for variant in read_responses()[name] if language_of(variant) == language]
    return "\n".join(variant["text"] for variant in said)


def test_there_are_words_for_every_place_and_no_other():
    assert sorted(WORDS) == PLACES


@pytest.mark.parametrize("place", PLACES)
def test_a_place_has_what_it_needs_and_nothing_unknown(place):
    words, there = WORDS[place], GUIDE.nodes[place]
    wanted = {"say", "do"} | ({"ask", "answers"} if there.answers else set())
    wanted |= {"title"} if place in GUIDE.opens.values() else set()
    assert set(words) - {"address"} == wanted
    assert list(words.get("answers", {})) == list(there.answers)


def test_both_languages_say_it_with_the_same_figures():
    for place, texts in leaves(WORDS):
        assert sorted(texts) == ["en", "lv"], place
        assert all(text == text.strip() and text for text in texts.values()), place
        assert sorted(FIGURE.findall(texts["lv"])) == sorted(FIGURE.findall(texts["en"])), place


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("place", PLACES)
def test_figures_labels_and_addresses_are_those_of_the_chat(place, language):
    chat, words = chat_says(place, language), WORDS[place]
    spoken = [words["say"][language], words.get("ask", {}).get(language, "")]
    spoken += [answer[language] for answer in words.get("answers", {}).values()]
    for text in spoken:
        assert set(FIGURE.findall(text)) <= set(FIGURE.findall(chat))
        for label in LABEL.findall(text):
            assert label in chat, label
    assert words.get("address", "") in chat


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("place", PLACES)
def test_what_is_said_can_be_spoken(place, language):
    words = WORDS[place]
    said = f"{words['say'][language]} {words.get('ask', {}).get(language, '')}"
    assert not re.search(r"[*_`<>\[\](){}\n]|https?:", said), "no Markdown, no brackets, no link"
    long = [one for one in re.split(r"(?<=[.?])\s+(?=[^\W\da-z])", said) if len(one.split()) > MAX_WORDS]
    assert not long


def test_an_agent_of_cps_priority_support_sends_nobody_there():
    for place, texts in leaves(WORDS):
        assert not re.search(r"priorit", " ".join(texts.values())), place


def test_a_question_is_asked_as_one():
    for place, words in WORDS.items():
        for language in ("lv", "en") if "ask" in words else ():
            assert words["ask"][language].endswith("?"), place
            assert "?" not in words["say"][language], place


def test_an_outcome_is_called_as_on_the_form_that_sets_it():
    outcomes = load(DATA.parent / "bot/desk/words.yml")["outcomes"]
    named = {"lv": re.compile(r'iznākumu "([^"]+)"'), "en": re.compile(r'end the call as "([^"]+)"')}
    for language, pattern in named.items():
        called = {said[language] for said in outcomes.values()}
        found = [name for words in WORDS.values() for name in pattern.findall(words["do"][language])]
        assert len(found) > 2
        assert set(found) <= called

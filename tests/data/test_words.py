"""What is said exists in both languages alike, and what is heard belongs to one intent."""

import re
import string
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest
import yaml

from bot.settings import ROOT

DATA = ROOT / "data"
WORD_LISTS = [
    ROOT / "bot/chat/words.yml",
    ROOT / "bot/widget/words.yml",
    ROOT / "bot/desk/words.yml",
    ROOT / "bot/desk/replies.yml",
    ROOT / "bot/desk/card.yml",
    ROOT / "bot/backend/letters.yml",
    ROOT / "bot/backend/portal/words.yml",
    ROOT / "bot/widget/pictures/words.yml",
]
LEAST_EXAMPLES = 40
PICTURES = {path.stem for path in (ROOT / "bot/widget/pictures").glob("*.svg")}
LONGEST_BUTTON = 30  # characters: two buttons fit a phone side by side


def load(path: Path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@cache
def responses() -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for path in sorted(DATA.rglob("responses.yml")):
        found |= load(path)["responses"]
    return found


def language_of(variant: dict) -> str:
    (condition,) = variant["condition"]
    assert condition["name"] == "language"
    return condition["value"]


def placeholders(variant: dict) -> set[str]:
    words = variant["text"] + "".join(button["payload"] for button in variant.get("buttons", []))
    return {name for _, name, _, _ in string.Formatter().parse(re.sub(r"\{\{.*?\}\}", "", words)) if name}


@cache
def examples() -> dict[tuple[str, str], list[str]]:
    """Return the examples by intent and language."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in sorted(DATA.rglob("nlu.*.yml")):
        language = path.name.split(".")[1]
        for block in load(path)["nlu"]:
            lines = [line.removeprefix("- ").strip() for line in block["examples"].splitlines() if line.strip()]
            found[block["intent"], language] += lines
    return found


@pytest.mark.parametrize("name", sorted(responses()))
def test_a_response_says_the_same_in_both_languages(name):
    variants = responses()[name]
    assert sorted(language_of(variant) for variant in variants) == ["en", "lv"], "one variant a language"
    one, other = variants
    assert placeholders(one) == placeholders(other)
    assert [b["payload"] for b in one.get("buttons", [])] == [b["payload"] for b in other.get("buttons", [])]
    assert one.get("image") == other.get("image")
    assert one.get("custom") == other.get("custom")
    assert one.get("image") in {None, *PICTURES}, "bot/widget/pictures/ has no drawing of this name"
    assert all(variant.get("channel") is None for variant in variants)


def test_no_response_is_defined_twice():
    names = [name for path in DATA.rglob("*.yml") for name in (load(path) or {}).get("responses", {})]
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_every_button_leads_to_an_intent_of_the_domain():
    intents = set(load(ROOT / "domain.yml")["intents"])
    for name, variants in responses().items():
        for variant in variants:
            for button in variant.get("buttons", []):
                intent = re.match(r"/(\w+)", button["payload"])
                assert button["payload"] == "{retry}" or intent.group(1) in intents, name


def test_an_answer_that_names_cps_priority_support_offers_to_talk_to_it():
    for name, variants in responses().items():
        for variant in variants:
            if (
                re.search("CPS prior", variant.get("text", "")) and name != "utter_person_contact"
            ):  # a person is on call
                assert "/person" in [button["payload"] for button in variant.get("buttons", [])], name


def test_a_button_is_short():
    titles = [b["title"] for variants in responses().values() for v in variants for b in v.get("buttons", [])]
    titles += [title for topic in load(DATA / "topics.yml").values() for title in topic.values()]
    assert [title for title in titles if len(title) > LONGEST_BUTTON] == []


def test_every_response_is_used_and_every_used_one_exists():
    used = set(re.findall(r"utter_\w+", "".join(path.read_text() for path in DATA.rglob("rules.yml"))))
    used |= set(
        re.findall(
            r"utter_(?!message|action\b)\w+", "".join(path.read_text() for path in (ROOT / "actions").glob("*.py"))
        )
    )
    # The walkthrough decides by itself: what it says is named in bot/guide.py, or after a place of data/guide.yml.
    used |= set(re.findall(r"utter_guide_\w+", (ROOT / "bot/guide.py").read_text()))
    used |= {"utter_fallback_guess", "utter_guide_offer"}
    used |= {f"utter_guide_{place}" for step in load(DATA / "guide.yml")["steps"] for place in step["places"]}
    begun = tuple(name for name in used if name.endswith("_"))  # of names that end with what the account says
    assert used - {*begun} == {name for name in responses() if name in used or not name.startswith(begun)}
    assert all(any(name.startswith(one) for name in responses()) for one in begun)


@pytest.mark.parametrize("language", ["lv", "en"])
def test_every_intent_has_enough_examples(language):
    found = examples()
    intents = {intent for intent, _ in found}
    few = {intent: len(found[intent, language]) for intent in intents if len(found[intent, language]) < LEAST_EXAMPLES}
    assert not few


def test_no_example_stands_under_two_intents_or_twice():
    seen = Counter(re.sub(r"\W+", " ", text.lower()).strip() for texts in examples().values() for text in texts)
    assert [text for text, count in seen.items() if count > 1] == []


def test_a_topic_that_can_be_offered_is_an_intent_with_a_title_in_both_languages():
    intents = {intent for intent, _ in examples()}
    for intent, titles in load(DATA / "topics.yml").items():
        assert intent in intents
        assert sorted(titles) == ["en", "lv"]


def leaves(node, path=""):
    """Yield each group of words, with the languages that it has."""
    if isinstance(node, dict) and {"lv", "en"} & node.keys():
        yield path, node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, f"{path}/{key}")


@pytest.mark.parametrize("words", WORD_LISTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_word_list_has_both_languages_with_the_same_placeholders(words):
    found = list(leaves(load(words)))
    assert found
    for path, texts in found:
        assert sorted(texts) == ["en", "lv"], path
        holes = [re.findall(r"\{(\w*)\}", str(text)) for text in texts.values()]
        assert sorted(holes[0]) == sorted(holes[1]), path

"""Every text exists in both languages alike, and every example belongs to one intent."""

import re
import statistics
import string
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest
import yaml

from bot.dialogue.answers import AGAIN, LANGUAGES, STATED, Answer, holes, read_answers, read_responses, table
from bot.settings import ROOT

DATA = ROOT / "data"
WORD_LISTS = [
    ROOT / "bot/conversations/words.yml",
    ROOT / "bot/chat/words.yml",
    ROOT / "bot/widget/words.yml",
    ROOT / "bot/desk/words.yml",
    ROOT / "bot/desk/replies.yml",
    ROOT / "bot/desk/card.yml",
    ROOT / "bot/backend/letters.yml",
    ROOT / "bot/backend/portal/words.yml",
    ROOT / "bot/widget/pictures/words.yml",
]
MIN_EXAMPLES = 40
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the parser in C, where there is one
PICTURES = {path.stem for path in (ROOT / "bot/widget/pictures").glob("*.svg")}
# Prefixes of the responses of actions/enough.py and actions/last_day.py.
COMPUTED = ("utter_enough_", "utter_last_day")
PAGES = {answer.topic for answer in read_answers().values()}
MAX_ANSWER_LENGTH, USUAL_ANSWER = 300, 250  # characters of any short answer, and of half of the known ones
# How answers to yes-or-no questions begin.
BEGINNINGS = {"lv": ("Jā", "Nē", "To es nezinu"), "en": ("Yes", "No", "I do not know")}
TO_PERSON = re.compile(
    r"CPS prior|\bnezinu\b|\bI do not know\b|savieno|connect you|pasaukšu|varu pasaukt|I (?:will|can) call\b"
)
ASKS_TO_CONNECT = re.compile("Vai savienot|Shall I connect")
MAX_QUESTION_LENGTH = 50  # characters of a suggested question: two lines on a phone
MAX_BUTTON_LENGTH = 30  # characters: two buttons fit a phone side by side


def load(path: Path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


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
    for answer in read_answers().values():
        for language, lines in answer.heard.items():
            found[answer.topic, language] += lines
    return found


def wordings() -> list[tuple[str, Answer, str, str]]:
    """Return all wordings of the short answers: the response, its answer, the language, and the text."""
    return [
        (one.response, answer, language_of(variant), variant["text"])
        for answer in read_answers().values()
        for one in answer.variants
        for variant in read_responses()[one.response]
    ]


def bare(text: str) -> str:
    """Return a text without case, punctuation and Markdown, for comparison."""
    return re.sub(r"\W+", " ", text.lower()).strip()


@pytest.mark.parametrize("name", sorted(read_responses()))
def test_a_response_says_the_same_in_both_languages(name):
    variants = read_responses()[name]
    assert sorted(language_of(variant) for variant in variants) == ["en", "lv"], "one variant a language"
    one, other = variants
    assert placeholders(one) == placeholders(other)
    assert [b["payload"] for b in one.get("buttons", [])] == [b["payload"] for b in other.get("buttons", [])]
    assert one.get("image") == other.get("image")
    assert one.get("custom") == other.get("custom")
    assert one.get("image") in {None, *PICTURES}, "bot/widget/pictures/ has no drawing of this name"
    assert all(variant.get("channel") is None for variant in variants)


@pytest.mark.parametrize("path", sorted(DATA.rglob("*.yml")), ids=lambda path: path.relative_to(DATA).as_posix())
def test_nothing_is_defined_twice_in_a_file(path):
    # YAML silently keeps the last one. Duplicates in two files are found by read_responses() and read_answers().
    nodes, twice = [yaml.compose(path.read_text("utf-8"), Loader=LOADER)], []
    for node in nodes:
        if isinstance(node, yaml.MappingNode):
            names = Counter(key.value for key, _ in node.value)
            twice += [f"{name}, line {node.start_mark.line + 1}" for name, count in names.items() if count > 1]
            nodes += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            nodes += node.value
    assert not twice


def test_every_button_leads_to_an_intent_of_the_domain():
    intents = set(load(ROOT / "domain.yml")["intents"])
    for name, variants in read_responses().items():
        for variant in variants:
            for button in variant.get("buttons", []):
                intent = re.match(r"/(\w+)", button["payload"])
                assert button["payload"] == "{retry}" or intent.group(1) in intents, name


def test_an_answer_that_names_cps_priority_support_offers_to_talk_to_it():
    for name, variants in read_responses().items():
        for variant in variants:
            if (
                re.search("CPS prior", variant.get("text", "")) and name != "utter_person_contact"
            ):  # it names a person already
                assert "/person" in [button["payload"] for button in variant.get("buttons", [])], name


def test_a_button_is_short():
    titles = [b["title"] for variants in read_responses().values() for v in variants for b in v.get("buttons", [])]
    titles += [title for topic in load(DATA / "topics.yml").values() for title in topic.values()]
    assert [title for title in titles if len(title) > MAX_BUTTON_LENGTH] == []


def test_every_response_is_used_and_every_used_one_exists():
    nodes = [node for step in load(DATA / "guide.yml")["steps"] for node in step["nodes"]]
    code = [
        *(ROOT / "actions").glob("*.py"),
        *(ROOT / "bot" / "dialogue").glob("*.py"),
        *DATA.rglob("rules.yml"),
    ]
    used = set(re.findall(r"utter_(?!message|action\b)\w+", "".join(path.read_text("utf-8") for path in code)))
    used |= {f"utter_guide_{node}" for node in nodes} | {f"utter_guide_ask_{node}" for node in nodes}
    used |= {f"utter_{topic.removeprefix('ask_')}" for topic in PAGES}
    begun = {name for name in used if name.endswith("_")}  # beginnings of names that are put together
    used, begun = used - begun, tuple(begun - {"utter_guide_", "utter_guide_ask_"})
    answers = {name for name, *_ in wordings()}
    used |= {name + AGAIN for name in used if name.startswith(COMPUTED)} | answers | {name + AGAIN for name in answers}
    used |= {name + STATED for name in answers if name + STATED in read_responses()}
    assert used == {name for name in read_responses() if name in used or not name.startswith(begun)}
    assert all(any(name.startswith(one) for name in read_responses()) for one in begun)


def test_what_is_computed_has_another_wording_for_who_asks_twice():
    names = {name.removesuffix(AGAIN) for name in read_responses() if name.startswith(COMPUTED)}
    assert len(names) > 10
    for name in names:
        for one, other in zip(read_responses()[name], read_responses()[name + AGAIN], strict=True):
            assert bare(one["text"]) != bare(other["text"]), name


@pytest.mark.parametrize("language", ["lv", "en"])
def test_every_intent_has_enough_examples(language):
    found = examples()
    intents = {intent for intent, _ in found}
    few = {intent: len(found[intent, language]) for intent in intents if len(found[intent, language]) < MIN_EXAMPLES}
    assert not few


def test_no_example_stands_under_two_intents_or_twice():
    seen = Counter(bare(text) for texts in examples().values() for text in texts)
    assert [text for text, count in seen.items() if count > 1] == []


def test_what_is_heard_only_while_a_topic_is_open_leads_to_one_answer_about_a_thing():
    heard = {bare(text) for texts in examples().values() for text in texts}
    seen = Counter(
        (answer.thing, bare(text))
        for answer in read_answers().values()
        for texts in answer.then.values()
        for text in texts
    )
    assert [text for _, text in seen if text in heard] == []
    assert [both for both, count in seen.items() if count > 1] == []


def test_every_aspect_of_every_thing_is_answered_or_marked_as_not_asked():
    assert holes() == [], f"\n{table()}"


def test_no_short_answer_is_called_like_the_other_wording_of_another():
    assert [address for address in read_answers() if address.endswith("-again")] == []


def test_a_yes_or_no_question_is_answered_with_one_first():
    begun = {language: re.compile(rf"(\*\*)?({'|'.join(words)})\b") for language, words in BEGINNINGS.items()}
    wrong = [
        f"{name}: {text}"
        for name, answer, language, text in wordings()
        if answer.aspect in {"counts", "must", "may"} and not begun[language].match(text)
    ]
    assert not wrong, "\n".join(wrong)


def test_a_short_answer_is_short():
    assert [f"{name}: {len(text)}" for name, _, _, text in wordings() if len(text) > MAX_ANSWER_LENGTH] == []
    for language in ("lv", "en"):
        known = [len(text) for _, answer, spoken, text in wordings() if answer.is_known and spoken == language]
        assert statistics.median(known) <= USUAL_ANSWER


def test_who_hears_that_it_is_not_known_or_is_offered_a_person_has_the_button():
    for name, answer, language, _ in wordings():
        for one in (name, name + AGAIN):
            variant = next(variant for variant in read_responses()[one] if language_of(variant) == language)
            if not answer.is_known or answer.offer == "person" or TO_PERSON.search(variant["text"]):
                assert "/person" in [button["payload"] for button in variant["buttons"]], one
            if ASKS_TO_CONNECT.search(variant["text"]):
                assert answer.offer == "person", f"{one}: nobody would understand a mere yes"


def test_who_asks_once_more_hears_other_words():
    for name, _, language, text in wordings():
        other = next(one["text"] for one in read_responses()[name + AGAIN] if language_of(one) == language)
        assert bare(other) != bare(text), name


def test_what_a_short_answer_leads_to_exists():
    names = set(load(ROOT / "domain.yml")["intents"])
    for address, answer in read_answers().items():
        assert {answer.topic, answer.own or answer.topic} <= names, address
        assert answer.offer in {None, "person"} | names, address
        assert answer.leads is None or answer.leads in read_answers(), address


def test_a_topic_that_can_be_offered_is_an_intent_with_a_title_in_both_languages():
    intents = {intent for intent, _ in examples()}
    for intent, titles in load(DATA / "topics.yml").items():
        assert intent in intents
        assert sorted(titles) == ["en", "lv"]


def leaves(node, path=""):
    """Yield each group of words with its languages."""
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_has_a_question_of_its_own_that_fits_a_button(language):
    questions = {answer.address: answer.question[language] for answer in read_answers().values()}
    twice = [one for one, times in Counter(text.casefold() for text in questions.values()).items() if times > 1]
    assert twice == []
    assert [one for one in questions.values() if len(one) > MAX_QUESTION_LENGTH] == []
    wrong = [one for one in questions.values() if not re.fullmatch(r"[^\W_a-zāčēģīķļņšūž].*[^.!\s]|\".*[^.!\s]", one)]
    assert wrong == [], "begins like a sentence, and ends as a question or as a statement of a problem"

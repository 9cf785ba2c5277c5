from pathlib import Path

import pytest
import yaml

from bot.nlu import ngrams
from bot.nlu.classifier import rank_intents, train_intents
from bot.nlu.text import fold

DECLINED = ("out_of_scope", "ask_not_known")  # answered with: this I do not know


def _questions(held_out, language):
    return [(text, intent) for intent, by in held_out["intents"].items() for text in by[language]]


def _right(model, questions):
    """Return the share of questions whose likeliest intent is theirs."""
    return sum(rank_intents(model, text)[0][0] == intent for text, intent in questions) / len(questions)


def _fallback():
    config = yaml.safe_load((Path(__file__).parents[2] / "config.yml").read_text("utf-8"))
    step = next(step for step in config["pipeline"] if step["name"] == "FallbackClassifier")
    return step["threshold"], step["ambiguity_threshold"]


def _answered(model, text):
    """Return the intent that is answered, or None where the fallback answers."""
    threshold, ambiguity = _fallback()
    (intent, probability), (_, next_probability), *_ = rank_intents(model, text)
    return intent if probability >= threshold and probability - next_probability >= ambiguity else None


@pytest.mark.parametrize("language", ["lv", "en"])
def test_it_understands_questions_it_never_learned(intents, held_out, language):
    assert _right(intents, _questions(held_out, language)) >= 0.93


def test_it_understands_latvian_without_diacritics_as_well(intents, held_out):
    questions = _questions(held_out, "lv")
    assert [rank_intents(intents, fold(text)) for text, _ in questions] == [
        rank_intents(intents, text) for text, _ in questions
    ]


def test_it_answers_few_questions_wrongly_at_the_threshold(intents, held_out):
    questions = _questions(held_out, "lv") + _questions(held_out, "en")
    said = [(intent, _answered(intents, text)) for text, intent in questions]
    assert sum(intent == answer for intent, answer in said) / len(said) >= 0.9
    assert sum(answer not in (intent, None) for intent, answer in said) / len(said) <= 0.025


@pytest.mark.parametrize("language", ["lv", "en"])
def test_it_does_not_answer_what_it_has_no_answer_to(intents, held_out, language):
    questions = held_out["out_of_scope"][language]
    wrong = [text for text in questions if _answered(intents, text) not in (None, *DECLINED)]
    assert len(wrong) / len(questions) <= 0.1, wrong


@pytest.mark.parametrize("text", ["", "?!", "500", "Сколько у меня баллов?", "asdfgh qwerty", "lorem ipsum dolor"])
def test_it_is_unsure_of_a_text_without_a_known_word(intents, text):
    assert _answered(intents, text) is None


def test_it_tells_ones_own_points_from_the_points_needed(intents):
    own = ["cik man ir punktu?", "Cik man punktu?", "How many points do I have?", "mani punkti?"]
    needed = ["cik punktu vajag", "cik punktu jābūt?", "how many points do i need to have", "cik punktu lai iestātos"]
    assert [rank_intents(intents, text)[0][0] for text in own] == ["ask_my_points"] * 4
    assert [rank_intents(intents, text)[0][0] for text in needed] == ["ask_points_needed"] * 4


def test_it_never_predicts_what_only_the_website_sends(intents):
    assert not {"start", "identity_cancelled"} & set(intents.classes_)


def test_it_learns_the_same_from_the_same_examples(intents, examples):
    again = train_intents([(text, intent) for text, intent, _ in reversed(examples)])
    assert rank_intents(again, "cik man punktu") == rank_intents(intents, "cik man punktu")


def test_it_is_the_same_after_it_was_kept_in_a_file(intents, tmp_path):
    ngrams.save(intents, tmp_path / "intents.npz")
    again = ngrams.load(tmp_path / "intents.npz")
    assert rank_intents(again, "zila poga") == rank_intents(intents, "zila poga")


def test_no_held_out_question_was_learned(examples, held_out):
    learned = {fold(text).strip("?!. ") for text, _, _ in examples}
    asked = {fold(text).strip("?!. ") for by in held_out["intents"].values() for texts in by.values() for text in texts}
    assert not learned & asked


def test_no_example_is_given_twice(examples):
    folded = [fold(text).strip("?!. ") for text, _, _ in examples]
    assert sorted(folded) == sorted(set(folded))


@pytest.mark.parametrize("language", ["lv", "en"])
def test_every_intent_has_at_least_25_examples_in_each_language(examples, language):
    counts = {}
    for _, intent, marked in examples:
        counts[intent] = counts.get(intent, 0) + (marked == language)
    assert {intent: count for intent, count in counts.items() if count < 25} == {}

"""What a new model is asked, and how its answers are compared with those of the one in use."""

import pytest

from bot.dialogue.answers import LANGUAGES
from bot.trial import exam
from bot.trial.exam import Answer, Question

TALK = {"language": "lv", "turns": [
    {"user": "labdien", "facts": [], "message_id": 1},
    {"user": "kad jāmaksā?", "facts": ["30  dienu", "rēķins"], "message_id": 2},
]}  # fmt: skip


def items(text: str, intent: str = "ask_payment", sure: bool = True) -> list[dict]:
    return [{"text": text, "understood": {"intent": intent, "sure": sure}}]


def test_the_exam_has_questions_of_each_part_in_both_languages():
    asked = [question for talk in exam.talks([TALK, TALK | {"language": "en"}]) for question in talk]
    found = {(one.part, one.language) for one in asked if one.is_right}
    assert found == {(part, language) for part in ("held_out", "told", "judged") for language in LANGUAGES}
    assert exam.count([asked]) == len(asked)


def test_a_judged_answer_must_contain_each_fact_in_any_case():
    *_, (first, second) = exam.talks([TALK])
    assert first.is_right is None, "it only leads to the next one"
    assert second.is_right(items("Rēķins jāapmaksā 30 dienu laikā."))
    assert not second.is_right(items("Rēķins jāapmaksā laikā."))
    assert not second.is_right([])


@pytest.mark.parametrize(
    ("said", "is_declined"),
    [
        (items("?", "out_of_scope"), True),
        (items("?", "ask_not_known"), True),
        (items("?", sure=False), True),
        (items("30 dienu laikā"), False),
    ],
)
def test_a_question_without_an_answer_is_declined(said, is_declined):
    assert exam.is_declined(said) == is_declined


def test_a_conversation_keeps_its_sender_and_only_questions_are_compared():
    senders, told = [], []

    def say(sender: str, text: str) -> list[dict]:
        senders.append(sender)
        return items(text)

    asked = [*map(exam._judged, [TALK, TALK])]
    found = exam.answers(asked, say, told.append)
    assert senders[0] == senders[1] != senders[2] == senders[3]
    assert (told, found) == ([1, 2, 3, 4], [Answer(False, "kad jāmaksā?")] * 2)


def test_gains_and_losses_are_counted_and_listed_without_the_text_of_customers():
    def is_right(_: list[dict]) -> bool:
        return True

    asked = [[Question("told", "en", text, is_right)] for text in ("a", "b", "c", "d")]
    asked += [[Question("judged", "lv", "kāda klienta ziņa", is_right, 7)], [Question("told", "en", "context", None)]]
    before = [Answer(right, "old") for right in (True, True, False, False, False)]
    after = [Answer(right, "new") for right in (True, False, True, False, True)]
    found = exam.compared(asked, before, after)
    assert found["counts"] == {
        "told": {"questions": 4, "before": 2, "after": 2, "gained": 1, "lost": 1},
        "judged": {"questions": 1, "before": 0, "after": 1, "gained": 1, "lost": 0},
    }
    told = {"part": "told", "language": "en", "before": "old", "after": "new"}
    judged = {"part": "judged", "language": "lv", "before": "old", "after": "new"}
    assert found["changed"] == [
        told | {"gained": False, "text": "b"},
        told | {"gained": True, "text": "c"},
        judged | {"gained": True, "message_id": 7},
    ]

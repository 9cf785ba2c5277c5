"""Supervisors step through conversations, mark each answer, and export an exam."""

import json
import uuid

import pytest
from sqlalchemy import select

from bot.conversations import handoff, lifecycle, messages, turns
from bot.conversations.learning_models import Judgement
from bot.desk.models import Reading
from bot.dialogue.answers import LANGUAGES
from tests.desk.test_quality import word

HERE = "/desk/quality/judging"
SECRET = "anna@example.com"


def talked(desk, *texts: str, language: str = "lv", response: str = "utter_payment") -> tuple[str, list[int]]:
    """Store a conversation that no person was called to; return its id and those of the customer's messages."""
    with desk.database.write() as session:
        conversation = lifecycle.open_conversation(session, language)[1]
        ids = []
        for text in texts:
            message, _ = handoff.customer_says(session, conversation, uuid.uuid4().hex, f"{text} {SECRET}", text, text)
            message.intent, message.confidence = "ask_payment", 0.42
            given = messages.add_message(session, conversation, "assistant", f"**answer** to {text}: 721 points")
            given.response = response
            turns.record(session, conversation, message, [response], None, [], False, False, given.id, [])
            ids.append(message.id)
        return conversation.id, ids


def readings(desk, conversation_id: str) -> list[str]:
    with desk.database.read() as session:
        return list(session.scalars(select(Reading.reason).where(Reading.conversation_id == conversation_id)))


def kept(desk, conversation_id: str) -> list[tuple[str, str, str | None]]:
    with desk.database.read() as session:
        mine = select(Judgement).where(Judgement.conversation_id == conversation_id).order_by(Judgement.id)
        return [(one.who, one.verdict, one.facts) for one in session.scalars(mine)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_conversation_is_read_masked_after_that_is_recorded(desk, language):
    one = word()
    talk, (asked,) = talked(desk, one)
    boss = desk.signed_in("supervisor", language=language)
    refused = boss.get(f"{HERE}/{talk}")
    assert refused.status_code == 403
    assert one not in refused.text
    assert {"lv": "Tiks reģistrēts", "en": "It will be recorded"}[language] in refused.text
    assert boss.post(f"{HERE}/{talk}/{asked}", {"verdict": "good"}).status_code == 403
    assert (readings(desk, talk), kept(desk, talk)) == ([], [])
    opened = boss.post(f"{HERE}/{talk}/open")
    assert opened.headers["location"] == f"{HERE}/{talk}"
    shown = boss.get(f"{HERE}/{talk}").text
    assert one in shown
    assert SECRET not in shown
    assert "<strong>answer</strong>" in shown
    boss.post(f"{HERE}/{talk}/open")
    assert readings(desk, talk) == [{"lv": "Atbilžu vērtēšana", "en": "Judging of the answers"}[language]]
    assert readings(desk, talk)[0] in desk.signed_in("supervisor").get("/desk/team").text
    other = desk.signed_in("supervisor").get(f"{HERE}/{talk}")
    assert other.status_code == 403, "each supervisor's reading is recorded"


def test_what_an_account_showed_is_not_shown(desk):
    talk, _ = talked(desk, word(), response="utter_my_tiers")
    boss = desk.signed_in("supervisor")
    boss.post(f"{HERE}/{talk}/open")
    assert "721" not in boss.get(f"{HERE}/{talk}").text


def test_an_answer_is_marked_and_the_marks_of_others_show_after_ones_own(desk):
    talk, (asked,) = talked(desk, word())
    first, second = (desk.signed_in("supervisor", name=name) for name in ("Marta Liela", "Jana Divi"))
    for boss in (first, second):
        boss.post(f"{HERE}/{talk}/open")
    form = {"verdict": "bad", "facts": "  500   punkti \n\nanna@example.com"}
    done = first.post(f"{HERE}/{talk}/{asked}", form)
    assert done.headers["location"] == f"{HERE}/{talk}#m{asked}"
    assert kept(desk, talk) == [("Marta Liela", "bad", "500 punkti\n••••••")]
    assert "Marta Liela: " not in second.get(f"{HERE}/{talk}").text
    second.post(f"{HERE}/{talk}/{asked}", {"verdict": "bad"})
    page = second.get(f"{HERE}/{talk}").text
    assert "Marta Liela: Slikta" in page
    assert "tāpat kā Jūs" in page


@pytest.mark.parametrize("form", [{}, {"verdict": "awful"}, {"verdict": "bad", "facts": "x" * 1001}])
def test_nonsense_is_not_kept(desk, form):
    talk, (asked,) = talked(desk, word())
    boss = desk.signed_in("supervisor")
    boss.post(f"{HERE}/{talk}/open")
    assert boss.post(f"{HERE}/{talk}/{asked}", form).status_code == 422
    for path in (f"{talk}/{asked + 1}", f"{talk}/0", f"{'0' * 32}/{asked}"):
        assert boss.post(f"{HERE}/{path}", {"verdict": "bad"}).status_code in (404, 422)
    assert kept(desk, talk) == []


def test_the_next_conversation_is_the_newest_without_a_mark_of_ones_own(desk):
    first, _ = talked(desk, word(), language="en")
    second, (asked,) = talked(desk, word(), language="en")
    boss = desk.signed_in("supervisor")
    assert boss.post(f"{HERE}/next", {"customer": "en"}).headers["location"] == f"{HERE}/{second}"
    boss.post(f"{HERE}/{second}/{asked}", {"verdict": "good"})
    assert boss.post(f"{HERE}/next", {"customer": "en"}).headers["location"] == f"{HERE}/{first}"
    assert second not in boss.get(HERE).text
    assert second in boss.get(f"{HERE}?judged=1&customer=en").text
    assert second not in boss.get(f"{HERE}?judged=1&customer=lv").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_must_be_in_answers_becomes_an_exam(desk, language):
    one = word()
    talk, (asked,) = talked(desk, one, language=language)
    boss = desk.signed_in("supervisor")
    boss.post(f"{HERE}/{talk}/open")
    boss.post(f"{HERE}/{talk}/{asked}", {"verdict": "bad", "facts": "1.5 %"})
    sent = boss.get(f"{HERE}/exam?customer={language}")
    assert sent.headers["content-disposition"] == f'attachment; filename="{language}_judged.jsonl"'
    items = [json.loads(line) for line in sent.text.splitlines()]
    (mine,) = [item for item in items if item["turns"][-1]["user"] == one]
    assert (mine["lang"], mine["turns"][-1]["must"]) == (language, [r"1\.5\ %"])
    assert boss.get(f"{HERE}/exam?customer=de").status_code == 422


def test_agents_judge_nothing(desk):
    talk, (asked,) = talked(desk, word())
    agent = desk.signed_in("agent")
    for path in (HERE, f"{HERE}/{talk}", f"{HERE}/exam"):
        assert agent.get(path).status_code == 403
    for path in (f"{talk}/open", f"{talk}/{asked}", "next"):
        assert agent.post(f"{HERE}/{path}", {"verdict": "bad"}).status_code == 403
    assert (readings(desk, talk), kept(desk, talk)) == ([], [])

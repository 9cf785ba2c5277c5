"""A supervisor decides about what the assistant did not understand, in two clicks."""

import re
import uuid

import pytest
from sqlalchemy import select

from bot.conversations import handoff, lifecycle, turns
from bot.conversations.learning_models import Filing, Turn
from bot.dialogue import search
from bot.dialogue.answers import LANGUAGES

HERE = "/desk/quality"


def missed(desk, *texts: str, language: str = "lv", kind: str = "miss") -> list[int]:
    """Store messages of a new conversation that were missed or guessed; return their ids."""
    with desk.database.write() as session:
        conversation = lifecycle.open_conversation(session, language)[1]
        ids = []
        for text in texts:
            message, _ = handoff.customer_says(session, conversation, uuid.uuid4().hex, text, text)
            message.intent, message.confidence = "ask_payment", 0.42
            ranking = [("ask_payment", 0.42), ("ask_membership", 0.2)]
            responses = ["utter_fallback" if kind == "miss" else "utter_invoice_when"]
            turns.record(session, conversation, message, responses, None, ranking, False, kind == "guess")
            ids.append(message.id)
        return ids


def filed(desk, ids: list[int]) -> list[Filing]:
    with desk.database.read() as session:
        return list(session.scalars(select(Filing).where(Filing.message_id.in_(ids)).order_by(Filing.id)))


def word() -> str:
    return "".join(chr(ord("a") + int(digit, 16)) for digit in uuid.uuid4().hex[:12])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_shows_what_was_understood_and_said_and_how_sure(desk, language):
    one = word()
    (asked,) = missed(desk, f"cik {one}", kind="guess")
    page = desk.signed_in("supervisor", language=language).get(f"{HERE}?kind=guess").text
    item = next(part for part in page.split("<li ") if one in part)
    assert {"lv": "Kā samaksāt? 42&nbsp;%", "en": "How do I pay? 42&nbsp;%"}[language] in item
    assert search.named("utter_invoice_when").text["lv"][:40] in item
    assert f'href="{HERE}/{asked}"' in item
    assert "/desk/conversations/" not in item, "no person was called to the conversation"
    assert one not in desk.signed_in("supervisor").get(f"{HERE}?kind=guess&customer=en").text
    assert one not in desk.signed_in("supervisor").get(HERE).text


def test_two_clicks_make_messages_an_example_of_a_found_answer_and_a_patch(desk):
    one = word()
    ids = missed(desk, f"kad atnāks rēķins {one}", f"kad atnaks rekins {one}?", "pavisam kas cits un nelīdzīgs")
    boss = desk.signed_in("supervisor", name="Marta Liela")
    page = boss.get(f"{HERE}/{ids[1]}").text
    assert {int(found) for found in re.findall(r'name="chosen" value="(\d+)"', page)} == set(ids[:2])
    assert 'value="invoice/when"' in page
    done = boss.post(f"{HERE}/{ids[1]}", {"chosen": ids[:2], "answer": "invoice/when"})
    assert done.headers["location"] == f"{HERE}?done=filed"
    kept = filed(desk, ids)
    assert {(one.message_id, one.answer, one.who) for one in kept} == {
        (asked, "invoice/when", "Marta Liela") for asked in ids[:2]
    }
    assert boss.get(f"{HERE}/{ids[0]}").status_code == 404
    patch = boss.get(f"{HERE}/patch")
    assert patch.headers["content-disposition"] == 'attachment; filename="answers.patch"'
    assert f"+          - kad atnāks rēķins {one}\n" in patch.text
    back = boss.post(f"{HERE}/decisions/{kept[0].id}/take-back")
    assert back.status_code == 303
    assert one in boss.get(f"{HERE}/{ids[0]}").text


def test_the_search_finds_other_answers(desk):
    (asked,) = missed(desk, word())
    boss = desk.signed_in("supervisor")
    assert "Nekas neatbilst" in boss.get(f"{HERE}/{asked}").text
    assert 'value="ask_migrate_button"' in boss.get(f"{HERE}/{asked}?q=zilā+poga").text


@pytest.mark.parametrize(("decision", "answer"), [("not_known", "ask_not_known"), ("set_aside", None)])
def test_what_has_no_answer_is_filed_as_such(desk, decision, answer):
    ids = missed(desk, word())
    assert (
        desk.signed_in("supervisor").post(f"{HERE}/{ids[0]}", {"chosen": ids, "decision": decision}).status_code == 303
    )
    assert [(one.decision, one.answer) for one in filed(desk, ids)] == [(decision, answer)]


def test_a_new_answer_is_asked_for_with_a_masked_draft_in_both_languages(desk):
    ids = missed(desk, word())
    boss = desk.signed_in("supervisor")
    form = {"chosen": ids, "decision": "new", "thing": "invoice", "aspect": "who"}
    drafts = {"draft_lv": "Raksta anna@example.com {x}", "draft_en": "It writes."}
    for wrong in ({"draft_lv": " "}, {"draft_en": ""}, {"thing": "sparrow"}, {"aspect": "x"}):
        refused = boss.post(f"{HERE}/{ids[0]}", form | drafts | wrong)
        assert refused.status_code == 422
        assert "uzrakstiet uzmetumu abās valodās" in refused.text
    assert filed(desk, ids) == []
    assert boss.post(f"{HERE}/{ids[0]}", form | drafts).status_code == 303
    (kept,) = filed(desk, ids)
    assert (kept.answer, kept.draft_lv, kept.draft_en) == (f"invoice/who-new{ids[0]}", "Raksta •••••• x", "It writes.")
    assert f"+    who-new{ids[0]}:\n" in boss.get(f"{HERE}/patch").text


@pytest.mark.parametrize("form", [{"answer": "sparrow/when"}, {"answer": ""}, {"decision": "burn"}])
def test_nonsense_files_nothing(desk, form):
    ids = missed(desk, word())
    assert desk.signed_in("supervisor").post(f"{HERE}/{ids[0]}", {"chosen": ids} | form).status_code == 422
    assert filed(desk, ids) == []


def test_ids_of_others_file_nothing(desk):
    ids = missed(desk, word())
    boss = desk.signed_in("supervisor")
    chosen = {"chosen": [-1, 0, 2**31, 2**40, 999_999], "decision": "set_aside"}
    assert boss.post(f"{HERE}/{ids[0]}", chosen).status_code == 303
    assert boss.post(f"{HERE}/{ids[0]}", {"decision": "set_aside"}).status_code == 422
    assert filed(desk, ids) == []
    with desk.database.read() as session:
        assert session.get_one(Turn, ids[0]).kind == "miss"


def test_what_was_understood_is_shown_and_filed_nowhere(desk):
    one = word()
    ids = missed(desk, f"kad atnāks rēķins {one}", kind="answer")
    boss = desk.signed_in("supervisor")
    assert boss.get(f"{HERE}/{ids[0]}").status_code == 404
    assert boss.post(f"{HERE}/{ids[0]}", {"chosen": ids, "decision": "set_aside"}).status_code == 303
    assert filed(desk, ids) == []

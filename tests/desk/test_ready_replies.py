"""Ready replies: who sees them, who changes them, and what becomes of their placeholders."""

import html
import re

import pytest
import yaml
from sqlalchemy import func, select

from bot.desk import agents, ready_replies
from bot.desk.models import ReadyReply
from bot.settings import ROOT
from tests.desk.conftest import Browser, Desk
from tests.desk.test_conversation import Guest, taken
from tests.desk.test_rail import NAME, confirm

HERE = "/desk/replies"
FIRST = yaml.safe_load((ROOT / "bot/desk/replies.yml").read_text(encoding="utf-8"))


def typed(title: str, language: str = "lv", **more: str) -> dict[str, str]:
    """Return the fields of a reply in one language."""
    return {f"title_{language}": title, f"text_{language}": f"{title} <b>text</b>"} | more


def stored(desk: Desk, title: str) -> ReadyReply | None:
    with desk.database.read() as session:
        return session.scalars(select(ReadyReply).where(ReadyReply.title_lv == title)).first()


def offered(browser: Browser, guest: Guest) -> str:
    """Return what the page of a conversation offers to put into the composer."""
    page = browser.get(guest.path).text
    return html.unescape(page[page.index('id="replies"') : page.index('id="no-replies"')])


def test_the_first_replies_are_those_of_the_file(desk):
    guest, browser = taken(desk, name="Zane Pirma")
    shown = offered(browser, guest)
    for group in FIRST.values():
        for reply in group.values():
            for language in ("lv", "en"):
                assert reply["text"][language].replace("{agent}", "Zane") in shown
            assert reply["title"]["lv"] in shown


@pytest.mark.parametrize("language", ["lv", "en"])
def test_an_agent_adds_changes_retires_and_restores_a_reply_of_their_own(desk, language):
    guest, browser = Guest(desk, language).asks_for_a_person(), desk.signed_in(language=language)
    browser.post(f"{guest.path}/take")
    colleague = desk.signed_in()
    title = f"Mana atbilde {language}"
    assert browser.post(HERE, typed(title)).headers["location"] == f"{HERE}?done=saved"
    reply = stored(desk, title)
    here = f"{HERE}/{reply.id}"
    assert f"{title} <b>text</b>" in offered(browser, guest)
    assert f"{title} &lt;b&gt;text" in browser.get(HERE).text
    assert title not in colleague.get(HERE).text
    for action in ("", "/retire", "/restore"):
        assert colleague.post(here + action, typed("stolen")).status_code == 404
    assert browser.post(here, typed(f"{title} 2", "lv", title_en="Mine", text_en="in English")).status_code == 303
    assert "in English" in offered(browser, guest)
    told = browser.post(f"{here}/retire").headers["location"]
    assert {"lv": "vairs netiks piedāvāta", "en": "no longer offered"}[language] in browser.get(told).text
    assert "in English" not in offered(browser, guest)
    browser.post(f"{here}/restore")
    assert "in English" in offered(browser, guest)


def test_only_supervisors_change_what_all_share(desk):
    boss, agent = desk.signed_in("supervisor"), desk.signed_in()
    assert agent.post(HERE, typed("Kopīga", shared="true")).status_code == 403
    assert boss.post(HERE, typed("Kopīga", shared="true")).status_code == 303
    reply = stored(desk, "Kopīga")
    assert "Kopīga" in agent.get(HERE).text
    for action in ("", "/retire", "/restore"):
        assert agent.post(f"{HERE}/{reply.id}{action}", typed("Cita")).status_code == 403
    assert f"{HERE}/{reply.id}/retire" not in agent.get(HERE).text
    assert boss.post(f"{HERE}/{reply.id}/retire").status_code == 303
    assert stored(desk, "Kopīga").retired_at


@pytest.mark.parametrize(
    "fields",
    [{}, {"title_lv": "x"}, {"text_en": "x"}, {"title_lv": "x", "text_en": "x"}, {**typed("x"), "title_en": "y"}],
    ids=lambda fields: "+".join(fields) or "nothing",
)
@pytest.mark.parametrize(
    ("language", "told"), [("lv", "Vismaz vienā valodā aizpildiet"), ("en", "in at least one language")]
)
def test_a_reply_has_title_and_text_together_and_what_was_typed_stays(desk, fields, language, told):
    browser = desk.signed_in(language=language)
    refused = browser.post(HERE, fields)
    assert refused.status_code == 422
    assert told in refused.text
    assert all(f">{text}</textarea>" in html.unescape(refused.text) for key, text in fields.items() if "text" in key)
    title = f"Laba {language} {len(fields)} {list(fields)}"
    browser.post(HERE, typed(title))
    assert browser.post(f"{HERE}/{stored(desk, title).id}", fields).status_code == 422
    assert stored(desk, title)


def test_a_use_is_counted_for_who_sees_the_reply_and_the_most_used_comes_first(desk):
    guest, browser = taken(desk)
    browser.post(HERE, typed("Reti"))
    browser.post(HERE, typed("Bieži"))
    often = stored(desk, "Bieži")
    for _ in range(50):
        assert browser.post(f"{HERE}/{often.id}/use", accept="*/*").status_code == 204
    desk.signed_in().post(f"{HERE}/{often.id}/use")
    assert stored(desk, "Bieži").uses == 50
    assert re.search(r'data-insert="([^"]*)"', browser.get(guest.path).text)[1].startswith("Bieži")
    assert browser.post(f"{HERE}/{2**31 - 1}/use", accept="*/*").status_code == 204
    assert browser.post(f"{HERE}/{2**40}/use").status_code == 422


def test_names_are_put_in_and_nothing_else_is(desk):
    guest, browser = taken(desk, name="Zane Otra")
    text = "Labdien, {customer}! {agent} {agent.password_hash} {0} {"
    browser.post(HERE, {"title_lv": "Vietas", "text_lv": text})
    assert "Labdien! Zane {agent.password_hash} {0} {" in offered(browser, guest)
    confirm(desk, guest)
    assert f"Labdien, {NAME}! Zane {{agent.password_hash}}" in offered(browser, guest)


@pytest.mark.parametrize(("language", "told"), [("lv", "Gatavo atbilžu ir pārāk daudz"), ("en", "too many ready")])
def test_nobody_fills_the_desk_with_replies(desk, monkeypatch, language, told):
    monkeypatch.setattr(ready_replies, "MAX_OWN", 1)
    browser = desk.signed_in(language=language)
    title = "G" * (ready_replies.MAX_TITLE_LENGTH + 9)
    assert browser.post(HERE, {"title_lv": title, "text_lv": "x" * 9000}).status_code == 303
    reply = stored(desk, title[: ready_replies.MAX_TITLE_LENGTH])
    assert len(reply.text_lv) <= 9000 - 1
    refused = browser.post(HERE, typed("vēl viena"))
    assert refused.status_code == 409
    assert told in refused.text


def test_an_agents_own_replies_go_with_the_agent(desk):
    browser = desk.signed_in()
    browser.post(HERE, typed("Aiziet līdzi"))
    with desk.database.write() as session:
        agents.delete(session, agents.by_email(session, browser.email))
    with desk.database.read() as session:
        assert session.scalar(select(func.count()).where(ReadyReply.title_lv == "Aiziet līdzi")) == 0


def test_who_is_not_signed_in_sees_and_changes_no_reply(desk):
    visitor = desk.visit()
    assert visitor.get(HERE).status_code == 303
    for path in (HERE, f"{HERE}/1", f"{HERE}/1/retire", f"{HERE}/1/restore", f"{HERE}/1/use"):
        assert visitor.post(path, typed("x"), csrf="").status_code == 303
    assert stored(desk, "x") is None

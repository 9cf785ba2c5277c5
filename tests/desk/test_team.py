"""The Team page, for supervisors: who is at the desk, and who may work there."""

import re
from datetime import timedelta

import pytest

from bot.database import now
from tests.conftest import wait_for
from tests.desk.conftest import PASSWORD
from tests.desk.test_conversation import taken


@pytest.fixture(scope="module")
def supervisor(desk):
    return desk.signed_in("supervisor", name="Sandra Supervisor")


def row(browser, email: str) -> str:
    """Return the text of an agent's row in the table."""
    rows = re.findall(r"<tr.*?</tr>", browser.get("/desk/team").text, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", next(one for one in rows if email in one)).split())


@pytest.mark.parametrize(
    ("more", "seen_ago", "read"),
    [
        ({"presence": "available", "at_once": 4}, 1, "Pieejams 4"),
        ({"presence": "busy"}, 4, "Aizņemts 3"),
        ({"presence": "available"}, 6, "Nav šeit 3"),
        ({"presence": "available"}, None, "Nav šeit 3 Vēl nekad"),
    ],
)
def test_it_shows_who_is_there_and_when_they_last_were(desk, supervisor, more, seen_ago, read):
    seen_at = now() - timedelta(minutes=seen_ago) if seen_ago else None
    agent = desk.add(seen_at=seen_at, **more)
    assert read in row(supervisor, agent.email)


def test_who_was_here_another_day_is_shown_with_the_day(desk, supervisor):
    agent = desk.add(seen_at=now() - timedelta(days=40))
    day = agent.seen_at.day
    assert re.search(rf"\b{day - 1}\. |\b{day}\. |\b{day + 1}\. ", row(supervisor, agent.email))


def test_an_agent_who_opens_a_page_is_there(desk, supervisor):
    browser = desk.signed_in(presence="available")
    browser.get("/desk")
    assert "Pieejams" in row(supervisor, browser.email)


def test_an_agent_who_is_added_can_sign_in(desk, supervisor):
    form = {"email": " New.One@Example.com", "name": "  Jauna \x07  Aģente ", "role": "agent", "password": PASSWORD}
    answer = supervisor.post("/desk/team", form)
    assert "Darbinieks ir pievienots" in supervisor.get(answer.headers["location"]).text
    added = desk.get("new.one@example.com")
    assert (added.name, added.first_name, added.role) == ("Jauna Aģente", "Jauna", "agent")
    assert desk.sign_in("new.one@example.com").is_in


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", "no address", "Ievadiet e-pasta adresi"),
        ("email", "", "Ievadiet e-pasta adresi"),
        ("email", "x" * 250 + "@example.com", "Ievadiet e-pasta adresi"),
        ("email", "taken@example.com", "Darbinieks ar šādu adresi jau ir"),
        ("name", " \t\x00 ", "Aizpildiet šo lauku"),
        ("password", "too short", "Parolē jābūt vismaz 12 rakstzīmēm"),
    ],
)
def test_what_is_wrong_with_a_new_agent_is_named_and_what_was_typed_stays(desk, supervisor, field, value, said):
    if value.startswith("taken"):
        desk.add(value)
    form = {"email": "odd@example.com", "name": "Odd <One>", "role": "supervisor", "password": PASSWORD}
    answer = supervisor.post("/desk/team", form | {field: value})
    assert answer.status_code == 422
    assert said in answer.text
    assert PASSWORD not in answer.text
    assert '<option value="supervisor" selected>' in answer.text
    if field != "name":
        assert 'value="Odd &lt;One&gt;"' in answer.text


@pytest.mark.parametrize(
    ("language", "told"), [("lv", "Savienojums ar darbinieku"), ("en", "The connection to the agent")]
)
def test_what_an_agent_held_who_is_kept_out_waits_for_another(desk, supervisor, language, told):
    guest, browser = taken(desk, language)
    supervisor.post(f"/desk/team/{desk.get(browser.email).id}/disable")
    wait_for(lambda: guest.state()["owner"] == "waiting", 20)
    assert told in guest.heard("notice")[-1]["text"]
    guest.call("DELETE", "conversation/person")


def test_an_agent_is_kept_out_and_let_in_again(desk, supervisor):
    browser = desk.signed_in()
    agent = desk.get(browser.email)
    supervisor.post(f"/desk/team/{agent.id}/disable")
    assert not browser.is_in
    assert desk.visit().sign_in(agent.email).status_code == 403
    assert "Piekļuve slēgta" in row(supervisor, agent.email)
    supervisor.post(f"/desk/team/{agent.id}/enable")
    assert desk.sign_in(agent.email).is_in


def test_an_agent_becomes_a_supervisor_and_an_agent_again(desk, supervisor):
    browser = desk.signed_in()
    agent = desk.get(browser.email)
    supervisor.post(f"/desk/team/{agent.id}/role", {"role": "supervisor"})
    assert browser.get("/desk/team").status_code == 200
    supervisor.post(f"/desk/team/{agent.id}/role", {"role": "agent"})
    assert browser.get("/desk/team").status_code == 403
    assert supervisor.post(f"/desk/team/{agent.id}/role", {"role": "owner"}).status_code == 422


def test_a_supervisor_cannot_keep_out_or_demote_themselves(desk, supervisor):
    me = desk.get(supervisor.email)
    for change, form in (("disable", {}), ("role", {"role": "agent"})):
        assert supervisor.post(f"/desk/team/{me.id}/{change}", form).status_code == 404
    assert supervisor.get("/desk/team").status_code == 200
    assert "Tas esat Jūs" in row(supervisor, supervisor.email)


@pytest.mark.parametrize("agent_id", ["999999", "0", "-1", "x", "9" * 30])
def test_an_agent_who_does_not_exist_is_missing(supervisor, agent_id):
    for change in ("disable", "enable"):
        assert supervisor.post(f"/desk/team/{agent_id}/{change}").status_code in (404, 422)


def changes(browser) -> list[str]:
    """Return the log of the team as its page shows it, the newest first."""
    page = browser.get("/desk/team").text
    table = page[page.index('id="changes-title"') : page.index('id="readings-title"')]
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in re.findall(r"<tr.*?</tr>", table, re.S)]


@pytest.mark.parametrize(
    ("language", "words"), [("lv", ("Mainīt vārdu", "nomainīts vārds")), ("en", ("Change the name", "name changed"))]
)
def test_a_supervisor_renames_an_agent_also_where_they_talk(desk, language, words):
    boss = desk.signed_in("supervisor", language=language)
    guest, browser = taken(desk, name="Anna Agent")
    path = f"/desk/team/{desk.get(browser.email).id}"
    assert words[0] in boss.get(path).text
    assert 'aria-invalid="true"' in boss.post(f"{path}/rename", {"name": " \x07 "}).text
    assert boss.post(f"{path}/rename", {"name": "Līga Jaunā"}).headers["location"] == "/desk/team?done=renamed"
    assert desk.get(browser.email).name == "Līga Jaunā"
    assert guest.state()["speaker"] == "Līga"
    (change,) = [one for one in changes(boss) if browser.email in one]
    assert boss.email in change
    assert change.endswith(words[1])


@pytest.mark.parametrize("language", ["lv", "en"])
def test_a_supervisor_sets_a_new_password_which_ends_the_agents_sessions(desk, language):
    boss, browser = desk.signed_in("supervisor", language=language), desk.signed_in()
    path = f"/desk/team/{desk.get(browser.email).id}"
    short = boss.post(f"{path}/password", {"password": "short"})
    assert short.status_code == 422
    assert 'aria-invalid="true"' in short.text
    assert browser.is_in
    assert boss.post(f"{path}/password", {"password": "another long one"}).status_code == 303
    assert not browser.is_in
    assert desk.sign_in(browser.email, "another long one").is_in
    assert desk.visit().sign_in(browser.email).status_code == 403
    assert len([one for one in changes(boss) if browser.email in one]) == 1


@pytest.mark.parametrize("language", ["lv", "en"])
def test_a_supervisor_deletes_an_agent_whose_address_they_type_again(desk, language):
    boss = desk.signed_in("supervisor", language=language)
    guest, browser = taken(desk)
    path = f"/desk/team/{desk.get(browser.email).id}"
    refused = boss.post(f"{path}/delete", {"email": "somebody@example.com"})
    assert (refused.status_code, browser.is_in) == (422, True)
    assert boss.post(f"{path}/delete", {"email": f" {browser.email.upper()} "}).status_code == 303
    assert not browser.is_in
    assert boss.get(path).status_code == 404
    wait_for(lambda: guest.state()["owner"] == "waiting")
    assert [one for one in changes(boss) if browser.email in one]


def test_nobody_changes_their_own_account_as_a_supervisor(desk, supervisor):
    path = f"/desk/team/{desk.get(supervisor.email).id}"
    for action, form in (("rename", {"name": "X"}), ("password", {"password": PASSWORD}), ("delete", {})):
        assert supervisor.post(f"{path}/{action}", form | {"email": supervisor.email}).status_code == 404
    assert supervisor.is_in

"""All conversations on one page: found by what is known of them, and read by whom it concerns."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from bot.conversations.models import Conversation
from bot.database import now
from bot.desk.models import AuditEntry
from tests.conftest import stop_process
from tests.desk.conftest import Browser, Desk, start_desk
from tests.desk.test_conversation import Guest, client_id

EMAIL = "anna@example.com"
ADDRESS = re.compile(r"/desk/conversations/([0-9a-f]{32})")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def desk(request, tmp_path_factory):
    """A desk of its own, on each database."""
    url = request.getfixturevalue("new_postgresql")() if request.param == "postgresql" else ""
    started = start_desk(tmp_path_factory.mktemp("past"), url, email_key="k" * 40)
    yield started
    stop_process(started.process)


def found(browser: Browser, **filters: str) -> list[str]:
    """Search as the form does, and return the ids of what is found, in their order."""
    answer = browser.post("/desk/past", filters)
    assert answer.status_code == 303, answer.text
    return ADDRESS.findall(browser.get(answer.headers["location"]).text)


def alone(desk: Desk, language: str = "lv", words: str = "Kur ir mans rēķins?") -> Guest:
    """Return a customer whom only the assistant has answered."""
    guest = Guest(desk, language)
    guest.writes(words)
    guest.hears_from_rasa("There.", "ask_payment")
    return guest


def helped(desk: Desk, browser: Browser, language: str = "lv", outcome: str = "solved", words: str = "?") -> Guest:
    """Return a customer whom an agent has helped."""
    guest = Guest(desk, language).asks_for_a_person()
    browser.post(f"{guest.path}/take")
    guest.writes(words)
    browser.post(f"{guest.path}/messages", {"text": "The parcel is in Ogre", **client_id()})
    browser.post(f"{guest.path}/close", {"outcome": outcome})
    return guest


def test_agents_see_what_a_person_was_called_to_and_supervisors_all(desk):
    agent, boss = desk.signed_in(), desk.signed_in("supervisor")
    one, other = alone(desk), helped(desk, agent)
    assert found(boss)[:2] == [other.id, one.id]
    assert other.id in found(agent)
    assert one.id not in found(agent)
    assert one.id in found(boss, outcome="alone")
    assert other.id not in found(boss, outcome="alone")
    assert one.id not in found(agent, outcome="alone")


@pytest.mark.parametrize("language", ["lv", "en"])
def test_each_filter_finds_what_fits(desk, language):
    boss = desk.signed_in("supervisor", language=language)
    mine, colleague = desk.signed_in(name="Liga One"), desk.signed_in(name="Jana Two")
    other_language = {"lv": "en", "en": "lv"}[language]
    one = helped(desk, mine, language, "passed_on")
    one.call("POST", "conversation/rating", {"score": 2})
    other = helped(desk, colleague, other_language, "no_answer")
    asked = alone(desk, language)
    today = (now() + timedelta(hours=3)).date()
    yes, no = {one.id, asked.id}, {other.id}
    for filters, fits, fits_not in (
        ({"customer": language}, yes, no),
        ({"outcome": "passed_on"}, {one.id}, {other.id, asked.id}),
        ({"of_agent": str(desk.get(mine.email).id)}, {one.id}, {other.id, asked.id}),
        ({"score": "2"}, {one.id}, {other.id, asked.id}),
        ({"topic": "ask_payment"}, {asked.id}, {one.id, other.id}),
        ({"until": str(today - timedelta(days=9))}, set(), {one.id, other.id, asked.id}),
        ({"since": str(today + timedelta(days=9))}, set(), {one.id, other.id, asked.id}),
        ({"customer": language, "outcome": "passed_on", "score": "2"}, {one.id}, {other.id, asked.id}),
    ):
        ids = set(found(boss, **filters))
        assert fits <= ids, filters
        assert not fits_not & ids, filters


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Mana kamera ŠĶĪRĀS no objektīva", "skiras OBJEKTĪV"),
        ("Mana kamera ŠĶĪRĀS no objektīva", "objektiv šķīrās"),
        ("My lens cap is 100% lost_again", "100% lost_ag"),
        ("My lens cap is 100% lost_again", "in ogre"),
    ],
)
def test_words_are_found_in_parts_without_diacritics_and_as_they_are(desk, said, words):
    agent = desk.signed_in()
    other, guest = helped(desk, agent, words="Pavisam kas cits: 1000, lostXagain"), helped(desk, agent, words=said)
    assert guest.id in found(agent, words=words)
    assert (other.id in found(agent, words=words)) is (words == "in ogre")
    assert found(agent, words=f"{words} neviens-to-nesaka") == []


def test_what_is_masked_is_not_found_by_what_it_was(desk):
    agent = desk.signed_in()
    guest = Guest(desk).asks_for_a_person()
    guest.writes(f"rakstiet uz {EMAIL} par zirnekli")
    assert guest.id in found(agent, words="zirnek")
    assert guest.id not in ADDRESS.findall(agent.get(f"/desk/past?words={EMAIL}").text)
    assert "anna" not in agent.post("/desk/past", {"words": f"zirnek {EMAIL}"}).headers["location"]
    assert guest.id in found(agent, words=f"zirnek {EMAIL}")


@pytest.mark.parametrize("language", ["lv", "en"])
def test_who_asked_is_found_by_an_address_that_stands_in_no_address_of_a_page(desk, language):
    agent = desk.signed_in(language=language)
    guest = helped(desk, agent, language)
    guest.call(
        "POST", "conversation/ticket", {"client_id": "ticket-0001", "email": f"{language}.{EMAIL}", "text": "Call me"}
    )
    answer = agent.post("/desk/past", {"email": f"  {language.upper()}.{EMAIL} ", "words": f"ogre {EMAIL}"})
    location = answer.headers["location"]
    assert "anna" not in location
    assert len(parse_qs(urlsplit(location).query)["who"][0]) == 64
    assert guest.id in found(agent, email=f"{language}.{EMAIL}")
    assert found(agent, email="nobody@example.com") == []
    with desk.database.read() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.who == agent.email)).all()
    assert [entry.what for entry in noted] == ["searched"] * 3
    assert EMAIL not in str([entry.counts for entry in noted])
    words = {"lv": "Meklētas sarunas (atrastas: 1)", "en": "Conversations looked for (found: 1)"}[language]
    assert words in desk.signed_in("supervisor", language=language).get("/desk/personal-data").text
    wrong = agent.post("/desk/past", {"email": "not an address"}).headers["location"]
    assert 'aria-invalid="true"' in agent.get(wrong).text


def test_nothing_that_was_said_stands_on_the_page(desk):
    agent = desk.signed_in()
    guest = helped(desk, agent, words="mana slepenā kaste")
    page = desk.signed_in("supervisor").get("/desk/past").text
    assert guest.id in page
    assert "slepen" not in page
    assert "parcel" not in page


@pytest.mark.parametrize("language", ["lv", "en"])
def test_what_the_assistant_had_alone_a_supervisor_reads_with_a_reason_and_an_agent_never(desk, language):
    guest, boss = alone(desk, language, "about the yellow box"), desk.signed_in("supervisor", language=language)
    assert desk.signed_in().get(guest.path).status_code == 404
    assert boss.get(guest.path).status_code == 403
    assert boss.open(f"{guest.path}/events", accept="text/event-stream").status_code == 403
    boss.post(f"{guest.path}/reason", {"reason": "a complaint about the box"})
    page = boss.get(guest.path).text
    assert "about the yellow box" in page
    assert "a complaint about the box" in boss.get("/desk/team").text
    for action in ("take", "notes", "reopen"):
        assert boss.post(f"{guest.path}/{action}", {"text": "x"}).status_code in (404, 409)


@pytest.mark.parametrize("language", ["lv", "en"])
def test_a_customers_other_conversations_stand_beside_the_present_one(desk, language):
    agent, address = desk.signed_in(language=language), f"more.{language}@example.com"
    guests = [helped(desk, agent, language) for _ in range(2)]
    private = alone(desk, language)
    for number, guest in enumerate((*guests, private)):
        form = {"client_id": f"ticket-{number:04}", "email": address, "text": "Call me"}
        guest.call("POST", "conversation/ticket", form)
    stranger = helped(desk, agent, language)
    page = agent.get(guests[1].path).text
    beside = page[page.index('id="earlier-title"') :]
    assert guests[0].path in beside
    assert private.path not in beside
    assert stranger.path not in beside.split("</section>")[0]
    assert 'id="earlier-title"' not in agent.get(stranger.path).text


@pytest.mark.parametrize(("language", "again"), [("lv", "atkal sazinās Līga"), ("en", "Līga of CPS")])
def test_a_closed_conversation_is_reopened_by_who_may_read_it(desk, language, again):
    agent = desk.signed_in(name="Līga Paraudziņa", at_once=1)
    guest = helped(desk, agent, language)
    assert desk.signed_in().post(f"{guest.path}/reopen").status_code == 403
    assert f'action="{guest.path}/reopen"' in agent.get(guest.path).text
    assert agent.post(f"{guest.path}/reopen").headers["location"] == guest.path
    assert guest.state()["owner"] == "agent"
    assert again in guest.heard("notice")[-1]["text"]
    assert agent.post(f"{guest.path}/messages", {"text": "one more thing", **client_id()}).status_code == 303
    assert agent.post(f"{guest.path}/reopen").status_code == 409
    agent.post(f"{guest.path}/close", {"outcome": "solved"})
    Guest(desk).asks_for_a_person()
    with desk.database.write() as session:
        session.get_one(Conversation, guest.id).closed_at = now()
    assert agent.post(f"{guest.path}/reopen").status_code == 409


def test_pages_and_odd_filters(desk):
    boss = desk.signed_in("supervisor")
    helped(desk, desk.signed_in())
    for odd in (
        "since=x&until=9999-99-99",
        "score=%E0%A5%AA&agent=99999999999999",
        "topic=%00&words=%25%5F&who=%27",
        "outcome=nothing&customer=de",
        "words=" + "x" * 150,
    ):
        assert boss.get(f"/desk/past?{odd}").status_code == 200, odd
    for odd in ("number=0", "number=x", "words=" + "x" * 201):
        assert boss.get(f"/desk/past?{odd}").status_code == 422, odd
    assert boss.get("/desk/past?number=9&outcome=solved").status_code == 200

"""A customer and agents over the real website side, without Rasa: people who talk do not need the assistant."""

import json
import re
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.conversations import lifecycle, messages, rasa_answers
from bot.conversations.masking import DOTS
from bot.conversations.rasa_answers import RasaAnswer, Understood
from bot.database import now
from bot.desk.told import reported, told
from bot.dialogue.answers import read_answers
from bot.web.fair_limiter import FairLimiter
from tests.chat.test_files import PDF, begin, send
from tests.conftest import wait_for
from tests.conversations.test_files import png
from tests.customer import Customer
from tests.desk.conftest import Browser, Desk

HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) {{7*7}} \"'></textarea>"


class Guest(Customer):
    """A customer without an assistant: the test gives Rasa's answers."""

    def __init__(self, desk: Desk, language: str = "lv") -> None:
        self.desk = desk
        super().__init__(desk.address, language)

    def begin(self, language: str) -> None:
        self.use(self.call("POST", "conversations", {"language": language}).json()["token"])
        with self.desk.database.read() as session:
            self.id = lifecycle.find_conversation(session, self.token).id
        self.hears_from_rasa("hello", "start")

    def hears_from_rasa(self, text: str, intent: str, place: str | None = None, holds: dict | None = None, **more):
        """Store an answer of Rasa to the oldest message; `holds` is what the dialogue knows of the customer."""
        understood = Understood(intent=intent, confidence=0.91, sure=True, place=place, **(holds or {}))
        with self.desk.database.write() as session:
            message = messages.next_for_rasa(session, self.id)
            answer = RasaAnswer(text=text, understood=understood, **more)
            rasa_answers.store_answers(session, message.id, [answer], now())

    def writes(self, text: str) -> int:
        sent = self.call("POST", "conversation/messages", {"client_id": str(uuid.uuid4()), "text": text})
        assert sent.status_code == 201, sent.text
        return sent.json()["id"]

    def asks_for_a_person(self) -> "Guest":
        assert self.call("POST", "conversation/person").status_code == 204
        return self

    def heard(self, *authors: str) -> list[dict]:
        return [message for message in self.events()[0] if message["author"] in authors]

    @property
    def path(self) -> str:
        return f"/desk/conversations/{self.id}"


def client_id() -> dict[str, str]:
    return {"client_id": uuid.uuid4().hex}


def taken(desk: Desk, language: str = "lv", **agent) -> tuple[Guest, Browser]:
    """Return a customer and the agent who has taken the conversation."""
    browser = desk.signed_in(**agent)
    guest = Guest(desk, language).asks_for_a_person()
    assert browser.post(f"{guest.path}/take").status_code == 303
    return guest, browser


def test_a_file_is_shown_to_who_may_read_the_conversation_and_opens_there_alone(desk):
    guest, browser = taken(desk)
    sent = send(guest, png(), "<b>ekrāns.png").json()["id"]
    page, path = browser.get(guest.path).text, f"{guest.path}/files/{sent}"
    assert f'<img src="{path}" alt="&lt;b&gt;ekrāns.png"' in page
    got = browser.get(path)
    assert (got.status_code, got.content) == (200, png())
    assert got.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert got.headers["content-disposition"].startswith("attachment; ")
    assert desk.signed_in().get(path).status_code == 403
    other, holder = taken(desk)
    assert holder.get(f"{other.path}/files/{sent}").status_code == 404


def test_so_many_files_are_read_at_once_and_the_others_wait(desk, monkeypatch):
    uploads = FairLimiter(1, 1)
    monkeypatch.setattr(desk.process.app.state, "uploads", uploads)
    (first, _), (second, _) = taken(desk), taken(desk)
    with ThreadPoolExecutor(1) as pool, begin(first, PDF[:5], len(PDF)) as connection:
        wait_for(lambda: uploads._inside)
        sent = pool.submit(send, second)
        wait_for(lambda: uploads._waiting)
        assert not sent.done()
        connection.sendall(PDF[5:])
        assert connection.recv(100).startswith(b"HTTP/1.1 201")
        assert sent.result().status_code == 201


def test_the_customer_learns_how_far_a_message_has_come(desk):
    guest, browser = taken(desk)
    asked = guest.writes("?")

    def progress() -> tuple[int, int]:
        state = guest.state()
        return state["agent_delivered"], state["agent_read"]

    other = desk.signed_in("supervisor")
    assert other.post(f"{guest.path}/read", {"last": asked, "is_read": "true"}).status_code == 204
    assert progress() == (0, 0), "only who holds the conversation counts"
    for is_read, read in (("false", 0), ("true", asked), ("false", asked)):
        assert browser.post(f"{guest.path}/read", {"last": asked, "is_read": is_read}).status_code == 204
        assert progress() == (asked, read)
    browser.post(f"{guest.path}/read", {"last": 2**31 - 1, "is_read": "true"})
    assert progress() == (asked, asked), "no further than there is anything"
    browser.post(f"{guest.path}/read", {"last": 1})
    assert progress() == (asked, asked)
    for wrong in ({}, {"last": "-1"}, {"last": str(2**31)}, {"last": "x"}):
        assert browser.post(f"{guest.path}/read", wrong).status_code == 422


@pytest.mark.parametrize(("language", "named"), [("lv", "Jums tagad atbild"), ("en", "is with you now")])
def test_an_agent_takes_a_conversation_answers_and_closes_it(desk, language, named):
    guest, browser = taken(desk, language, name="L\u012bga Paraudzi\u0146a")
    assert guest.state()["speaker"] == "L\u012bga"
    assert named in guest.heard("notice")[-1]["text"]
    question = guest.writes("?")
    assert browser.post(f"{guest.path}/messages", {"text": "Labdien!", **client_id()}).status_code == 303
    (answer,) = guest.heard("agent")
    assert (answer["text"], answer["speaker"]) == ("Labdien!", "L\u012bga")
    assert answer["id"] > question
    done = browser.post(f"{guest.path}/close", {"outcome": "solved", "line": "explained"})
    assert done.headers["location"] == "/desk?done=closed"
    state = guest.state()
    assert (state["owner"], state["may_rate"]) == ("closed", True)
    assert guest.call("POST", "conversation/rating", {"score": 5, "comment": "<b>good</b>"}).status_code == 204
    assert not guest.state()["may_rate"]
    shown = browser.get(guest.path).text
    assert "explained" in shown
    assert "&lt;b&gt;good" in shown


@pytest.mark.parametrize(
    ("language", "words"),
    [("lv", "zvaniet 29 123 456 vai anna@example.com"), ("en", "call 29 123 456, anna@example.com")],
)
def test_what_is_typed_for_a_person_is_read_by_who_may_take_it_and_then_by_who_holds_it(desk, language, words):
    holder, colleague = desk.signed_in(language=language), desk.signed_in("supervisor", language=language)
    guest = Guest(desk, language).asks_for_a_person()
    masked = words.replace("29 123 456", DOTS).replace("anna@example.com", DOTS)

    def shown(browser: Browser) -> list[str]:
        """Return which of the two texts are shown in the queue, and on the page of the conversation."""
        pages = [browser.get(path).text for path in ("/desk", guest.path)]
        return ["".join(name for name, text in (("w", words), ("m", masked)) if text in page) for page in pages]

    guest.writes(words)
    assert shown(holder) == shown(colleague) == ["w", "w"]
    holder.post(f"{guest.path}/take")
    assert (shown(holder), shown(colleague)) == (["w", "w"], ["", ""])
    colleague.post(f"{guest.path}/reason", {"reason": "asked to help"})
    assert shown(colleague) == ["", "m"]
    colleague.post(f"{guest.path}/take-over")
    assert (shown(holder), shown(colleague)) == (["", "m"], ["w", "w"])
    colleague.post(f"{guest.path}/close", {"outcome": "solved"})
    assert (shown(holder)[1], shown(colleague)[1]) == ("m", "m")


@pytest.mark.parametrize("language", ["lv", "en"])
def test_the_agent_sees_what_happened_before(desk, language):
    guest = Guest(desk, language)
    guest.writes("where is my button?")
    guest.hears_from_rasa("**There**", "ask_migrate_button", "products", response="utter_migrate_button")
    guest.writes("how many points do I have?")
    guest.hears_from_rasa("You have 350 points", "ask_my_points", "products", response="utter_my_points")
    guest.asks_for_a_person()
    browser = desk.signed_in(language=language)
    queue, page = browser.get("/desk").text, browser.get(guest.path).text
    for shown in (queue, page):
        assert "how many points do I have?" in shown
        assert {"lv": "6. solis", "en": "step 6"}[language] in shown
        assert {"lv": "mani punkti", "en": "my points"}[language] in shown or "punktu" in shown or "points" in shown
    assert {"lv": "kontā apskatīts: You have 350 points", "en": "looked up: You have 350 points"}[language] in queue
    assert "<strong>There</strong>" in page
    assert "91 %" in page
    assert page.count("You have 350 points") == 2, "in the transcript, and among what was looked up"


@pytest.mark.parametrize("language", ["lv", "en"])
def test_the_agent_sees_what_the_customer_told_and_reported(desk, language):
    guest = Guest(desk, language)
    guest.writes("the link is dead")
    details = {"vat_payer": "no", "points": "2500", "date": "2026-11-13", "payment": "card", "made_up": "<i>"}
    holds = {"details": details, "problem": "password_mail/problem-link_dead"}
    guest.hears_from_rasa("!", "ask_password", holds=holds)
    guest.asks_for_a_person()
    page = desk.signed_in(language=language).get(guest.path).text
    assert f"<dd>{told(details, language)}</dd>" in page
    assert f"<dd>{reported(holds['problem'], language)}</dd>" in page


def test_the_agent_sees_nothing_of_what_the_customer_did_not_tell(desk):
    page = desk.signed_in(language="en").get(Guest(desk).asks_for_a_person().path).text
    assert "<dt>Told" not in page
    assert "<dt>Reported" not in page


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("lv", "nav PVN maks\u0101t\u0101js; 2 501 punkts; pieteikums iesniegts: 2026. gada 13. novembris; karte"),
        ("en", "not a VAT payer; 2,501 points; applied on 13 November 2026; card"),
    ],
)
def test_what_a_customer_told_is_one_line_in_the_agents_language(language, line):
    details = {"payment": "card", "date": "2026-11-13", "vat_payer": "no", "points": "2501"}
    assert told(details, language).replace("\u00a0", " ") == line
    assert told({"date": "soon", "points": "\u00b2", "vat_payer": "maybe", "made_up": "yes"}, language) == ""


def test_every_detail_that_the_answers_know_has_words():
    known = {(name, value) for one in read_answers().values() for v in one.variants for name, value in v.when.items()}
    assert known
    assert [detail for detail in sorted(known) if not told(dict([detail]), "en")] == []


@pytest.mark.parametrize("language", ["lv", "en"])
def test_a_problem_is_told_in_a_customers_words_or_by_its_address(language):
    said = reported("password_mail/problem-link_dead", language)
    assert said == read_answers()["password_mail/problem-link_dead"].heard[language][0]
    assert reported("made_up/problem", language) == "made_up/problem"
    assert reported(None, language) == ""


def test_of_two_agents_the_second_is_told_that_the_first_has_it(desk):
    guest, _ = taken(desk)
    second = desk.signed_in(language="en")
    refused = second.post(f"{guest.path}/take")
    assert refused.status_code == 409
    assert "in other hands" in refused.text


def all_at_once(*posts) -> list[int]:
    """Send forms at the same moment, each from a browser to a path; return the statuses."""
    forms = [(browser, path, browser.csrf) for browser, path in posts]
    start = threading.Barrier(len(forms))

    def send(form) -> int:
        start.wait()
        return form[0].post(form[1], csrf=form[2]).status_code

    with ThreadPoolExecutor(len(forms)) as pool:
        return sorted(pool.map(send, forms))


def test_of_two_agents_at_once_one_wins(two_desks):
    first, second = two_desks
    agents = [first.add() for _ in range(4)]
    browsers = [Browser((first, second)[number % 2].address) for number in range(4)]
    for browser, agent in zip(browsers, agents, strict=True):
        browser.sign_in(agent.email)
    for _ in range(3):  # as many as an agent takes at once
        guest = Guest(first).asks_for_a_person()
        assert all_at_once(*((browser, f"{guest.path}/take") for browser in browsers)) == [303, 409, 409, 409]
        assert len([said for said in guest.heard("notice") if "Jums tagad atbild" in said["text"]]) == 1


def test_an_agent_takes_no_more_at_once_than_they_want(two_desks):
    first, second = two_desks
    agent = first.add(at_once=1)
    browsers = [Browser(desk.address) for desk in (first, second)]
    for browser in browsers:
        browser.sign_in(agent.email)
    guests = [Guest(first).asks_for_a_person() for _ in browsers]
    takes = [(browser, f"{guest.path}/take") for browser, guest in zip(browsers, guests, strict=True)]
    assert all_at_once(*takes) == [303, 409]


@pytest.mark.parametrize(("language", "words"), [("lv", "Kol\u0113\u0123im jau ir"), ("en", "already has as many")])
def test_a_colleague_who_has_enough_is_given_no_more(desk, language, words):
    guest, browser = Guest(desk).asks_for_a_person(), desk.signed_in(language=language)
    browser.post(f"{guest.path}/take")
    _, colleague = taken(desk, at_once=1)
    refused = browser.post(f"{guest.path}/transfer", {"to": str(desk.get(colleague.email).id)})
    assert refused.status_code == 409
    assert words in refused.text
    assert guest.state()["owner"] == "agent"


@pytest.mark.parametrize("path", ["tickets/9007199254740992/done", "tickets/2147483647/done"])
def test_a_number_that_no_database_holds_does_no_harm(desk, path):
    assert desk.signed_in().post(f"/desk/{path}").status_code < 500


@pytest.mark.parametrize(
    ("action", "form"),
    [
        ("messages", {"text": "hello", "client_id": "0123456789"}),
        ("return-to-bot", {}),
        ("undo", {}),
        ("block", {"span": "hour"}),
        ("requeue", {}),
        ("close", {"outcome": "solved"}),
        ("transfer", {"to": "1"}),
    ],
)
def test_who_does_not_hold_a_conversation_cannot_act_in_it(desk, action, form):
    guest, _ = taken(desk)
    before = guest.events()[0]
    assert desk.signed_in().post(f"{guest.path}/{action}", form).status_code == 409
    assert guest.events()[0] == before
    assert guest.state()["owner"] == "agent"


def test_a_conversation_that_never_left_the_assistant_is_not_shown_to_agents(desk):
    guest = Guest(desk)
    browser = desk.signed_in()
    assert browser.get(guest.path).status_code == 404
    assert browser.get(f"/desk/conversations/{'0' * 32}").status_code == 404
    for action in ("take", "return-to-bot", "notes", "reopen"):
        assert browser.post(f"{guest.path}/{action}", {"text": "x"}).status_code == 404
    assert desk.signed_in("supervisor").post(f"{guest.path}/take-over").status_code == 404


def test_nobody_holds_more_conversations_than_they_take_at_once(desk):
    guest, browser = taken(desk, at_once=1)
    other = Guest(desk).asks_for_a_person()
    assert browser.post(f"{other.path}/take").status_code == 409
    assert re.search(r"<button disabled[^>]*>Pieņemt", browser.get("/desk").text)
    back = browser.post(f"{guest.path}/return-to-bot").headers["location"]
    assert "Sarunu turpina asistents" in browser.get(back).text
    assert "<button disabled" not in browser.get("/desk").text
    assert browser.post(f"{other.path}/take").status_code == 303


def test_a_conversation_goes_to_a_colleague_and_back_to_the_queue_and_the_assistant(desk):
    guest, browser = taken(desk)
    colleague = desk.signed_in(name="J\u0101nis Kol\u0113\u0123is")
    to = desk.get(colleague.email).id
    assert browser.post(f"{guest.path}/transfer", {"to": to}).headers["location"] == "/desk?done=transferred"
    assert guest.state()["speaker"] == "J\u0101nis"
    assert colleague.post(f"{guest.path}/requeue").status_code == 303
    assert guest.state()["owner"] == "waiting"
    assert browser.post(f"{guest.path}/take").status_code == 303
    assert browser.post(f"{guest.path}/return-to-bot").status_code == 303
    assert guest.state()["owner"] == "assistant"


def test_only_a_supervisor_takes_over(desk):
    guest, _ = taken(desk)
    assert desk.signed_in().post(f"{guest.path}/take-over").status_code == 403
    boss = desk.signed_in("supervisor", name="Vija Vad\u012bt\u0101ja")
    assert boss.post(f"{guest.path}/take-over").status_code == 303
    assert guest.state()["speaker"] == "Vija"


def test_a_message_that_is_sent_twice_arrives_once(desk):
    guest, browser = taken(desk)
    form, csrf = {"text": "once", **client_id()}, browser.csrf
    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(lambda _: browser.post(f"{guest.path}/messages", form, csrf).status_code, range(6)))
    assert set(codes) == {303}
    assert [message["text"] for message in guest.heard("agent")] == ["once"]


@pytest.mark.parametrize(("text", "status"), [("", 422), ("   ", 422), ("x" * 10_000, 413)])
def test_an_empty_or_endless_message_is_refused(desk, text, status):
    guest, browser = taken(desk)
    assert browser.post(f"{guest.path}/messages", {"text": text, **client_id()}).status_code == status
    assert guest.heard("agent") == []


def test_a_note_is_for_agents_only(desk):
    guest, browser = taken(desk)
    browser.post(f"{guest.path}/notes", {"text": "he has called before"})
    assert "he has called before" in browser.get(guest.path).text
    assert "called before" not in json.dumps(guest.events())
    assert "called before" not in guest.call("GET", "conversation/transcript").text


def test_what_a_customer_writes_is_only_ever_text_to_the_agent_and_back(desk):
    guest, browser = taken(desk, language="en", name="<i>Eve</i> Agent")
    guest.writes(HOSTILE)
    browser.post(f"{guest.path}/messages", {"text": HOSTILE, **client_id()})
    for page in (browser.get(guest.path).text, browser.get("/desk").text):
        body = page[page.index("<main") :]
        assert "<script>alert" not in body
        assert "<img" not in body
        assert 'javascript:alert(1)"' not in body
        assert "<i>Eve" not in page
    assert guest.heard("agent")[-1]["text"] == HOSTILE, "the widget shows an agent's words as text"


def test_what_the_assistant_said_shows_without_html_and_dangerous_links(desk):
    guest = Guest(desk)
    guest.writes("?")
    guest.hears_from_rasa("**bold** <b>no</b> [bad](javascript:alert(1)) ![pic](http://x/y.png)", "ask_apply")
    guest.asks_for_a_person()
    page = desk.signed_in().get(guest.path).text
    shown = re.search(r'<div class="text markdown">(<p><strong>bold.*?)</div>', page, re.S)[1]
    assert "<strong>bold</strong>" in shown
    assert "&lt;b&gt;no" in shown
    assert "javascript" not in "".join(re.findall(r'href="([^"]*)"', shown))
    assert "<img" not in shown


def test_a_message_that_was_left_lies_in_the_queue_until_it_is_answered(desk):
    guest, browser = Guest(desk), desk.signed_in(language="en")
    body = {"client_id": str(uuid.uuid4()), "email": "left@example.com", "text": "call <me>"}
    assert guest.call("POST", "conversation/ticket", body).status_code == 204
    page = browser.get("/desk").text
    assert "left@example.com" in page
    assert "call &lt;me&gt;" in page
    number = re.search(r"/desk/tickets/(\d+)/done", page[page.index("left@example.com") :])[1]
    assert browser.post(f"/desk/tickets/{number}/done").status_code == 303
    assert "left@example.com" not in browser.get("/desk").text


@pytest.mark.parametrize(
    ("narrowed", "is_there"),
    [("customer=lv", True), ("customer=en", False), ("topic=ask_apply", True), ("topic=ask_tiers", False)],
)
def test_the_queue_may_be_narrowed(desk, narrowed, is_there):
    guest = Guest(desk, "lv")
    guest.writes("?")
    guest.hears_from_rasa("there", "ask_apply")
    guest.asks_for_a_person()
    page = desk.signed_in(language="en").get(f"/desk?{narrowed}").text
    assert (f"{guest.path}/take" in page) == is_there
    assert "Nobody is waiting" not in page, "somebody is, whatever the filter hides"
    guest.call("DELETE", "conversation/person")

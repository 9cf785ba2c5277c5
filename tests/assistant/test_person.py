"""A customer who needs a person: called in words, by a misunderstanding, by a failure, by anger; and back again."""

import re
import uuid

import pytest

from tests.conftest import wait_for
from tests.customer import Customer

WAITING = {"lv": "rind", "en": "queue"}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("lv", "gribu run\u0101t ar cilv\u0113ku"),
        ("lv", "vajag operatoru"),
        ("en", "I want to talk to a human"),
        ("en", "can I get a real person please"),
    ],
)
def test_who_asks_for_a_person_waits_for_one_and_hears_how_it_stands(stack, language, words):
    customer = Customer(stack.web, language)
    said = customer.say(words)
    state = customer.state()
    assert state["owner"] == "waiting"
    assert state["queue"]["place"] >= 1
    assert customer.choices, "there is a way out of the queue"
    assert said
    customer.call("DELETE", "conversation/person")


@pytest.mark.parametrize(
    ("window", "words", "language", "told"),
    [
        ("en", "gribu runāt ar cilvēku", "lv", "darbinie|prioritār"),
        ("lv", "I want to talk to a person", "en", "desk|priority support"),
    ],
)
def test_who_asks_for_a_person_is_told_in_the_language_in_which_they_asked(stack, window, words, language, told):
    customer = Customer(stack.web, window)
    assert re.search(told, customer.say(words))
    assert customer.state()["language"] == language
    customer.call("DELETE", "conversation/person")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("lv", ["kaut kas tāds tur bija", "es tur to kā viņu"]),
        ("en", ["that thing with the other one", "sort of like whatever"]),
    ],
)
def test_two_misses_in_a_row_call_a_person_and_one_does_not(stack, language, words):
    customer = Customer(stack.web, language)
    customer.say(words[0])
    assert customer.state()["owner"] == "assistant"
    customer.say(words[1])
    assert customer.state()["owner"] == "waiting"
    customer.call("DELETE", "conversation/person")
    for word in words:
        customer.say(word)
    assert customer.state()["owner"] == "assistant", "not in a circle"


@pytest.mark.parametrize(
    ("language", "words"), [("lv", "j\u016bs visi esat idioti"), ("en", "you are all idiots, this is useless")]
)
def test_visible_anger_calls_a_person(stack, language, words):
    customer = Customer(stack.web, language)
    customer.choose({"lv": "Sākt soli pa solim", "en": "Go through it step by step"}[language])
    said = customer.say(words)
    assert customer.state()["owner"] == "waiting"
    assert not re.search("kur palikām|where we were", said), "not asked to go on with the walkthrough"
    customer.call("DELETE", "conversation/person")


@pytest.mark.parametrize(
    ("language", "start", "title"), [("lv", "s\u0101kam", "1. solis"), ("en", "let's start", "Step 1")]
)
def test_after_the_queue_the_walkthrough_goes_on_where_it_stopped(stack, language, start, title):
    customer = Customer(stack.web, language)
    begin = {"lv": "Sākt soli pa solim", "en": "Go through it step by step"}[language]
    assert title in customer.choose(begin)
    customer.call("POST", "conversation/person")
    last = customer.events()[0][-1]["id"]
    assert customer.state()["owner"] == "waiting"
    customer.call("DELETE", "conversation/person")
    wait_for(lambda: [message for message in customer.events(last)[0] if title in message["text"]])


@pytest.mark.parametrize(
    ("language", "question", "fact"),
    [("lv", "cik punktu vajag, lai pievienotos?", "500"), ("en", "how many points do I need to join?", "500")],
)
def test_who_stops_waiting_is_answered_what_they_wrote_in_the_queue(stack, language, question, fact):
    customer = Customer(stack.web, language)
    customer.call("POST", "conversation/person")
    sent = customer.call("POST", "conversation/messages", {"client_id": f"in-the-queue-{language}", "text": question})
    assert customer.state()["owner"] == "waiting"
    customer.call("DELETE", "conversation/person")
    wait_for(lambda: [m for m in customer.events(sent.json()["id"])[0] if fact in m["text"]])


@pytest.mark.parametrize(
    ("language", "words", "question"),
    [
        ("lv", "operatoru", "cik punktu vajag, lai pievienotos?"),
        ("en", "operator please", "how many points do I need to join?"),
    ],
)
def test_who_stops_waiting_is_not_sent_back_by_what_they_wrote_in_the_queue(stack, language, words, question):
    customer = Customer(stack.web, language)
    customer.call("POST", "conversation/person")
    customer.call("POST", "conversation/messages", {"client_id": f"impatient-{language}", "text": words})
    customer.call("DELETE", "conversation/person")
    assert "500" in customer.say(question)
    assert customer.state()["owner"] == "assistant"


@pytest.mark.parametrize(("language", "question"), [("lv", "cik man ir punktu?"), ("en", "how many points do I have?")])
def test_five_wrong_codes_call_a_person_and_four_do_not(stack, language, question):
    customer = Customer(stack.web, language)
    customer.say(question)
    email = {"lv": "marta.ozola@example.com", "en": "nobody.known@example.com"}[language]
    assert customer.call("POST", "conversation/identity/email", {"email": email}).status_code == 204
    for number in range(5):
        assert customer.state()["owner"] == "assistant"
        customer.call("POST", "conversation/identity/code", {"code": f"00000{number}"})
    assert customer.state()["owner"] == "waiting"
    customer.call("DELETE", "conversation/person")


NOTED = {
    "lv": "Labi, darbinieks to redzēs, tiklīdz pieņems sarunu.",
    "en": "All right, the person who takes the conversation will see it.",
}


@pytest.mark.parametrize(
    ("language", "question", "fact", "story", "impatient"),
    [
        (
            "lv",
            "kad nomaksa, ja izvēlos karti?",
            "30 dienu",
            "pirms tam rakstīju, ka forma nestrādā",
            "cik ilgi jāgaida?",
        ),
        ("en", "when is the card charged?", "30 days", "I wrote before that the form fails", "how long is the wait?"),
    ],
)
def test_who_waits_goes_on_asking_and_is_answered_without_leaving_the_queue(
    stack, language, question, fact, story, impatient
):
    customer = Customer(stack.web, language)
    customer.choose({"lv": "Sākt soli pa solim", "en": "Go through it step by step"}[language])
    customer.call("POST", "conversation/person")
    place = customer.state()["queue"]["place"]

    def send(text: str) -> int:
        body = {"client_id": uuid.uuid4().hex, "text": text}
        return customer.call("POST", "conversation/messages", body).json()["id"]

    asked = send(question)
    answer = wait_for(lambda: [m for m in customer.events(asked)[0] if fact in m["text"]])
    assert answer[-1]["author"] == "assistant"
    assert [m for m in customer.events(asked)[0] if m["author"] == "notice" and WAITING[language] in m["text"]]
    assert customer.state()["owner"] == "waiting"
    assert customer.state()["queue"]["place"] <= place
    told = send(story)
    again = send(impatient)
    wait_for(lambda: [m for m in customer.events(again)[0] if m["author"] == "notice"])  # how it stands with the queue
    heard = [m["text"] for m in customer.events(told)[0] if m["author"] == "assistant"]
    assert heard == [NOTED[language]], "a person hears it"
    assert customer.state()["owner"] == "waiting"
    last = customer.events()[0][-1]["id"]
    customer.call("DELETE", "conversation/person")
    wait_for(lambda: [m for m in customer.events(last)[0] if m["author"] == "assistant"])

"""Who is given a person, who is not, and what the assistant does while a customer waits for one."""

from dataclasses import replace

import pytest

from bot.dialogue.answers import read_answers
from bot.dialogue.guide import Position
from bot.dialogue.heard import PERSON
from bot.dialogue.ranking import Talk
from tests.dialogue.messages import UNKNOWN, asks, heard, part, pressed, response, turn

YES, NO = {"lv": "jā", "en": "yes"}, {"lv": "nē", "en": "no"}


@pytest.mark.parametrize("language", ["lv", "en"])
def test_an_offered_person_may_be_taken_up_or_turned_down(language):
    talk = turn(asks(UNKNOWN)).talk
    assert talk.offer == "person"
    assert turn(heard(part("affirm"), text=YES[language]), talk).say == (PERSON,)
    declined = turn(heard(part("deny"), text=NO[language]), talk)
    assert declined.say == ("utter_offer_declined",)
    assert turn(heard(part("affirm"), text=YES[language]), declined.talk).say == ("utter_acknowledged",)


@pytest.mark.parametrize("about", [None, "invoice/when"])
def test_one_sentence_is_enough_to_be_given_a_person(about):
    question = part("ask_payment", "invoice/when", aspect="when")
    found = turn(heard(question, question, part("person")), Talk(about=about, offer="ask_payment"))
    assert (found.say, found.talk.offer) == ((PERSON,), None)


def test_anger_is_heard_before_anything_else():
    angry = heard(part("angry"), part("ask_payment", "invoice/when", aspect="when"))
    assert turn(angry).say == ("utter_angry", PERSON)


@pytest.mark.parametrize(
    "text",
    [
        "our accountant needs the paper today, get me someone",
        "pls iedod normalu operatoru",
        "dodiet vadītāju",
        "VADĪTĀJU!",
        "get me your manager",
        "supervisor please",
        "i want a human",
        "can i chat with a real one",
    ],
)
def test_words_that_wish_for_a_person_are_enough(text):
    assert turn(heard(part("ask_documents", "documents/which", text=text), text=text)).say == (PERSON,)


@pytest.mark.parametrize(
    "text",
    [
        "vai biedriem dod kadus bonusus",
        "do i need an agent to register the company",
        "negribu runat ar operatoru, atbildi pats",
        "i don't want to talk to a person",
        "gribu pielikt vel vienu cilveku kontam",
        "vai man vajag konsultantu, lai pieteiktos",
    ],
)
def test_words_that_only_speak_of_people_call_nobody(text):
    assert turn(heard(part("ask_documents", "documents/which", text=text), text=text)).say != (PERSON,)


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("ar cilvēku pagaidām nevajag", False),
        ("nevajag man nekādu operatoru", False),
        ("no human please", False),
        ("I don't want an agent", False),
        ("nē pagaidi ar cilvēku, vai es pats nevaru?", False),
        ("kādu vēl cilvēku, es gribu zināt, kāpēc nekas nav atnācis", False),
        ("what person, tell me why nothing has come", False),
        ("wait with the agent, can I not do it myself", False),
        ("pagaidīšu operatoru", True),
        ("what I want is a person", True),
        ("gribu runāt ar cilvēku", True),
        ("a human please", True),
    ],
)
def test_who_declines_a_person_is_connected_to_none(text, called):
    said = part("person", text=text, sure=0.5)
    assert (PERSON in turn(heard(said, intent="nlu_fallback", text=text)).say) == called


def test_a_few_words_of_a_message_call_nobody_by_themselves():
    whole, few = part("ask_green_tick", "purchase_date/if_not"), part("person", text="ko rakstit", sure=0.6)
    assert PERSON not in turn(heard(whole, few)).say
    assert turn(heard(whole, part("person", text="savienojiet mani", sure=0.9))).say == (PERSON,)


@pytest.mark.parametrize("text", ["kad pienāk rēķins?", "when does the invoice come?"])
def test_who_waits_for_a_person_is_answered_a_question(text):
    asked = part("ask_payment", "invoice/when", aspect="when", text=text)
    assert turn(heard(asked, text=text, with_person=True)).say == (response("invoice/when"),)


@pytest.mark.parametrize(
    "said",
    [
        part("ask_payment", "invoice/problem-not_come", aspect="problem", text="rēķins joprojām nav atnācis"),
        part("ask_payment", "invoice/problem-not_come", aspect="problem", text="the invoice has not come"),
        part("next", text="darīts"),
        part("next", text="done"),
    ],
)
def test_what_else_they_say_the_person_hears(said):
    at = Position(("documents",))
    found = turn(heard(said, text=said.text, with_person=True), position=at)
    assert found.say == ("utter_noted_for_person",)
    assert found.position == at
    again = turn(heard(said, text=said.text, with_person=True), found.talk)
    assert again.say == ("utter_noted_for_person_again",)
    assert turn(heard(said, text=said.text, with_person=True), again.talk).say == ("action_listen",)
    assert turn(pressed("guide_start", with_person=True)).say == ("action_listen",)


@pytest.mark.parametrize("said", [part("thanks", text="paldies"), part("affirm", text="ok")])
def test_a_courtesy_of_who_waits_needs_no_word(said):
    assert turn(heard(said, text=said.text, with_person=True)).say == ("action_listen",)


def test_buttons_of_who_waits_lead_to_pages_to_the_account_and_to_their_place():
    assert turn(pressed("ask_payment", with_person=True)).say == ("utter_payment",)
    assert turn(pressed("person", with_person=True)).say == (PERSON,)
    assert turn(pressed("ask_my_points", with_person=True, is_confirmed=True)).say == ("action_my_points",)
    assert turn(pressed("ask_my_points", with_person=True)).say == ("action_listen",)


def test_who_waits_for_a_person_is_not_offered_one():
    unknown = read_answers()["support_phone/what"]
    asked = part(unknown.topic, unknown.address, aspect=unknown.aspect, text="kāds ir telefons?")
    assert turn(heard(asked, text="kāds ir telefons?")).say == (response(unknown.address),)
    said, talk = [], Talk()
    for _ in range(3):
        found = turn(heard(asked, text="kāds ir telefons?", with_person=True), talk)
        said, talk = [*said, *found.say], found.talk
    assert said == ["utter_left_to_person", "utter_left_to_person_again", "action_listen"]


@pytest.mark.parametrize("text", ["kāda ir cena?", "what is the price?"])
def test_who_waits_for_a_person_hears_what_is_not_known(text):
    asked = part("ask_not_known", "price/how_much", aspect="how_much", text=text)
    assert turn(heard(asked, text=text, with_person=True)).say == (response("price/how_much"),)


@pytest.mark.parametrize(
    ("text", "of_the_wait"),
    [
        ("cik ilgi vēl jāgaida?", True),
        ("cik ilgi jāgaida uz operatoru?", True),
        ("vai tur kāds ir?", True),
        ("halo?", True),
        ("hello?", True),
        ("how long do I have to wait?", True),
        ("is anyone there?", True),
        ("when will someone answer?", True),
        ("cik ilgi jāgaida e-pasts par paroli?", False),
        ("how long does the check take?", False),
        ("how long does the invoice take?", False),
        ("cik ilgi jāgaida uzaicinājums?", False),
        ("how long does a bank transfer take?", False),
    ],
)
def test_who_asks_how_long_they_wait_hears_their_place(text, of_the_wait):
    said = part("ask_waiting", "check/how_long", aspect="how_long", text=text)
    found = turn(heard(said, text=text, with_person=True)).say
    assert (found == (PERSON,)) == of_the_wait
    assert turn(heard(said, text=text)).say != (PERSON,), "only in the queue"


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("labi, es atstāšu ziņu", True),
        ("labi es atstasu zinu", True),
        ("ok i leave a message: the form fails, please call me", True),
        ("can I leave a message", True),
        ("i want to leave my email so you answer later", True),
        ("atstāju vecā e-pasta lauku tukšu", False),
        ("did I leave my email field blank", False),
        ("can I leave the old e-mail blank?", False),
        ("Vai varu atstāt PVN numuru tukšu?", False),
        ("can I leave my phone number out of the application", False),
        ("did somebody leave me a message", False),
        ("I don't want to leave a message", False),
        ("negribu atstāt ziņu", False),
    ],
)
@pytest.mark.parametrize("waits", [True, False])
def test_who_wants_to_leave_a_message_gets_the_form_for_it(text, leaves, waits):
    for intent in ("follow_up", "person"):  # it sounds like a wish for a person
        found = turn(heard(part(intent, text=text), text=text, with_person=waits)).say
        assert (found == ("utter_leave_message",)) == leaves


@pytest.mark.parametrize(
    ("text", "accepts"),
    [
        ("yes please", True),
        ("yes, connect me please", True),
        ("jā, savienojiet mani ar kādu", True),
        ("jā", True),
        ("ok", True),
        ("yes of course i use the new one", False),
        ("jā protams es lietoju to jauno", False),
        ("yes, been through all of it twice, nothing", True),
        ("fine. thx", False),
        ("labi, paldies", False),
    ],
)
def test_an_offer_of_a_person_is_taken_up_by_words_that_mean_it(text, accepts):
    said = part("affirm", text=text)
    assert (
        turn(heard(said, text=text), Talk(about="login/problem-wrong_password", offer="person")).say == (PERSON,)
    ) == accepts


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("phone number of support, i do not want to chat", "support_phone/what"),
        ("cik ilgi jāgaida, līdz kāds atbild?", "support_answer/how_long"),
    ],
)
def test_a_question_about_the_support_service_calls_nobody(text, address):
    asked = part("person", address, aspect=read_answers()[address].aspect, text=text, sure=0.8)
    assert turn(heard(asked, text=text)).say == (response(address),)


@pytest.mark.parametrize(
    "text", ["someone told us about some digital id thing, what is it", "kāds teica, ka vajag kontu"]
)
def test_somebody_who_is_only_mentioned_is_not_called(text):
    asked = part("ask_overview", "account/what", aspect="what", text=text, sure=0.6)
    asked = replace(asked, intents={"ask_overview": 0.6, "person": 0.3})
    assert PERSON not in turn(heard(asked, text=text)).say

"""Questions, as customers type them, and the fact in the answer."""

import pytest

from tests.customer import Customer

BLUE_BUTTON_LV = ("CPS konts", "Mani produkti", "CPS prioritār")
BLUE_BUTTON_EN = ("CPS account", "My Products", "CPS priority support")


@pytest.mark.parametrize(
    ("question", "facts"),
    [
        ("Kāpēc es neredzu zilo pogu?", BLUE_BUTTON_LV),
        ("kapec es neredzu zilo pogu", BLUE_BUTTON_LV),
        ("nav zilas pogas migret produktus", BLUE_BUTTON_LV),
        ("Why can't I see the blue button?", BLUE_BUTTON_EN),
        ("migrate products button missing", BLUE_BUTTON_EN),
        ("cik punktu vajag lai pievienotos?", ("500",)),
        ("cik punktus vajag lai iestatos cps", ("500",)),
        ("how many points do I need to join", ("500",)),
        ("kādi ir abonementa līmeņi?", ("2000", "2500")),
        ("kadi limeni ir pieejami", ("2000", "2500")),
        ("what tiers are there?", ("2000", "2500")),
    ],
)
def test_a_question_gets_its_fact(customer, question, facts):
    said = customer.say(question)
    assert [fact for fact in facts if fact.lower() not in said.lower()] == [], said


@pytest.mark.parametrize(("language", "word"), [("lv", "automatizēt"), ("en", "automated")])
def test_the_assistant_begins_by_saying_that_it_is_automated(stack, language, word):
    assert word in Customer(stack.web, language).greeting


@pytest.mark.parametrize(
    ("typed", "lv", "en"),
    [
        ("labdien", "palīdzēt", None),
        ("hello there", None, "help"),
        ("paldies liels", "Lūdzu", None),
        ("thank you very much", None, "welcome"),
        ("visu labu, uz redzēšanos", "labu", None),
        ("goodbye then", None, "bye"),
        ("ko tu māki?", "automatizēts", None),
        ("what can you do?", None, "automated"),
        ("gribu runāt ar cilvēku", "CPS prioritār", None),
        ("I want to talk to a human", None, "CPS priority support"),
    ],
)
def test_small_talk_is_answered_in_the_language_it_came_in(customer, typed, lv, en):
    assert (lv or en) in customer.say(typed)


def test_the_language_follows_the_customer_in_the_same_chat(customer):
    assert "punkt" in customer.say("cik punktu vajag, lai pievienotos CPS?")
    assert "points" in customer.say("how many points do I need to join")
    assert customer.state()["language"] == "en"
    assert "punkt" in customer.say("cik punktu vajag?")
    assert customer.state()["language"] == "lv"


@pytest.mark.parametrize("typed", ["ok", "500", "012034000517", "CPS", "👍"])
def test_what_is_in_no_language_does_not_switch_it(customer, typed):
    customer.say("how many points do I need to join")
    customer.say(typed)
    assert customer.state()["language"] == "en"


@pytest.mark.parametrize(
    ("typed", "language"), [("switch to English please", "en"), ("runā angliski", "en"), ("speak Latvian", "lv")]
)
def test_a_customer_asks_for_another_language(stack, typed, language):
    customer = Customer(stack.web, "lv" if language == "en" else "en")
    assert {"en": "English", "lv": "latviski"}[language] in customer.say(typed)
    assert customer.state()["language"] == language


@pytest.mark.parametrize(("language", "word"), [("en", "English"), ("lv", "latviski")])
def test_the_language_switch_of_the_window_is_confirmed_in_the_new_language(stack, language, word):
    customer = Customer(stack.web, "lv" if language == "en" else "en")
    assert customer.call("PUT", "conversation/language", {"language": language}).status_code == 204
    assert word in customer.hear(customer.last)


@pytest.mark.parametrize(
    ("language", "first", "second", "sorry", "person"),
    [
        ("lv", "kāds laiks būs rīt Rīgā?", "un cik maksā biļete uz operu", "Vai domājāt", "Sazināties ar cilvēku"),
        (
            "en",
            "what will the weather be tomorrow",
            "and an opera ticket costs what",
            "Did you mean",
            "Contact a person",
        ),
    ],
)
def test_what_it_does_not_understand_leads_to_topics_and_then_to_a_person(
    stack, language, first, second, sorry, person
):
    customer = Customer(stack.web, language)
    assert sorry in customer.say(first)
    assert 2 <= len(customer.choices) <= 3
    customer.say(second)
    assert person in [choice["title"] for choice in customer.choices]


@pytest.mark.parametrize(
    ("odd", "plain", "odd_again", "sorry"),
    [
        ("kāds laiks būs rīt Rīgā?", "cik punktu vajag?", "un cik maksā biļete uz operu", "Vai domājāt"),
        (
            "what will the weather be tomorrow",
            "how many points are needed?",
            "an opera ticket costs what",
            "Did you mean",
        ),
    ],
)
def test_after_an_understood_question_the_misses_count_anew(customer, odd, plain, odd_again, sorry):
    customer.say(odd)
    customer.say(plain)
    assert sorry in customer.say(odd_again)


@pytest.mark.parametrize("question", ["kādi ir abonementa līmeņi?", "which membership tiers are there?"])
def test_a_button_says_its_title_and_is_answered(customer, question):
    customer.say(question)
    title = customer.choices[0]["title"]
    assert customer.choose(title)
    mine = [message for message in customer.events()[0] if message["author"] == "customer"]
    assert mine[-1]["text"] == title

"""Questions, as customers type them, and the fact in the answer."""

import pytest

from tests.customer import Customer

BLUE_BUTTON_LV = ("reģistrējiet produktus no jauna", "CPS prioritār")
BLUE_BUTTON_EN = ("register the products again", "CPS priority support")
APPLY = "https://businessid.canon-europe.com/b2bcustomers/s/login/SelfRegister?language=en_GB&source=itcg"
DOCUMENTS_LV = ("PVN reģistrācijas apliecību", "profesionālo licenci", "izrakstu no Uzņēmumu reģistra", "pilnvarotam")
DETAILS_LV = ("Skatīt produktu", "sērijas numura", "pirkuma datuma", "pirkuma valsts", "izplatītāja")
NOT_VAT_LV = ("rēķins uzņēmumam", "licence", "izraksts no Uzņēmumu reģistra")
DETAILS_EN = ("View product", "serial number", "purchase date", "country of purchase", "distributor")


@pytest.mark.parametrize(
    ("question", "facts"),
    [
        ("Kāpēc es neredzu zilo pogu?", BLUE_BUTTON_LV),
        ("kapec es neredzu zilo pogu", BLUE_BUTTON_LV),
        ("nav zilas pogas migret produktus", BLUE_BUTTON_LV),
        ("Why can't I see the blue button?", BLUE_BUTTON_EN),
        ("migrate products button missing", ("CPS priority support",)),
        ("cik punktu vajag lai pievienotos?", ("500",)),
        ("cik punktus vajag lai iestatos cps", ("500",)),
        ("how many points do I need to join", ("500",)),
        ("kādi ir abonementa līmeņi?", ("sudraba", "platīna")),
        ("kadi limeni ir pieejami", ("sudraba", "platīna")),
        ("what tiers are there?", ("silver", "platinum")),
        ("kā viss process notiek", ("2 darba dienām", "500")),
        ("how does the whole process work", ("2 working days", "500")),
        ("kur pieteikties uzņēmuma kontam?", (APPLY, "angļu valodā")),
        ("kur registreties uznemuma kontam", (APPLY,)),
        ("where do I apply for the account?", (APPLY, "in English")),
        ("kādi dokumenti ir vajadzīgi?", DOCUMENTS_LV),
        ("kadi dokumenti ja neesmu pvn maksatajs", NOT_VAT_LV),
        ("which documents do I need?", ("VAT registration certificate", "licence", "extract")),
        ("kur ierakstīt veco CPS e-pasta adresi?", ("4. darbībā", "nav šīs")),
        ("kur likt veco cps epastu", ("4. darbībā",)),
        ("where do I enter my old CPS e-mail?", ("step 4 of the web form", "not step 4 of this guide")),
        ("cik ilgi jāgaida, kamēr kontu apstiprina?", ("2 darba dienām", "svētku dienas")),
        ("cik dienas jagaida apstiprinajums", ("2 darba dienām",)),
        ("how long must I wait for approval?", ("2 working days", "public holidays")),
        ("nav atnācis e-pasts ar paroli", ("donotreply@canon-europe.com", "CPS prioritār")),
        ("neatnak paroles epasts", ("donotreply@canon-europe.com",)),
        ("the password email did not come", ("donotreply@canon-europe.com", "CPS priority support")),
        ("kur reģistrēt savus produktus?", ("Mani produkti", "melnajā joslā")),
        ("ka pievienot kameru kontam", ("Mani produkti",)),
        ("where do I register my cameras?", ("My Products", "black bar")),
        ("kāpēc pie produkta nav zaļās atzīmes?", DETAILS_LV),
        ("produktam nav zala keksa", DETAILS_LV),
        ("why is there no green tick on my product?", DETAILS_EN),
        ("cik punktu dod R6?", ("es nezinu",)),
        ("par ko pieskir punktus", ("zaļā atzīme",)),
        ("how many points does a lens give?", ("I do not know",)),
        ("kad no kartes noņems naudu?", ("rēķinā norādītajam datumam", "30 dienu")),
        ("vai var maksat ar parskaitijumu", ("papildu maksas", "rēķinā norādītajam datumam")),
        ("when will you charge my card?", ("not at once", "30 days")),
        ("vai mans abonementa numurs mainīsies?", ("jā", "mainās")),
        ("kad var lietot abonementu uzreiz", ("uzreiz",)),
        ("will my membership number change?", ("yes", "changes")),
        ("cik maksā zelta līmenis gadā?", ("nezinu", "CPS prioritār")),
        ("ka atcelt abonementu", ("nezinu",)),
        ("how do I cancel my membership?", ("do not know", "CPS priority support")),
        ("kāds laiks būs rīt Rīgā?", ("palīdzu tikai",)),
        ("kur salabot kameru", ("palīdzu tikai",)),
        ("what will the weather be tomorrow", ("only help",)),
        ("vai tu esi robots vai cilvēks?", ("automatizēts",)),
        ("vai es runaju ar robotu", ("automatizēts",)),
        ("am I talking to a robot?", ("automated",)),
        ("kas notiek ar maniem personas datiem?", ("saglabāta", "e-pasta adrese un kods")),
        ("kur tiek glabati mani dati", ("saglabāta",)),
        ("where is my personal data kept", ("stored",)),
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
        ("ko tu māki?", "uzņēmuma kontu", None),
        ("what can you do?", None, "automated"),
        ("kā tev šodien klājas?", "kārtībā", None),
        ("how are you doing today", None, "All is well"),
        ("tu esi idiots", "kaitinoši", None),
        ("you are a stupid bot", None, "annoying"),
    ],
)
def test_small_talk_is_answered_in_the_language_it_came_in(customer, typed, lv, en):
    assert (lv or en) in customer.say(typed)


def test_the_language_follows_the_customer_in_the_same_chat(customer):
    assert "punkt" in customer.say("cik punktu vajag, lai pievienotos CPS?")
    assert "invited" in customer.say("how many points do I need to join")
    assert customer.state()["language"] == "en"
    assert "stundu" in customer.say("cik drīz pienāks rēķins?")
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


@pytest.mark.parametrize("language", ["lv", "en"])
def test_what_are_no_words_calls_nobody_and_changes_nothing(stack, language):
    customer = Customer(stack.web, language)
    for typed in ("asdfgh qwerty", "xyzzy blabla", "нет формы"):
        assert {"lv": "nevarēju izlasīt", "en": "could not read"}[language] in customer.say(typed)
    assert customer.state()["owner"] == "assistant"
    assert customer.state()["language"] == language


@pytest.mark.parametrize("question", ["kādi ir abonementa līmeņi?", "which membership tiers are there?"])
def test_a_button_says_its_title_and_is_answered(customer, question):
    customer.say(question)
    title = customer.choices[0]["title"]
    assert customer.choose(title)
    mine = [message for message in customer.events()[0] if message["author"] == "customer"]
    assert mine[-1]["text"] == title

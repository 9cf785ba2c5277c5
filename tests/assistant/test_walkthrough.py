"""Customers are led through all nine steps, with the usual detours."""

import contextlib
import json
import sqlite3

import pytest

from tests.customer import Customer, logged_in

STEP = {"lv": "{}. solis no 9", "en": "Step {} of 9"}
START = {"lv": "palīdzi man soli pa solim", "en": "walk me through it step by step"}
PERSON = "a person is called"
NO_PERSON = {"lv": "Negaidīt, turpināt šeit", "en": "Stop waiting, go on here"}

# What the customer types, and what the answer contains; a number is a step.
HAPPY = {
    "a VAT payer with an old account, who pays by card": {
        "lv": """
            gatavs | 2
            jā | PVN reģistrācijas apliecību
            pievienoju | 3
            bija | 4. darbībā
            iesniedzu, tālāk | 4
            jā, atnāca | donotreply@canon-europe.com
            izdarīts | 6
            jā, redzu | MIGRĒT PRODUKTUS
            gatavs | 7
            jā, visiem | 8
            jā | 2000
            jā | korporatīvie
            tālāk | 9
            ar karti | 30 dienu
            gatavs | lietot uzreiz
        """,
        "en": """
            done | 2
            yes | VAT registration certificate
            next | 3
            I had one | step 4 of the web form
            submitted, next | 4
            yes, it came | donotreply@canon-europe.com
            done | 6
            yes I see it | MIGRATE PRODUCTS
            done | 7
            yes, all | 8
            yes | 2000
            yes | corporate
            next | 9
            by card | 30 days
            done | at once
        """,
    },
    "no VAT payer and new to CPS, who pays by transfer": {
        "lv": """
            talak | 2
            ne, neesam pvn maksataji | izrakstu no Uzņēmumu reģistra
            talak | 3
            nebija | iesniedziet pieteikumu
            nosutiju | 4
            vel ne | 2 darba dienām
            epasts ir atnacis | 5
            gatavs | 6
            neredzu pogu | Reģistrējiet produktus
            gatavs | 7
            ne | sērijas numura
            gatavs | 8
            vel nav | 500 punktu
            gatavs | 2500
            ne | platīna
            talak | 9
            ar parskaitijumu | papildu maksas
            gatavs | lietot uzreiz
        """,
        "en": """
            next | 2
            no, we are not VAT registered | Register of Enterprises
            next | 3
            no | submit the application
            done | 4
            not yet | 2 working days
            the e-mail came | 5
            done | 6
            there is no button | Register your products
            done | 7
            no | serial number
            done | 8
            not yet | 500 points
            done | 2500
            no | platinum
            next | 9
            bank transfer | extra charges
            done | at once
        """,
    },
}


def expected(fact: str | int, language: str) -> str:
    return STEP[language].format(fact) if isinstance(fact, int) else fact


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("who", HAPPY)
def test_a_customer_is_led_from_the_first_step_to_the_last(stack, who, language):
    customer = Customer(stack.web, language)
    assert expected(1, language) in customer.say(START[language])
    for turn in HAPPY[who][language].strip().splitlines():
        text, fact = turn.strip().split(" | ")
        said = customer.say(text)
        assert expected(int(fact) if len(fact) == 1 else fact, language) in said, f"{text}: {said}"


@pytest.mark.parametrize(
    ("language", "turns"),
    [
        # asks something in between, and goes on where it stood
        ("lv", [("gatavs", 2), ("kad no kartes noņems naudu?", "30 dienu"), ("turpinām", 2)]),
        ("en", [("done", 2), ("when will my card be charged?", "30 days"), ("yes", 2)]),
        # goes back, repeats, asks where it is
        ("lv", [("gatavs", 2), ("atpakaļ", 1), ("atkārto", 1), ("kurā solī es esmu?", 1)]),
        ("en", [("done", 2), ("go back", 1), ("say that again", 1), ("which step is this?", 1)]),
        # asks for details
        ("lv", [("gatavs", 2), ("pastāsti sīkāk", "pilnvarotam")]),
        ("en", [("done", 2), ("tell me more details", "authorised")]),
        # jumps
        ("lv", [("man jau ir konts", 6), ("man atlicis tikai samaksāt", 9), ("ejam uz 3. soli", 3)]),
        ("en", [("I already have an account", 6), ("I only need to pay", 9), ("go to step 3", 3)]),
        # stops, says yes by habit, and comes back
        ("lv", [("pietiek, turpināšu vēlāk", "apturēju"), ("jā", "apturēta"), ("turpinām", 1)]),
        ("en", [("stop, let's continue later", "stopped"), ("yes", "is paused"), ("continue", 1)]),
        # cannot finish, twice
        ("lv", [("neizdodas", "CPS prioritārais"), ("neizdodas", PERSON)]),
        ("en", [("it doesn't work", "CPS priority support"), ("it doesn't work", PERSON)]),
        # is angry
        ("lv", [("jūs esat idioti", PERSON), ("labi, turpinām", 1)]),
        ("en", [("you are idiots", PERSON), ("ok, continue", 1)]),
        # changes the language in the middle
        ("lv", [("gatavs", 2), ("in English please", "Step 2 of 9")]),
        ("en", [("done", 2), ("latviski, lūdzu", "2. solis no 9")]),
        # types nonsense, only an emoji, HTML
        ("lv", [("qwrtzp", "nevarēju izlasīt"), ("kurš solis?", 1)]),
        ("en", [("qwrtzp", "could not read"), ("which step?", 1)]),
        ("lv", [("👍", 2), ("kurš solis?", 2)]),
        ("en", [("👍", 2), ("which step?", 2)]),
        ("lv", [("<b>gatavs</b>", 2)]),
        ("en", [("<b>done</b>", 2)]),
        # corrects an answer
        ("lv", [("gatavs", 2), ("jā", "apliecību"), ("atpakaļ", 2), ("nē", "izrakstu")]),
        ("en", [("done", 2), ("yes", "certificate"), ("back", 2), ("no", "extract")]),
    ],
)
def test_a_customer_does_on_the_way_what_customers_do(stack, language, turns):
    customer = Customer(stack.web, language)
    customer.say(START[language])
    for text, fact in turns:
        said = customer.say(text)
        if fact == PERSON:
            assert customer.state()["owner"] == "waiting", f"{text}: {said}"
            customer.choose(NO_PERSON[language])
        else:
            assert expected(fact, language).lower() in said.lower(), f"{text}: {said}"


@pytest.mark.parametrize(("language", "word"), [("lv", "jā"), ("lv", "tālāk"), ("en", "yes"), ("en", "done")])
def test_outside_the_walkthrough_a_word_starts_nothing(stack, language, word):
    customer = Customer(stack.web, language)
    assert STEP[language].format(1) not in customer.say(word)


@pytest.mark.parametrize(
    ("language", "done", "hello", "yes"), [("lv", "gatavs", "labdien", "jā"), ("en", "done", "hello", "yes")]
)
def test_a_customer_who_comes_back_days_later_goes_on_where_it_stood(stack, language, done, hello, yes):
    customer = Customer(stack.web, language)
    customer.say(START[language])
    assert expected(2, language) in customer.say(done)
    two_days_pass(stack)
    assert {"lv": "2. soļa", "en": "step 2"}[language] in customer.say(hello)
    assert expected(2, language) in customer.say(yes)


def two_days_pass(stack):
    """Make everything in Rasa's database two days older."""
    with contextlib.closing(sqlite3.connect(stack.folder / "rasa.db", timeout=10)) as database, database:
        for number, data in database.execute("SELECT id, data FROM events").fetchall():
            event = json.loads(data)
            event["timestamp"] -= 2 * 24 * 3600
            database.execute("UPDATE events SET data = ? WHERE id = ?", (json.dumps(event), number))


@pytest.mark.parametrize(("language", "title"), [("lv", "Sākt soli pa solim"), ("en", "Go through it step by step")])
def test_the_walkthrough_is_offered_from_the_first_message(stack, language, title):
    customer = Customer(stack.web, language)
    assert expected(1, language) in customer.choose(title)


@pytest.mark.parametrize(("language", "button"), [("lv", "Jā, PVN maksātājs"), ("en", "Yes, a VAT payer")])
def test_every_step_offers_its_answers_as_buttons(stack, language, button):
    customer = Customer(stack.web, language)
    customer.say(START[language])
    customer.say({"lv": "gatavs", "en": "done"}[language])
    assert {"lv": "apliecību", "en": "certificate"}[language] in customer.choose(button)


@pytest.mark.parametrize(
    ("language", "question", "facts"),
    [
        ("lv", "Cik ilgi jāgaida un kādi dokumenti vajadzīgi?", ("2 darba dienām", "PVN reģistrācijas apliecību")),
        ("lv", "kur pieteikties un ar ko var samaksat", ("businessid.canon-europe.com", "bankas pārskaitījumu")),
        ("en", "How long must I wait, and which documents do I need?", ("2 working days", "VAT registration")),
        ("en", "where do I apply and how can I pay", ("businessid.canon-europe.com", "bank transfer")),
    ],
)
def test_two_questions_in_one_message_get_two_answers(stack, language, question, facts):
    said = Customer(stack.web, language).say(question)
    assert [fact for fact in facts if fact not in said] == [], said


# Where the accounts of the demo stand: the step, and what the assistant says about it.
STANDS = {
    "kristine.balode": (4, {"lv": "2 darba dien", "en": "2 working days"}),
    "edgars.vilks": (5, {"lv": "parol", "en": "password"}),
    "inga.kruze": (6, {"lv": "MIGRĒT PRODUKTUS", "en": "MIGRATE PRODUCTS"}),
    "anna.berzina": (7, {"lv": "Skatīt produktu", "en": "View product"}),
    "raimonds.celms": (9, {"lv": "30 dienu", "en": "30 days"}),
}


@pytest.mark.parametrize("language", ["lv", "en"])
def test_who_is_confirmed_begins_where_their_account_stands(stack, language):
    for name, (step, words) in STANDS.items():
        customer = logged_in(stack.web, f"{name}@example.com", language)
        said = customer.say(START[language])
        assert STEP[language].format(step) in said, (name, said)
        assert words[language] in said, (name, said)
    assert STEP[language].format(9) not in customer.say({"lv": "gatavs", "en": "done"}[language])


@pytest.mark.parametrize("language", ["lv", "en"])
def test_who_has_paid_has_done_everything(stack, language):
    customer = logged_in(stack.web, "zane.upite@example.com", language)
    assert {"lv": "Viss izdarīts", "en": "All done"}[language] in customer.say(START[language])

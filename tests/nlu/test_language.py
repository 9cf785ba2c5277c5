import pytest
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.language import LanguageTagger, asked_language, detect_language
from bot.text import fold


@pytest.mark.parametrize("language", ["lv", "en"])
def test_it_tells_the_language_of_questions_it_never_learned(languages, held_out, language):
    texts = [text for by in held_out["intents"].values() for text in by[language]] + held_out["out_of_scope"][language]
    said = [detect_language(languages, text) for text in texts]
    assert said.count(language) / len(texts) >= 0.9
    other = {"lv": "en", "en": "lv"}[language]
    assert [text for text, told in zip(texts, said, strict=True) if told == other] == []


def test_it_tells_latvian_without_diacritics(languages, held_out):
    texts = [fold(text) for by in held_out["intents"].values() for text in by["lv"]]
    said = [detect_language(languages, text) for text in texts]
    assert said.count("lv") / len(texts) >= 0.9
    assert "en" not in said


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Kāpēc es neredzu zilo pogu?", "lv"),
        ("kapec es neredzu zilo pogu", "lv"),
        ("kur ir MIGRATE PRODUCTS", "lv"),
        ("cik punktu vajag gold", "lv"),
        ("jā", "lv"),
        ("paldies", "lv"),
        ("how many points do I need to join", "en"),
        ('where is "MIGRĒT PRODUKTUS" please', "en"),
        ("thanks", "en"),
    ],
)
def test_it_tells_latvian_from_english(languages, text, language):
    assert detect_language(languages, text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok",
        "500",
        "no",
        "👍",
        "?!",
        "CPS",
        "Canon",
        "gold",
        "SIA",
        "EOS R5",
        "R5 / R6",
        "22.11.2026",
        "janis@example.com",
        "https://www.canon.lv/cps",
        "MIGRATE PRODUCTS",
        "Mani produkti",
        "Сколько у меня баллов?",
        "Сколько points",
        "Wie viele Punkte brauche ich für die Mitgliedschaft?",
        "Kiek taškų man reikia, kad prisijungčiau",
        "Mitu punkti mul on vaja, et liituda",
        "Ile punktów potrzebuję, żeby dołączyć",
        "combien de points faut-il pour adhérer",
    ],
)
def test_it_abstains_when_the_text_does_not_say(languages, text):
    assert detect_language(languages, text) is None


@pytest.mark.parametrize("text", ["0123456789AB", "SN 4120005432", "sn: 082-05400 1234"])
def test_it_abstains_on_a_serial_number(languages, text):
    assert detect_language(languages, text) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("switch to English", "en"),
        ("runā angliski", "en"),
        ("anglu valoda ludzu", "en"),
        ("EN", "en"),
        ("latviski lūdzu", "lv"),
        ("speak Latvian", "lv"),
        ("from English to Latvian", "lv"),
        ("no angļu uz latviešu", "lv"),
        ("English, not Latvian", "en"),
        ("gribu latviski, nevis angliski", "lv"),
        ("why are you writing Latvian, I need English", "en"),
        ("es negribu angliski", None),
        ("atvēru, bet viss ir angļu valodā", None),
        ("why is the form in English", None),
        ("nesaprotu angliski", None),
        ("change the language", None),
        ("nomaini valodu", None),
    ],
)
def test_it_hears_which_language_is_asked_for(text, language):
    assert asked_language(text) == language


def _tagged(model, text, intent):
    message = Message({"text": text, "intent": {"name": intent}})
    LanguageTagger(None, None, model).process([message])
    return [entity["value"] for entity in message.get("entities", [])]


def test_the_language_asked_for_wins_over_the_language_of_the_sentence(languages):
    assert _tagged(languages, "runā angliski", "set_language") == ["en"]
    assert _tagged(languages, "speak Latvian please", "set_language") == ["lv"]


def test_the_name_of_a_language_counts_only_in_a_request_to_change_it(languages):
    assert _tagged(languages, "vai uzaicinājums atnāks angļu valodā?", "ask_points_needed") == ["lv"]


def test_a_request_that_names_no_language_is_taken_in_its_own(languages):
    assert _tagged(languages, "please change the language", "set_language") == ["en"]


def test_it_leaves_a_payload_alone(languages):
    assert _tagged(languages, '/start{"language": "lv"}', "greet") == []


def test_it_adds_nothing_when_unsure(languages):
    assert _tagged(languages, "ok", "thanks") == []

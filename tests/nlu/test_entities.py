"""Entities are found however they are typed, and their values are normalised."""

import pytest
import yaml
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.entities import FORMS, WORDS, EntityExtractor, find_entities

NAMED = [
    ("Mans e-pasts ir Janis.Berzins@inbox.lv, paldies", "email", "janis.berzins@inbox.lv"),
    ("write to studio+cps@example.com please", "email", "studio+cps@example.com"),
    ("sērijas nr. 042021001234", "serial_number", "042021001234"),
    ("serijas numurs ir abc1234567", "serial_number", "ABC1234567"),
    ("the serial number is 41203344556", "serial_number", "41203344556"),
    ("mūsu PVN numurs ir LV40003123456", "vat_number", "LV40003123456"),
    ("VAT: LV 40003123456", "vat_number", "LV40003123456"),
    ("reģ. nr. 40003123456", "registration_number", "40003123456"),
    ("company 50103123456", "registration_number", "50103123456"),
    ("man ir 1 250 punktu", "points", "1250"),
    ("we have 2,500 points", "points", "2500"),
    ("480p, vai pietiek", "points", "480"),
    ("punkti: 501", "points", "501"),
    ("pirkts 2026. gada 12. novembrī", "date", "2026-11-12"),
    ("pirkts 12.11.2026.", "date", "2026-11-12"),
    ("pieteicos 3. maija", "date", "--05-03"),
    ("bought on March 5th, 2024", "date", "2024-03-05"),
    ("on 2 October 2025", "date", "2025-10-02"),
    ("since 2025-02-28", "date", "2025-02-28"),
    ("mans EOS R6 mk II nav redzams", "product", "EOS R6 Mark II"),
    ("my 5D Mark IV has no tick", "product", "5D Mark IV"),
    ("objektīvs rf 24-70mm f2.8", "product", "RF 24-70mm"),
    ("the EF70-200 lens", "product", "EF 70-200mm"),
    ("maksāšu ar karti", "payment_method", "card"),
    ("vai var ar bankas parskaitijumu", "payment_method", "transfer"),
    ("can I do a bank transfer", "payment_method", "transfer"),
    ("gribu platīna līmeni", "tier", "platinum"),
    ("is the corporate one for me", "tier", "corporate"),
    ("der izraksts no Uzņēmumu reģistra", "document", "register_extract"),
    ("lursoft izzina", "document", "register_extract"),
    ("I have the VAT registration certificate", "document", "vat_certificate"),
    ("nezinu sērijas numuru", "detail", "serial_number"),
    ("what is a distributor", "detail", "distributor"),
]
NOTHING = [
    "2 darba dienas",
    "cik ilgi jāgaida",
    "31. februārī",
    "30.02.2026",
    "Marija raksta",
    "may I ask something",
    "the market is open",
    "5 dienas, 2d",
    "lv",
    "🙂🙂🙂",
    "",
]


@pytest.mark.parametrize(("text", "entity", "value"), NAMED)
def test_what_is_named_has_one_form(text, entity, value):
    found = [named for named in find_entities(text) if named.entity == entity]
    assert [named.value for named in found] == [value]
    assert 0 <= found[0].start < found[0].end <= len(text)


@pytest.mark.parametrize("text", NOTHING)
def test_other_words_name_nothing(text):
    assert find_entities(text) == []


def test_several_are_found_in_their_order():
    text = "EOS R5, sērijas numurs 042021001234, pirkts 12.11.2025"
    assert [named.entity for named in find_entities(text)] == ["product", "serial_number", "date"]


def test_every_word_in_the_list_is_found():
    for entity, values in yaml.safe_load(WORDS.read_text("utf-8")).items():
        for value, phrases in values.items():
            for phrase in phrases:
                found = [(named.entity, named.value) for named in find_entities(phrase.replace("*", "a"))]
                assert (entity, value) in found, phrase


def test_the_domain_knows_every_entity():
    known = {
        name
        for entity in yaml.safe_load((WORDS.parents[1] / "domain.yml").read_text("utf-8"))["entities"]
        for name in entity
    }
    assert set(FORMS) | set(yaml.safe_load(WORDS.read_text("utf-8"))) <= known


def test_a_payload_brings_its_own_entities():
    typed, pressed = Message.build("maksāšu ar karti"), Message.build("/inform maksāšu ar karti")
    EntityExtractor().process([typed, pressed])
    (entity,) = typed.get("entities")
    assert (entity["entity"], entity["value"], entity["start"], entity["end"]) == ("payment_method", "card", 11, 16)
    assert not pressed.get("entities")

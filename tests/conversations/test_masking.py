"""Personal data in messages is masked before they are stored, however people write it, and other data never is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversations.masking import DOTS, Masking, hide_code, is_email
from bot.settings import Settings

MASKING = Masking(Settings())
# As typed, with # for each masked part.
HIDDEN = [
    ("raksti uz anna@example.com", "raksti uz #"),
    ("mans e-pasts: anna@example.com.", "mans e-pasts: #."),
    ("a@example.com or b@example.lv", "# or #"),
    ("<anna.berzina+cps@mail.example.co.uk>", "<#>"),
    ("ANNA@EXAMPLE.COM", "#"),
    ("anna.bērziņa@inbox.lv?", "#?"),
    ("anna (at) example.com", "#"),
    ("anna(at)example.com", "#"),
    ("anna[at]example[dot]com", "#"),
    ("anna (et) inbox (punkts) lv", "#"),
    ("anna at example dot com", "#"),
    ("anna.berzina at mail dot example dot com please", "# please"),
    ("anna et inbox punkts lv", "#"),
    ("anna @ inbox.lv", "#"),
    ("anna@ inbox.lv", "#"),
    ("anna@inbox . lv", "#"),
    ("anna@gmail,com", "#"),
    ("anna@gmail vai?", "# vai?"),
    ("a@example.com,b@example.lv", "#,#"),
    ("mailto:anna@example.com", "mailto:#"),
    ("rakstīju uz anna@inbox.lv. Kad būs atbilde?", "rakstīju uz #. Kad būs atbilde?"),
    ("mans telefons +371 29 123 456", "mans telefons #"),
    ("+37129123456", "#"),
    ("+371 29123456", "#"),
    ("(+371) 29-123-456", "#"),
    ("+371-29-12-34-56", "#"),
    ("00371 29123456", "#"),
    ("0037129123456", "#"),
    ("37129123456", "#"),
    ("371 29 123 456", "#"),
    ("zvaniet 29123456", "zvaniet #"),
    ("zvaniet 29 123 456!", "zvaniet #!"),
    ("29-123-456", "#"),
    ("29.123.456", "#"),
    ("2912 3456", "#"),
    ("29 12 34 56", "#"),
    ("291 23 456", "#"),
    ("291 23456", "#"),
    ("29 123456", "#"),
    ("67 123 456", "#"),
    ("6712 3456", "#"),
    ("tel. nr. 29123456", "tel. nr. #"),
    ("telefona numurs ir 29123456", "telefona numurs ir #"),
    ("mob.: 29123456, rēķins Nr. 202611", "mob.: #, rēķins Nr. 202611"),
    ("call me on 2912-3456", "call me on #"),
    ("my number is 29123456", "my number is #"),
    ("29123456, 26123456", "#, #"),
    ("29123456 vai 26123456", "# vai #"),
    ("29123456 / 26123456", "# / #"),
    ("zvaniet 29123456 10:00", "zvaniet # 10:00"),
    ("call 29123456 at 10:00 or e-mail anna@example.com", "call # at 10:00 or e-mail #"),
    ("+44 20 7946 0958", "#"),
    ("+49 (0)30 123456", "#"),
    ("+370 612 34567", "#"),
    ("+1 (650) 253-0000", "#"),
    ("personas kods 010190-12345", "personas kods #"),
    ("010190-12345", "#"),
    ("010190 - 12345", "#"),
    ("010190–12345", "#"),
    ("320000-12345", "#"),
    ("p.k. 01019012345", "p.k. #"),
    ("mans personas kods ir 010190 12345", "mans personas kods ir #"),
    ("my personal code is 16117519997", "my personal code is #"),
    ("LV80 BANK 0000 4351 9500 1", "#"),
    ("LV80BANK0000435195001", "#"),
    ("lv80bank0000435195001", "#"),
    ("mans konts LV12HABA0551234567890, lūdzu", "mans konts #, lūdzu"),
    ("konts LV80 BANK 0000 4351 9500 1 paldies", "konts # paldies"),
    ("LV80-BANK-0000-4351-9500-1", "#"),
    ("DE89 3704 0044 0532 0130 00", "#"),
    ("GB29NWBK60161331926819 is mine", "# is mine"),
    ("4111 1111 1111 1111", "#"),
    ("4111-1111-1111-1111", "#"),
    ("4111111111111111", "#"),
    ("karte 5555 5555 5555 4444 derīga 12/27", "karte # derīga 12/27"),
    ("4111 1111 1111 1111 12/27 cvc 123", "# 12/27 cvc #"),
    ("3782 822463 10005", "#"),
    ("378282246310005", "#"),
    ("my card number is 4111111111111112", "my card number is #"),
    ("29123456 26123456", "# #"),
    ("tālr.29123456", "tālr.#"),
    ("mans nr 29123456", "mans nr #"),
    ("zvaniet man uz 29 123 456 no 9 līdz 17", "zvaniet man uz # no 9 līdz 17"),
    ("zvaniet 29123456 pēc 2 dienām", "zvaniet # pēc 2 dienām"),
    ("klienta telefona numurs 29123456", "klienta telefona numurs #"),
    ("mob 29 1234 56", "mob #"),
    ("tel.: +371 (29) 123-456.", "tel.: #."),
    ("personas kods 010190/12345", "personas kods #"),
    ("cvc kods 123", "cvc kods #"),
    ("29123456", "#"),
    ("mans numurs ir 67123456", "mans numurs ir #"),
    ("29123456, abonements beidzies", "#, abonements beidzies"),
    ("zvaniet 29123456 par rēķinu", "zvaniet # par rēķinu"),
    ("29123456 rēķins 20261101", "# rēķins 20261101"),
    ("tālrunis 29123456 (rēķins)", "tālrunis # (rēķins)"),
    ("e-pasts=anna@x.lv", "e-pasts=#"),
    ("anna@uzņēmums.lv", "#"),
    ("mans e-pasts ir anna.berzina@example.com un tālrunis 29123456", "mans e-pasts ir # un tālrunis #"),
    (
        "vakar rakstīju uz peter.smith@example.com, kāpēc neviens neatbild?",
        "vakar rakstīju uz #, kāpēc neviens neatbild?",
    ),
]
KEPT = [
    "Vai RF 100-500 dod punktus?",
    "RF 100-500",
    "cik dod 100-400 un 200-800?",
    "100-400 un 200-800",
    "rēķins Nr. 202611",
    "rēķins Nr. 20261101",
    "rēķina numurs ir 20261101",
    "invoice no. 20261101",
    "invoice 62001234",
    "abonementa numurs 654321",
    "abonementa numurs 29123456",
    "mans abonementa numurs ir LV-2026-3318",
    "membership number LV-2026-3318",
    "membership no. 26123456",
    "CPS-2026-0218",
    "CPS 2026 0218",
    "5D Mark IV",
    "EOS 5D Mark IV",
    "EOS-1D X Mark III",
    "1DX 20.2",
    "EF 24-70 2.8",
    "EF 24-70 2.8 un 70-200 2.8",
    "EF 24-70 24-70",
    "RF 24-105 F4, RF 70-200 F2.8, RF 15-35",
    "RF 24-70mm F2.8 L IS USM",
    "RF100-500mm F4.5-7.1 L IS USM",
    "85mm@f1.4",
    "85mm@f/1.2",
    "85mm @ f1.4",
    "ISO100@1/250",
    "R5, R6, 90D, 2000D un C70",
    "012034000517",
    "7340001289",
    "9120000473",
    "062051001948",
    "212040000163",
    "002034000517",
    "serijas numurs 62001234",
    "sērijas nr. 62001234",
    "serial number: 29123456",
    "S/N 62001234",
    "SN: 2912345678",
    "cik punktu no 500?",
    "mums ir 2500 punkti",
    "2500",
    "2499 vai 2501",
    "no 500 līdz 2500 punktiem",
    "2000-2500 punkti",
    "2500-5000",
    "2500 - 5000 points",
    "20 000 000 punktu",
    "500, 2500, 5000",
    "2500 3000 3500",
    "12.11.2026",
    "2026-11-12",
    "2026. gada 12. novembrī",
    "20.11.2026",
    "20.11.26 10:30",
    "26.11.2026 10:00",
    "20 11 2026",
    "20112026",
    "20261112",
    "2026 11 12",
    "26/11/2026",
    "2025-2026",
    "2025/2026",
    "2019, 2020 un 2021",
    "2019 2020 2021",
    "no 2 līdz 3 darba dienām",
    "2 darba dienas, 48 stundas",
    "10:00-18:00",
    "plkst. 9.00-17.00",
    "cena 299,99 EUR",
    "2 999,00 €",
    "1.299,00 EUR",
    "cena 29 999 000",
    "12 345 678 eur",
    "300 € gadā",
    "SIA reģ. nr. 40003012345",
    "40003012345",
    "LV40003012345",
    "PVN LV40003012345",
    "LV 40003012345",
    "4. darbība",
    "solis 3",
    "a 3. un 4. solis",
    "24 stundas, 7 dienas",
    "50% atlaide",
    "Canon EOS R6 Mark II + RF 24-105mm f/4-7.1",
    "kods 123456",
    "ISO 51200",
    "1/8000 s",
    "8K 60p",
    "45 MP",
    "+1 punkts",
    "+500 punkti",
    "+ 250 punkti",
    "1500+1000 punkti",
    "500+500+250",
    "#12345678",
    "4K@60p",
    "@canon",
    "@canon.lv",
    "at 10 dot",
    "look at this",
    "I am at cps.canon.eu",
    "is it at canon.lv",
    "IPv4 192.168.10.20",
    "https://www.canon.lv/cps?a=1",
    "9.0.43",
    "EOS R5 C, EOS C80 2026. gadā",
    "EAN 4549292132168",
    "4549292132168",
    "nr. 8",
    "MK 20-26",
    "man 29123456 punktu",
    "mans pieteikums 29123456",
    "12/11/2026 14:30",
    "20260112-20260115",
    "01.02.2026-15.02.2026",
    "no 2.11. līdz 12.11.2026",
    "012034000517, 032041000077",
    "7340001289 9120000473",
    "+10 000 000 punkti",
    "EF 24 35 50 85",
    "29123456 ir mans abonementa numurs",
    "21234567 is my membership number",
    "67123456 (rēķins)",
    "67123456 - invoice",
    "62001234 ir sērijas numurs",
    "rēķins ar numuru 67123456",
    "the invoice with number 67123456",
    "CPS numurs 21234567",
    "mans CPS nr. 21234567",
    "dalībnieka karte 21234567",
    "membership card 21234567",
    "SWIFT HABALV22",
    "LV-1010",
    "LV-4101 Cēsis",
    "Brīvības iela 123-45",
]


@pytest.mark.parametrize(("typed", "left"), HIDDEN)
def test_personal_data_becomes_dots(typed, left):
    assert MASKING.hide(typed).replace(DOTS, "#") == left


@pytest.mark.parametrize("typed", KEPT)
def test_what_only_looks_like_it_stays(typed):
    assert MASKING.hide(typed) == typed


@pytest.mark.parametrize(
    "typed", ["rakstīju uz liga@canon.lv", "help@cps.lv", "67 000 111", "+371 67000111", "LV80 BANK 0000 4351 9500 1"]
)
def test_what_the_settings_name_stays(typed):
    settings = Settings(
        support_email="help@cps.lv",
        support_phone="+371 67 000 111",
        not_masked="@canon.lv, LV80BANK0000435195001",
    )
    assert Masking(settings).hide(typed) == typed
    assert DOTS in MASKING.hide(typed)
    assert Masking(settings).hide("anna@example.com, 29123456") == f"{DOTS}, {DOTS}"


def test_the_settings_name_the_kinds():
    typed = "anna@example.com 29123456"
    assert Masking(Settings(masked="phone")).hide(typed) == f"anna@example.com {DOTS}"
    assert Masking(Settings(masked="none")).hide(typed) == typed


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("mans kods ir 123 456, bet neder", "mans kods ir #, bet neder"),
        ("Kods 123456?", "Kods #?"),
        ("the code is 123456 but it fails", "the code is # but it fails"),
        ("code: 123-456!", "code: #!"),
        ("Vai RF 100-500 dod punktus?", "Vai RF 100-500 dod punktus?"),
        ("cik dod 100-400 un 200-800?", "cik dod 100-400 un 200-800?"),
        ("rēķins Nr. 202611", "rēķins Nr. 202611"),
        ("rēķina kods 202611", "rēķina kods 202611"),
        ("membership code 654321", "membership code 654321"),
        ("kods nepienāk jau 10 minūtes", "kods nepienāk jau 10 minūtes"),
    ],
)
def test_six_figures_are_a_code_where_they_are_called_one(typed, left):
    assert hide_code(typed).replace(DOTS, "#") == left


@given(
    st.sampled_from(["29123456", "anna@example.com", "010190-12345", "4111111111111111", "LV80BANK0000435195001"]),
    st.text(st.sampled_from("ab zā,;?!"), max_size=40),
    st.text(st.sampled_from("ab zā,;?!"), max_size=40),
)
def test_nothing_beside_it_hides_it_from_us(secret, before, after):
    assert secret not in MASKING.hide(f"{before} {secret}, {after}")


PIECES = [
    "29123456 ",
    "+371",
    "(0)",
    "a@",
    "b.lv",
    " at ",
    " dot ",
    "LV80",
    "BANK",
    "0000 ",
    "1",
    "-",
    "tel. ",
    "nr. ",
    "ext. ",
]


@given(st.one_of(st.text(max_size=100), st.lists(st.sampled_from(PIECES), max_size=60).map("".join)))
def test_whatever_is_typed_only_loses_what_is_masked(typed):
    rest = typed
    for part in MASKING.hide(typed).split(DOTS):
        assert part in rest
        rest = rest.partition(part)[2] if part else rest


@pytest.mark.parametrize("typed", ["anna@example.com", "ā@bērziņš.lv", "liga@company.local", f"{'x' * 64}@example.com"])
def test_an_address_is_one(typed):
    assert is_email(typed)


@pytest.mark.parametrize(
    "typed", ["a@b", "anna", "anna@example.c", "anna@example.com.", " a@b.lv", "a b@c.lv", "a@c.lv;b@d.lv", "x@1.2.3.4"]
)
def test_what_is_more_or_less_than_an_address_is_none(typed):
    assert not is_email(typed)

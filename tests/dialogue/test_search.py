"""An agent finds the assistant's answers, however the agent types the query."""

import pytest

from bot.dialogue import search
from bot.dialogue.answers import AGAIN, LANGUAGES, read_answers


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("zilā poga", "utter_migrate_button"),
        ("zila poga", "utter_migrate_button"),
        ("zilas pogas", "utter_migrate_button"),
        ("blue button", "utter_migrate_button"),
        ("MIGRĒT", "utter_migrate_button"),
        ("galočka", "utter_green_tick"),
        ("grean tick", "utter_green_tick"),
        ("PVN apliecība", "utter_documents"),
        ("pvn apliecibu", "utter_documents"),
        ("vat certificate", "utter_documents"),
        ("old email", "utter_old_email"),
        ("vecais epasts", "utter_old_email"),
        ("parole", "utter_password"),
        ("pasword", "utter_password"),
        ("paymnet", "utter_payment"),
        ("pārskaitijums", "utter_payment"),
        ("2500", "utter_tiers"),
        ("korporatīvie", "utter_tiers"),
        ("cik ilgi", "utter_waiting"),
        ("kad jāmaksā rēķins", "utter_invoice_by_when"),
        ("is paypal ok", "utter_payment_may_paypal"),
        ("kur sērijas numurs", "utter_serial_number_where"),
        ("password link expired", "utter_password_mail_problem_link_expired"),
        ("rekins e-pasta", "utter_invoice_where"),
        ("atcelt abonementu", "utter_cancellation_how"),
    ],
)
def test_an_answer_is_found_by_its_words_in_either_language_and_with_slips(query, found):
    assert found in [answer.name for answer in search.find(query)[:2]]


@pytest.mark.parametrize("query", ["", "   ", "?!", "xyzzy", "qqqqqqqq"])
def test_nothing_is_found_where_nothing_fits(query):
    assert search.find(query) == []


def test_a_query_may_be_anything():
    assert len(search.find("zilā " * 10_000)) <= 6
    assert search.find("\x00\ud800 (((" + "[" * 500) == []
    assert search.find("a" * 100_000) == []


def test_what_is_found_can_be_copied_as_it_stands():
    for answer in search.entries():
        for language in LANGUAGES:
            assert not set("*`{}") & set(answer.text[language]), answer.name
            assert "](" not in answer.text[language]
            assert 0 < len(answer.title[language]) < 100


def test_a_link_keeps_its_address():
    address = "https://businessid.canon-europe.com/b2bcustomers/s/login/SelfRegister?language=en_GB&source=itcg"
    apply = next(answer for answer in search.entries() if answer.name == "utter_apply")
    assert f"Canon uzņēmuma konta pieteikums: {address}." in apply.text["lv"]
    assert search.plain("- **a** [b](http://c) `d`") == "- a b: http://c d"


def test_what_the_assistant_says_of_itself_or_when_it_fails_is_not_among_the_answers():
    names = {answer.name for answer in search.entries()}
    assert {"utter_payment", "utter_tiers", "utter_overview", "utter_my_migration_no_old_email"} <= names
    assert not [name for name in names if name.startswith(("utter_guide_", "utter_fallback"))]
    assert not names & {"utter_greet", "utter_small_talk", "utter_backend_failed", "utter_bot_identity", "utter_person"}
    assert not [name for name in names if name.endswith(AGAIN)]


def test_a_short_answer_is_called_as_customers_ask_for_it():
    found = search.named("utter_invoice_by_when")
    heard = read_answers()["invoice/by_when"].heard
    assert found.title == {language: heard[language][0] for language in LANGUAGES}
    assert found.text["en"].startswith("The invoice is to be paid by the date on it.")
    assert not search.named("utter_invoice_by_when_if_1"), "an agent says what holds for everybody"
